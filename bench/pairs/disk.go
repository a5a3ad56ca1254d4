package pairs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/osier-passport/osier/bench/measure"
	"github.com/osier-passport/osier/bench/sample"
)

// fillBadges are as many as make the pages that are half full count for little.
const fillBadges = 4000

func keeping() []Maker {
	return []Maker{
		{"disk/badge without image", func(ctx context.Context, e *Env) (measure.Pair, error) {
			return diskPair(ctx, e, diskCase{"disk", 0.65, sample.Numbered})
		}},
		{"disk/badge in a picture, without it", func(ctx context.Context, e *Env) (measure.Pair, error) {
			return diskPair(ctx, e, diskCase{"pictures", 0.8, inPicture})
		}},
	}
}

// diskCase is a form in which badges come, and what the ratio is to be at most.
type diskCase struct {
	name   string
	most   float64
	fileOf func(ctx context.Context, n int64) ([]byte, error)
}

// inPicture is a badge in the picture that all of its class share.
func inPicture(ctx context.Context, n int64) ([]byte, error) {
	payload, err := sample.Numbered(ctx, n)
	if err != nil {
		return nil, err
	}
	return sample.Picture(64, "openbadgecredential", payload)
}

// diskPair: what the database grows by for each badge that is imported as a file
// in the product's own way and is at rest a day later, with all indexes, its ledger and
// its part of what is shared, against the bytes of its JSON.
func diskPair(ctx context.Context, e *Env, c diskCase) (measure.Pair, error) {
	d, err := newDesk(ctx, e, c.name)
	if err != nil {
		return measure.Pair{}, err
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- d.queue.Run(running) }()
	var raw int
	return measure.Pair{
		Against: "its JSON", Unit: measure.Bytes, AtMost: c.most, Goal: 0.6,
		Ours: measure.Side{Value: func(ctx context.Context) (float64, error) {
			before, err := d.used(ctx)
			if err != nil {
				return 0, err
			}
			if raw, err = d.fill(ctx, fillBadges, c.fileOf); err != nil {
				return 0, err
			}
			after, err := d.used(ctx)
			return float64(after-before) / fillBadges, err
		}},
		Other: measure.Side{Value: func(context.Context) (float64, error) { return float64(raw) / fillBadges, nil }},
		Close: func() error {
			stop()
			return errors.Join(<-ended, d.base.Close())
		},
	}, nil
}

// fill imports badges as files, some together, gives the bytes of their JSON, and
// forgets what the passport forgets of imports after a day.
func (d *desk) fill(ctx context.Context, n int, fileOf func(ctx context.Context, n int64) ([]byte, error)) (bytes int, err error) {
	files, people, sizes := make([][]byte, n), make([]int64, n), make([]int, n)
	err = each(2, n, func(i int) (err error) {
		number := d.next.Add(1)
		payload, err := sample.Numbered(ctx, number)
		if err != nil {
			return err
		}
		sizes[i], people[i] = len(payload), 1+number%holders
		files[i], err = fileOf(ctx, number)
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, size := range sizes {
		bytes += size
	}
	if err := d.importAll(ctx, files, people, 50); err != nil {
		return 0, err
	}
	d.ahead.Store(int64(25 * time.Hour))
	defer d.ahead.Store(0)
	return bytes, d.badges.Sweep(ctx)
}

// used are the bytes of the pages that hold something.
func (d *desk) used(ctx context.Context) (int, error) {
	pages, err := d.count(ctx, `SELECT page_count FROM pragma_page_count`)
	if err != nil {
		return 0, err
	}
	free, err := d.count(ctx, `SELECT freelist_count FROM pragma_freelist_count`)
	if err != nil {
		return 0, err
	}
	size, err := d.count(ctx, `SELECT page_size FROM pragma_page_size`)
	if size == 0 && err == nil {
		err = fmt.Errorf("%w: pages without a size", errWrong)
	}
	return (pages - free) * size, err
}
