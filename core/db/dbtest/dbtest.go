// Package dbtest gives tests fresh, migrated databases of both engines.
package dbtest

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/db"
)

// Env names the variable that holds the address of a PostgreSQL server where
// tests may create databases, such as postgres://osier@localhost:5433/postgres.
const Env = "OSIER_TEST_PG"

// Each runs f on a fresh SQLite database and, where Env is set, on PostgreSQL.
func Each(t *testing.T, f func(t *testing.T, b *db.Base)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { f(t, Postgres(t)) })
}

// SQLite opens a fresh SQLite database, closed when the test ends.
func SQLite(t testing.TB) *db.Base {
	t.Helper()
	return Open(t, nil)
}

// Postgres opens a fresh PostgreSQL database, dropped when the test ends. It
// skips the test where no server is named.
func Postgres(t testing.TB) *db.Base {
	t.Helper()
	return open(t, db.Options{URL: PostgresURL(t)})
}

// Open opens a database with a clock of the test's own.
func Open(t testing.TB, clock func() time.Time) *db.Base {
	t.Helper()
	path := filepath.Join(t.TempDir(), "passport.db")
	Migrated(t, path)
	return open(t, db.Options{URL: path, Clock: clock})
}

// Migrated puts a fresh, migrated SQLite database at path where there is none, so that
// who opens it has no schema to make.
func Migrated(t testing.TB, path string) {
	t.Helper()
	if _, err := os.Stat(path); err == nil {
		return
	}
	content, err := sqliteTemplate()
	if err == nil {
		err = os.WriteFile(path, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// sqliteTemplate migrates one database of this process and gives its bytes.
var sqliteTemplate = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "osier-template-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "passport.db")
	b, err := db.Open(background(), db.Options{URL: path})
	if err != nil {
		return nil, err
	}
	if err := b.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func open(t testing.TB, o db.Options) *db.Base {
	t.Helper()
	b, err := db.Open(t.Context(), o)
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

var (
	number   atomic.Int64
	template = sync.OnceValues(makeTemplate)
)

// PostgresURL makes a migrated database and gives its address.
func PostgresURL(t testing.TB) string {
	t.Helper()
	server := os.Getenv(Env)
	if server == "" {
		t.Skip(Env + " is not set")
	}
	from, err := template()
	if err != nil {
		t.Fatal(err)
	}
	return copied(t, server, from)
}

// PostgresCopy makes another database with what is in the one at an address, as a
// backup that is restored. Nobody may be connected to that one.
func PostgresCopy(t testing.TB, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return copied(t, os.Getenv(Env), u.Path[1:])
}

func copied(t testing.TB, server, from string) string {
	t.Helper()
	name := fmt.Sprintf("osier_test_%d_%d", os.Getpid(), number.Add(1))
	run(t, server, "CREATE DATABASE "+name+" TEMPLATE "+from)
	t.Cleanup(func() { run(t, server, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	return named(server, name)
}

// makeTemplate migrates one database of this process that the others are copied from.
func makeTemplate() (string, error) {
	server := os.Getenv(Env)
	name := fmt.Sprintf("osier_template_%d", os.Getpid())
	d, err := sql.Open("pgx", server)
	if err != nil {
		return "", err
	}
	defer d.Close()
	if _, err := d.ExecContext(background(), "DROP DATABASE IF EXISTS "+name); err != nil {
		return "", err
	}
	if _, err := d.ExecContext(background(), "CREATE DATABASE "+name); err != nil {
		return "", err
	}
	b, err := db.Open(background(), db.Options{URL: named(server, name)})
	if err != nil {
		return "", err
	}
	return name, b.Close()
}

func run(t testing.TB, server, statement string) {
	t.Helper()
	d, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, err := d.ExecContext(background(), statement); err != nil {
		t.Fatal(err)
	}
}

func named(server, name string) string {
	u, err := url.Parse(server)
	if err != nil {
		return server
	}
	u.Path = "/" + name
	return u.String()
}

// background outlives the test's own context, which ends before its cleanups.
func background() context.Context { return context.Background() }
