package verify

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// TestSpecificationProofs holds the signatures of the W3C test vectors against the suites.
// Their credentials are no badges, so the suites are called directly.
func TestSpecificationProofs(t *testing.T) {
	dir := sharedDir(t, "vectors")
	seen := map[string]bool{}
	for _, rec := range readJSON[[]record](t, filepath.Join(dir, "manifest.json")) {
		if !strings.HasPrefix(rec.File, "w3c+vc-di-e") || rec.Expect != "valid" {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(rec.File)))
		if err != nil {
			t.Fatal(err)
		}
		e, err := openbadge.Open(b)
		if err != nil {
			t.Fatal(err)
		}
		proof := e.Root.Get("proof").First()
		s, _ := suiteOf(proof)
		seen[s.name] = true
		_, fragment := splitFragment(proof.Get("verificationMethod").Text())
		k, err := multikey(fragment)
		if err != nil {
			t.Fatalf("%s: key %q: %v", rec.File, fragment, err)
		}
		set := &proofSet{doc: e.Root, cache: canonCache{}, work: fullWork()}
		if f := set.verify(t.Context(), s, proof, nil, k); !f.ok() {
			t.Errorf("%s: %s %s", rec.File, f.Reason, f.Detail)
		}
		set.doc = set.doc.With("name", strictjson.Text("changed"))
		set.cache = canonCache{}
		if f := set.verify(t.Context(), s, proof, nil, k); f.ok() {
			t.Errorf("%s: changed and still signed", rec.File)
		}
	}
	t.Log(seen)
	if len(seen) < 5 {
		t.Errorf("only %d suites", len(seen))
	}
}

func TestDerivedProofValues(t *testing.T) {
	for _, value := range []string{"", "u", "z11", "u2V0B", "u2V0Bhf__", "u2V0BhVhAAA", "u2V0AhVhA"} {
		if _, err := parseDerived(value); err == nil {
			t.Errorf("%q: no error", value)
		}
	}
	// what was said of one thing may not be spread over two by giving both its label
	for labels, ok := range map[string]bool{"\xa2\x00\x41a\x01\x41b": true, "\xa2\x00\x41a\x01\x41a": false, "\xa2\x00\x41a\x00\x41b": false} {
		value := "\xd9\x5d\x01\x85\x58\x40" + strings.Repeat("s", 64) + "\x41e\x80" + labels + "\x80"
		if _, err := parseDerived("u" + base64.RawURLEncoding.EncodeToString([]byte(value))); (err == nil) != ok {
			t.Errorf("labels %q: %v", labels, err)
		}
	}
}

func TestRelabel(t *testing.T) {
	labels := map[string]string{"c14n0": "uA", "c14n1": "uB"}
	for in, want := range map[string]string{
		"_:c14n0 <urn:p> _:c14n1 .\n":           "_:uA <urn:p> _:uB .\n",
		"_:c14n0 <urn:_:c14n1> \"_:c14n1\" .\n": "_:uA <urn:_:c14n1> \"_:c14n1\" .\n",
		"_:c14n2 <urn:p> \"a\\\" _:c14n0\" .\n": "_:c14n2 <urn:p> \"a\\\" _:c14n0\" .\n",
		"<urn:s> <urn:p> \"x\" _:c14n0 .\n":     "<urn:s> <urn:p> \"x\" _:uA .\n",
		"<urn:s> <urn:p> \"<\" _:c14n0 .\n":     "<urn:s> <urn:p> \"<\" _:uA .\n",
		"<urn:s> <urn:p> \"x\"@en _:c14n1 .":    "<urn:s> <urn:p> \"x\"@en _:uB .",
		"<urn:s> <urn:p> \"\\\\\" _:c14n1 .\n":  "<urn:s> <urn:p> \"\\\\\" _:uB .\n",
	} {
		if got := relabel(in, labels); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
