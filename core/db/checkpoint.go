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
	logPages = 3000
	// logMost is how long the log may get, in pages. Then the writer itself copies what is
	// left and begins the log anew: beside it, the end is never reached while writes go on.
	logMost = 16000
)

// copier copies pages of the write-ahead log to the database file beside the writer. SQLite
// has the commit do that which makes the log 1000 pages long, and with it all who wait for
// that commit.
type copier struct {
	base  *Base
	mu    sync.Mutex // guards index
	index *os.File
	wake  chan struct{}
	done  chan struct{}
	stop  sync.Once
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
		if c.waiting() < logPages {
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

// waiting is how many pages of the log are not in the database file, by the header of the
// index of the log (https://sqlite.org/walformat.html §2.1: mxFrame at 16, nBackfill at 96,
// in the byte order of the machine); 0 where that cannot be read.
//
// The file is opened once and stays open: closing any descriptor of it ends all locks that
// this process holds on it, those of SQLite too (https://sqlite.org/howtocorrupt.html §2.2).
func (c *copier) waiting() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.index == nil {
		f, err := os.Open(c.base.path + "-shm")
		if err != nil {
			return 0
		}
		c.index = f
	}
	var head [100]byte
	if _, err := c.index.ReadAt(head[:], 0); err != nil {
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

// release closes the index of the log, which is only safe when SQLite has.
func (c *copier) release() error {
	if c.index == nil {
		return nil
	}
	return c.index.Close()
}
