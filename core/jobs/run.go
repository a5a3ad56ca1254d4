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
		j, ok := q.await(ctx)
		if !ok {
			break
		}
		done := q.begun(j)
		running.Go(func() {
			defer func() { <-slots }()
			defer done()
			defer q.survive(work)
			if err := q.run(work, j); err != nil {
				q.log.WarnContext(work, "a job went wrong", "job", j.id, "kind", j.kind, "try", j.tries, "err", err)
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
		j, err := q.claim(ctx)
		if errors.Is(err, db.ErrNotFound) {
			return errors.Join(errs...)
		}
		if err != nil {
			return errors.Join(append(errs, err)...)
		}
		errs = append(errs, q.run(ctx, j))
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

// await leases the next job, waiting until there is one or ctx ends.
func (q *Queue) await(ctx context.Context) (job, bool) {
	for ctx.Err() == nil {
		j, wait, err := q.look(ctx)
		if err == nil && wait == 0 {
			return j, true
		}
		if err != nil && ctx.Err() == nil {
			q.log.WarnContext(ctx, "the job queue cannot be read", "err", err)
			wait = poll
		}
		q.sleep(ctx, wait)
	}
	return job{}, false
}

// look leases a job that is due, or says how long to wait.
func (q *Queue) look(ctx context.Context) (job, time.Duration, error) {
	next, err := q.tick(ctx)
	kinds := q.takeable()
	if err != nil || len(kinds) == 0 {
		return job{}, poll, err
	}
	at, err := due(ctx, q.base.Read(), kinds)
	if errors.Is(err, db.ErrNotFound) || err == nil && at.After(q.base.Now()) {
		if err == nil && (next.IsZero() || at.Before(next)) {
			next = at
		}
		return job{}, q.until(next), nil
	}
	if err != nil {
		return job{}, 0, err
	}
	j, err := q.claim(ctx)
	if errors.Is(err, db.ErrNotFound) {
		return job{}, retake, nil // another process was faster
	}
	return j, 0, err
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

// begun counts a long job that Run has taken, and gives what uncounts it.
func (q *Queue) begun(j job) (done func()) {
	if !q.long[j.kind] {
		return func() {}
	}
	q.atWork.Add(1)
	return func() {
		q.atWork.Add(-1)
		q.signal()
	}
}

func (q *Queue) claim(ctx context.Context) (job, error) {
	kinds := q.takeable()
	if len(kinds) == 0 {
		return job{}, db.ErrNotFound
	}
	var j job
	err := q.base.Tx(ctx, func(tx *db.Tx) (err error) {
		j, err = claim(ctx, tx, kinds)
		return err
	})
	if err != nil {
		return job{}, fmt.Errorf("take a job: %w", err)
	}
	return j, nil
}

// run calls the handler of a leased job and writes down how it went. It returns
// the handler's error.
func (q *Queue) run(work context.Context, j job) error {
	if j.tries > MaxTries {
		err := errors.New("the process died at each try")
		return errors.Join(err, q.settle(work, func(ctx context.Context, tx *db.Tx) error { return giveUp(ctx, tx, j, "crashed") }))
	}
	ctx, cancel := context.WithTimeout(work, MaxRun)
	defer cancel()
	var beat sync.WaitGroup
	over := make(chan struct{})
	beat.Go(func() {
		defer q.survive(work)
		q.keep(ctx, cancel, j, over)
	})
	err := q.call(ctx, j)
	close(over)
	beat.Wait()
	stopped := work.Err() != nil
	return errors.Join(err, q.settle(work, func(ctx context.Context, tx *db.Tx) error { return settle(ctx, tx, j, err, stopped) }))
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

func settle(ctx context.Context, tx *db.Tx, j job, err error, stopped bool) error {
	switch {
	case err == nil:
		return finish(ctx, tx, j)
	case stopped:
		return again(ctx, tx, j, pause{tx.Now(), j.tries - 1, ""}) // our end, not the job's fault
	case IsPermanent(err) || j.tries >= MaxTries:
		return giveUp(ctx, tx, j, reason(err))
	}
	return again(ctx, tx, j, pause{tx.Now().Add(backOff(j.tries)), j.tries, reason(err)})
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
func (q *Queue) call(ctx context.Context, j job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("job %s: panic: %v\n%s", j.kind, p, debug.Stack())
		}
	}()
	return q.handlers[j.kind](ctx, []byte(j.payload))
}

// survive keeps a panic of our own from ending the process; the lease runs out.
func (q *Queue) survive(ctx context.Context) {
	if p := recover(); p != nil {
		q.log.ErrorContext(ctx, "panic in the job queue", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	}
}

// keep renews the lease until over is closed, and stops the handler when the
// lease is lost to another process.
func (q *Queue) keep(ctx context.Context, stop func(), j job, over <-chan struct{}) {
	t := time.NewTicker(lease / 3)
	defer t.Stop()
	for {
		select {
		case <-over:
			return
		case <-t.C:
		}
		err := q.base.Tx(ctx, func(tx *db.Tx) error {
			n, err := renew(ctx, tx, j)
			if err == nil && n == 0 {
				err = db.ErrNotFound
			}
			return err
		})
		if errors.Is(err, db.ErrNotFound) {
			stop()
			return
		}
	}
}
