package verify

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/bake"
)

// TestPreparedAgreesWithCheck: a look at a payload beforehand changes nothing of its report.
func TestPreparedAgreesWithCheck(t *testing.T) {
	dir := sharedDir(t, "vectors")
	docs, err := LoadDocuments(filepath.Join(dir, "documents.json"))
	if err != nil {
		t.Fatal(err)
	}
	const every = 3 // of some thousand
	good, bad := 0, 0
	for i, rec := range readJSON[[]record](t, filepath.Join(dir, "manifest.json")) {
		if rec.Role != "case" || i%every != 0 || slices.Contains([]string{"di-step", "rdfc10", "identity", "image"}, rec.Kind) {
			continue
		}
		payload, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(rec.File)))
		if err != nil {
			t.Fatal(err)
		}
		if f, err := bake.Extract(payload); err == nil {
			payload = f.Payload
		}
		o := Options{At: vectorClock(), Fetcher: docs, OwnCopy: true, Recipients: []string{"ada@example.org"}}
		want := Check(t.Context(), payload, o)
		p, c, err := Prepare(t.Context(), payload)
		if err != nil {
			bad++
			if f := step(want, CheckFormat); f.Warning != reasonOther && f.Warning != reasonPart && (f.Result != Fail || f.Reason != reasonOf(err)) {
				t.Errorf("%s: prepared: %v, checked: %+v", rec.File, err, f)
			}
			continue
		}
		good++
		got := p.Check(t.Context(), o)
		if !reflect.DeepEqual(want, got) {
			t.Errorf("%s: %s", rec.File, cmp.Diff(want, got))
		}
		if c != nil && got.Credential == nil {
			t.Errorf("%s: the credential is lost", rec.File)
		}
	}
	if good == 0 || bad == 0 {
		t.Errorf("%d good and %d bad payloads", good, bad)
	}
}

func reasonOf(err error) string { return fromError(err).Reason }

// TestPreparedFollowsAnAddress: an address says nothing before it was asked.
func TestPreparedFollowsAnAddress(t *testing.T) {
	p, c, err := Prepare(t.Context(), []byte("https://badges.example.org/gone"))
	if err != nil || c.Form != openbadge.Hosted {
		t.Fatalf("%+v, %v", c, err)
	}
	if r := p.Check(t.Context(), Options{At: vectorClock()}); r.Verdict != Unverifiable || step(r, CheckProof).Reason != "offline" {
		t.Errorf("%s%s", r.Verdict, summary(r))
	}
}
