package core

import (
	"encoding/json"
	"testing"
)

// TestJSONResumeFitsItsSchema: the export, with badges and without a public one, is
// what the schema of JSON Resume asks for, by that project's own file; documents with a
// part spoilt are not.
func TestJSONResumeFitsItsSchema(t *testing.T) {
	p := startPassport(t, options{})
	ada, issuer := p.member("ada"), newSigner(t, "School “Ü” & <Co>")
	id := ada.take(t, issuer, issuer.badge("Weaving \u202e, 1", "ada@people.test"))
	export := func() (out map[string]any) {
		if err := json.Unmarshal(ada.post("/badges/export", "form", "resume", "all", "1").is(t, 200).body, &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	private := export()
	ada.post("/b/"+id+"/visibility", "visibility", "public").is(t, 303)
	public := export()
	spoilt := func(change func(doc, certificate map[string]any)) map[string]any {
		doc := export()
		change(doc, doc["certificates"].([]any)[0].(map[string]any))
		return doc
	}
	verdicts := byOthers[map[string][]string](t, "resume", map[string]any{
		"private": private, "public": public,
		"spoilt date":    spoilt(func(_, c map[string]any) { c["date"] = "29 November 2026" }),
		"spoilt address": spoilt(func(_, c map[string]any) { c["url"] = "not an address" }),
		"spoilt list":    spoilt(func(doc, _ map[string]any) { doc["certificates"] = "many" }),
	})
	if len(verdicts) != 5 {
		t.Errorf("%d verdicts", len(verdicts))
	}
	for name, why := range verdicts {
		if fits := len(why) == 0; fits != (name == "private" || name == "public") {
			t.Errorf("%s fits the schema: %v, %q", name, fits, why)
		}
	}
	if c := public["certificates"].([]any)[0].(map[string]any); c["url"] != p.url+"/b/"+id {
		t.Errorf("the public badge has no address: %v", c)
	}
}
