package verify

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// TestDataModelShapes holds the shapes of the W3C test suite of VC 2.0 against the format
// check. Their credentials are no badges, so each is made one first: what then stands against
// it must be its missing proof alone where the suite says "ok", and something else where it
// says "fail".
func TestDataModelShapes(t *testing.T) {
	dir := sharedDir(t, "vectors")
	counted := map[string]int{}
	for _, rec := range readJSON[[]record](t, filepath.Join(dir, "manifest.json")) {
		if rec.Kind != "vcdm-shape" {
			continue
		}
		doc := shapeDocument(t, filepath.Join(dir, filepath.FromSlash(rec.File)))
		name := strings.TrimSuffix(filepath.Base(rec.File), ".json")
		switch {
		case doc == nil || hasType(doc, "VerifiablePresentation", "EnvelopedVerifiablePresentation"):
			counted["no credential"]++ // a presentation, or a list of pointers: never a badge
			continue
		case !strings.HasSuffix(name, "-ok") && !strings.Contains(name, "-fail"):
			counted["no verdict"]++
			continue
		}
		want := strings.HasSuffix(name, "-ok")
		plain := shapeReason(t, asIssued(shapeDocument(t, filepath.Join(dir, filepath.FromSlash(rec.File)))))
		if dropped := strings.Contains(name, "-direction-"); (plain == "no-proof") != (want && !dropped) {
			t.Errorf("%s, as it is: %s", name, plain)
		}
		got := shapeReason(t, asBadge(doc))
		if why, own := shapesWithOwnVerdict()[name]; own {
			counted["own rule"]++
			want = !want
			t.Logf("%s: %s: %s", name, got, why)
		}
		counted["compared"]++
		if (got == "no-proof") != want {
			t.Errorf("%s: %s", name, got)
		}
	}
	t.Log(counted)
}

// shapesWithOwnVerdict are the shapes that a badge may have and a plain credential not, or the
// reverse, with the text that says so.
func shapesWithOwnVerdict() map[string]string {
	return map[string]string{
		"credential-subject-multiple-ok":           "OB3 §B.1.1 \"credentialSubject\": one; of two nobody could say whose badge it is",
		"credential-evidence-ok":                   "OB3 §B.1.10: evidence of a badge is of the type Evidence",
		"credential-name-language-direction-en-ok": "JSON-LD 1.1 API §8.2.2: a base direction has no place in RDF, so no signature would cover it",
		"issuer-name-language-direction-en-ok":     "as above",
	}
}

func shapeDocument(t *testing.T, file string) map[string]any {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	v, err := strictjson.Decode(b, strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return asObject(v)
}

// asIssued fills in what the suite does before it sends a credential: who issued it, and when.
func asIssued(doc map[string]any) map[string]any {
	for name, v := range map[string]any{"issuer": "https://issuer.example/about", "validFrom": "2020-01-01T00:00:00Z"} {
		if _, has := doc[name]; !has {
			doc[name] = v
		}
	}
	if issuer := asObject(doc["issuer"]); issuer != nil {
		if _, has := issuer["id"]; !has {
			issuer["id"] = "https://issuer.example/about"
		}
	}
	for _, name := range []string{"validFrom", "validUntil"} {
		switch doc[name] {
		case "PAST DATE":
			doc[name] = "2020-01-01T00:00:00Z"
		case "FUTURE DATE":
			doc[name] = "2030-01-01T00:00:00Z"
		}
	}
	return doc
}

// asBadge makes a credential one about an achievement and leaves all else as it is.
func asBadge(doc map[string]any) map[string]any {
	if list := asList(doc["@context"]); list != nil {
		doc["@context"] = append(list, "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json")
	}
	if _, has := doc["issuer"]; !has {
		doc["issuer"] = map[string]any{"id": "https://issuer.example/about", "name": "I"}
	}
	doc = asIssued(doc)
	if issuer := asObject(doc["issuer"]); issuer != nil {
		issuer["type"] = "Profile"
	}
	if doc["type"] != nil {
		doc["type"] = append(asList(doc["type"]), "OpenBadgeCredential")
	}
	for _, s := range asList(doc["credentialSubject"]) {
		if m := asObject(s); len(m) > 0 {
			for k := range m {
				if k != "id" {
					delete(m, k)
				}
			}
			m["type"] = "AchievementSubject"
			m["achievement"] = map[string]any{
				"id": "https://issuer.example/a", "type": "Achievement", "name": "A", "description": "B",
				"criteria": map[string]any{"narrative": "C"},
			}
		}
	}
	return doc
}

// shapeReason is what the format check has against a document.
func shapeReason(t *testing.T, doc map[string]any) string {
	t.Helper()
	e := &openbadge.Envelope{Root: valueOf(doc), Version: openbadge.V30, Form: openbadge.Unsigned}
	f := newRun(Options{At: vectorClock()}).formatVC(t.Context(), e)
	if f.Detail != "" {
		t.Logf("%s: %s", f.Reason, f.Detail)
	}
	return f.Reason
}
