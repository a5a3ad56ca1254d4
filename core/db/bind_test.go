package db_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
)

// TestBoundValuesStayWhatTheyAre: what the rewriting of $1 puts around a
// parameter changes neither type nor content.
func TestBoundValuesStayWhatTheyAre(t *testing.T) {
	b := dbtest.SQLite(t)
	for _, c := range []struct {
		in        any
		typ, form string
	}{
		{int64(-7), "integer", "-7"},
		{int64(1<<63 - 1), "integer", "9223372036854775807"},
		{true, "integer", "1"},
		{0.5, "real", "0.5"},
		{"", "text", "''"},
		{"007", "text", "'007'"},
		{"-5e3", "text", "'-5e3'"},
		{[]byte("1\x002"), "blob", "X'310032'"},
		{nil, "null", "NULL"},
	} {
		var typ, form string
		if err := b.Read().QueryRow(t.Context(), `SELECT typeof($1), quote($1)`, c.in).Scan(&typ, &form); err != nil {
			t.Fatal(err)
		}
		if typ != c.typ || form != c.form {
			t.Errorf("%v: got %s %s, want %s %s", c.in, typ, form, c.typ, c.form)
		}
	}
}

func TestParametersServeInEveryPlace(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		err := b.Tx(t.Context(), func(tx *db.Tx) error {
			for i := range 5 {
				if err := set(t.Context(), tx, fmt.Sprintf("n%d", i), "v"); err != nil {
					return err
				}
			}
			_, err := tx.Exec(t.Context(), `UPDATE setting SET changed_at = 10 - $1 WHERE name IN ($2, $3) AND NOT name LIKE $4 ESCAPE '\'`,
				int64(3), "n1", "n2", db.Contains("_"))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		got, err := db.Select(t.Context(), b.Read(), db.One[string],
			`SELECT name FROM setting WHERE changed_at = $1 OR name > $2 ORDER BY name LIMIT $3 OFFSET $4`, int64(7), "n3", 2, 1)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"n2", "n4"}, got); diff != "" {
			t.Error(diff)
		}
	})
}
