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
	full, err := sample.Full(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n := len(full); n < 5500 || n > 8000 {
		t.Errorf("the full badge has %d bytes", n)
	}
	keys, err := sample.Keys()
	if err != nil {
		t.Fatal(err)
	}
	payloads := map[string][]byte{"embedded": embedded, "full": full}
	for _, k := range keys {
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
	for name, k := range map[string]*issue.Key{"hosted": nil, "signed": &keys[2]} {
		payload, docs, err := sample.Older(k)
		if err != nil {
			t.Fatal(err)
		}
		r := verify.Check(t.Context(), payload, verify.Options{At: sample.At(), Fetcher: docs})
		if r.Verdict != verify.Valid {
			t.Errorf("%s: %s %+v", name, r.Verdict, r.Checks)
		}
	}
	picture, err := sample.PNG("openbadgecredential", embedded)
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
