package db_test

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/db"
)

// TestTheLogIsCopiedBesideTheWriter: what was committed reaches the database file while
// the writer has nothing to do with it.
func TestTheLogIsCopiedBesideTheWriter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "passport.db")
	b, err := db.Open(t.Context(), db.Options{URL: path})
	if err != nil {
		t.Fatal(err)
	}
	const each, times = 1 << 20, 16 // bytes, some 4000 pages
	data := make([]byte, each)
	most := 0
	for n := range times {
		_, _ = rand.Read(data)
		err := b.Tx(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `INSERT INTO blob (hash, mime, data, created_at) VALUES ($1, 'text/plain', $2, 1)`, n, data)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		most = max(most, b.WaitingPages())
	}
	if most == 0 {
		t.Error("the index of the log was not understood: no page ever waited")
	}
	for end := time.Now().Add(30 * time.Second); b.WaitingPages() >= db.LogPages; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d pages still wait", b.WaitingPages())
		}
	}
	if !locked(t, path+"-shm") {
		t.Error("the locks of SQLite on the index of its log are gone: another program would take the database for unused")
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	b, err = db.Open(t.Context(), db.Options{URL: path})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	var rows, bytes int
	if err := b.Read().QueryRow(t.Context(), `SELECT count(*), sum(length(data)) FROM blob`).Scan(&rows, &bytes); err != nil || rows != times || bytes != times*each {
		t.Errorf("%d rows of %d bytes, %v", rows, bytes, err)
	}
}

// locked reports whether the system knows of a lock on a file, or does not tell.
func locked(t *testing.T, path string) bool {
	t.Helper()
	list, err := os.ReadFile("/proc/locks")
	if err != nil {
		t.Logf("the locks of the system cannot be read: %v", err)
		return true
	}
	about, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	of, ok := about.Sys().(*syscall.Stat_t)
	return !ok || strings.Contains(string(list), fmt.Sprintf(":%d ", of.Ino))
}

func TestOnlyTheCopyOfAVacuumIsNotInMemory(t *testing.T) {
	b, err := db.Open(t.Context(), db.Options{URL: filepath.Join(t.TempDir(), "passport.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for _, after := range []string{"opening", "scrubbing"} {
		if there, err := b.UndoInMemory(t.Context()); err != nil || !there {
			t.Errorf("after %s: %t, %v", after, there, err)
		}
		if err := b.Scrub(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
