package people

import (
	"regexp"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
)

// each are filters of every kind, and whether few can fit, so that they are looked for
// by an index and not in the order of the list.
func each() map[string]struct {
	filter Filter
	few    bool
} {
	type one = struct {
		filter Filter
		few    bool
	}
	return map[string]one{
		"everybody":   {Filter{}, false},
		"active":      {Filter{State: StateActive}, false},
		"unconfirmed": {Filter{State: StateUnconfirmed}, true},
		"disabled":    {Filter{State: StateDisabled}, true},
		"leaving":     {Filter{State: StateLeaving}, true},
		"waiting":     {Filter{State: StateWaiting}, true},
		"admins":      {Filter{Role: "admin"}, true},
		"members":     {Filter{Role: "member"}, false},
		"country":     {Filter{Country: "FR"}, true},
		"password":    {Filter{Way: wayPassword}, false},
		"passkey":     {Filter{Way: wayPasskey}, true},
		"mail":        {Filter{Way: wayMail}, false},
		"provider":    {Filter{Way: wayProvider + "school"}, true},
		"word":        {Filter{Query: "ada"}, true},
		"words":       {Filter{Query: "Ada Love-lace"}, true},
		"address":     {Filter{Query: "ada@people"}, true},
		"domain":      {Filter{Query: "@people.test"}, true},
		"all of it":   {Filter{Query: "ada @people.test", State: StateDisabled, Role: "admin", Country: "FR", Way: wayPasskey}, true},
	}
}

// inOrder is a walk in the order of an index that ends with the page.
var inOrder = regexp.MustCompile(`^SCAN (?:p|d)(?: USING (?:COVERING )?INDEX \S+)?$`)

// TestNobodyIsLookedForInTheWholeTable asks SQLite for the plan of each filter in each
// order, at the beginning and further on: where few fit they come from an index, and
// where most do the list is read in the order that it is shown in.
func TestNobodyIsLookedForInTheWholeTable(t *testing.T) {
	b := dbtest.SQLite(t)
	for name, e := range each() {
		for order := range orders {
			for _, after := range []string{"", "abc.def"} {
				f := e.filter
				f.Order = order
				rest, args := where(f, after, 51)
				walk, sorts := false, false
				for _, step := range explain(t, b.Read(), `EXPLAIN QUERY PLAN `, rest, args) {
					switch {
					case inOrder.MatchString(step):
						walk = true
					case strings.Contains(step, "ORDER BY"):
						sorts = true
					case strings.HasPrefix(step, "SCAN ") && step != "SCAN CONSTANT ROW" && !strings.HasPrefix(step, "SCAN (subquery"), strings.Contains(step, "AUTOMATIC"):
						t.Errorf("%s by %q after %q: %s", name, order, after, step)
					}
				}
				if walk && e.few || sorts && !e.few {
					t.Errorf("%s by %q after %q: walks %t, sorts %t", name, order, after, walk, sorts)
				}
			}
		}
	}
}

// TestPostgresHasAnIndexForEach: with sequential reading forbidden, PostgreSQL finds a
// plan without it.
func TestPostgresHasAnIndexForEach(t *testing.T) {
	b := dbtest.Postgres(t)
	err := b.Tx(t.Context(), func(tx *db.Tx) error {
		if _, err := tx.Exec(t.Context(), `SET LOCAL enable_seqscan = off`); err != nil {
			return err
		}
		for name, e := range each() {
			for order := range orders {
				f := e.filter
				f.Order = order
				rest, args := where(f, "abc.def", 51)
				for _, step := range explain(t, tx, `EXPLAIN `, rest, args) {
					if strings.Contains(step, "Seq Scan") {
						t.Errorf("%s by %q: %s", name, order, step)
					}
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func explain(t *testing.T, d db.DB, verb, rest string, args []any) []string {
	t.Helper()
	steps, err := db.Select(t.Context(), d, func(row db.Scanner) (string, error) {
		if verb == `EXPLAIN ` {
			return db.One[string](row)
		}
		var id, parent, unused int
		var detail string
		return detail, row.Scan(&id, &parent, &unused, &detail)
	}, verb+`SELECT `+foundColumns+foundTables+rest, args...)
	if err != nil {
		t.Fatalf("%v\n%s", err, rest)
	}
	return steps
}
