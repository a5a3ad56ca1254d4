package db_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/fault"
)

func set(ctx context.Context, tx *db.Tx, name, value string) error {
	_, err := tx.Exec(ctx, `INSERT INTO setting (name, value, changed_at) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value, db.Micros(tx.Now()))
	return err
}

func count(t *testing.T, b *db.Base) int {
	t.Helper()
	var n int
	if err := b.Read().QueryRow(t.Context(), "SELECT count(*) FROM setting").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestPlaceholdersBindByNumberOnBothEngines(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		var got, text string
		err := b.Read().QueryRow(t.Context(), "SELECT CAST($2 AS TEXT) || CAST($1 AS TEXT), 'costs $1'", "a", "b").Scan(&got, &text)
		if err != nil || got != "ba" || text != "costs $1" {
			t.Errorf("got %q and %q, %v", got, text, err)
		}
	})
}

func TestAFailedOrPanickingTxLeavesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		boom := errors.New("boom")
		err := b.Tx(t.Context(), func(tx *db.Tx) error {
			return errors.Join(set(t.Context(), tx, "a", "1"), boom)
		})
		if !errors.Is(err, boom) {
			t.Errorf("got %v", err)
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			_ = b.Tx(t.Context(), func(tx *db.Tx) error {
				_ = set(t.Context(), tx, "b", "1")
				panic("bad")
			})
		}()
		if n := count(t, b); n != 0 {
			t.Errorf("%d rows left", n)
		}
	})
}

func TestAFailureLeavesTheOtherWritersOfItsGroupAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		var wg sync.WaitGroup
		boom := errors.New("boom")
		for i := range 200 {
			wg.Go(func() {
				err := b.Tx(t.Context(), func(tx *db.Tx) error {
					if err := set(t.Context(), tx, fmt.Sprint(i), "x"); err != nil {
						return err
					}
					if i%3 == 0 {
						return boom
					}
					return nil
				})
				if (i%3 == 0) != errors.Is(err, boom) {
					t.Errorf("%d: %v", i, err)
				}
			})
		}
		wg.Wait()
		if got, want := count(t, b), 133; got != want {
			t.Errorf("got %d rows, want %d", got, want)
		}
	})
}

func TestReadThenWriteNeverLosesAnUpdate(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		ctx := t.Context()
		if err := b.Tx(ctx, func(tx *db.Tx) error { return set(ctx, tx, "n", "0") }); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		const writers = 20
		for range writers {
			wg.Go(func() {
				err := b.Tx(ctx, func(tx *db.Tx) error {
					var n int
					if err := tx.QueryRow(ctx, "SELECT CAST(value AS INTEGER) FROM setting WHERE name = 'n'").Scan(&n); err != nil {
						return err
					}
					return set(ctx, tx, "n", fmt.Sprint(n+1))
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		var got int
		if err := b.Read().QueryRow(ctx, "SELECT CAST(value AS INTEGER) FROM setting WHERE name = 'n'").Scan(&got); err != nil || got != writers {
			t.Errorf("got %d, %v", got, err)
		}
	})
}

func TestNoRowAndTwiceTheSameRowHaveNames(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		ctx := t.Context()
		var v string
		if err := b.Read().QueryRow(ctx, "SELECT value FROM setting").Scan(&v); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("got %v", err)
		}
		insert := func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, "INSERT INTO setting (name, value, changed_at) VALUES ('a', 'b', 0)")
			return err
		}
		if err := b.Tx(ctx, insert); err != nil {
			t.Fatal(err)
		}
		if err := b.Tx(ctx, insert); !db.IsUnique(err) {
			t.Errorf("got %v", err)
		}
	})
}

func TestACancelledCallerDoesNotHarmTheGroup(t *testing.T) {
	b := dbtest.SQLite(t)
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			err := b.Tx(ctx, func(tx *db.Tx) error {
				if i%2 == 0 {
					cancel()
				}
				return set(ctx, tx, fmt.Sprint(i), "x")
			})
			cancel()
			if err != nil {
				t.Errorf("%d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if got := count(t, b); got != 100 {
		t.Errorf("got %d rows", got)
	}
}

func TestReadersOfSQLiteRefuseToWrite(t *testing.T) {
	b := dbtest.SQLite(t)
	if _, err := b.Read().Exec(t.Context(), "DELETE FROM setting"); err == nil {
		t.Error("a reader wrote")
	}
}

func TestAPanickingViewGivesItsConnectionBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		for range 20 {
			func() {
				defer func() {
					if recover() == nil {
						t.Error("the panic was swallowed")
					}
				}()
				if err := b.View(ctx, func(db.DB) error { panic("bad") }); err != nil {
					t.Error(err)
				}
			}()
		}
	})
}

func TestOnAFullDiskWhatIsAcknowledgedIsThere(t *testing.T) {
	b := dbtest.SQLite(t)
	ctx := t.Context()
	if err := b.LimitPages(ctx, 40); err != nil {
		t.Fatal(err)
	}
	var acknowledged atomic.Int64
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			err := b.Tx(ctx, func(tx *db.Tx) error { return set(ctx, tx, fmt.Sprint(i), strings.Repeat("x", 200+i*40)) })
			switch {
			case err == nil:
				acknowledged.Add(1)
			case !fault.Is(err, fault.Insufficient) && !fault.Is(err, fault.Unavailable):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got, want := count(t, b), int(acknowledged.Load()); got != want || want == 0 || want == 200 {
		t.Errorf("%d rows, %d acknowledged", got, want)
	}
	if err := b.LimitPages(ctx, 1<<30); err != nil {
		t.Fatal(err)
	}
	if err := b.Tx(ctx, func(tx *db.Tx) error { return set(ctx, tx, "after", "x") }); err != nil {
		t.Errorf("after the disk has room again: %v", err)
	}
}

func TestASecondProcessIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	b, err := db.Open(t.Context(), db.Options{URL: path})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Open(t.Context(), db.Options{URL: path}); !errors.Is(err, db.ErrInUse) {
		t.Errorf("got %v", err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := db.Open(t.Context(), db.Options{URL: path})
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

func TestScrubLeavesNoByteOfADeletedRow(t *testing.T) {
	dir := t.TempDir()
	b, err := db.Open(t.Context(), db.Options{URL: filepath.Join(dir, "x.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	ctx := t.Context()
	const marker = "marker-7f3c9a"
	write := func(f func(tx *db.Tx) error) {
		t.Helper()
		if err := b.Tx(ctx, f); err != nil {
			t.Fatal(err)
		}
	}
	write(func(tx *db.Tx) error {
		for i := range 500 {
			if err := set(ctx, tx, fmt.Sprint(marker, i), strings.Repeat(marker, 20)); err != nil {
				return err
			}
		}
		return nil
	})
	if !holds(t, dir, marker) {
		t.Fatal("the search for the marker does not work")
	}
	write(func(tx *db.Tx) error { _, err := tx.Exec(ctx, "DELETE FROM setting"); return err })
	if err := b.Scrub(ctx); err != nil {
		t.Fatal(err)
	}
	if holds(t, dir, marker) {
		t.Error("the marker is still in the folder")
	}
}

func holds(t *testing.T, dir, marker string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), marker) {
			return true
		}
	}
	return false
}

func TestIDsGrowAndKeepTheirTime(t *testing.T) {
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	b := dbtest.Open(t, func() time.Time { return now })
	last := int64(0)
	for range 5000 {
		id := b.NewID()
		if id <= last {
			t.Fatalf("%d after %d", id, last)
		}
		last = id
	}
	if at := db.IDAt(now.Add(time.Minute)); last >= at {
		t.Errorf("ids of one instant reach into the next minute")
	}
	if got := db.Time(db.Micros(now)); !got.Equal(now) {
		t.Errorf("got %v", got)
	}
}

func TestFoldAndContains(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"Épée", "epee"},
		{"ÖFFNUNG", "offnung"},
		{"Straße", "strasse"},
		{"日本", "日本"},
		{"PLAIN @words 42", "plain @words 42"},
		{"PLAIN\x00\x7f é", "plain\x00\x7f e"},
	} {
		if got := db.Fold(c.in); got != c.want {
			t.Errorf("Fold(%q) = %q, want %q", c.in, got, c.want)
		}
	}
	if got, want := db.Contains(`50%_\`), `%50\%\_\\%`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func BenchmarkDurableWrites(b *testing.B) {
	base := dbtest.SQLite(b)
	ctx := b.Context()
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			name := fmt.Sprint(base.NewID())
			if err := base.Tx(ctx, func(tx *db.Tx) error { return set(ctx, tx, name, "x") }); err != nil {
				b.Error(err)
			}
		}
	})
}
