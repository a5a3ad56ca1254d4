package openbadge

import (
	"encoding/base64"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestContainedKeepsEachText(t *testing.T) {
	head := `{"@context":["https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"],"type":["VerifiableCredential","ClrCredential"],`
	one, two := `{ "id" : "1",  "n":1.50 }`, `{"id":"<2>&"}`
	token := "eyJhbGciOiJFUzI1NiJ9.e30.AAAA"
	clr := head + `"credentialSubject":{"verifiableCredential":[` + one + `, ` + two + ` ,"` + token + `"]}}`
	b64 := base64.RawURLEncoding.EncodeToString
	jws := func(payload string) string {
		return b64([]byte(`{"alg":"ES256"}`)) + "." + b64([]byte(payload)) + ".AAAA"
	}
	for _, c := range []struct {
		name, payload string
		want          []string
		reason        string
	}{
		{"a list", clr, []string{one, two, token}, ""},
		{"a list of one record", "[" + clr + "]", []string{one, two, token}, ""},
		{"one alone", head + `"credentialSubject":[{"verifiableCredential":` + one + `}]}`, []string{one}, ""},
		{"a token", jws(clr), []string{one, two, token}, ""},
		{"a token with vc", jws(`{"vc":` + clr + `}`), []string{one, two, token}, ""},
		{"nothing", head + `"credentialSubject":{"verifiableCredential":null}}`, nil, ""},
		{"no subject", head + `"name":"x"}`, nil, ""},
		{"no record", `{"@context":"https://w3id.org/openbadges/v2","credentialSubject":{"verifiableCredential":[{}]}}`, nil, ""},
		{"no credential", head + `"credentialSubject":{"verifiableCredential":[7]}}`, nil, "bad-type"},
		{"no text", `{`, nil, "json-syntax"},
	} {
		got, err := Contained([]byte(c.payload))
		reason := ""
		if e, ok := errors.AsType[*Error](err); ok {
			reason = e.Reason
		}
		var texts []string
		for _, b := range got {
			texts = append(texts, string(b))
		}
		if diff := cmp.Diff(c.want, texts); diff != "" || reason != c.reason {
			t.Errorf("%s: %v %s", c.name, err, diff)
		}
	}
}
