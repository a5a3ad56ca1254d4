package db

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"
)

const (
	rebuildAtOnce = 256 << 20 // bytes of a file that Scrub rebuilds while somebody waits: some seconds
	nightBegins   = 2         // hour of the server's time
	nightEnds     = 5
	owedMost      = 24 * time.Hour
)

// IsLarge reports whether the SQLite file is too large to be rebuilt while others
// wait. It is false on PostgreSQL.
func (b *Base) IsLarge() (bool, error) {
	if b.engine == Postgres {
		return false, nil
	}
	most := b.rebuildAtOnce
	if most == 0 {
		most = rebuildAtOnce
	}
	info, err := os.Stat(b.path)
	return err == nil && info.Size() > most, err
}

// owedFile says since when a rebuild is owed. It survives the process.
func (b *Base) owedFile() string { return b.path + ".rebuild" }

// owe notes that a rebuild is owed, from the first time on.
func (b *Base) owe() error {
	f, err := os.OpenFile(b.owedFile(), os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	now := b.clock()
	return errors.Join(f.Close(), os.Chtimes(b.owedFile(), now, now))
}

// Owes reports whether deleted rows wait for a rebuild of the file.
func (b *Base) Owes() bool {
	_, err := os.Stat(b.owedFile())
	return b.engine == SQLite && err == nil
}

// RebuildDue reports whether the time for a rebuild that is owed has come: at night,
// or when it is owed for a day.
func (b *Base) RebuildDue() bool {
	info, err := os.Stat(b.owedFile())
	if b.engine == Postgres || err != nil {
		return false
	}
	hour := b.clock().Local().Hour()
	return hour >= nightBegins && hour < nightEnds || b.clock().Sub(info.ModTime()) > owedMost
}

// Rebuild rebuilds the SQLite file, whatever its size, and empties its write-ahead
// log. It holds up other writes while it runs. What asks for a rebuild meanwhile is
// owed one more.
func (b *Base) Rebuild(ctx context.Context) error {
	if b.engine == Postgres {
		return nil
	}
	b.scrubs.mu.Lock()
	defer b.scrubs.mu.Unlock()
	if err := b.settle(); err != nil {
		return err
	}
	if err := b.scrub(ctx); err != nil {
		return errors.Join(err, b.owe())
	}
	return nil
}

// settle forgets that a rebuild is owed.
func (b *Base) settle() error {
	err := os.Remove(b.owedFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
