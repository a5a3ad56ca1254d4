package db_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/osier-passport/osier/core/db"
)

// TestAMissingMigrationIsSeen: a database is taken for current only where all migrations
// are noted in it; else the one that is missing is run, or the start says why not.
func TestAMissingMigrationIsSeen(t *testing.T) {
	o := db.Options{URL: filepath.Join(t.TempDir(), "passport.db")}
	newest := `SELECT max(version_id) FROM goose_db_version`
	first, err := db.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	version, err := db.One[int64](first.Read().QueryRow(t.Context(), newest))
	if err != nil {
		t.Fatal(err)
	}
	err = first.Tx(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `DELETE FROM goose_db_version WHERE version_id = $1`, version)
		return err
	})
	if err := errors.Join(err, first.Close()); err != nil {
		t.Fatal(err)
	}
	b, err := db.Open(t.Context(), o)
	if err != nil {
		return // it was tried once more, and cannot be
	}
	if again, err := db.One[int64](b.Read().QueryRow(t.Context(), newest)); err != nil || again != version {
		t.Errorf("the newest migration is %d, not %d: %v", again, version, err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}
