package verify_test

import (
	"testing"

	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// FuzzCheck holds that no input makes Check panic, and that every report says something.
func FuzzCheck(f *testing.F) {
	docs := web{}
	k := issue.Ed25519FromSeed("fuzz")
	c := sample()
	c.Issuer.ID = k.DIDKey()
	method := k.DIDKey() + "#" + k.Multibase()
	f.Add(must(k.Embed(f.Context(), issue.Credential3(c), issue.Proof{Method: method})))
	f.Add(must(k.Token(issue.Credential3(c), nil)))
	h := must(issue.Hosted2(sample()))
	docs[sample().ID], docs[sample().AchievementID], docs[issuerID] = h.Assertion, h.Class, h.Issuer
	f.Add(h.Assertion)
	f.Add([]byte(`{"recipient":"a@b.c","badge":{"issuer":{"origin":"http://x.example"}}}`))
	f.Add([]byte(`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential","ClrCredential"],"credentialSubject":[{}],"proof":[{"type":"x"}]}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		_, _ = verify.Precheck(t.Context(), payload)
		r := verify.Check(t.Context(), payload, verify.Options{At: clock(), Fetcher: docs, Recipients: []string{"ada@example.org"}})
		if r.Verdict == "" || len(r.Checks) == 0 {
			t.Errorf("empty report: %+v", r)
		}
		r.Line("x")
	})
}
