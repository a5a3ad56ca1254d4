package pairs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/osier-passport/osier/bench/measure"
	"github.com/osier-passport/osier/bench/sample"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/blob"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	outside "github.com/osier-passport/osier/core/fetch"
	"github.com/osier-passport/osier/core/jobs"
	"github.com/osier-passport/osier/core/openbadge/bake"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

const (
	uploaders = 16    // at the same time
	holders   = 20000 // people, so that nobody has many imports under way
)

func importing() []Maker {
	return []Maker{
		{"upload/baked PNG, 16 clients", uploadPair},
		{"import/10k baked PNG, verified and durable", importPair(importCase{name: "import", together: 50, unit: measure.Wall, most: wallFloor})},
		{"import/10k baked PNG, bound of verify/ob3-di", importPair(importCase{name: "import-wall", together: 50, unit: measure.Wall, bare: true, most: 8})},
		{"import/10k baked PNG, CPU", importPair(importCase{name: "import-cpu", together: 50, unit: measure.CPU1, most: 5})},
		{"import/10k baked PNG, CPU, bound of verify/ob3-di", importPair(importCase{name: "import-bound", together: 50, unit: measure.CPU1, bare: true, most: 7})},
		{"import/10k one by one, verified and durable", importPair(importCase{name: "single", together: 1, unit: measure.Wall, most: 10})},
		{"import/10k one by one, CPU", importPair(importCase{name: "single-cpu", together: 1, unit: measure.CPU1, most: 8})},
	}
}

// desk is a passport of its own that badges are handed to.
type desk struct {
	base   *db.Base
	badges *badge.Badges
	queue  *jobs.Queue
	next   atomic.Int64
	ahead  atomic.Int64 // its clock, ns
}

// nobody has a confirmed address: the badges are kept all the same.
type nobody struct{}

func (nobody) Confirmed(context.Context, db.DB, int64) ([]string, error) {
	return []string{sample.Address}, nil
}

func newDesk(ctx context.Context, e *Env, name string) (*desk, error) {
	d := &desk{}
	base, err := db.Open(ctx, db.Options{URL: filepath.Join(e.Work, name+".db"), Clock: d.now})
	if err != nil {
		return nil, err
	}
	log := slog.New(slog.DiscardHandler)
	d.base, d.queue = base, jobs.New(base, log)
	d.badges = badge.New(badge.Deps{
		Base: base, Blobs: blob.Store{}, Bus: event.New(log), Queue: d.queue,
		Fetch: outside.New(outside.Options{Log: log}), Addresses: nobody{}, Log: log,
	})
	return d, base.Tx(ctx, func(tx *db.Tx) error {
		for id := range holders {
			if _, err := tx.Exec(ctx, `INSERT INTO person (id, public_id, handle, name, created_at) VALUES ($1, $2, $2, $2, 1)`, id+1, fmt.Sprintf("p%d", id)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (d *desk) now() time.Time { return time.Now().Add(time.Duration(d.ahead.Load())) }

// each does n pieces of work by some workers.
func each(workers, n int, f func(i int) error) error {
	errs := make([]error, workers)
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for i := w; i < n && errs[w] == nil; i += workers {
				errs[w] = f(i)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// file is a baked badge that nobody has seen before.
func (d *desk) file(ctx context.Context) ([]byte, int64, error) {
	n := d.next.Add(1)
	payload, err := sample.Numbered(ctx, n)
	if err != nil {
		return nil, 0, err
	}
	file, err := sample.Picture(64, "openbadgecredential", payload)
	return file, 1 + n%holders, err
}

// batch makes the files of a turn, outside of what is measured.
func (d *desk) batch(ctx context.Context, n int) (files [][]byte, people []int64, err error) {
	files, people = make([][]byte, n), make([]int64, n)
	return files, people, each(2, n, func(i int) (err error) {
		files[i], people[i], err = d.file(ctx)
		return err
	})
}

// checkAll extracts and verifies files, on as many workers.
func checkAll(ctx context.Context, workers int, files [][]byte, then func(i int) error) error {
	return each(workers, len(files), func(i int) error {
		found, err := bake.Extract(files[i])
		if err != nil {
			return err
		}
		if r := verify.Check(ctx, found.Payload, verify.Options{At: sample.At()}); r.Verdict != verify.Valid {
			return fmt.Errorf("%w: %s", errWrong, r.Verdict)
		}
		return then(i)
	})
}

// perFile gives the time of one turn divided by its files, in µs of the unit.
func (d *desk) perFile(unit measure.Unit, n int, f func(ctx context.Context, files [][]byte, people []int64) error) measure.Side {
	return measure.Side{Value: func(ctx context.Context) (float64, error) {
		files, people, err := d.batch(ctx, n)
		if err != nil {
			return 0, err
		}
		start := time.Now()
		before, err := measure.CPU(measure.Self)
		if err != nil {
			return 0, err
		}
		if err := f(ctx, files, people); err != nil {
			return 0, err
		}
		after, err := measure.CPU(measure.Self)
		used := after - before
		if unit == measure.Wall {
			used = time.Since(start)
		}
		return float64(used.Microseconds()) / float64(n), err
	}}
}

// uploadPair: what a server has done when it answers an upload, against the sum of
// its parts: the badge checked and its bytes written durably, by as many clients.
func uploadPair(ctx context.Context, e *Env) (measure.Pair, error) {
	d, err := newDesk(ctx, e, "upload")
	if err != nil {
		return measure.Pair{}, err
	}
	const turn = 600
	return measure.Pair{
		Against: "checked, its bytes durable", Unit: measure.Wall, AtMost: 3, Goal: 1.5, Close: d.base.Close,
		Ours: d.perFile(measure.Wall, turn, func(ctx context.Context, files [][]byte, people []int64) error {
			return each(uploaders, len(files), func(i int) error {
				_, err := d.badges.Begin(ctx, people[i], badge.Upload{File: files[i], Filename: "badge.png"})
				return err
			})
		}),
		Other: d.perFile(measure.Wall, turn, func(ctx context.Context, files [][]byte, _ []int64) error {
			return checkAll(ctx, uploaders, files, func(i int) error {
				return d.base.Tx(ctx, func(tx *db.Tx) error {
					_, err := blob.Store{}.Put(ctx, tx, files[i], "image/png")
					return err
				})
			})
		}),
	}, nil
}

// importCase is how many files an upload has, what is measured, and against what.
type importCase struct {
	name     string
	together int
	unit     measure.Unit
	most     float64
	bare     bool // the hashes and the signature of each credential alone, not the whole check
}

// importPair: from files to badges in the passport, all verified, all durable,
// against the checks alone on two cores.
func importPair(c importCase) func(context.Context, *Env) (measure.Pair, error) {
	return func(ctx context.Context, e *Env) (measure.Pair, error) {
		other, against := checkTurn, "extracted and checked, 2 cores"
		if c.bare {
			other, against = signatureTurn, "2 hashes, 1 signature each"
		}
		d, err := newDesk(ctx, e, c.name)
		if err != nil {
			return measure.Pair{}, err
		}
		running, stop := context.WithCancel(ctx)
		ended := make(chan error, 1)
		go func() { ended <- d.queue.Run(running) }()
		turn := min(10_000, max(1000, int(10_000*e.Scale)))
		e.Log("%s: %d files a turn", c.name, turn)
		return measure.Pair{
			Against: against, Unit: c.unit, AtMost: c.most, Goal: 4,
			Ours: d.perFile(c.unit, turn, func(ctx context.Context, files [][]byte, people []int64) error {
				return d.importAll(ctx, files, people, c.together)
			}),
			Other: d.perFile(c.unit, turn, other),
			Close: func() error {
				stop()
				return errors.Join(<-ended, d.base.Close())
			},
		}, nil
	}
}

func checkTurn(ctx context.Context, files [][]byte, _ []int64) error {
	return checkAll(ctx, 2, files, func(int) error { return nil })
}

// signatureTurn does as often what verify/ob3-di is held against.
func signatureTurn(ctx context.Context, files [][]byte, _ []int64) error {
	check, err := proofAlone(ctx)
	if err != nil {
		return err
	}
	return each(2, len(files), func(int) error { return check() })
}

// importAll uploads files, some together, and returns when each is a badge.
func (d *desk) importAll(ctx context.Context, files [][]byte, people []int64, together int) error {
	before, err := d.count(ctx, `SELECT count(*) FROM badge`)
	if err != nil {
		return err
	}
	err = each(uploaders, (len(files)+together-1)/together, func(i int) error {
		first, end := i*together, min((i+1)*together, len(files))
		u := badge.Upload{File: files[first], Filename: "badge.png"}
		for n := first + 1; n < end; n++ {
			u.More = append(u.More, badge.File{Name: fmt.Sprintf("badge%d.png", n), Data: files[n]})
		}
		_, err := d.badges.Begin(ctx, people[first], u)
		return err
	})
	if err != nil {
		return err
	}
	for {
		waiting, err := d.count(ctx, `SELECT EXISTS (SELECT 1 FROM job WHERE kind = 'badge.import')`)
		if err != nil {
			return err
		}
		if waiting == 0 {
			break
		}
		time.Sleep(2 * time.Millisecond)
	}
	after, err := d.count(ctx, `SELECT count(*) FROM badge`)
	if err == nil && after-before != len(files) {
		err = fmt.Errorf("%w: %d badges of %d files", errWrong, after-before, len(files))
	}
	return err
}

func (d *desk) count(ctx context.Context, query string) (int, error) {
	return db.One[int](d.base.Read().QueryRow(ctx, query))
}

// wallFloor is what imports are held to by the clock, which neighbours disturb most. In CPU
// time it is the present figure with room, see docs/performance.md.
const wallFloor float64 = 8
