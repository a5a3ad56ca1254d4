package verify

import (
	"slices"
	"strconv"
	"strings"

	"github.com/osier-passport/osier/core/openbadge"
)

// classOf gives the class that an object below a property must have (OB3 §B "Data Model").
func classOf(property string) []string {
	switch property {
	case "issuer", "creator", "parentOrg", "source":
		return []string{"Profile"}
	case "achievement":
		return []string{"Achievement"}
	case "alignment":
		return []string{"Alignment"}
	case "identifier":
		return []string{"IdentityObject", "IdentifierEntry"}
	case "otherIdentifier":
		return []string{"IdentifierEntry"}
	case "related":
		return []string{"Related"}
	case "resultDescription":
		return []string{"ResultDescription"}
	case "rubricCriterionLevel":
		return []string{"RubricCriterionLevel"}
	case "result":
		return []string{"Result"}
	case "evidence":
		return []string{"Evidence"}
	case "address":
		return []string{"Address"}
	case "geo":
		return []string{"GeoCoordinates"}
	case "image":
		return []string{"Image"}
	case "association":
		return []string{"Association"}
	case "endorsement":
		return []string{"EndorsementCredential"}
	}
	return nil
}

const maxShapeDepth = 40

// checkShape walks the credential: classes of nested objects, texts, addresses.
func checkShape(e *openbadge.Envelope) finding {
	if f := checkIssuer(e.Doc()["issuer"]); !f.ok() {
		return f
	}
	if f := checkSubjects(e.Doc()); !f.ok() {
		return f
	}
	if f := checkServices(e.Doc()); !f.ok() {
		return f
	}
	if f := (shape{}).walk("", e.Doc(), 0); f.ok() {
		return f
	}
	return shape{named: true}.walk("", e.Doc(), 0) // the same again, to name the first property
}

func withoutProof(doc map[string]any) map[string]any {
	out := make(map[string]any, len(doc))
	for k, v := range doc {
		if k != "proof" {
			out[k] = v
		}
	}
	return out
}

// shape is one walk over a credential. Paths, and an order of the properties, are made only
// when something is wrong and must be named: they cost more than the checks.
type shape struct{ named bool }

func (w shape) walk(path string, m map[string]any, depth int) finding {
	if depth > maxShapeDepth {
		return fail("json-too-deep", path)
	}
	if !w.named {
		for k, v := range m {
			if f := w.property("", k, v, depth); !f.ok() {
				return f
			}
		}
		return pass()
	}
	for _, k := range sortedKeys(m) {
		if f := w.property(joinPath(path, k), k, m[k], depth); !f.ok() {
			return f
		}
	}
	return pass()
}

func (w shape) property(at, k string, v any, depth int) finding {
	if k == "@context" || k == "verifiableCredential" || k == "proof" && depth == 0 {
		return pass()
	}
	if f := checkProperty(at, k, v); !f.ok() {
		return f
	}
	switch v := v.(type) {
	case map[string]any:
		return w.object(at, k, v, depth)
	case []any:
		for _, c := range v {
			if m, ok := c.(map[string]any); ok {
				if f := w.object(at, k, m, depth); !f.ok() {
					return f
				}
			}
		}
	}
	return pass()
}

func (w shape) object(at, k string, m map[string]any, depth int) finding {
	if f := checkClass(at, k, m); !f.ok() {
		return f
	}
	return w.walk(at, m, depth+1)
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func joinPath(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func checkClass(path, property string, m map[string]any) finding {
	want := classOf(property)
	if want == nil {
		return pass()
	}
	if m["type"] == nil {
		return fail("missing", path+".type")
	}
	if !hasType(m, want...) {
		return fail("wrong-type", path+".type")
	}
	for _, class := range want {
		if !hasType(m, class) {
			continue
		}
		for _, name := range requiredOf(class) {
			if m[name] == nil {
				return fail("missing", path+"."+name)
			}
		}
	}
	return pass()
}

// requiredOf gives the properties that a class must have (OB3 §B "Data Model").
func requiredOf(class string) []string {
	switch class {
	case "Profile", "Image", "Related":
		return []string{"id"}
	case "Achievement":
		return []string{"id", "name", "description", "criteria"}
	case "Alignment":
		return []string{"targetName", "targetUrl"}
	case "IdentityObject":
		return []string{"hashed", "identityHash", "identityType"}
	case "IdentifierEntry":
		return []string{"identifier", "identifierType"}
	case "ResultDescription":
		return []string{"id", "name", "resultType"}
	case "RubricCriterionLevel":
		return []string{"id", "name"}
	case "GeoCoordinates":
		return []string{"latitude", "longitude"}
	}
	return nil
}

// checkProperty checks what holds for a property wherever it stands.
func checkProperty(path, property string, v any) finding {
	switch property {
	case "name", "description":
		return checkText(path, v)
	case "id":
		if s, ok := v.(string); !ok || isDangerous(s) {
			return fail("bad-address", path)
		}
	case "url", "image", "targetUrl", "photo":
		for _, one := range asList(v) {
			if s := idOf(one); s != "" && isDangerous(s) {
				return fail("bad-address", path)
			}
		}
	case "identityHash":
		if _, ok := v.(string); !ok {
			return fail("bad-type", path)
		}
	}
	return pass()
}

// checkText allows a string, a JSON-LD value object with nothing else in it, a language map
// or an array of these (VC 2.0 §11.1 "Language and Base Direction").
func checkText(path string, v any) finding {
	for _, one := range asList(v) {
		switch t := one.(type) {
		case string:
		case map[string]any:
			_, isValue := t["@value"]
			for k, e := range t {
				if _, ok := e.(string); !ok || isValue && !slices.Contains([]string{"@value", "@language", "@direction", "@type"}, k) {
					return fail("bad-type", path)
				}
			}
			if !isValue && t["url"] != nil {
				return fail("bad-type", path)
			}
		default:
			return fail("bad-type", path)
		}
	}
	return pass()
}

func checkIssuer(v any) finding {
	if l, ok := v.([]any); ok && len(l) != 1 {
		return fail("bad-type", "issuer")
	}
	id := idOf(v)
	if id == "" {
		return fail("missing", "issuer.id")
	}
	if !isIRI(id) {
		return fail("bad-address", "issuer.id")
	}
	if didMethod(id) != "" || strings.HasPrefix(id, "did:") {
		return checkDID(id)
	}
	return pass()
}

// checkSubjects checks who and what the credential is about (OB3 §B.1.4 AchievementSubject).
func checkSubjects(doc map[string]any) finding {
	list := asList(doc["credentialSubject"])
	if len(list) == 0 {
		return fail("missing", "credentialSubject")
	}
	for i, v := range list {
		path := "credentialSubject"
		if len(list) > 1 {
			path += "[" + strconv.Itoa(i) + "]"
		}
		if f := checkSubject(doc, path, asObject(v)); !f.ok() {
			return f
		}
	}
	return pass()
}

// checkSubject checks one subject. A badge whose subject has neither id nor identifier is a
// bearer badge: real, but issued to nobody, which the recipient check says.
func checkSubject(doc map[string]any, path string, s map[string]any) finding {
	if len(s) == 0 {
		return fail("missing", path)
	}
	if id, has := s["id"]; has && !isIRI(asString(id)) {
		return fail("bad-address", path+".id")
	}
	switch {
	case hasType(doc, "EndorsementCredential"):
		if s["id"] == nil {
			return fail("missing", path+".id")
		}
		return typeIs(path, s, "EndorsementSubject")
	case hasType(doc, "ClrCredential"):
		return typeIs(path, s, "ClrSubject")
	}
	if f := typeIs(path, s, "AchievementSubject"); !f.ok() {
		return f
	}
	if f := checkIdentities(path+".identifier", s["identifier"]); !f.ok() {
		return f
	}
	if s["achievement"] == nil && isDraft(doc) {
		return pass()
	}
	return checkAchievement(path+".achievement", s["achievement"])
}

// isDraft reports whether the credential follows the 2022 drafts of OB 3.0, in which a
// subject could do without an achievement.
func isDraft(doc map[string]any) bool {
	for _, c := range asList(doc["@context"]) {
		if strings.Contains(asString(c), "/openbadges-specification/") {
			return true
		}
	}
	return false
}

func typeIs(path string, m map[string]any, want string) finding {
	if m["type"] == nil {
		return fail("missing", path+".type")
	}
	if !hasType(m, want) {
		return fail("wrong-type", path+".type")
	}
	return pass()
}

func checkIdentities(path string, v any) finding {
	for _, one := range asList(v) {
		m := asObject(one)
		if m == nil {
			return fail("bad-type", path)
		}
		id := openbadge.Identity{Value: asString(m["identityHash"]), Hashed: m["hashed"] == true}
		if !id.WellFormed() {
			return fail("identity", path)
		}
	}
	return pass()
}

func checkAchievement(path string, v any) finding {
	list := asList(v)
	if len(list) == 0 {
		return fail("missing", path)
	}
	for _, one := range list {
		m := asObject(one)
		if m == nil {
			return fail("bad-type", path)
		}
		if !isIRI(asString(m["id"])) {
			return fail("bad-address", path+".id")
		}
		for _, c := range asList(m["criteria"]) {
			if asObject(c) == nil && !isIRI(asString(c)) {
				return fail("bad-type", path+".criteria")
			}
		}
	}
	return pass()
}

// checkServices checks the objects that lead to other documents: each has a type, and an
// address where one is needed (VC 2.0 §4.10, §4.11, §5.3, §5.5).
func checkServices(doc map[string]any) finding {
	for _, name := range []string{"credentialStatus", "credentialSchema", "refreshService", "termsOfUse"} {
		for _, v := range asList(doc[name]) {
			m := asObject(v)
			if m == nil || len(typesOf(m)) == 0 {
				return fail("missing", name+".type")
			}
			id, has := m["id"]
			if has && !isIRI(asString(id)) || !has && name == "credentialSchema" {
				return fail("bad-address", name+".id")
			}
		}
	}
	return pass()
}
