package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/osier-passport/osier/core/db"
)

// period is work that comes again and again.
type period struct {
	name  string
	every time.Duration
	next  time.Time // as last read; other replicas may have moved it on
}

// Every does f once in each period of length d, in one of the replicas, the
// first time at once. Each time becomes a job, so it is tried again when it goes
// wrong; times that passed while no process ran are not made up for.
func (q *Queue) Every(name string, d time.Duration, f func(ctx context.Context) error) {
	q.Handle(periodKind(name), func(ctx context.Context, _ []byte) error { return f(ctx) })
	q.periods = append(q.periods, &period{name: name, every: d})
}

func periodKind(name string) string { return "every/" + name }

// tick adds the jobs of periods that are due and gives the time of the next one,
// the zero time when there are none.
func (q *Queue) tick(ctx context.Context) (time.Time, error) {
	q.ticking.Lock()
	defer q.ticking.Unlock()
	var soonest time.Time
	for _, p := range q.periods {
		if !q.base.Now().Before(p.next) {
			if err := q.begin(ctx, p); err != nil {
				return time.Time{}, fmt.Errorf("begin the period %s: %w", p.name, err)
			}
		}
		if soonest.IsZero() || p.next.Before(soonest) {
			soonest = p.next
		}
	}
	return soonest, nil
}

func (q *Queue) begin(ctx context.Context, p *period) error {
	var next time.Time
	err := q.base.Tx(ctx, func(tx *db.Tx) error {
		at, err := nextPeriod(ctx, tx, p.name)
		if err != nil {
			return err
		}
		if next = at; next.After(tx.Now()) {
			return nil
		}
		next = tx.Now().Add(p.every)
		mine, err := movePeriod(ctx, tx, p.name, next)
		if err != nil || !mine {
			return err
		}
		return q.Add(ctx, tx, periodKind(p.name), nil, Options{Key: periodKind(p.name)})
	})
	if err == nil {
		p.next = next
	}
	return err
}
