package pairs

import (
	"context"
	"fmt"
	"log/slog"
	"slices"

	"github.com/osier-passport/osier/bench/gen"
	"github.com/osier-passport/osier/bench/measure"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/feed"
	"github.com/osier-passport/osier/core/jobs"
)

const (
	pageSize = 20
	deep     = 50 // pages
)

func feeding() []Maker {
	var list []Maker
	for _, k := range []feedCase{
		{gen.Busy, false, 9, 500},
		{gen.Busy, true, 9, 500},
		{gen.Random, false, 1.3, 3},
		{gen.Random, true, 1.3, 3},
		{gen.Sparse, false, 0.06, 0.3},
	} {
		name := "feed/" + k.kind + " page 1"
		if k.deep {
			name = "feed/" + k.kind + " deep"
		}
		list = append(list, Maker{name, func(ctx context.Context, e *Env) (measure.Pair, error) {
			return feedPair(ctx, e, k)
		}})
	}
	return list
}

// feedCase is who reads, which page, and what the ratio is to be.
type feedCase struct {
	kind        string
	deep        bool
	least, goal float64
}

// feedReader is a reader, where they read from, and what they must find there.
type feedReader struct {
	person, before int64
	want           []int64
}

// feedPair reads a page with all that its cards show, against the ids alone by
// the plain join of all that is followed (without what the cards show).
func feedPair(ctx context.Context, e *Env, c feedCase) (measure.Pair, error) {
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
	f := feed.New(b, event.New(log), jobs.New(b, log))
	readers, err := feedReaders(ctx, b, m, c.kind, c.deep)
	return measure.Pair{
		Against: "the plain join, ids alone", AtLeast: c.least, Goal: c.goal, Close: b.Close,
		Check: func(ctx context.Context) error { return sameAnswers(ctx, f, readers) },
		Ours: measure.Side{Run: times(func(ctx context.Context, i int) error {
			r := readers[i%len(readers)]
			_, err := f.Of(ctx, r.person, feed.All, badge.Range{Before: r.before, Limit: pageSize})
			return err
		})},
		Other: measure.Side{Run: times(func(ctx context.Context, i int) error {
			r := readers[i%len(readers)]
			_, err := plainFeed(ctx, b, r.person, r.before, 0)
			return err
		})},
	}, err
}

// plainFeed is the exact answer by definition.
func plainFeed(ctx context.Context, b *db.Base, reader, before int64, skip int) ([]int64, error) {
	if before == 0 {
		before = 1<<63 - 1
	}
	return db.Select(ctx, b.Read(), db.One[int64], `SELECT DISTINCT s.ev FROM follow f JOIN event_src s ON s.src = f.src
		WHERE f.follower = $1 AND s.ev < $2 ORDER BY s.ev DESC LIMIT $3 OFFSET $4`, reader, before, pageSize, skip)
}

func feedReaders(ctx context.Context, b *db.Base, m gen.Manifest, kind string, fromDeep bool) ([]feedReader, error) {
	var list []feedReader
	for _, r := range m.Readers {
		if r.Kind != kind {
			continue
		}
		reader := feedReader{person: r.Person}
		if fromDeep {
			page, err := plainFeed(ctx, b, r.Person, 0, deep*pageSize)
			if err != nil {
				return nil, err
			}
			if len(page) == 0 {
				continue // has not that many
			}
			reader.before = page[0]
		}
		var err error
		if reader.want, err = plainFeed(ctx, b, r.Person, reader.before, 0); err != nil {
			return nil, err
		}
		list = append(list, reader)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("no %s reader has %d pages", kind, deep)
	}
	return list, nil
}

func sameAnswers(ctx context.Context, f *feed.Feed, readers []feedReader) error {
	for _, r := range readers {
		p, err := f.Of(ctx, r.person, feed.All, badge.Range{Before: r.before, Limit: pageSize})
		if err != nil {
			return err
		}
		got := make([]int64, 0, pageSize)
		for _, e := range p.Events {
			got = append(got, e.ID)
		}
		if !slices.Equal(got, r.want) {
			return fmt.Errorf("%w: person %d before %d: got %v, want %v", errWrong, r.person, r.before, got, r.want)
		}
	}
	return nil
}
