package db_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
)

// TestLastRunsOnceAtTheEnd: once for each key, behind all else, what it leaves in turn
// too, and its error is the transaction's.
func TestLastRunsOnceAtTheEnd(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		var done []string
		err := b.Tx(t.Context(), func(tx *db.Tx) error {
			done = nil
			note := func(what string) func() error {
				return func() error { done = append(done, what); return nil }
			}
			for range 3 {
				tx.Last("a", func() error {
					tx.Last("c", note("c"))
					return note("a")()
				})
				tx.Last("b", note("b"))
			}
			return note("first")()
		})
		if diff := cmp.Diff([]string{"first", "a", "b", "c"}, done); err != nil || diff != "" {
			t.Error(err, diff)
		}
		fails := errors.New("it fails")
		err = b.Tx(t.Context(), func(tx *db.Tx) error {
			tx.Last("a", func() error { return fails })
			return set(t.Context(), tx, "last", "1")
		})
		if n, bad := db.One[int](b.Read().QueryRow(t.Context(), `SELECT count(*) FROM setting WHERE name = 'last'`)); !errors.Is(err, fails) || bad != nil || n != 0 {
			t.Errorf("%d rows are kept of a transaction whose end failed: %v, %v", n, err, bad)
		}
	})
}
