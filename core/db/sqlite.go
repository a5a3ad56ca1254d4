package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	_ "github.com/mattn/go-sqlite3" // the "sqlite3" driver
)

// ErrInUse is returned by Open for a SQLite file that another process has open.
var ErrInUse = errors.New("another osier process uses this database")

const (
	sqliteReaders    = 4
	sqliteCacheKiB   = 8 << 10  // of a reader
	sqliteWriterKiB  = 32 << 10 // of the writer: pages that it changes and cannot keep until the commit are written twice
	sqliteBusyMillis = 10_000
)

func (b *Base) openSQLite(ctx context.Context, path string) error {
	b.engine, b.path = SQLite, path
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	if err := b.takeLock(path + ".lock"); err != nil {
		return err
	}
	var err error
	if b.writer, err = sql.Open("sqlite3", sqliteDSN(path, false)); err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	b.writer.SetMaxOpenConns(1)
	if err := b.writer.PingContext(ctx); err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	if b.readers, err = sql.Open("sqlite3", sqliteDSN(path, true)); err != nil {
		return fmt.Errorf("open %s for reading: %w", path, err)
	}
	b.readers.SetMaxOpenConns(sqliteReaders)
	b.readers.SetMaxIdleConns(sqliteReaders)
	b.read = pool{base: b, db: b.readers, stmts: newStmts(b.readers)}
	return os.Chmod(path, 0o600)
}

func sqliteDSN(path string, readOnly bool) string {
	q := url.Values{
		"_journal_mode":  {"WAL"},
		"_synchronous":   {"FULL"},
		"_busy_timeout":  {fmt.Sprint(sqliteBusyMillis)},
		"_foreign_keys":  {"on"},
		"_secure_delete": {"on"},
		"_cache_size":    {fmt.Sprint(-sqliteWriterKiB)},
		"_txlock":        {"immediate"},
	}
	if readOnly {
		q.Set("_cache_size", fmt.Sprint(-sqliteCacheKiB))
		q.Set("_query_only", "on")
		q.Set("_txlock", "deferred")
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// takeLock holds an exclusive lock for the life of the process.
func (b *Base) takeLock(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("open the lock file: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return errors.Join(fmt.Errorf("%s: %w", path, ErrInUse), f.Close())
	}
	b.lock = f
	return nil
}

// Scrub removes what deleted rows left in the files: it rebuilds the SQLite
// file, empties its write-ahead log and returns when no reader keeps an old
// page alive. It holds up other writes while it runs. On PostgreSQL it does
// nothing: its own vacuum reuses the space, and no dump holds a deleted row.
//
// A file that IsLarge is not rebuilt at once, since that takes as long as all of it
// takes to copy: SQLite has overwritten the deleted rows in their places
// (secure_delete), the log is emptied, and Rebuild removes the copies that moved
// rows left behind in pages, at night.
//
// Of many that ask while it runs, one run serves all.
func (b *Base) Scrub(ctx context.Context) error {
	if b.engine == Postgres {
		return nil
	}
	if large, err := b.IsLarge(); err != nil || large {
		return errors.Join(err, b.owe(), b.group.alone(ctx, func(c *sql.Conn) error { return truncateWAL(ctx, c) }))
	}
	ticket := b.scrubs.asked.Add(1)
	b.scrubs.mu.Lock()
	defer b.scrubs.mu.Unlock()
	if b.scrubs.done >= ticket {
		return nil // a run that began after this was asked has ended
	}
	asked := b.scrubs.asked.Load()
	if err := b.scrub(ctx); err != nil {
		return err
	}
	b.scrubs.done = asked
	return b.settle()
}

// scrubs counts what was asked of Scrub.
type scrubs struct {
	asked atomic.Int64
	mu    sync.Mutex
	done  int64 // the last that a run has served
}

func (b *Base) scrub(ctx context.Context) error {
	return b.group.alone(ctx, func(c *sql.Conn) error {
		if err := vacuum(ctx, c); err != nil {
			return fmt.Errorf("vacuum: %w", explain(err))
		}
		return truncateWAL(ctx, c)
	})
}

// vacuum rebuilds the file. The copy that it makes meanwhile is as large as the database,
// so it is the one thing that the writer keeps in a file.
func vacuum(ctx context.Context, c *sql.Conn) (err error) {
	if _, err := c.ExecContext(ctx, "PRAGMA temp_store = FILE"); err != nil {
		return err
	}
	_, err = c.ExecContext(ctx, "VACUUM")
	_, back := c.ExecContext(context.WithoutCancel(ctx), undoInMemory)
	return errors.Join(err, back)
}

// truncateWAL waits for readers that still use old pages.
func truncateWAL(ctx context.Context, c *sql.Conn) error {
	for try := range 100 {
		var busy, logged, done int
		row := c.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
		if err := row.Scan(&busy, &logged, &done); err != nil {
			return fmt.Errorf("empty the write-ahead log: %w", explain(err))
		}
		if busy == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(try+1) * 10 * time.Millisecond):
		}
	}
	return errors.New("empty the write-ahead log: readers stay busy")
}
