package verify

import (
	"slices"
	"strings"

	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// rule2 is what the schema of a published extension asks of one property.
type rule2 struct {
	name     string
	kind     func(strictjson.Value) bool
	required bool
	inner    []rule2 // of the objects that it holds
}

func must2(name string, kind func(strictjson.Value) bool, inner ...rule2) rule2 {
	return rule2{name, kind, true, inner}
}

func may2(name string, kind func(strictjson.Value) bool, inner ...rule2) rule2 {
	return rule2{name, kind, false, inner}
}

func isTextValue(v strictjson.Value) bool   { return v.IsText() }
func isNumberValue(v strictjson.Value) bool { return v.Kind() == strictjson.Number }
func isObjectValue(v strictjson.Value) bool { return v.IsObject() }
func isBoolValue(v strictjson.Value) bool {
	return v.Kind() == strictjson.True || v.Kind() == strictjson.False
}

// isTexts takes a list of texts, and one by itself, which JSON-LD does not tell from a list.
func isTexts(v strictjson.Value) bool { return everyOne(v, isTextValue) }

func isObjects(v strictjson.Value) bool { return everyOne(v, isObjectValue) }

func everyOne(v strictjson.Value, is func(strictjson.Value) bool) bool {
	list := v.Items()
	for one := list; one.Exists(); one = one.Next() {
		if !is(one) {
			return false
		}
	}
	return list.Exists()
}

// extensions2 are the published extensions, by the type that they validate in small letters
// (OB2 §Extensions "validatesType"; their schemas at openbadgespec.org/extensions).
var extensions2 = func() map[string][]rule2 {
	url := []rule2{must2("url", isTextValue)}
	place := []rule2{
		may2("streetAddress", isTextValue), may2("addressLocality", isTextValue), may2("addressRegion", isTextValue),
		may2("addressCountry", isTextValue), may2("postalCode", isTextValue),
	}
	assessment := []rule2{
		must2("description", isTextValue), must2("type", isTextValue), must2("assessmentOutput", isTextValue),
		must2("hasGroupParticipation", isBoolValue), must2("hasGroupEvaluation", isBoolValue), must2("evaluationMethod", isTextValue),
		may2("assessmentExample", isTextValue), may2("scoringMethodExampleDescription", isTextValue), may2("assessmentEvaluation", isTextValue),
	}
	return map[string][]rule2{
		"exampleextension": {must2("exampleProperty", isTextValue)},
		"applylink":        url,
		"originalcreator":  url,
		"accessibility": {
			may2("accessibilityAPI", isTextValue), may2("accessibilityControl", isTexts), may2("accessibilityFeature", isTextValue),
			may2("accessibilityHazard", isTextValue), may2("url", isTextValue),
		},
		"geocoordinates": {
			must2("description", isTextValue), may2("name", isTextValue),
			must2("geo", isObjectValue, must2("latitude", isNumberValue), must2("longitude", isNumberValue)),
		},
		"endorsement": {must2("description", isTextValue), may2("endorsedObject", isObjectValue)},
		"issueraccreditation": {
			must2("name", isTextValue), must2("contactInstructions", isTextValue), must2("url", isTextValue), must2("address", isObjectValue, place...),
			may2("email", isTextValue), may2("description", isTextValue), may2("logo", isTextValue), may2("areaServed", isTextValue),
			may2("accreditationDate", isTextValue), may2("educationalSector", isTextValue),
			may2("parentOrganization", isObjectValue, may2("name", isTextValue), may2("url", isTextValue), may2("address", isObjectValue, place...)),
		},
		"licenseextension":          {must2("id", isTextValue), must2("name", isTextValue), may2("legalCode", isTextValue)},
		"extradescriptionextension": {must2("name", isTextValue), must2("narrative", isTextValue)},
		"recipientprofile":          {may2("id", isTextValue), may2("name", isTextValue), may2("publicKey", isTextValue)},
		"assessmentextension":       {must2("description", isTextValue), must2("assessments", isObjects, assessment...)},
	}
}()

// fullNames are properties that the context of an extension gives an address of another name.
var fullNames = map[string]string{"exampleProperty": "text"}

// checkExtensions holds the fields of published extensions against their schemas, wherever
// they stand below an assertion, a class or an issuer (OB2 §Extensions). An unknown extension
// is passed over, as the specification asks.
func checkExtensions(path string, v strictjson.Value) finding {
	return extensionsBelow(path, v, 0)
}

func extensionsBelow(path string, m strictjson.Value, depth int) finding {
	if depth > maxShapeDepth {
		return fail("json-too-deep", path)
	}
	if typed(m, "Extension", "obi:Extension") {
		if f := checkExtension(path, m); !f.ok() {
			return f
		}
	}
	for p := m.Fields(); p.Exists(); p = p.Next() {
		if !p.IsObject() && !p.IsList() || p.Name() == "@context" {
			continue
		}
		for one := p.Items(); one.Exists(); one = one.Next() {
			if !one.IsObject() {
				continue
			}
			if f := extensionsBelow(joinPath(path, p.Name()), one, depth+1); !f.ok() {
				return f
			}
		}
	}
	return pass()
}

func checkExtension(path string, m strictjson.Value) finding {
	for _, t := range typesIn(m) {
		if f := checkRules(path, m, extensions2[strings.ToLower(localName(t))]); !f.ok() {
			return f
		}
	}
	return pass()
}

func checkRules(path string, m strictjson.Value, rules []rule2) finding {
	for _, r := range rules {
		v, at := extensionProperty(m, r.name), joinPath(path, r.name)
		switch {
		case !v.Present() && r.required:
			return fail("missing", at)
		case !v.Present():
			continue
		case !r.kind(v):
			return fail("extension", at)
		case r.inner == nil:
			continue
		}
		for one := v.Items(); one.Exists(); one = one.Next() {
			if f := checkRules(at, one, r.inner); !f.ok() {
				return f
			}
		}
	}
	return pass()
}

// extensionProperty is a property by its name, or by an address that ends in it: documents
// were written with other contexts too.
func extensionProperty(m strictjson.Value, name string) strictjson.Value {
	if v := m.Get(name); v.Present() {
		return v
	}
	for p := m.Fields(); p.Exists(); p = p.Next() {
		if n := p.Name(); strings.Contains(n, ":") && slices.Contains([]string{name, fullNames[name]}, localName(n)) {
			return p
		}
	}
	if name == "type" || name == "id" {
		return m.Get("@" + name)
	}
	return strictjson.Value{}
}

// localName is what stands behind the last mark of an address or a compact one.
func localName(s string) string { return s[strings.LastIndexAny(s, "#/:")+1:] }
