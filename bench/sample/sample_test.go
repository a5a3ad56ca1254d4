package sample_test

import (
	"bytes"
	"testing"

	"github.com/osier-passport/osier/bench/sample"
	"github.com/osier-passport/osier/core/openbadge/bake"
	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

func TestSamplesAreValid(t *testing.T) {
	embedded, err := sample.Embedded(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n := len(embedded); n < 2400 || n > 3200 {
		t.Errorf("the embedded badge has %d bytes", n)
	}
	rsa, err := issue.NewRSA()
	if err != nil {
		t.Fatal(err)
	}
	payloads := map[string][]byte{"embedded": embedded}
	for _, k := range []issue.Key{sample.Key(), rsa} {
		if payloads[k.Alg()], err = sample.Token(k); err != nil {
			t.Fatal(err)
		}
	}
	for name, p := range payloads {
		r := verify.Check(t.Context(), p, verify.Options{At: sample.At()})
		if r.Verdict != verify.Valid {
			t.Errorf("%s: %s %+v", name, r.Verdict, r.Checks)
		}
	}
	picture, err := sample.PNG(embedded)
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{"png": picture, "svg": sample.SVG(embedded)} {
		found, err := bake.Extract(file)
		if err != nil || !bytes.Equal(found.Payload, embedded) {
			t.Errorf("%s: %v, %d bytes", name, err, len(found.Payload))
		}
	}
}
