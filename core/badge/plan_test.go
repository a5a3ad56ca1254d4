package badge

import (
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
)

// TestTheCountOfHoldersReadsOneClass and not all public badges: it is done whenever a
// badge is shown, hidden or removed.
func TestTheCountOfHoldersReadsOneClass(t *testing.T) {
	b := dbtest.SQLite(t)
	for name, query := range map[string]string{"of a class": holdersOfOne, "of a person's classes": holdersOfPersons} {
		steps, err := db.Select(t.Context(), b.Read(), func(s db.Scanner) (string, error) {
			var id, parent, unused int
			var text string
			err := s.Scan(&id, &parent, &unused, &text)
			return text, err
		}, "EXPLAIN QUERY PLAN "+query, 1, nobody)
		if err != nil {
			t.Fatal(err)
		}
		if plan := strings.Join(steps, "\n"); !strings.Contains(plan, "SEARCH b USING INDEX badge_of_class (class=?)") {
			t.Errorf("%s:\n%s", name, plan)
		}
	}
}
