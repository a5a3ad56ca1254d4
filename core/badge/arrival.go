package badge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/jobs"
	"github.com/osier-passport/osier/core/openbadge/bake"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

const (
	arrivalLot   = 64                     // imports that one worker takes at once
	arrivalLots  = 5                      // such workers in one process; others are left for other jobs
	arrivalsOnce = 8                      // verified at once by one worker
	arrivalSlots = 16                     // verified at once in one process
	arrivalBegin = 20 * time.Second       // then a worker gives back what it has not begun
	noteEvery    = 200 * time.Millisecond // how long finished checks wait to be seen while others take their time
)

// ending writes how an import ends, in the transaction that ends its job.
type ending func(ctx context.Context, tx *db.Tx, m *memo) error

// arrival is an import that a worker has taken.
type arrival struct {
	task *jobs.Task
	end  ending // nil: there is nothing left to do

	mu    sync.Mutex // guards the rest, which the worker reads while the checks go on
	im    Import
	done  []verify.Step
	noted int // of done
}

// crew works on a lot of imports: they are verified side by side, and what has
// ended by the time that the database is free is written in one transaction.
type crew struct {
	s     *Badges
	lot   []*arrival
	ended chan *arrival
	until time.Time // no import is begun after that
}

// runImports is the job: verify what was received, then keep the badges or refuse
// them. An import that cannot be written is tried again by itself and spoils no
// other; one that did not begin in time goes back into the queue.
func (s *Badges) runImports(ctx context.Context, tasks []*jobs.Task) error {
	c := crew{s: s, ended: make(chan *arrival, len(tasks)), until: time.Now().Add(arrivalBegin)}
	for _, t := range tasks {
		c.lot = append(c.lot, &arrival{task: t})
	}
	go c.verifyAll(ctx)
	note := time.NewTicker(noteEvery)
	defer note.Stop()
	for {
		select {
		case a, more := <-c.ended:
			if !more {
				return nil
			}
			c.keep(ctx, append([]*arrival{a}, c.ready()...))
		case <-note.C:
			c.note(ctx)
		}
	}
}

// ready takes what else has ended.
func (c *crew) ready() (list []*arrival) {
	for {
		select {
		case a, more := <-c.ended:
			if !more {
				return list
			}
			list = append(list, a)
		default:
			return list
		}
	}
}

// verifyAll verifies the lot, and closes ended when all have ended or were given back.
func (c *crew) verifyAll(ctx context.Context) {
	defer close(c.ended)
	next := make(chan *arrival, len(c.lot))
	for _, a := range c.lot {
		next <- a
	}
	close(next)
	var workers sync.WaitGroup
	for range min(arrivalsOnce, len(c.lot)) {
		workers.Go(func() {
			for a := range next {
				c.verify(ctx, a)
			}
		})
	}
	workers.Wait()
}

// verify verifies one import when a place is free. It ends in no other way than
// by the task or by c.ended, whatever the file does.
func (c *crew) verify(ctx context.Context, a *arrival) {
	select {
	case c.s.slots <- struct{}{}:
		defer func() { <-c.s.slots }()
	case <-ctx.Done():
	}
	if ctx.Err() != nil || time.Now().After(c.until) {
		a.task.Release()
		return
	}
	err := c.outcome(ctx, a)
	if err == nil {
		err = ctx.Err() // what was cut off says nothing
	}
	if err != nil {
		a.task.Fail(err)
		return
	}
	c.ended <- a
}

// outcome decides how an import ends.
func (c *crew) outcome(ctx context.Context, a *arrival) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("import: panic: %v\n%s", p, debug.Stack())
		}
	}()
	var p importPayload
	if err := json.Unmarshal(a.task.Payload, &p); err != nil {
		return jobs.Permanent(fmt.Errorf("read import job: %w", err))
	}
	w, here := c.s.waiting.take(p.Import)
	im, data, err := getArrival(ctx, c.s.Base.Read(), p.Import, !here)
	if errors.Is(err, db.ErrNotFound) {
		return nil // ended by an earlier run, or its person is gone
	}
	if err != nil {
		return fmt.Errorf("read upload: %w", err)
	}
	a.mu.Lock()
	a.im = im
	a.mu.Unlock()
	if here {
		data = w.found.File
	} else if w.found, err = bake.Extract(data); err != nil {
		a.end = c.s.refusing(im, refusalOf(err))
		return nil
	}
	report, err := c.check(ctx, a, w)
	if err == nil {
		a.end = c.s.outcome(ctx, im, received{data: data, found: w.found, report: report})
	}
	return err
}

// check verifies the payload and holds each check ready to be noted.
func (c *crew) check(ctx context.Context, a *arrival, w waiter) (verify.Report, error) {
	addresses, err := c.s.Addresses.Confirmed(ctx, c.s.Base.Read(), a.im.Person)
	if err != nil {
		return verify.Report{}, err
	}
	recipients := append([]string{}, addresses...)
	if a.im.Unclaimed {
		recipients = nil
	}
	ctx, cancel := context.WithTimeout(ctx, verifyTimeout)
	defer cancel()
	report := w.check(ctx, verify.Options{
		At: c.s.Base.Now(), Fetcher: c.s.fetcher(), Lists: &c.s.lists, Recipients: recipients,
		Earlier: c.s.earlier(ctx, a.im.Person, bond{}),
		OnCheck: func(step verify.Step) {
			a.mu.Lock()
			defer a.mu.Unlock()
			a.done = append(a.done, step)
		},
	})
	return c.s.notOfAnother(ctx, a.im.Person, addresses, report)
}

// keep writes how imports ended, all in one transaction. When that fails each is
// written by itself, so that only the one that cannot be written is tried again.
func (c *crew) keep(ctx context.Context, list []*arrival) {
	err := c.write(ctx, list)
	switch {
	case err == nil:
	case len(list) == 1:
		list[0].task.Fail(err)
	default:
		for _, a := range list {
			c.keep(ctx, []*arrival{a})
		}
	}
}

func (c *crew) write(ctx context.Context, list []*arrival) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("end imports: panic: %v\n%s", p, debug.Stack())
		}
	}()
	return c.s.Base.Tx(ctx, func(tx *db.Tx) error {
		m := newMemo()
		for _, a := range list {
			if a.end != nil {
				if err := a.end(ctx, tx, m); err != nil {
					return err
				}
			}
			if err := c.s.Queue.Finish(ctx, tx, a.task); err != nil {
				return err
			}
		}
		return nil
	})
}

// note writes the checks down that have finished, of imports that people look at
// one by one and that take longer than a moment: they wait for the network.
func (c *crew) note(ctx context.Context) {
	fresh := make(map[int64][]verify.Step)
	for _, a := range c.lot {
		if id, done := a.fresh(); len(done) > 0 {
			fresh[id] = done
		}
	}
	if len(fresh) == 0 {
		return
	}
	err := c.s.Base.Tx(ctx, func(tx *db.Tx) error {
		for id, done := range fresh {
			if err := updateChecks(ctx, tx, id, done); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil && ctx.Err() == nil {
		c.s.Log.Warn("note checks", "imports", len(fresh), "error", err)
	}
}

// fresh gives the checks of an import when some of them have not been noted.
func (a *arrival) fresh() (int64, []verify.Step) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.im.Batch != "" || len(a.done) == a.noted {
		return 0, nil
	}
	a.noted = len(a.done)
	return a.im.ID, slices.Clip(a.done)
}
