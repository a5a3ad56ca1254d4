package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/osier-passport/osier/core/fault"
)

// postgresTries is how often a transaction that lost a race runs again.
const postgresTries = 30

// Tx is a writing transaction. It is used by one goroutine, inside the function
// given to Base.Tx.
type Tx struct {
	base  *Base
	run   runner
	after []func()
	last  []last
	keys  map[string]bool // of last
	shown bool            // it wrote to a table of which something is shown
	quiet bool            // nothing of what it writes is shown
}

// Tx runs f in a transaction and returns nil when its writes are durable. When
// f returns an error or panics, nothing of it is kept. It returns a fault Unavailable
// when PostgreSQL let others win every time. f may run more than once
// (PostgreSQL), does no other I/O, waits for nothing and starts no other Tx.
func (b *Base) Tx(ctx context.Context, f func(*Tx) error) error {
	if b.engine == SQLite {
		return b.group.do(ctx, b, f)
	}
	err := b.once(ctx, f)
	if err == nil || !isRace(err) {
		return err
	}
	return b.onceMore(ctx, f)
}

// onceMore runs a transaction that lost a race until it wins. Those of one process
// take turns: of n that want the same row at once each winner would make all others
// begin again.
func (b *Base) onceMore(ctx context.Context, f func(*Tx) error) error {
	select {
	case b.again <- struct{}{}:
		defer func() { <-b.again }()
	case <-ctx.Done():
		return ctx.Err()
	}
	for try := 1; ; try++ {
		err := b.once(ctx, f)
		if err == nil || !isRace(err) {
			return err
		}
		if try == postgresTries {
			return fault.New(fault.Unavailable, "error.busy").After(time.Second).Wrap(err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(1+rand.IntN(10)) * time.Millisecond):
		}
	}
}

func (b *Base) once(ctx context.Context, f func(*Tx) error) (err error) {
	t, err := b.writer.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelSerializable})
	if err != nil {
		return fmt.Errorf("begin: %w", explain(err))
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, ignoreDone(t.Rollback()))
		}
	}()
	defer func() {
		if p := recover(); p != nil {
			_ = t.Rollback()
			panic(p)
		}
	}()
	tx := &Tx{base: b, run: t}
	if err := tx.do(f); err != nil {
		return err
	}
	if err := t.Commit(); err != nil {
		return fmt.Errorf("commit: %w", explain(err))
	}
	tx.committed() //nolint:contextcheck // it is durable, whatever becomes of the request
	return nil
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// View runs f on one consistent state of the database.
func (b *Base) View(ctx context.Context, f func(DB) error) (err error) {
	t, err := b.readers.BeginTx(ctx, &sql.TxOptions{Isolation: viewLevel(b.engine), ReadOnly: b.engine == Postgres})
	if err != nil {
		return fmt.Errorf("begin reading: %w", explain(err))
	}
	defer func() { err = errors.Join(err, ignoreDone(t.Rollback())) }()
	if b.read.stmts != nil {
		return f(&Tx{base: b, run: prepared{t, b.read.stmts}})
	}
	return f(&Tx{base: b, run: t})
}

// prepared runs the statements of a reading transaction as the pool has prepared them.
type prepared struct {
	*sql.Tx

	stmts *stmts
}

func (p prepared) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	st, err := p.stmts.get(ctx, query)
	if err != nil {
		return nil, err
	}
	if st == nil {
		return p.Tx.QueryContext(ctx, query, args...)
	}
	return p.StmtContext(ctx, st).QueryContext(ctx, args...) //nolint:sqlclosecheck // closed with the transaction
}

func viewLevel(e Engine) sql.IsolationLevel {
	if e == Postgres {
		return sql.LevelRepeatableRead
	}
	return sql.LevelDefault
}

// After has f run once the transaction is committed, before Base.Tx returns.
func (t *Tx) After(f func()) { t.after = append(t.after, f) }

func (t *Tx) committed() {
	t.base.commits.Add(1)
	if t.shown {
		t.base.changed()
	}
	for _, f := range t.after {
		f()
	}
}

// Engine tells which software runs the transaction.
func (t *Tx) Engine() Engine { return t.base.engine }

// Now is the clock of the database.
func (t *Tx) Now() time.Time { return t.base.Now() }

// NewID makes an id as Base.NewID does.
func (t *Tx) NewID() int64 { return t.base.NewID() }

// Exec runs one statement and gives the number of rows it changed.
func (t *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	t.note(query)
	return exec(t.inside(ctx), t.run, t.base.engine, query, args)
}

// Query runs a statement that answers rows.
func (t *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	t.note(query)
	return rows(t.inside(ctx), t.run, t.base.engine, query, args)
}

// QueryRow prepares a statement that answers one row; it runs at Scan.
func (t *Tx) QueryRow(ctx context.Context, query string, args ...any) *Row {
	t.note(query)
	return &Row{ctx: t.inside(ctx), run: t.run, engine: t.base.engine, query: query, args: args}
}

// inside keeps a caller that goes away from interrupting a statement: SQLite
// would roll back the whole group.
func (t *Tx) inside(ctx context.Context) context.Context {
	if t.base.engine == SQLite {
		return context.WithoutCancel(ctx)
	}
	return ctx
}
