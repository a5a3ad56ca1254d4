package sample_test

import (
	"testing"

	"github.com/osier-passport/osier/bench/sample"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// BenchmarkCheck is for profiles: go test -bench Check -cpuprofile f. The figures
// that count are those of the pairs, which run in turns.
func BenchmarkCheck(b *testing.B) {
	embedded, err := sample.Embedded(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	run := func(name string, payload []byte) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if r := verify.Check(b.Context(), payload, verify.Options{At: sample.At()}); r.Verdict != verify.Valid {
					b.Fatal(r.Verdict)
				}
			}
		})
	}
	run("embedded", embedded)
	keys, err := sample.Keys()
	if err != nil {
		b.Fatal(err)
	}
	for _, k := range keys {
		token, err := sample.Token(k)
		if err != nil {
			b.Fatal(err)
		}
		run(k.Alg(), token)
	}
}
