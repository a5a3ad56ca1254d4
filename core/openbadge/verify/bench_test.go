package verify_test

import (
	"testing"

	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

func BenchmarkCheck(b *testing.B) {
	k := issue.Ed25519FromSeed("bench")
	c := sample()
	c.Issuer.ID = k.DIDKey()
	method := k.DIDKey() + "#" + k.Multibase()
	h := must(issue.Hosted2(sample()))
	hosted := web{sample().ID: h.Assertion, sample().AchievementID: h.Class, issuerID: h.Issuer}
	for name, bench := range map[string]struct {
		payload []byte
		docs    web
	}{
		"embedded": {must(k.Embed(b.Context(), issue.Credential3(c), issue.Proof{Method: method})), web{}},
		"token":    {must(k.Token(issue.Credential3(c), nil)), web{}},
		"hosted":   {h.Assertion, hosted},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := verify.Check(b.Context(), bench.payload, verify.Options{At: clock(), Fetcher: bench.docs})
				if r.Verdict != verify.Valid {
					b.Fatal(r.Verdict)
				}
			}
		})
	}
}
