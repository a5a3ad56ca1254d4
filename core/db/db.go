// Package db opens the one database of a passport, SQLite by default or
// PostgreSQL, and runs one SQL text on both.
//
// It owns the schema (migrations/), because foreign keys cross features, and no
// table of its own. Statements are written with $1, $2 … and are rewritten for
// SQLite, which mis-binds that form. Times are BIGINT microseconds UTC.
//
// Writing goes through Base.Tx. On SQLite one goroutine owns the only writing
// connection and commits the functions that wait together in one transaction
// with synchronous=FULL (group commit): a write that Tx acknowledged survives a
// crash and a loss of power. On PostgreSQL each function has a serializable
// transaction of its own and runs again when it lost a race, so both engines
// give the same guarantees.
//
// Every feature's store*.go calls this package.
package db

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Engine names the database software.
type Engine string

// The engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// DB reads, and inside a transaction also writes. A *Tx is one, Base.Read gives
// another. Rows must be closed before the next statement of the same
// transaction; Select does that by itself.
type DB interface {
	// Exec runs one statement and gives the number of rows it changed.
	Exec(ctx context.Context, query string, args ...any) (int64, error)
	// Query runs a statement that answers rows.
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	// QueryRow prepares a statement that answers one row; it runs at Scan.
	QueryRow(ctx context.Context, query string, args ...any) *Row
	// Engine tells which software answers.
	Engine() Engine
}

// Options say which database to open.
type Options struct {
	URL   string           // path of a SQLite file, or postgres://…
	Clock func() time.Time // nil: time.Now
	Log   *slog.Logger     // nil: discard

	// Quiet names tables of which nothing is shown to visitors (Base.Changes).
	Quiet []string
}

// Base is an open, migrated database.
type Base struct {
	engine  Engine
	writer  *sql.DB
	readers *sql.DB
	planned *sql.DB // PostgreSQL only: readers that plan a statement once
	read    pool
	group   *group        // SQLite only
	again   chan struct{} // PostgreSQL only: held by the one that runs a lost transaction again
	lock    *os.File
	path    string
	scrubs  scrubs

	rebuildAtOnce int64 // in place of the constant, in tests

	clock   func() time.Time
	log     *slog.Logger
	ids     ids
	commits atomic.Int64
	changes *changes
}

// Open opens the database, takes the lock of a SQLite file (a second process is
// refused) and brings the schema up to date. It refuses a schema that is newer
// than this program.
func Open(ctx context.Context, o Options) (*Base, error) {
	b := &Base{clock: o.Clock, log: o.Log, changes: newChanges(o.Quiet)}
	if b.clock == nil {
		b.clock = time.Now
	}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	open := b.openSQLite
	if IsPostgres(o.URL) {
		open = b.openPostgres
	}
	if err := open(ctx, o.URL); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	if err := b.migrate(ctx); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	if b.engine == SQLite {
		g, err := newGroup(ctx, b)
		if err != nil {
			return nil, errors.Join(err, b.Close())
		}
		b.group = g
	}
	return b, nil
}

// IsPostgres reports whether url names a PostgreSQL database.
func IsPostgres(url string) bool {
	return strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://")
}

// Close ends the writer after the writes it has taken, and closes the files.
func (b *Base) Close() error {
	var errs []error
	if b.group != nil {
		errs = append(errs, b.group.close())
	}
	for _, pool := range []*sql.DB{b.readers, b.planned, b.writer} {
		if pool != nil {
			errs = append(errs, pool.Close())
		}
	}
	if b.group != nil {
		errs = append(errs, b.group.log.release())
	}
	if b.lock != nil {
		errs = append(errs, b.lock.Close())
	}
	return errors.Join(errs...)
}

// Engine tells which software this database is.
func (b *Base) Engine() Engine { return b.engine }

// Read gives the pool of readers. On SQLite it refuses writes.
func (b *Base) Read() DB { return b.read }

// ReadPlanned is Read for statements whose best plan is the same for all values, and whose
// planning costs more than their run: PostgreSQL plans such a statement once for each
// connection, where it else plans anew whenever that promises to pay, as it does of most
// lists of ids. SQLite plans every statement once.
func (b *Base) ReadPlanned() DB {
	if b.planned == nil {
		return b.read
	}
	return pool{base: b, db: b.planned}
}

// Commits counts the transactions that this process has written: who waits for
// news of its own need not ask the database while it stays the same.
func (b *Base) Commits() int64 { return b.commits.Load() }

// Ping reports whether the database answers.
func (b *Base) Ping(ctx context.Context) error {
	var one int
	return b.Read().QueryRow(ctx, "SELECT 1").Scan(&one)
}

// Now is the clock of this database, in UTC.
func (b *Base) Now() time.Time { return b.clock().UTC() }

// NewID makes an id that is unique, positive and larger than those made before.
func (b *Base) NewID() int64 { return b.ids.next(b.clock()) }

// Micros is the stored form of a time: microseconds UTC, 0 for the zero time.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Time reads the stored form of a time.
func Time(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

// IDAt is the smallest id that NewID can make at time t: a bound for keyset
// paging by time.
func IDAt(t time.Time) int64 { return max(0, t.UnixMicro()-idEpoch) << idRandomBits }

const (
	idEpoch      = 1704067200_000000 // 2024-01-01T00:00:00Z
	idRandomBits = 10
)

type ids struct {
	mu   sync.Mutex
	last int64
}

func (s *ids) next(now time.Time) int64 {
	id := IDAt(now) | rand.Int64N(1<<idRandomBits)
	s.mu.Lock()
	defer s.mu.Unlock()
	id = max(id, s.last+1)
	s.last = id
	return id
}
