package jobs

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"time"

	"github.com/osier-passport/osier/core/db"
)

// Run does jobs until ctx ends. Jobs that run then get a few seconds to finish;
// those that do not are put back. It returns nil for a clean end.
func (q *Queue) Run(ctx context.Context) error {
	if err := q.reclaim(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // ended before it began
		}
		return err
	}
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var running sync.WaitGroup
	slots := make(chan struct{}, workers)
	for q.slot(ctx, slots) {
		lot, ok := q.await(ctx)
		if !ok {
			break
		}
		running.Go(func() {
			defer func() { <-slots }()
			defer q.survive(work)
			if err := q.run(work, lot); err != nil {
				j := lot[0].job
				q.log.WarnContext(work, "a job went wrong", "job", j.id, "kind", j.kind, "try", j.tries, "of", len(lot), "err", err)
			}
		})
	}
	defer time.AfterFunc(q.grace, stop).Stop()
	running.Wait()
	return nil
}

// Drain does all jobs that are due, one after the other, and joins the errors of
// those that went wrong. It is for tests and for filling the demo.
func (q *Queue) Drain(ctx context.Context) error {
	var errs []error
	for {
		if _, err := q.tick(ctx); err != nil {
			return errors.Join(append(errs, err)...)
		}
		lot, err := q.claim(ctx)
		if errors.Is(err, db.ErrNotFound) {
			return errors.Join(errs...)
		}
		if err != nil {
			return errors.Join(append(errs, err)...)
		}
		errs = append(errs, q.run(ctx, lot))
	}
}

// reclaim gives back what this process held when it was killed. Only one process
// uses a SQLite database; on PostgreSQL leases of others may be alive.
func (q *Queue) reclaim(ctx context.Context) error {
	if q.base.Engine() != db.SQLite {
		return nil
	}
	return q.base.Tx(ctx, func(tx *db.Tx) error { return freeAll(ctx, tx) })
}

func (q *Queue) slot(ctx context.Context, slots chan<- struct{}) bool {
	select {
	case slots <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// await leases the next lot, waiting until there is one or ctx ends.
func (q *Queue) await(ctx context.Context) ([]*Task, bool) {
	for ctx.Err() == nil {
		lot, wait, err := q.look(ctx)
		if err == nil && wait == 0 {
			return lot, true
		}
		if err != nil && ctx.Err() == nil {
			q.log.WarnContext(ctx, "the job queue cannot be read", "err", err)
			wait = poll
		}
		q.sleep(ctx, wait)
	}
	return nil, false
}

// look leases a lot that is due, or says how long to wait.
func (q *Queue) look(ctx context.Context) ([]*Task, time.Duration, error) {
	next, err := q.tick(ctx)
	kinds := q.open()
	if err != nil || len(kinds) == 0 {
		return nil, poll, err
	}
	at, err := due(ctx, q.base.Read(), kinds)
	if errors.Is(err, db.ErrNotFound) || err == nil && at.After(q.base.Now()) {
		if err == nil && (next.IsZero() || at.Before(next)) {
			next = at
		}
		return nil, q.until(next), nil
	}
	if err != nil {
		return nil, 0, err
	}
	lot, err := q.claim(ctx)
	if errors.Is(err, db.ErrNotFound) {
		return nil, retake, nil // another process was faster
	}
	return lot, 0, err
}

func (q *Queue) until(next time.Time) time.Duration {
	if next.IsZero() {
		return poll
	}
	return min(max(next.Sub(q.base.Now()), time.Millisecond), poll)
}

func (q *Queue) sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-q.wake:
	case <-ctx.Done():
	}
}

// run calls the handler of leased jobs and writes down how they went. It returns
// the errors of the handler.
func (q *Queue) run(work context.Context, lot []*Task) error {
	kind := lot[0].job.kind
	defer q.count(kind, -1)
	if lot[0].job.tries > MaxTries { // alone: see HandleMany
		err := errors.New("the process died at each try")
		return errors.Join(err, q.settle(work, func(ctx context.Context, tx *db.Tx) error { return giveUp(ctx, tx, lot[0].job, "crashed") }))
	}
	ctx, cancel := context.WithTimeout(work, MaxRun)
	defer cancel()
	var beat sync.WaitGroup
	over := make(chan struct{})
	beat.Go(func() {
		defer q.survive(work)
		q.keep(ctx, cancel, lot, over)
	})
	err := q.call(ctx, kind, lot)
	close(over)
	beat.Wait()
	e := ending{err, work.Err() != nil}
	return errors.Join(outcome(lot, err), q.settle(work, func(ctx context.Context, tx *db.Tx) error { return settleLot(ctx, tx, lot, e) }))
}

// settle runs f in a transaction even when the work was stopped.
func (q *Queue) settle(work context.Context, f func(context.Context, *db.Tx) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(work), patience)
	defer cancel()
	if err := q.base.Tx(ctx, func(tx *db.Tx) error { return f(ctx, tx) }); err != nil {
		return fmt.Errorf("write down how a job went: %w", err)
	}
	return nil
}

func settle(ctx context.Context, tx *db.Tx, j job, e ending) error {
	switch {
	case e.err == nil:
		return finish(ctx, tx, j)
	case e.stopped:
		return again(ctx, tx, j, pause{tx.Now(), j.tries - 1, ""}) // our end, not the job's fault
	case IsPermanent(e.err) || j.tries >= MaxTries:
		return giveUp(ctx, tx, j, reason(e.err))
	}
	return again(ctx, tx, j, pause{tx.Now().Add(backOff(j.tries)), j.tries, reason(e.err)})
}

// backOff is the pause after a try: 10 s, 30 s, 90 s … about two hours, each up
// to a fifth shorter or longer.
func backOff(tries int) time.Duration {
	d := 10 * time.Second
	for range min(tries, MaxTries) - 1 {
		d *= 3
	}
	return time.Duration(float64(d) * (0.8 + 0.4*rand.Float64()))
}

// call runs the handler and turns a panic into an error.
func (q *Queue) call(ctx context.Context, kind string, lot []*Task) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("job %s: panic: %v\n%s", kind, p, debug.Stack())
		}
	}()
	return q.handlers[kind].do(ctx, lot)
}

// survive keeps a panic of our own from ending the process; the lease runs out.
func (q *Queue) survive(ctx context.Context) {
	if p := recover(); p != nil {
		q.log.ErrorContext(ctx, "panic in the job queue", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	}
}

// keep renews the leases until over is closed, and stops the handler when all
// that it still works on is lost to other processes.
func (q *Queue) keep(ctx context.Context, stop func(), lot []*Task, over <-chan struct{}) {
	t := time.NewTicker(lease / 3)
	defer t.Stop()
	for {
		select {
		case <-over:
			return
		case <-t.C:
		}
		err := q.base.Tx(ctx, func(tx *db.Tx) error { return renewAll(ctx, tx, lot) })
		if errors.Is(err, db.ErrNotFound) {
			stop()
			return
		}
	}
}

// renewAll returns db.ErrNotFound when no task that is open is ours any more.
func renewAll(ctx context.Context, tx *db.Tx, lot []*Task) error {
	ours := false
	for _, t := range lot {
		if over, _, _ := t.state(); over {
			continue
		}
		n, err := renew(ctx, tx, t.job)
		if err != nil {
			return err
		}
		ours = ours || n > 0
	}
	if !ours {
		return db.ErrNotFound
	}
	return nil
}
