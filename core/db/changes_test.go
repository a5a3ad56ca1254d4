package db_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
)

// TestChangesCountWhatMayBeShown: two processes on PostgreSQL, one on a SQLite file.
func TestChangesCountWhatMayBeShown(t *testing.T) {
	open := func(t *testing.T, url string) *db.Base {
		t.Helper()
		b, err := db.Open(t.Context(), db.Options{URL: url, Quiet: []string{"rate"}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := b.Close(); err != nil {
				t.Error(err)
			}
		})
		return b
	}
	t.Run("sqlite", func(t *testing.T) {
		b := open(t, filepath.Join(t.TempDir(), "passport.db"))
		changesGrow(t, b, b)
	})
	t.Run("postgres", func(t *testing.T) {
		url := dbtest.PostgresURL(t)
		changesGrow(t, open(t, url), open(t, url))
	})
}

// changesGrow writes to one database and looks at the numbers of another.
func changesGrow(t *testing.T, b, seen *db.Base) {
	t.Helper()
	number := func() int64 {
		for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
			if n, ok := seen.Changes(t.Context()); ok {
				return n
			}
		}
		t.Fatal("the number of changes is never known")
		return 0
	}
	write := func(query string, args ...any) {
		t.Helper()
		if err := b.Tx(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(t.Context(), query, args...); return err }); err != nil {
			t.Fatal(err)
		}
	}
	before := number()
	write(`INSERT INTO rate (name, bucket, hits) VALUES ($1, 5, 1)`, "quiet")
	if err := b.Tx(t.Context(), func(tx *db.Tx) error { tx.Quiet(); return set(t.Context(), tx, "b", "in the background") }); err != nil {
		t.Fatal(err)
	}
	boom := errors.New("boom")
	if err := b.Tx(t.Context(), func(tx *db.Tx) error { return errors.Join(set(t.Context(), tx, "a", "lost"), boom) }); !errors.Is(err, boom) {
		t.Fatal(err)
	}
	if own, _ := b.Changes(t.Context()); b == seen && own != before {
		t.Errorf("%d became %d by what is not shown", before, own)
	}
	write(`INSERT INTO setting (name, value, changed_at) VALUES ($1, $2, 0)`, "a", "1")
	for end := time.Now().Add(30 * time.Second); number() <= before; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the number stays %d after a change", before)
		}
	}
}
