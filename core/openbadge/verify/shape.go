package verify

import (
	"slices"
	"strconv"
	"strings"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// classOf gives the class that an object below a property must have (OB3 §B "Data Model").
func classOf(property string) []string {
	switch property {
	case "issuer", "creator", "parentOrg", "source":
		return classes.profile
	case "achievement":
		return classes.achievement
	case "alignment":
		return classes.alignment
	case "identifier":
		return classes.identity
	case "otherIdentifier":
		return classes.identifier
	case "related":
		return classes.related
	case "resultDescription":
		return classes.resultDescription
	case "rubricCriterionLevel":
		return classes.level
	case "result":
		return classes.result
	case "evidence":
		return classes.evidence
	case "address":
		return classes.address
	case "geo":
		return classes.geo
	case "image":
		return classes.image
	case "association":
		return classes.association
	case "endorsement":
		return classes.endorsement
	}
	return nil
}

// classes are the answers of classOf, which is asked of every property.
var classes = struct {
	profile, achievement, alignment, identity, identifier, related, resultDescription, level,
	result, evidence, address, geo, image, association, endorsement []string
}{
	profile:           []string{"Profile"},
	achievement:       []string{"Achievement"},
	alignment:         []string{"Alignment"},
	identity:          []string{"IdentityObject", "IdentifierEntry"},
	identifier:        []string{"IdentifierEntry"},
	related:           []string{"Related"},
	resultDescription: []string{"ResultDescription"},
	level:             []string{"RubricCriterionLevel"},
	result:            []string{"Result"},
	evidence:          []string{"Evidence"},
	address:           []string{"Address"},
	geo:               []string{"GeoCoordinates"},
	image:             []string{"Image"},
	association:       []string{"Association"},
	endorsement:       []string{"EndorsementCredential"},
}

const maxShapeDepth = 40

// checkShape walks the credential: classes of nested objects, texts, addresses.
func checkShape(e *openbadge.Envelope) finding {
	if f := checkIssuer(e.Root.Get("issuer")); !f.ok() {
		return f
	}
	if f := checkSubjects(e.Root); !f.ok() {
		return f
	}
	if f := checkServices(e.Root); !f.ok() {
		return f
	}
	other := !isBadgeOrKin(e.Root)
	if (shape{other: other}).walk("", e.Root, 0) == nil {
		return pass()
	}
	if f := (shape{named: true, other: other}).walk("", e.Root, 0); f != nil { // the same again, to name the first property
		return *f
	}
	return pass()
}

// shape is one walk over a credential. Paths, and an order of the properties, are made only
// when something is wrong and must be named: they cost more than the checks. What is wrong is
// a pointer, nil for nothing, since every property is asked several times.
type shape struct {
	named bool
	other bool // no badge: the classes of OB3 do not bind it
}

func wrong(reason, detail string) *finding {
	f := fail(reason, detail)
	return &f
}

func (w shape) walk(path string, m strictjson.Value, depth int) *finding {
	if depth > maxShapeDepth {
		return wrong("json-too-deep", path)
	}
	if w.named {
		for _, v := range m.Sorted() {
			if f := w.property(joinPath(path, v.Name()), v.Name(), v, depth); f != nil {
				return f
			}
		}
		return nil
	}
	for v := m.Fields(); v.Exists(); v = v.Next() {
		if f := w.property("", v.Name(), v, depth); f != nil {
			return f
		}
	}
	return nil
}

func (w shape) property(at, k string, v strictjson.Value, depth int) *finding {
	if k == "@context" || k == "verifiableCredential" || k == "proof" && depth == 0 {
		return nil
	}
	if f := checkProperty(at, k, v); f != nil {
		return f
	}
	if !w.other {
		if f := checkPlain(at, k, v); f != nil {
			return f
		}
	}
	if !v.IsObject() && !v.IsList() {
		return nil
	}
	for m := v.Items(); m.Exists(); m = m.Next() {
		if m.IsObject() {
			if f := w.object(at, k, m, depth); f != nil {
				return f
			}
		}
	}
	return nil
}

func (w shape) object(at, k string, m strictjson.Value, depth int) *finding {
	if !w.other {
		if f := checkClass(at, k, m); f != nil {
			return f
		}
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

func checkClass(path, property string, m strictjson.Value) *finding {
	want := classOf(property)
	if want == nil {
		return nil
	}
	if !m.Get("type").Present() {
		return wrong("missing", path+".type")
	}
	found := false
	for _, class := range want {
		if !typed(m, class) {
			continue
		}
		found = true
		for _, name := range requiredOf(class) {
			if v := m.Get(name); v.Len() == 0 {
				return wrong("missing", path+"."+name)
			}
		}
	}
	if !found {
		return wrong("wrong-type", path+".type")
	}
	return nil
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
func checkProperty(path, property string, v strictjson.Value) *finding {
	switch property {
	case "name", "description":
		return checkText(path, v)
	case "id":
		if !isIRI(v.Text()) || isDangerous(v.Text()) {
			return wrong("bad-address", path)
		}
	case "url", "image", "targetUrl", "photo":
		for one := v.Items(); one.Exists(); one = one.Next() {
			if s := idIn(one); s != "" && (isDangerous(s) || !isIRI(s)) {
				return wrong("bad-address", path)
			}
		}
	case "identityHash":
		if !v.IsText() {
			return wrong("bad-type", path)
		}
	case "identityType", "identifierType", "resultType":
		if v.Present() && v.Text() == "" {
			return wrong("bad-type", path)
		}
	case "activityStartDate", "activityEndDate":
		if v.Present() {
			return checkMoment(path, v)
		}
	}
	return nil
}

// checkText allows a string, a JSON-LD value object with nothing else in it, a language map
// or an array of these (VC 2.0 §11.1 "Language and Base Direction").
func checkText(path string, v strictjson.Value) *finding {
	for t := v.Items(); t.Exists(); t = t.Next() {
		if !t.IsText() && !isTextObject(t) {
			return wrong("bad-type", path)
		}
	}
	return nil
}

func isTextObject(t strictjson.Value) bool {
	if !t.IsObject() {
		return false
	}
	isValue := t.Get("@value").Exists()
	for m := t.Fields(); m.Exists(); m = m.Next() {
		if !m.IsText() || isValue && !slices.Contains([]string{"@value", "@language", "@direction", "@type"}, m.Name()) {
			return false
		}
	}
	return isValue || !t.Get("url").Present()
}

func checkIssuer(v strictjson.Value) finding {
	if v.IsList() { // VC 2.0 §4.7: an address or an object
		return fail("bad-type", "issuer")
	}
	id := idIn(v)
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
func checkSubjects(doc strictjson.Value) finding {
	list := doc.Get("credentialSubject")
	if list.Len() == 0 {
		return fail("missing", "credentialSubject")
	}
	if list.Len() > 1 && isBadgeOrKin(doc) {
		return fail("bad-type", "credentialSubject") // OB3 §B.1.1: one; of two nobody could say whose it is
	}
	i := 0
	for s := list.Items(); s.Exists(); s = s.Next() {
		if f := checkSubject(doc, s); !f.ok() {
			path := "credentialSubject"
			if list.Len() > 1 {
				path += "[" + strconv.Itoa(i) + "]"
			}
			f.Detail = path + f.Detail
			return f
		}
		i++
	}
	return pass()
}

// checkSubject checks one subject; details of findings are below it. A badge whose subject has
// neither id nor identifier is a bearer badge: real, but issued to nobody, which the recipient
// check says.
func checkSubject(doc, s strictjson.Value) finding {
	if s.Size() == 0 {
		return fail("missing", "")
	}
	id := s.Get("id")
	if id.Exists() && !isIRI(id.Text()) {
		return fail("bad-address", ".id")
	}
	switch {
	case !isBadgeOrKin(doc):
		return pass()
	case typed(doc, "EndorsementCredential"):
		if !id.Present() {
			return fail("missing", ".id")
		}
		return typeIs(s, "EndorsementSubject")
	case typed(doc, "ClrCredential"):
		return typeIs(s, "ClrSubject")
	}
	if f := typeIs(s, "AchievementSubject"); !f.ok() {
		return f
	}
	if f := checkIdentities(s.Get("identifier")); !f.ok() {
		return f
	}
	achievement := s.Get("achievement")
	if !achievement.Present() && isDraft(doc) {
		return pass()
	}
	return checkAchievement(achievement)
}

// isDraft reports whether the credential follows the 2022 drafts of OB 3.0, in which a
// subject could do without an achievement.
func isDraft(doc strictjson.Value) bool {
	contexts := doc.Get("@context")
	for c := contexts.Items(); c.Exists(); c = c.Next() {
		if strings.Contains(c.Text(), "/openbadges-specification/") {
			return true
		}
	}
	return false
}

func typeIs(m strictjson.Value, want string) finding {
	if !m.Get("type").Present() {
		return fail("missing", ".type")
	}
	if !typed(m, want) {
		return fail("wrong-type", ".type")
	}
	return pass()
}

func checkIdentities(v strictjson.Value) finding {
	for m := v.Items(); m.Exists(); m = m.Next() {
		if !m.IsObject() {
			return fail("bad-type", ".identifier")
		}
		id := openbadge.Identity{Value: m.Get("identityHash").Text(), Hashed: isTrue(m.Get("hashed"))}
		if !id.WellFormed() {
			return fail("identity", ".identifier")
		}
	}
	return pass()
}

func checkAchievement(v strictjson.Value) finding {
	if v.Len() == 0 {
		return fail("missing", ".achievement")
	}
	if v.Len() > 1 {
		return fail("bad-type", ".achievement") // OB3 §B.1.4: one; of two nobody could say which was earned
	}
	for m := v.Items(); m.Exists(); m = m.Next() {
		if !m.IsObject() {
			return fail("bad-type", ".achievement")
		}
		if !isIRI(m.Get("id").Text()) {
			return fail("bad-address", ".achievement.id")
		}
		criteria := m.Get("criteria")
		for c := criteria.Items(); c.Exists(); c = c.Next() {
			if !c.IsObject() {
				return fail("bad-type", ".achievement.criteria")
			}
		}
	}
	return pass()
}

// checkServices checks the objects that lead to other documents: each has a type, and an
// address where one is needed (VC 2.0 §4.10, §4.11, §5.3, §5.5).
func checkServices(doc strictjson.Value) finding {
	for _, name := range []string{"credentialStatus", "credentialSchema", "refreshService", "termsOfUse"} {
		list := doc.Get(name)
		for m := list.Items(); m.Exists(); m = m.Next() {
			if !m.IsObject() || len(typesIn(m)) == 0 {
				return fail("missing", name+".type")
			}
			id := m.Get("id")
			if id.Exists() && !isIRI(id.Text()) || !id.Exists() && name == "credentialSchema" {
				return fail("bad-address", name+".id")
			}
		}
	}
	return pass()
}
