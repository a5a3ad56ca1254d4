package pairs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/valyala/fasthttp"

	"github.com/osier-passport/osier/bench/gen"
	"github.com/osier-passport/osier/bench/measure"
	"github.com/osier-passport/osier/core/db"
)

// connections ask for pages at the same time.
const connections = 4

// ask is one request.
type ask struct{ path, token string }

// pageCase is a page, who asks for it, and what the ratio is to be.
type pageCase struct {
	name        string
	most, goal  float64
	anew        bool // each request has an address of its own, so that no kept page answers
	asks        func(m gen.Manifest) []ask
	cursor      bool
	needsReader string
}

// showing are the pages. Those that visitors see are sent again as they were drawn
// while nothing changes (web.Kept); what drawing one costs is a pair of its own, and as
// the feed it is far from its goal: there the bound is what is reached, with a third to spare.
func showing() []Maker {
	badges := func(m gen.Manifest) []ask { return visits("/b/", m.Public) }
	classes := func(m gen.Manifest) []ask { return visits("/c/", m.Talked) }
	profiles := func(m gen.Manifest) []ask { return visits("/@", m.Profiles) }
	at := func(path string) func(gen.Manifest) []ask {
		return func(gen.Manifest) []ask { return []ask{{path: path}} }
	}
	list := []Maker{
		{"page/badge beside rows in a template", func(ctx context.Context, e *Env) (measure.Pair, error) { return rowsPair(ctx, e, badges) }},
		{"page/profile beside rows in a template", func(ctx context.Context, e *Env) (measure.Pair, error) { return rowsPair(ctx, e, profiles) }},
	}
	for _, p := range []pageCase{
		{name: "page/badge", most: 12, goal: 6, asks: badges},
		{name: "page/class, 20 comments", most: 12, goal: 6, asks: classes},
		{name: "page/profile, 50 badges", most: 12, goal: 6, asks: profiles},
		{name: "page/explore", most: 10, goal: 5, asks: at("/explore")},
		{name: "page/explore badges", most: 10, goal: 5, asks: at("/explore?tab=badges")},
		{name: "page/search", most: 10, goal: 5, asks: at("/search?q=harbour")},
		{name: "page/badge, drawn", most: 170, goal: 6, anew: true, asks: badges},
		{name: "page/class, drawn", most: 210, goal: 6, anew: true, asks: classes},
		{name: "page/profile, drawn", most: 470, goal: 6, anew: true, asks: profiles},
		{name: "page/explore, drawn", most: 320, goal: 5, anew: true, asks: at("/explore")},
		{name: "page/explore badges, drawn", most: 215, goal: 5, anew: true, asks: at("/explore?tab=badges")},
		{name: "page/my badges", most: 235, goal: 6, asks: func(m gen.Manifest) []ask {
			var list []ask
			for _, r := range m.Readers {
				list = append(list, ask{"/badges", r.Token})
			}
			return list
		}},
		{name: "page/feed busy", most: 185, goal: 8, needsReader: gen.Busy},
		{name: "page/feed busy, deep", most: 185, goal: 8, needsReader: gen.Busy, cursor: true},
		{name: "page/feed random", most: 205, goal: 8, needsReader: gen.Random},
	} {
		list = append(list, Maker{p.name, func(ctx context.Context, e *Env) (measure.Pair, error) {
			m, err := e.community(ctx)
			if err != nil {
				return measure.Pair{}, err
			}
			var asks []ask
			if p.asks != nil {
				asks = p.asks(m)
			} else if asks, err = feedAsks(ctx, e, m, p.needsReader, p.cursor); err != nil {
				return measure.Pair{}, err
			}
			return pagePair(ctx, e, p, asks)
		}})
	}
	return list
}

func visits(prefix string, names []string) []ask {
	list := make([]ask, 0, len(names))
	for _, n := range names {
		list = append(list, ask{path: prefix + n})
	}
	return list
}

func feedAsks(ctx context.Context, e *Env, m gen.Manifest, kind string, fromDeep bool) ([]ask, error) {
	before := make(map[int64]int64)
	if fromDeep {
		if err := e.stopServers(); err != nil {
			return nil, err
		}
		b, err := db.Open(ctx, db.Options{URL: gen.Database(e.Data)})
		if err != nil {
			return nil, err
		}
		readers, err := feedReaders(ctx, b, m, kind, true)
		if err := errors.Join(err, b.Close()); err != nil {
			return nil, err
		}
		for _, r := range readers {
			before[r.person] = r.before
		}
	}
	var list []ask
	for _, r := range m.Readers {
		switch {
		case r.Kind != kind || fromDeep && before[r.Person] == 0:
		case fromDeep:
			list = append(list, ask{"/feed?before=" + strconv.FormatInt(before[r.Person], 36), r.Token})
		default:
			list = append(list, ask{"/feed", r.Token})
		}
	}
	return list, nil
}

// pagePair holds a page of the passport against the same bytes, ready made, from
// the same HTTP library.
func pagePair(ctx context.Context, e *Env, c pageCase, asks []ask) (measure.Pair, error) {
	osier, err := e.server(ctx, "osier", e.startOsier)
	if err != nil {
		return measure.Pair{}, err
	}
	body, err := fetch(osier.address, asks[0])
	if err != nil {
		return measure.Pair{}, fmt.Errorf("%s: %w", asks[0].path, err)
	}
	file := filepath.Join(e.Work, "page.html")
	if err := os.WriteFile(file, body, 0o600); err != nil {
		return measure.Pair{}, err
	}
	ready, err := e.server(ctx, c.name, func(ctx context.Context) (*server, error) { return e.startLinkall(ctx, "--file", file) })
	if err != nil {
		return measure.Pair{}, err
	}
	return measure.Pair{
		Against: fmt.Sprintf("the same %.1f kB ready made", float64(len(body))/1000), AtMost: c.most, Goal: c.goal,
		Ours: load(osier, asks, c.anew), Other: load(ready, asks, false),
		Close: func() error {
			delete(e.servers, c.name)
			return ready.stop()
		},
	}, nil
}

// rowsPair holds pages against those of a program that asks for rows and fills a template.
func rowsPair(ctx context.Context, e *Env, pages func(gen.Manifest) []ask) (measure.Pair, error) {
	m, err := e.community(ctx)
	if err != nil {
		return measure.Pair{}, err
	}
	osier, err := e.server(ctx, "osier", e.startOsier)
	if err != nil {
		return measure.Pair{}, err
	}
	program, err := e.binary(ctx, "rowspage")
	if err != nil {
		return measure.Pair{}, err
	}
	rows, err := e.server(ctx, "rows", func(ctx context.Context) (*server, error) {
		return start(ctx, nil, program, "--file", gen.Database(e.Data))
	})
	if err != nil {
		return measure.Pair{}, err
	}
	asks := pages(m)
	return measure.Pair{
		Against: "a statement for one, one for the rows, html/template", AtLeast: 1.5, Goal: 3,
		Ours: load(osier, asks, false), Other: load(rows, asks, false),
	}, nil
}

func fetch(address string, a ask) ([]byte, error) {
	var req fasthttp.Request
	var answer fasthttp.Response
	fill(&req, address, a)
	if err := fasthttp.Do(&req, &answer); err != nil {
		return nil, err
	}
	if answer.StatusCode() != fasthttp.StatusOK || len(answer.Body()) < 1000 {
		return nil, fmt.Errorf("%w: status %d, %d bytes", errWrong, answer.StatusCode(), len(answer.Body()))
	}
	return answer.Body(), nil
}

func fill(req *fasthttp.Request, address string, a ask) {
	req.SetRequestURI("http://" + address + a.path)
	if a.token != "" {
		req.Header.SetCookie("osier", a.token)
	}
}

// newAddress makes an address that nobody has asked for.
func newAddress(path string, n int64) string {
	if strings.Contains(path, "?") {
		return "&visit=" + strconv.FormatInt(n, 36)
	}
	return "?visit=" + strconv.FormatInt(n, 36)
}

// load asks for the pages in turn over a few connections.
func load(s *server, asks []ask, anew bool) measure.Side {
	client := &fasthttp.HostClient{Addr: s.address, MaxConns: connections}
	var asked atomic.Int64
	return measure.Side{PID: s.pid(), Run: func(_ context.Context, n int) error {
		errs := make([]error, connections)
		var all sync.WaitGroup
		for c := range connections {
			all.Go(func() {
				var req fasthttp.Request
				var answer fasthttp.Response
				for i := c; i < n && errs[c] == nil; i += connections {
					a := asks[i%len(asks)]
					if anew {
						a.path += newAddress(a.path, asked.Add(1))
					}
					fill(&req, s.address, a)
					if errs[c] = client.Do(&req, &answer); errs[c] == nil && answer.StatusCode() != fasthttp.StatusOK {
						errs[c] = fmt.Errorf("%w: status %d at %s", errWrong, answer.StatusCode(), asks[i%len(asks)].path)
					}
				}
			})
		}
		all.Wait()
		return errors.Join(errs...)
	}}
}
