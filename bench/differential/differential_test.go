package differential_test

import (
	"bytes"
	"crypto"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/osier-passport/osier/bench/differential"
	"github.com/osier-passport/osier/core/openbadge/ld"
	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

func newGold(t testing.TB) *differential.Gold {
	t.Helper()
	g, err := differential.NewGold("../..", map[string]string{
		"https://www.w3.org/ns/credentials/v2":                       "vc-v2",
		"https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json": "ob-v3.0.3",
	})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// compare holds ours against json-gold's; it gives the reason where ours refuses.
func compare(t *testing.T, g *differential.Gold, text []byte) (refused string) {
	t.Helper()
	v, err := strictjson.Decode(text, strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	ours, err := ld.Canonical(t.Context(), v, crypto.SHA256)
	if e, ok := errors.AsType[*ld.Error](err); ok {
		return e.Reason
	} else if err != nil {
		t.Fatal(err)
	}
	theirs, err := g.CanonicalText(text)
	theirs = once(theirs)
	if err == nil && !bytes.Equal(ours, theirs) {
		t.Errorf("%s\nours alone:\n%s\njson-gold alone:\n%s", text, without(ours, theirs), without(theirs, ours))
	}
	return ""
}

// once drops repeated lines: json-gold writes the empty list of a node that is
// described twice as two statements, and a dataset is a set (RDFC-1.0 §2.1).
func once(text []byte) []byte {
	return bytes.Join(slices.CompactFunc(slices.Collect(bytes.Lines(text)), bytes.Equal), nil)
}

// without gives the lines of a beyond those of b, each counted.
func without(a, b []byte) (lines []byte) {
	count := map[string]int{}
	for line := range bytes.Lines(b) {
		count[string(line)]++
	}
	for line := range bytes.Lines(a) {
		if count[string(line)]--; count[string(line)] < 0 {
			lines = append(lines, line...)
		}
	}
	return lines
}

func TestCanonicalFormIsThatOfJSONGold(t *testing.T) {
	const documents = 600
	g := newGold(t)
	refused := map[string]int{}
	for seed := range uint64(documents) {
		text, err := json.Marshal(differential.Credential(seed))
		if err != nil {
			t.Fatal(err)
		}
		refused[compare(t, g, text)]++
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	t.Logf("%v", refused)
	if refused[""] < documents/2 {
		t.Errorf("most documents are refused: %v", refused)
	}
}

// FuzzCanonicalLikeJSONGold takes seeds of the generator.
func FuzzCanonicalLikeJSONGold(f *testing.F) {
	g := newGold(f)
	for seed := range uint64(8) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		text, err := json.Marshal(differential.Credential(seed))
		if err != nil {
			t.Fatal(err)
		}
		compare(t, g, text)
	})
}
