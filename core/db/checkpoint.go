package db

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"os"
	"sync"
)

const (
	// logPages is how many pages the write-ahead log may hold that are not in the database
	// file yet, before they are copied beside the writer.
	logPages = 1000
	// logMost is how long the log may get, in pages. Then the writer itself copies what is
	// left and begins the log anew: beside it, the end is never reached while writes go on.
	logMost = 8000
)

// copier copies pages of the write-ahead log to the database file beside the writer. SQLite
// has the commit do that which makes the log 1000 pages long, and with it all who wait for
// that commit.
type copier struct {
	base *Base
	wake chan struct{}
	done chan struct{}
	stop sync.Once
}

// newCopier begins to copy what the writing connection commits.
func newCopier(ctx context.Context, b *Base, w *sql.Conn) (*copier, error) {
	if _, err := w.ExecContext(ctx, fmt.Sprintf("PRAGMA wal_autocheckpoint = %d", logMost)); err != nil {
		return nil, fmt.Errorf("set the length of the write-ahead log: %w", err)
	}
	c := &copier{base: b, wake: make(chan struct{}, 1), done: make(chan struct{})}
	go c.loop(context.WithoutCancel(ctx))
	return c, nil
}

// committed notes that the log has grown.
func (c *copier) committed() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *copier) loop(ctx context.Context) {
	defer close(c.done)
	for range c.wake {
		if waitingPages(c.base.path+"-shm") < logPages {
			continue
		}
		// PASSIVE waits for nobody and copies what nobody needs in the log. Whatever
		// goes wrong, the writer comes to it at logMost.
		var busy, logged, copied int
		row := c.base.readers.QueryRowContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)")
		if err := row.Scan(&busy, &logged, &copied); err != nil {
			c.base.log.Warn("copy the write-ahead log", "error", err)
		}
	}
}

// waitingPages is how many pages of the log are not in the database file, by the header of
// the index of the log (https://sqlite.org/walformat.html §2.1: mxFrame at 16, nBackfill at
// 96, in the byte order of the machine); 0 where that cannot be read.
func waitingPages(index string) int {
	f, err := os.Open(index)
	if err != nil {
		return 0
	}
	defer f.Close()
	var head [100]byte
	if _, err := f.ReadAt(head[:], 0); err != nil {
		return 0
	}
	last, copied := binary.NativeEndian.Uint32(head[16:]), binary.NativeEndian.Uint32(head[96:])
	return int(int64(last) - int64(copied))
}

// close ends the copying. Nothing may be committed afterwards.
func (c *copier) close() {
	c.stop.Do(func() { close(c.wake) })
	<-c.done
}
