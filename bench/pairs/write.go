package pairs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/osier-passport/osier/bench/gen"
	"github.com/osier-passport/osier/bench/measure"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/feed"
	"github.com/osier-passport/osier/core/jobs"
	"github.com/osier-passport/osier/core/social"
)

// clients write at the same time.
const clients = 64

func writing() []Maker {
	return []Maker{
		{"write/comment, 64 clients", func(ctx context.Context, e *Env) (measure.Pair, error) {
			return writePair(ctx, e, func(ctx context.Context, s *social.Social, m gen.Manifest, n int64) error {
				_, err := s.Comment(ctx, 1+n%int64(m.People), 1+n%int64(m.Classes), fmt.Sprintf("Well done, number %d.", n))
				return err
			})
		}},
		{"write/follow, 64 clients", func(ctx context.Context, e *Env) (measure.Pair, error) {
			return writePair(ctx, e, func(ctx context.Context, s *social.Social, m gen.Manifest, n int64) error {
				person, class := 1+n%int64(m.People), 1+n/int64(m.People)%int64(m.Classes)
				return s.Follow(ctx, person, social.Class, class)
			})
		}},
	}
}

type writeOne func(ctx context.Context, s *social.Social, m gen.Manifest, n int64) error

// writePair holds durable writes of many clients, which are committed together,
// against the same writes one after the other, each committed alone.
func writePair(ctx context.Context, e *Env, write writeOne) (measure.Pair, error) {
	m, err := e.community(ctx)
	if err != nil {
		return measure.Pair{}, err
	}
	if err := e.stopServers(); err != nil {
		return measure.Pair{}, err
	}
	b, err := db.Open(ctx, db.Options{URL: gen.Database(e.Data)})
	if err != nil {
		return measure.Pair{}, err
	}
	log := slog.New(slog.DiscardHandler)
	bus := event.New(log)
	s := social.New(b, bus, nil, nil)
	feed.New(b, bus, jobs.New(b, log))
	var next atomic.Int64
	by := func(clients int) measure.Side {
		return measure.Side{Run: func(ctx context.Context, n int) error {
			errs := make([]error, clients)
			var all sync.WaitGroup
			for c := range clients {
				all.Go(func() {
					for i := c; i < n && errs[c] == nil; i += clients {
						errs[c] = write(ctx, s, m, next.Add(1))
					}
				})
			}
			all.Wait()
			return errors.Join(errs...)
		}}
	}
	return measure.Pair{
		Against: "one transaction each", Unit: measure.Wall, AtLeast: 1.8, Goal: 25, Slice: 500 * time.Millisecond,
		Ours: by(clients), Other: by(1), Close: b.Close,
	}, nil
}
