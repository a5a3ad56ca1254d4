package ld

import (
	"testing"

	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// TestUndefinedTerm: a word that no context has is found wherever it stands, and nothing else.
func TestUndefinedTerm(t *testing.T) {
	const (
		v2 = `"https://www.w3.org/ns/credentials/v2"`
		ob = `"https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"`
	)
	for text, want := range map[string]string{
		`{"@context":[` + v2 + `,` + ob + `],"id":"urn:x","type":["VerifiableCredential"],"validFrom":"2026-01-01T00:00:00Z"}`: "",
		`{"@context":[` + v2 + `],"surprise":"a"}`:                                                                    "surprise",
		`{"@context":[` + v2 + `],"surprise":null}`:                                                                   "surprise",
		`{"@context":[` + v2 + `],"credentialSubject":[{"achievement":{"alignment":[{"surprise":1}]}}]}`:              "surprise",
		`{"@context":[` + v2 + `],"name":{"en":"a","pt-BR":"b"}}`:                                                     "",
		`{"@context":[` + v2 + `],"name":{"@value":"a","@language":"en"}}`:                                            "",
		`{"@context":[` + v2 + `,{"mine":"https://x.example/m"}],"credentialSubject":{"mine":1}}`:                     "",
		`{"@context":[` + v2 + `],"credentialSubject":{"@context":{"mine":"https://x.example/m"},"mine":1},"mine":2}`: "mine",
		`{"@context":[` + v2 + `,"https://www.w3.org/ns/credentials/examples/v2"],"surprise":1}`:                      "",
		`{"@context":[` + v2 + `,{"@vocab":"https://x.example/"}],"surprise":1}`:                                      "",
		`{"@context":[` + v2 + `],"evidence":{"@context":"https://x.example/unknown","surprise":1}}`:                  "",
		`{"@context":[` + v2 + `],"schema:name":"a","https://x.example/p":"b"}`:                                       "",
	} {
		v, err := strictjson.Read([]byte(text), strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if got := UndefinedTerm(v); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
