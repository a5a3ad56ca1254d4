package verify_test

import (
	"testing"

	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

const schemaFolder = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/"

// TestSchemasAtHand holds credentials against the schemas of 1EdTech without any network.
func TestSchemasAtHand(t *testing.T) {
	achievement := func(doc map[string]any) map[string]any {
		return doc["credentialSubject"].(map[string]any)["achievement"].(map[string]any)
	}
	result := func(kind any) map[string]any {
		return map[string]any{"id": "urn:uuid:1", "type": []any{"ResultDescription"}, "name": "Grade", "resultType": kind}
	}
	for _, tt := range []struct {
		name, schema, place string
		change              func(doc map[string]any)
	}{
		{"untouched", "achievement", "", nil},
		{"untouched", "anyachievement", "", nil},
		{"a type of our own", "achievement", "", func(d map[string]any) { achievement(d)["achievementType"] = "ext:Walk" }},
		{"no such type", "achievement", "credentialSubject.achievement.achievementType", func(d map[string]any) { achievement(d)["achievementType"] = "Walk" }},
		{"a result", "achievement", "", func(d map[string]any) { achievement(d)["resultDescription"] = []any{result("LetterGrade")} }},
		{"no such result", "achievement", "credentialSubject.achievement.resultDescription.0.resultType", func(d map[string]any) { achievement(d)["resultDescription"] = []any{result("Smell")} }},
		{"no such name of a person", "achievement", "credentialSubject.identifier.0.identityType", func(d map[string]any) {
			d["credentialSubject"].(map[string]any)["identifier"].([]any)[0].(map[string]any)["identityType"] = "nickName"
		}},
		{"credits in quotes", "achievement", "credentialSubject.achievement.creditsAvailable", func(d map[string]any) { achievement(d)["creditsAvailable"] = "3" }},
		{"a badge is no endorsement", "endorsement", "credentialSubject.type.0", nil},
	} {
		for _, vc := range []string{"1.1", "2.0"} {
			w := didWorld(t, vc)
			doc := extended(w.plain)
			if vc == "1.1" {
				c := w.plain
				c.VCVersion = vc
				doc = extended(c)
			}
			if tt.change != nil {
				tt.change(doc)
			}
			doc["credentialSchema"] = []any{map[string]any{
				"id": schemaFolder + "ob_v3p0_" + tt.schema + "credential_schema.json", "type": "1EdTechJsonSchemaValidator2019",
			}}
			w.embed(t, doc)
			w.docs = web{} // nothing can be fetched
			r := w.check(t)
			if tt.place == "" {
				wantVerdict(t, r, verify.Valid)
				wantStep(t, r, verify.CheckSchema, verify.Pass, "")
				continue
			}
			wantVerdict(t, r, verify.Invalid)
			if s := step(r, verify.CheckSchema); s.Result != verify.Fail || s.Detail != tt.place {
				t.Errorf("%s, VC %s: %+v", tt.name, vc, s)
			}
		}
	}
}

// TestSchemasElsewhereAreFetched under any address that is not one of the well-known ones.
func TestSchemasElsewhereAreFetched(t *testing.T) {
	w := didWorld(t, "2.0")
	doc := extended(w.plain)
	const address = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/of_my_own.json"
	doc["credentialSchema"] = []any{map[string]any{"id": address, "type": "1EdTechJsonSchemaValidator2019"}}
	w.embed(t, doc)
	wantStep(t, w.check(t), verify.CheckSchema, verify.Unknown, "unavailable")
	w.docs[address] = []byte(`{"required":["nothing of the kind"]}`)
	wantStep(t, w.check(t), verify.CheckSchema, verify.Fail, "schema")
}

// TestStartOfTheDataModel: in VC 2.0 no issuanceDate stands for validFrom.
func TestStartOfTheDataModel(t *testing.T) {
	w := didWorld(t, "2.0")
	doc := issue.Credential3(w.plain)
	contexts := doc["@context"].([]any)
	doc["@context"] = append(contexts, any(map[string]any{"issuanceDate": "https://www.w3.org/2018/credentials/v1#issuanceDate"}))
	doc["issuanceDate"] = doc["validFrom"]
	delete(doc, "validFrom")
	w.embed(t, doc)
	r := w.check(t)
	wantVerdict(t, r, verify.Invalid)
	wantStep(t, r, verify.CheckFormat, verify.Fail, "missing")
}
