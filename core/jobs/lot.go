package jobs

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/osier-passport/osier/core/db"
)

// Task is one of several jobs that a handler works on at once.
type Task struct {
	Payload []byte

	job job

	mu       sync.Mutex // guards the rest: a lease is renewed while the work goes on
	over     bool       // settled by Finish, and that is committed
	released bool
	err      error
}

// Lots says how jobs of a kind are handed out.
type Lots struct {
	Size   int // jobs in one lot at most
	AtOnce int // lots at once in one process; 0: as many as there are workers
}

// HandleMany says who does the jobs of a kind, several at a time. The handler
// ends each task by Finish in the transaction that holds its outcome, by Fail or
// by Release; what it leaves open is settled by the error that it returns. A job
// that went wrong, or whose process died, comes back in a lot of its own, so that
// it cannot spoil the others a second time. It panics when the kind has a handler.
func (q *Queue) HandleMany(kind string, l Lots, f func(ctx context.Context, tasks []*Task) error) {
	if q.handlers[kind] != nil {
		panic("jobs: two handlers for " + kind)
	}
	l.Size = max(l.Size, 1)
	q.handlers[kind] = &handler{Lots: l, do: f}
	q.order = append(q.order, kind)
}

// Finish ends the job of a task as part of tx. Another process may have taken the
// job meanwhile: the work itself must be safe to be done twice.
func (q *Queue) Finish(ctx context.Context, tx *db.Tx, t *Task) error {
	if err := finish(ctx, tx, t.job); err != nil {
		return fmt.Errorf("finish a job: %w", err)
	}
	tx.After(func() { t.end(func() { t.over = true }) })
	return nil
}

// Fail says that a task went wrong: it is tried again as any other job is.
func (t *Task) Fail(err error) { t.end(func() { t.err = err }) }

// Release gives a task back that was not begun, as if it had never been taken.
func (t *Task) Release() { t.end(func() { t.released = true }) }

// Tries is how often the job has been begun, this time included.
func (t *Task) Tries() int { return t.job.tries }

func (t *Task) end(f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f()
}

func (t *Task) state() (over, released bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.over, t.released, t.err
}

// handler does the jobs of one kind.
type handler struct {
	Lots

	do   func(ctx context.Context, tasks []*Task) error
	long bool // see HandleLong
	lots int  // that run; guarded by Queue.busy
}

// open gives the kinds that another lot may be taken of.
func (q *Queue) open() []any {
	q.busy.Lock()
	defer q.busy.Unlock()
	kinds := make([]any, 0, len(q.order))
	for _, k := range q.order {
		h := q.handlers[k]
		if (h.AtOnce == 0 || h.lots < h.AtOnce) && (!h.long || q.lengthy < lengthy) {
			kinds = append(kinds, k)
		}
	}
	return kinds
}

// count notes that a lot of a kind begins (1) or has ended (-1).
func (q *Queue) count(kind string, n int) {
	q.busy.Lock()
	defer q.busy.Unlock()
	h := q.handlers[kind]
	h.lots += n
	if h.long {
		q.lengthy += n
	}
	if n < 0 && (h.long || h.AtOnce > 0) {
		q.signal()
	}
}

// claim leases the job that is due the longest and, where its kind is worked on
// in lots, others of the kind.
func (q *Queue) claim(ctx context.Context) ([]*Task, error) {
	kinds := q.open()
	if len(kinds) == 0 {
		return nil, db.ErrNotFound
	}
	var lot []job
	err := q.base.Tx(ctx, func(tx *db.Tx) error {
		first, err := claim(ctx, tx, kinds)
		if err != nil {
			return err
		}
		lot = []job{first}
		size := q.handlers[first.kind].Size
		if size == 1 || first.tries > 1 {
			return nil
		}
		more, err := claimMore(ctx, tx, first.kind, size-1)
		lot = append(lot, more...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("take a job: %w", err)
	}
	tasks := make([]*Task, len(lot))
	for i, j := range lot {
		tasks[i] = &Task{Payload: []byte(j.payload), job: j}
	}
	q.count(lot[0].kind, 1)
	return tasks, nil
}

// outcome joins what went wrong with the tasks of a lot.
func outcome(tasks []*Task, err error) error {
	errs := []error{err}
	for _, t := range tasks {
		if _, _, failed := t.state(); failed != nil {
			errs = append(errs, failed)
		}
	}
	return errors.Join(errs...)
}

// settleLot writes down how the tasks went that the handler did not finish itself.
func settleLot(ctx context.Context, tx *db.Tx, tasks []*Task, e ending) error {
	for _, t := range tasks {
		over, released, err := t.state()
		if over {
			continue
		}
		if err == nil {
			err = e.err
		}
		if released && err == nil {
			err = errReleased
		}
		if e := settle(ctx, tx, t.job, ending{err, e.stopped || released}); e != nil {
			return e
		}
	}
	return nil
}

var errReleased = errors.New("given back")

// ending is how a handler ended.
type ending struct {
	err     error
	stopped bool // by our own end
}
