package badge

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/osier-passport/osier/core/openbadge/verify"
	"github.com/osier-passport/osier/core/pack"
)

func storedReport(r verify.Report) StoredReport {
	return StoredReport{Checks: r.Checks, Documents: r.Documents, Keys: r.Keys}
}

// sameTime stands in a packed report for the time of the row that the report is in,
// which is that of nearly all of its checks: it is the time of the first report among
// the words of core/pack, so that a report like that one is packed as one piece.
func sameTime() time.Time { return time.Date(2024, 11, 6, 19, 11, 32, 29445339, time.UTC) }

// packReport packs a report for a row of the ledger with that time.
func packReport(r StoredReport, at time.Time) ([]byte, error) {
	row, same := at.Truncate(time.Microsecond), sameTime()
	r.Checks = slices.Clone(r.Checks)
	for i, c := range r.Checks {
		if c.At.Truncate(time.Microsecond).Equal(row) {
			r.Checks[i].At = same
		}
	}
	text, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("write report: %w", err)
	}
	return pack.Text(text), nil
}

// reportOf reads the report of a row with that time: packed, or the text of before.
func reportOf(packed []byte, text string, at time.Time) (StoredReport, error) {
	var r StoredReport
	if len(packed) == 0 {
		return r, json.Unmarshal([]byte(text), &r)
	}
	plain, err := pack.Untext(packed)
	if err != nil {
		return r, fmt.Errorf("read report: %w", err)
	}
	if err := json.Unmarshal(plain, &r); err != nil {
		return r, fmt.Errorf("read report: %w", err)
	}
	same := sameTime()
	for i, c := range r.Checks {
		if c.At.Equal(same) {
			r.Checks[i].At = at
		}
	}
	return r, nil
}
