package verify_test

import (
	"testing"

	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// FuzzSchema: whatever stands where a credential says its schema is, the check of it ends
// with an answer and the badge is never better for it.
func FuzzSchema(f *testing.F) {
	const address = site + "/schema.json"
	k := issue.Ed25519FromSeed("fuzz schemas")
	c := sample()
	c.Issuer.ID = k.DIDKey()
	doc := issue.Credential3(c)
	doc["credentialSchema"] = map[string]any{"id": address, "type": "1EdTechJsonSchemaValidator2019"}
	doc["@context"] = append(doc["@context"].([]any), "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json")
	badge := must(k.Embed(f.Context(), doc, issue.Proof{Method: k.DIDKey() + "#" + k.Multibase()}))
	for _, s := range []string{
		`{}`, `true`, `false`, `{"type":"object","required":["nothing"]}`, `{"$ref":"#"}`, `{"$defs":{"a":{"anyOf":[{"$ref":"#/$defs/a"},{}]}},"$ref":"#/$defs/a"}`,
		`{"patternProperties":{"(a+)+$":{"pattern":"(x*)*y"}}}`, `{"allOf":[{"not":{"$ref":"other.json"}}]}`, `{"$id":"http://127.0.0.1/","$ref":"x"}`,
		`{"$schema":"http://json-schema.org/draft-04/schema#","multipleOf":1e-300}`, `{"unevaluatedProperties":false,"dependentSchemas":{"id":{"items":{"$recursiveRef":"#"}}}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, schema []byte) {
		r := verify.Check(t.Context(), badge, verify.Options{At: clock(), Fetcher: oneAnswer{web{}, address, schema, 200}})
		s := step(r, verify.CheckSchema)
		if s.Result == "" || s.Result != verify.Pass && s.Reason == "" {
			t.Fatalf("schema %s: %+v", schema, s)
		}
		if r.Verdict != verify.Valid && s.Result != verify.Fail {
			t.Errorf("%s by a schema that is %s", r.Verdict, s.Result)
		}
	})
}
