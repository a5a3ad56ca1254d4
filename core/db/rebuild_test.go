package db

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestALargeFileIsRebuiltAtNight: deleting from it rebuilds nothing at once, and a
// process that is restarted still knows that it owes it.
func TestALargeFileIsRebuiltAtNight(t *testing.T) {
	dir := t.TempDir()
	now := time.Date(2030, 5, 1, 12, 0, 0, 0, time.Local)
	open := func() *Base {
		b, err := Open(t.Context(), Options{URL: filepath.Join(dir, "osier.db"), Clock: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		b.rebuildAtOnce = 1
		return b
	}
	b := open()
	write := func(q string, args ...any) {
		if err := b.Tx(t.Context(), func(tx *Tx) error { _, err := tx.Exec(t.Context(), q, args...); return err }); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 60 {
		write(`INSERT INTO setting (name, value, changed_at) VALUES ($1, $2, 1)`, "left-behind-"+string(rune('a'+i%26))+string(rune('a'+i/26)), strings.Repeat("left-behind ", 40))
	}
	write(`DELETE FROM setting WHERE name LIKE 'left-behind%'`)
	size := func() int64 {
		info, err := os.Stat(filepath.Join(dir, "osier.db"))
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	if err := b.Scrub(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := size()
	if log, err := os.Stat(filepath.Join(dir, "osier.db-wal")); err == nil && log.Size() > 0 {
		t.Errorf("%d bytes of the log are left", log.Size())
	}
	if !b.Owes() || b.RebuildDue() {
		t.Errorf("owed: %v, due at noon: %v", b.Owes(), b.RebuildDue())
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	b = open()
	now = now.Add(15 * time.Hour)
	if !b.RebuildDue() {
		t.Error("it is not due at three in the morning")
	}
	now = now.Add(30 * time.Hour)
	if !b.RebuildDue() {
		t.Error("it is not due after a day")
	}
	if err := b.Rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	if b.Owes() || size() >= before {
		t.Errorf("owed: %v, %d bytes after %d", b.Owes(), size(), before)
	}
	if all, err := os.ReadFile(filepath.Join(dir, "osier.db")); err != nil || strings.Contains(string(all), "left-behind") {
		t.Errorf("the words are in the file, %v", err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
}
