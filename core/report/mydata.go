package report

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/db"
)

// OwnerName names this feature's part of a person's data.
func (s *Reports) OwnerName() string { return "reports" }

// OwnerTables are the tables with rows about a person that this feature erases.
func (s *Reports) OwnerTables() []string { return []string{"report"} }

type exportedReport struct {
	ID     string    `json:"id,omitempty"` // of the badge
	Badge  string    `json:"badge"`
	Issuer string    `json:"issuer"`
	Reason string    `json:"reason"`
	Words  string    `json:"words,omitempty"`
	State  string    `json:"state"`
	At     time.Time `json:"at"`
}

const exportName = "reports/reports.json"

// Export hands out the person's own reports.
func (s *Reports) Export(ctx context.Context, person int64, put func(name string, content []byte) error) error {
	all, err := listOf(ctx, s.base.Read(), person)
	if err != nil {
		return err
	}
	out := make([]exportedReport, 0, len(all))
	for _, r := range all {
		out = append(out, exportedReport{r.BadgeID, r.Badge, r.Issuer, r.Reason, r.Words, r.State, r.At})
	}
	return archive.Put(put, exportName, out)
}

// Counts gives how much there is of each document.
func (s *Reports) Counts(ctx context.Context, person int64) (map[string]int, error) {
	n, err := countOf(ctx, s.base.Read(), person)
	return map[string]int{exportName: n}, err
}

// Erase deletes the person's reports and those about their badges.
func (s *Reports) Erase(ctx context.Context, tx *db.Tx, person int64) error {
	return deleteOfPerson(ctx, tx, person)
}
