package verify_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// objects calls f with each object below v, and its path.
func objects(v any, path string, f func(path string, m map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		f(path, v)
		for name, e := range v {
			objects(e, strings.TrimPrefix(path+"."+name, "."), f)
		}
	case []any:
		for _, e := range v {
			objects(e, path, f)
		}
	}
}

// TestClassesOfNestedObjects: every object of a badge has the class of its place and what the
// class must have, however good the signature is (OB3 §B "Data Model"). The badge is a token,
// whose signature covers any text, so that nothing but the rule can find it.
func TestClassesOfNestedObjects(t *testing.T) {
	k := issue.Ed25519FromSeed("x")
	w := didWorld(t, "2.0")
	w.docs[site+"/.well-known/jwks.json"] = must(issue.KeySet(issuerID, map[string]issue.Key{"k1": k}))
	doc := complete(w, "2.0", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json")
	doc["issuer"].(map[string]any)["id"] = issuerID
	check := func() verify.Report {
		w.payload = must(k.Token(doc, map[string]any{"kid": "k1"}))
		return w.check(t)
	}
	wantVerdict(t, check(), verify.Valid)

	tries := map[string]int{}
	refused := func(what, path string) {
		tries[what]++
		r := check()
		if s := step(r, verify.CheckFormat); r.Verdict != verify.Invalid || s.Result != verify.Fail || s.Reason == "" {
			t.Errorf("%s of %q: %s %+v", what, path, r.Verdict, s)
		}
	}
	needed := map[string][]string{ // beside the class
		"Achievement": {"id", "name", "description", "criteria"}, "Alignment": {"targetName", "targetUrl"}, "ResultDescription": {"id", "name", "resultType"},
		"RubricCriterionLevel": {"id", "name"}, "IdentityObject": {"hashed", "identityHash", "identityType"}, "IdentifierEntry": {"identifier", "identifierType"},
		"GeoCoordinates": {"latitude", "longitude"}, "Profile": {"id"}, "Image": {"id"}, "Related": {"id"},
	}
	objects(doc, "", func(path string, m map[string]any) {
		class, ok := m["type"]
		if !ok || path == "" || path == "termsOfUse" || path == "proof" {
			return
		}
		for name, other := range map[string]any{
			"another class": "Address", "a class of nobody": []any{"Surprise"}, "a class in other letters": strings.ToLower(fmt.Sprint(firstOf(class))), "a number for a class": 7, "no class": nil,
		} {
			if m["type"] = other; other == nil {
				delete(m, "type")
			}
			if name != "another class" || !slices.Contains([]any{"Address"}, firstOf(class)) {
				refused(name, path)
			}
		}
		m["type"] = class
		for _, name := range needed[fmt.Sprint(firstOf(class))] {
			old := m[name]
			delete(m, name)
			refused("no "+name, path)
			m[name] = old
		}
	})
	subject := doc["credentialSubject"].(map[string]any)
	delete(subject, "id")
	wantVerdict(t, check(), verify.Valid) // its identifier says who
	delete(subject, "identifier")
	r := check() // a bearer badge: of nobody, which the recipient check says
	wantVerdict(t, r, verify.Valid)
	if s := step(r, verify.CheckRecipient); s.Result == verify.Pass {
		t.Errorf("nobody's badge is somebody's: %+v", s)
	}
	t.Log(tries)
	if tries["no class"] < 30 || tries["no id"] < 8 {
		t.Errorf("few objects were tried: %v", tries)
	}
}

func firstOf(v any) any {
	if list, ok := v.([]any); ok && len(list) > 0 {
		return list[0]
	}
	return v
}
