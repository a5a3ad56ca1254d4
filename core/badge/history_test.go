package badge

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/osier-passport/osier/core/openbadge/verify"
)

// TestPeriods: checks with one outcome are one period; each leads to its report, the last to
// the page itself.
func TestPeriods(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 11, n, 0, 0, 0, 0, time.UTC) }
	list := []Ledger{{At: day(5), Verdict: verify.Revoked}, {At: day(4), Verdict: verify.Valid}, {At: day(3), Verdict: verify.Valid}, {At: day(1), Verdict: verify.Revoked}}
	const at3, at1 = "/b/x/verify?at=1793664000000000&key=K", "/b/x/verify?at=1793491200000000&key=K"
	for shown, current := range map[time.Time]time.Time{{}: day(5), day(3): day(3)} {
		got := periods(list, "/b/x/verify?key=K", shown)
		want := []Period{
			{"revoked", day(5), day(5), []Verification{{day(5), "/b/x/verify?key=K", false}}},
			{"valid", day(3), day(4), []Verification{{day(4), "/b/x/verify?at=1793750400000000&key=K", false}, {day(3), at3, false}}},
			{"revoked", day(1), day(1), []Verification{{day(1), at1, false}}},
		}
		for i := range want {
			for j := range want[i].Checks {
				want[i].Checks[j].Shown = want[i].Checks[j].At.Equal(current)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	if got := periods(nil, "/b/x/verify", time.Time{}); got != nil {
		t.Error(got)
	}
}

// TestFactsOfDroppedKeys: the issuer's silence about a key is no word against it.
func TestFactsOfDroppedKeys(t *testing.T) {
	for reason, want := range map[string]bool{"key-not-listed": true, "unavailable": false, "": false} {
		step := verify.Step{Name: verify.CheckKey, Result: verify.Fail, Reason: reason}
		if got := dropped([]verify.Step{step}); got != want {
			t.Errorf("%q: %v", reason, got)
		}
		if step.Result = verify.Unknown; dropped([]verify.Step{step}) {
			t.Errorf("%q, unknown", reason)
		}
	}
}
