package db_test

import (
	"context"
	"testing"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
)

// TestPostgresPlansOnceWhereItIsAskedTo: other readers plan as PostgreSQL thinks best, and
// nobody has statements compiled.
func TestPostgresPlansOnceWhereItIsAskedTo(t *testing.T) {
	b := dbtest.Postgres(t)
	settings := func(ctx context.Context, d db.DB) [2]string {
		t.Helper()
		var s [2]string
		err := d.QueryRow(ctx, `SELECT current_setting('plan_cache_mode'), current_setting('jit')`).Scan(&s[0], &s[1])
		if err != nil {
			t.Error(err)
		}
		return s
	}
	if got, want := settings(t.Context(), b.ReadPlanned()), [2]string{"force_generic_plan", "off"}; got != want {
		t.Errorf("those that plan once have %v, want %v", got, want)
	}
	want := [2]string{"auto", "off"}
	if got := settings(t.Context(), b.Read()); got != want {
		t.Errorf("readers have %v, want %v", got, want)
	}
	if err := b.Tx(t.Context(), func(tx *db.Tx) error {
		if got := settings(t.Context(), tx); got != want {
			t.Errorf("writers have %v, want %v", got, want)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
