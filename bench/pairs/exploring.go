package pairs

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/osier-passport/osier/bench/measure"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/gallery"
)

// exploring holds search and facets against the plain definition of both, which
// goes through all held badges.
func exploring() []Maker {
	list := []Maker{{"explore/facets", facetPair}, {"explore/search, the slowest of a hundred", slowestPair}}
	for _, q := range searches {
		list = append(list, Maker{"explore/search " + q.name, func(ctx context.Context, e *Env) (measure.Pair, error) {
			return searchPair(ctx, e, q)
		}})
	}
	return list
}

// searched is a search with the share of all classes that it finds.
type searched struct {
	name, text string

	least, goal float64
}

var searches = []searched{
	{"very common", "school", 2, 50},    // every class
	{"common", "harbour", 2, 50},        // a tenth
	{"medium", "harbour repair", 2, 50}, // a hundredth
	{"rare", "school 17", 2, 50},
}

func openIndex(ctx context.Context, e *Env) (*db.Base, *gallery.Index, error) {
	if _, err := e.community(ctx); err != nil {
		return nil, nil, err
	}
	if err := e.stopServers(); err != nil {
		return nil, nil, err
	}
	b, err := db.Open(ctx, db.Options{URL: e.database()})
	return b, gallery.NewIndex(b, nil), err
}

// askUnit is what statements are measured in: on PostgreSQL another process works.
func (e *Env) askUnit() measure.Unit {
	if e.Postgres != "" {
		return measure.Wall
	}
	return measure.CPU1
}

func searchPair(ctx context.Context, e *Env, q searched) (measure.Pair, error) {
	b, x, err := openIndex(ctx, e)
	if err != nil {
		return measure.Pair{}, err
	}
	return measure.Pair{
		Against: "all public badges that hold the words, by class", Unit: e.askUnit(), AtLeast: q.least, Goal: q.goal, Close: b.Close,
		Check: func(ctx context.Context) error {
			ids, err := x.Search(ctx, 0, "class", q.text)
			if err == nil && len(ids) == 0 {
				err = fmt.Errorf("%w: nothing found for %q", errWrong, q.text)
			}
			return err
		},
		Ours: measure.Side{Run: times(func(ctx context.Context, _ int) error {
			_, err := x.Search(ctx, 0, "class", q.text)
			return err
		})},
		Other: measure.Side{Run: times(func(ctx context.Context, _ int) error {
			_, err := plainSearch(ctx, b, q.text)
			return err
		})},
	}, err
}

// plainSearch is what search is without an index of words and without counters.
func plainSearch(ctx context.Context, b *db.Base, text string) ([]int64, error) {
	return db.Select(ctx, b.Read(), func(s db.Scanner) (int64, error) {
		var class, people int64
		return class, s.Scan(&class, &people)
	}, `SELECT b.class, count(DISTINCT b.person) AS people FROM badge b JOIN badge_class c ON c.id = b.class
		WHERE b.visibility = 'public' AND b.verdict <> 'invalid' AND c.search LIKE $1 ESCAPE '\'
		GROUP BY b.class ORDER BY people DESC LIMIT 24`, db.Contains(db.Fold(text)))
}

// facetPair also holds the counters against what is counted anew.
func facetPair(ctx context.Context, e *Env) (measure.Pair, error) {
	b, x, err := openIndex(ctx, e)
	if err != nil {
		return measure.Pair{}, err
	}
	const most = 12
	return measure.Pair{
		Against: "counted from all public badges", Unit: e.askUnit(), AtLeast: 20, Goal: 1000, Close: b.Close,
		Check: func(ctx context.Context) error {
			ours, err := x.Top(ctx, 0, "issuer", 2000)
			if err != nil {
				return err
			}
			plain, err := plainFacets(ctx, b, 2000)
			if err == nil && !maps.Equal(ours, plain) {
				err = fmt.Errorf("%w: counters of %d issuers, counted %d", errWrong, len(ours), len(plain))
			}
			return err
		},
		Ours:  measure.Side{Run: times(func(ctx context.Context, _ int) error { _, err := x.Top(ctx, 0, "issuer", most); return err })},
		Other: measure.Side{Run: times(func(ctx context.Context, _ int) error { _, err := plainFacets(ctx, b, most); return err })},
	}, err
}

func plainFacets(ctx context.Context, b *db.Base, most int) (map[string]int, error) {
	type row struct {
		issuer string
		n      int
	}
	list, err := db.Select(ctx, b.Read(), func(s db.Scanner) (row, error) {
		var r row
		return r, s.Scan(&r.issuer, &r.n)
	}, `SELECT i.public_id, count(DISTINCT c.id) AS n FROM badge b JOIN badge_class c ON c.id = b.class JOIN issuer i ON i.id = c.issuer
		WHERE b.visibility = 'public' AND b.verdict <> 'invalid' GROUP BY i.public_id ORDER BY n DESC, i.public_id LIMIT $1`, most)
	all := make(map[string]int, len(list))
	for _, r := range list {
		all[r.issuer] = r.n
	}
	return all, err
}

// slowestPair is the CPU time of the slowest one of a hundred searches of all kinds of
// words, against 10 ms: their time by the clock is that of whoever else has the machine.
func slowestPair(ctx context.Context, e *Env) (measure.Pair, error) {
	b, x, err := openIndex(ctx, e)
	if err != nil {
		return measure.Pair{}, err
	}
	return measure.Pair{
		Against: "10 ms", Unit: e.askUnit(), AtMost: 2, Goal: 1, Close: b.Close,
		Ours: measure.Side{Value: func(ctx context.Context) (float64, error) {
			var took []time.Duration
			for i := range 400 {
				start := time.Now()
				began, err := measure.CPU(measure.Self)
				if err != nil {
					return 0, err
				}
				if _, err := x.Search(ctx, 0, "class", searches[i%len(searches)].text); err != nil {
					return 0, err
				}
				ended, err := measure.CPU(measure.Self)
				if err != nil {
					return 0, err
				}
				if e.Postgres != "" { // it is another process that works
					began, ended = 0, time.Since(start)
				}
				took = append(took, ended-began)
			}
			slices.Sort(took)
			return float64(took[len(took)*99/100].Microseconds()), nil
		}},
		Other: measure.Side{Value: func(context.Context) (float64, error) { return 10_000, nil }},
	}, err
}
