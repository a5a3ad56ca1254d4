package verify

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/bake"
)

type record struct{ File, Kind, OB, Expect, Role, Reason, Test string }

func vectorClock() time.Time { return time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC) }

// overlay answers first from its own map, then from the documents.
type overlay struct {
	own  map[string][]byte
	next Fetcher
}

func (o overlay) Fetch(ctx context.Context, address string) (Document, error) {
	if b, ok := o.own[address]; ok {
		return Document{URL: address, Status: 200, Body: b}, nil
	}
	return o.next.Fetch(ctx, address)
}

func TestVectors(t *testing.T) {
	dir := sharedDir(t, "vectors")
	docs, err := LoadDocuments(filepath.Join(dir, "documents.json"))
	if err != nil {
		t.Fatal(err)
	}
	hits, total := 0, 0
	for _, rec := range readJSON[[]record](t, filepath.Join(dir, "manifest.json")) {
		if rec.Role != "case" || rec.Expect == "" {
			continue
		}
		total++
		file, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(rec.File)))
		if err != nil {
			t.Fatal(err)
		}
		payload := file
		if f, err := bake.Extract(file); err == nil {
			payload = f.Payload
		}
		own := map[string][]byte{}
		if e, err := openbadge.Open(payload); err == nil && e.Form == openbadge.Hosted && e.Doc != nil {
			r := &run{env: e}
			own[r.hostAddress()] = payload
		}
		got := Check(t.Context(), payload, Options{At: vectorClock(), Fetcher: overlay{own, docs}})
		want := rec.Expect
		ok := got.Verdict == Valid
		if want == "invalid" {
			ok = got.Verdict != Valid
		}
		if ok {
			hits++
			if want == "invalid" {
				t.Logf("ok %s %s (%s) %s", rec.File, got.Verdict, rec.Reason, summary(got))
			}
			continue
		}
		t.Logf("MISS %s want %s got %s (%s) %s", rec.File, want, got.Verdict, rec.Reason, summary(got))
	}
	t.Logf("%d of %d", hits, total)
}

func summary(r Report) string {
	s := ""
	for _, c := range r.Checks {
		if c.Result == Fail || c.Result == Unknown {
			s += fmt.Sprintf(" %s=%s(%s %s)", c.Name, c.Result, c.Reason, c.Detail)
		}
	}
	return s
}
