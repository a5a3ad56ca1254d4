package core

import (
	"testing"

	"github.com/osier-passport/osier/core/db/dbtest"
)

// TestNothingHangsOnQuietTables: what is written to them changes no other table, which
// pages may show.
func TestNothingHangsOnQuietTables(t *testing.T) {
	b := dbtest.SQLite(t)
	for _, table := range quiet {
		var tables, triggers int
		err := b.Read().QueryRow(t.Context(), `SELECT (SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = $1),
			(SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = $1)`, table).Scan(&tables, &triggers)
		if err != nil || tables != 1 || triggers != 0 {
			t.Errorf("%s: %d tables, %d triggers, %v", table, tables, triggers, err)
		}
	}
}
