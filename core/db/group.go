package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/mattn/go-sqlite3"

	"github.com/osier-passport/osier/core/fault"
)

const (
	groupQueue = 1024
	groupSize  = 128                   // functions in one commit at most
	groupWait  = 30 * time.Second      // for a place in the queue
	groupSpan  = 50 * time.Millisecond // a group takes no more functions after that
)

// undoInMemory has SQLite keep the pages that a savepoint or a statement with triggers would
// be undone with in memory. Beyond 64 kB it writes them to a file that lasts as long as the
// transaction.
const undoInMemory = "PRAGMA temp_store = MEMORY"

// group is the one writer of a SQLite file: it runs the functions that wait one
// after the other, each in a savepoint, and commits them together.
type group struct {
	conn  *sql.Conn
	stmts *stmts
	queue chan *write
	log   *copier
	done  chan struct{}
	once  sync.Once
	mu    sync.RWMutex // guards closed against sends on queue
	shut  bool
}

type write struct {
	ctx   context.Context //nolint:containedctx // the caller's, for the statements of its function
	tx    *Tx
	run   func(*Tx) error
	alone func(*sql.Conn) error
	err   error
	panic any
	ready chan struct{}
}

func newGroup(ctx context.Context, b *Base) (*group, error) {
	c, err := b.writer.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("take the writing connection: %w", err)
	}
	if _, err := c.ExecContext(ctx, undoInMemory); err != nil {
		return nil, errors.Join(fmt.Errorf("keep what undoes a write in memory: %w", err), c.Close())
	}
	log, err := newCopier(ctx, b, c)
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	g := &group{conn: c, log: log, stmts: newStmts(c), queue: make(chan *write, groupQueue), done: make(chan struct{})}
	go g.loop()
	return g, nil
}

// do runs f in the next group and returns when it is durable.
func (g *group) do(ctx context.Context, b *Base, f func(*Tx) error) error {
	j := &write{ctx: context.WithoutCancel(ctx), run: f, ready: make(chan struct{})}
	j.tx = &Tx{base: b, run: g.stmts}
	if err := g.send(ctx, j); err != nil {
		return err
	}
	if j.panic != nil {
		panic(j.panic)
	}
	if j.err == nil {
		j.tx.committed() //nolint:contextcheck // it is durable, whatever becomes of the request
	}
	return j.err
}

// alone runs f on the writing connection between two groups, outside of a transaction.
func (g *group) alone(ctx context.Context, f func(*sql.Conn) error) error {
	j := &write{ctx: ctx, alone: f, ready: make(chan struct{})}
	if err := g.send(ctx, j); err != nil {
		return err
	}
	return j.err
}

// send hands j to the writer and waits for it. Once a write is taken it is waited
// for even if ctx ends, so that the answer is always the truth.
func (g *group) send(ctx context.Context, j *write) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := g.enqueue(ctx, j); err != nil {
		return err
	}
	<-j.ready
	return nil
}

func (g *group) enqueue(ctx context.Context, j *write) error {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.shut {
		return errors.New("the database is closed")
	}
	wait := time.NewTimer(groupWait)
	defer wait.Stop()
	select {
	case g.queue <- j:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-wait.C:
		return fault.New(fault.Unavailable, "error.busy").After(5 * time.Second)
	}
}

func (g *group) loop() {
	defer close(g.done)
	for j := range g.queue {
		if j.alone != nil {
			j.err = j.alone(g.conn)
			close(j.ready)
			continue
		}
		g.commit(j)
	}
}

// commit runs first and whatever else waits in one transaction.
func (g *group) commit(first *write) {
	ctx := first.ctx
	if _, err := g.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		first.err = fmt.Errorf("begin: %w", explain(err))
		close(first.ready)
		return
	}
	lost, ok := g.lead(first)
	if !ok {
		return
	}
	members := []*write{first}
	var after *write
	for start := time.Now(); !lost && len(members) < groupSize && time.Since(start) < groupSpan; {
		j := g.poll()
		if j == nil {
			break
		}
		if j.alone != nil {
			after = j
			break
		}
		lost = g.run(j)
		members = append(members, j)
	}
	err := g.end(ctx, lost)
	for _, j := range members {
		if err != nil && j.err == nil {
			j.err = fmt.Errorf("commit: %w", err)
		}
		close(j.ready)
	}
	if after != nil {
		after.err = after.alone(g.conn)
		close(after.ready)
	}
}

func (g *group) poll() *write {
	select {
	case j := <-g.queue:
		return j
	default:
		return nil
	}
}

// lead runs the first of a group, which needs no savepoint: what would undo it is the
// transaction. It reports false when it failed and the transaction is gone with it, and
// whether SQLite rolled it back by itself, see run.
func (g *group) lead(j *write) (lost, ok bool) {
	g.call(j)
	if j.err == nil && j.panic == nil {
		return g.idle(), true
	}
	if !g.idle() {
		if _, err := g.conn.ExecContext(j.ctx, "ROLLBACK"); err != nil {
			j.err = errors.Join(j.err, fmt.Errorf("roll back: %w", explain(err)))
		}
	}
	close(j.ready)
	return false, false
}

// call runs the function of j, and keeps its panic for who waits for it.
func (g *group) call(j *write) {
	defer func() { j.panic = recover() }()
	j.err = j.tx.do(j.run)
}

// run gives j a savepoint of its own, so that its failure leaves the others
// alone. It reports whether SQLite rolled the whole transaction back by itself,
// as it does when the disk is full.
func (g *group) run(j *write) (lost bool) {
	if _, err := g.conn.ExecContext(j.ctx, "SAVEPOINT member"); err != nil {
		j.err = fmt.Errorf("savepoint: %w", explain(err))
		return g.idle()
	}
	g.call(j)
	undo := j.err != nil || j.panic != nil
	if undo && g.idle() {
		return true
	}
	if undo {
		if _, err := g.conn.ExecContext(j.ctx, "ROLLBACK TO member"); err != nil {
			j.err = errors.Join(j.err, fmt.Errorf("roll back: %w", explain(err)))
		}
	}
	if _, err := g.conn.ExecContext(j.ctx, "RELEASE member"); err != nil && !undo {
		j.err = fmt.Errorf("release: %w", explain(err))
	}
	return g.idle()
}

// idle reports whether the connection is in no transaction.
func (g *group) idle() bool {
	idle := false
	err := g.conn.Raw(func(c any) error {
		s, ok := c.(*sqlite3.SQLiteConn)
		idle = ok && s.AutoCommit()
		return nil
	})
	return err != nil || idle
}

func (g *group) end(ctx context.Context, lost bool) error {
	if lost {
		return fault.New(fault.Unavailable, "error.storage").After(time.Second)
	}
	_, err := g.conn.ExecContext(ctx, "COMMIT")
	if err == nil {
		g.log.committed()
		return nil
	}
	// A failed commit may leave the transaction open; the rollback's own error
	// only says that SQLite has rolled back already.
	_, _ = g.conn.ExecContext(ctx, "ROLLBACK")
	return explain(err)
}

func (g *group) close() error {
	g.once.Do(func() {
		g.mu.Lock()
		g.shut = true
		g.mu.Unlock()
		close(g.queue)
	})
	<-g.done
	g.log.close()
	g.stmts.close()
	return g.conn.Close()
}
