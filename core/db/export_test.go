package db

import (
	"context"
	"database/sql"
	"fmt"
)

// LimitPages makes a SQLite file as full as a disk of n pages beyond its size.
func (b *Base) LimitPages(ctx context.Context, n int) error {
	return b.group.alone(ctx, func(c *sql.Conn) error {
		var now int
		if err := c.QueryRowContext(ctx, "PRAGMA page_count").Scan(&now); err != nil {
			return err
		}
		_, err := c.ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", now+n))
		return err
	})
}

// LogPages is how many pages may wait.
const LogPages = logPages

// WaitingPages is how many pages of the write-ahead log are not in the SQLite file.
func (b *Base) WaitingPages() int { return b.group.log.waiting() }

// UndoInMemory reports whether the writer keeps what undoes a write in memory.
func (b *Base) UndoInMemory(ctx context.Context) (bool, error) {
	var where int
	err := b.group.alone(ctx, func(c *sql.Conn) error {
		return c.QueryRowContext(ctx, "PRAGMA temp_store").Scan(&where)
	})
	return where == 2, err
}
