package wrap

import (
	"strings"
	"testing"
)

const token = "eyJhbGciOiJFUzI1NiJ9.e30.AA-_"

// TestInner: one layer around a text is taken off, and nothing but a known layer is.
func TestInner(t *testing.T) {
	envelope := func(typ, id string) string {
		return `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":` + typ + `,"id":"` + id + `"}`
	}
	const one = `"EnvelopedVerifiableCredential"`
	for text, want := range map[string]string{
		`"` + token + `"`:                      token,
		`" ` + token + `\n"`:                   token,
		`"\u0065yJhbGciOiJFUzI1NiJ9.e30.AA-_"`: token,
		`"{\"a\":1}"`:                          `{"a":1}`,
		`"\"twice\""`:                          `"twice"`,
		`"` + token:                            "",
		`"a" "b"`:                              "",
		`""`:                                   "",
		`{"jwt":"` + token + `"}`:              token,
		"{\n \"vc\" : \"" + token + "\" }":     token,
		`{"jwt":"` + token + `","x":"y"}`:      "",
		`{"other":"` + token + `"}`:            "",
		`{"jwt":"no token"}`:                   "",
		`{"jwt":{}}`:                           "",
		envelope(one, "data:application/vc+jwt,"+token):                                          token,
		envelope("["+one+"]", "DATA:Application/VC+JWT,"+token):                                  token,
		envelope(one, "data:application/vc+jwt;charset=utf-8,"+token):                            token,
		envelope(one, "data:application/jwt,"+strings.ReplaceAll(token, ".", "%2E")):             token,
		envelope(one, "data:application/vc+jwt;base64,ZXlKaGJHY2lPaUpGVXpJMU5pSjkuZTMwLkFBLV8="): token,
		envelope(one, "data:application/vc+jwt;base64,%%%"):                                      "",
		envelope(one, "data:application/vc+jwt,not a token"):                                     "",
		envelope(one, "data:application/vc+jwt"):                                                 "",
		envelope(one, "data:application/vc+sd-jwt,"+token):                                       "",
		envelope(one, "https://issuer.example/1"):                                                "",
		envelope(`"VerifiableCredential"`, "data:application/vc+jwt,"+token):                     "",
		envelope(`"EnvelopedVerifiablePresentation"`, "data:application/vp+jwt,"+token):          "",
		`{"a":1,"a":2,"type":` + one + `}`:                                                       "",
		token:                                                                                    "",
		"[" + one + "]":                                                                          "",
	} {
		got, ok := Inner([]byte(text))
		if string(got) != want || ok != (want != "") {
			t.Errorf("%s: %q %v, want %q", text, got, ok, want)
		}
	}
}

// TestIsToken: three parts of base64url, of which the last may be empty.
func TestIsToken(t *testing.T) {
	for text, want := range map[string]bool{
		token: true, "a.b.": true, "a.b": false, ".b.c": false, "a..c": false, "a.b.c.d": false, "a.b.c=": false, "a.b.c\n": false, "": false,
	} {
		if IsToken(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}
