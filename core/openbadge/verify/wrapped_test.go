package verify_test

import (
	"encoding/json"
	"testing"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// TestWrappedTokens: a VC-JWT in quotes, in an EnvelopedVerifiableCredential (VC 2.0 §4.13.1) or
// alone in an object has the verdict of the token, at hand as well as at an address; what is
// kept is the token, and what stands around it is not believed.
func TestWrappedTokens(t *testing.T) {
	w := tokenWorld(t, ecKey(), "2.0", map[string]any{"kid": "k1"})
	token := string(w.payload)
	envelope := func(change func(map[string]any)) string {
		m := map[string]any{"@context": "https://www.w3.org/ns/credentials/v2", "type": "EnvelopedVerifiableCredential", "id": "data:application/vc+jwt," + token}
		if change != nil {
			change(m)
		}
		return string(must(json.Marshal(m)))
	}
	said := func(m map[string]any) { m["issuer"], m["credentialSubject"] = "did:example:mallory", map[string]any{} }
	for name, payload := range map[string]string{
		"quoted": `"` + token + `"`, "envelope": envelope(nil), "envelope that says more": envelope(said), "alone": `{"jwt":"` + token + `"}`,
		"envelope in quotes": string(must(json.Marshal(envelope(nil)))),
	} {
		w.payload = []byte(payload)
		w.docs["https://w.example/1"] = w.payload
		r := w.check(t)
		wantVerdict(t, r, verify.Valid)
		if c := r.Credential; c == nil || string(c.Raw) != token || c.Form != openbadge.VCJWT || r.Kind != openbadge.Badge {
			t.Errorf("%s: %+v", name, r.Credential)
		}
		if c, err := verify.Precheck(t.Context(), w.payload); err != nil || string(c.Raw) != token {
			t.Errorf("%s: %v", name, err)
		}
		w.payload = []byte("https://w.example/1")
		wantVerdict(t, w.check(t), verify.Valid)
	}
	for name, tt := range map[string]struct {
		payload, reason string
		verdict         verify.Verdict
	}{
		"changed":         {`"` + token[:len(token)-8] + `AAAAAAAA"`, "signature", verify.Invalid},
		"SD-JWT":          {envelope(func(m map[string]any) { m["id"] = "data:application/vc+sd-jwt," + token + "~" }), "proof-suite", verify.Unverifiable},
		"COSE":            {envelope(func(m map[string]any) { m["id"] = "data:application/vc+cose;base64,2oRDoQE" }), "envelope", verify.Invalid},
		"something else":  {envelope(func(m map[string]any) { m["id"] = "data:text/plain,x" }), "envelope", verify.Invalid},
		"a presentation":  {`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiablePresentation"],"verifiableCredential":["` + token + `"]}`, "presentation", verify.Invalid},
		"enveloped twice": {envelope(func(m map[string]any) { m["type"] = "EnvelopedVerifiablePresentation" }), "presentation", verify.Invalid},
		"quoted twice":    {string(must(json.Marshal(`"` + token + `"`))), "not-a-credential", verify.Invalid},
		"quoted text":     {`"hello"`, "not-a-credential", verify.Invalid},
		"open quote":      {`"` + token, "not-a-credential", verify.Invalid},
	} {
		w.payload = []byte(tt.payload)
		r := w.check(t)
		if wantVerdict(t, r, tt.verdict); firstProblem(r) != tt.reason {
			t.Errorf("%s: %+v", name, r.Checks)
		}
	}
}

// TestWrappedCredentials: the JSON of a credential in quotes is that credential.
func TestWrappedCredentials(t *testing.T) {
	w := didWorld(t, "2.0")
	w.payload = must(json.Marshal(string(w.payload)))
	wantVerdict(t, w.check(t), verify.Valid)
}
