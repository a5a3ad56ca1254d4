package core

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/osier-passport/osier/core/openbadge/verify"
)

// TestVerifyGivesTheVerdictsOfVectors runs the command over every case whose origin states a
// verdict, with the documents beside them in place of the network, and counts by reason where
// the two differ. The texts that decide these are in ownVerdicts of core/openbadge/verify;
// those beyond it name a class that is not among the documents.
func TestVerifyGivesTheVerdictsOfVectors(t *testing.T) {
	dir := sharedFolder(t, "vectors")
	text, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var records []struct{ File, Kind, Expect, Role string }
	if err := json.Unmarshal(text, &records); err != nil {
		t.Fatal(err)
	}
	args := []string{"verify", "--json", "--documents", filepath.Join(dir, "documents.json"), "--at", "2026-11-23T00:00:00Z"}
	expect := map[string]string{}
	for _, r := range records {
		if r.Role == "case" && r.Expect != "" && r.Kind != "identity" {
			name := filepath.Join(dir, filepath.FromSlash(r.File))
			args, expect[name] = append(args, name), r.Expect
		}
	}
	_, out, errs := osier(t, nil, args...)
	lines, differ := jsonLines(t, out), map[string]int{}
	if len(lines) != len(expect) || errs != "" {
		t.Fatalf("%d lines for %d files, %s", len(lines), len(expect), errs)
	}
	for _, l := range lines {
		if (l.Verdict == verify.Valid) != (expect[l.File] != "invalid") {
			differ[string(l.Verdict)+" "+reasonOf(l)]++
		}
	}
	want := map[string]int{
		"invalid not-a-badge": 1, "invalid key-not-issuers": 6, "invalid missing": 3, "invalid key-not-listed": 3, "expired expired": 6, "unverifiable did-method": 3,
		"unverifiable issuer-unprovable": 2, "unverifiable unavailable": 7, "valid ": 1,
	}
	if diff := cmp.Diff(want, differ); diff != "" {
		t.Error(diff)
	}
	t.Logf("%d cases, %d as stated", len(lines), len(lines)-sum(differ))
}

// reasonOf is the first reason that fits the verdict.
func reasonOf(l verify.Line) string {
	want := verify.Fail
	if l.Verdict == verify.Unverifiable {
		want = verify.Unknown
	}
	for _, s := range l.Checks {
		if s.Result == want {
			return s.Reason
		}
	}
	return ""
}

func sum(m map[string]int) int {
	n := 0
	for v := range maps.Values(m) {
		n += v
	}
	return n
}
