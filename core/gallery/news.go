package gallery

import (
	"context"
	"errors"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/web"
)

// News is how much came since the viewer last looked around, at most newsMost of
// each.
type News struct {
	Since                  time.Time
	Classes, People, Pages int
}

const (
	newsMost = 99
	visitGap = 30 * time.Minute // a later look is another visit
)

// news counts what came since the viewer's last visit, and notes this one.
func (g *Gallery) news(c *web.Ctx) (News, error) {
	me, now := c.Viewer().Person, g.base.Now()
	if me == visitor {
		return News{}, nil
	}
	before, at, err := getVisit(c.Context(), g.base.Read(), me)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return News{}, err
	}
	if now.Sub(db.Time(at)) > visitGap {
		if err := g.noteVisit(c.Context(), me, at, now); err != nil {
			return News{}, err
		}
		before = at
	}
	if before == 0 {
		return News{}, nil
	}
	n := News{Since: db.Time(before)}
	if n.Classes, err = countNew(c.Context(), g.base.Read(), kindClass, before, newsMost); err != nil {
		return News{}, err
	}
	if n.People, err = countNew(c.Context(), g.base.Read(), kindPerson, before, newsMost); err != nil {
		return News{}, err
	}
	n.Pages, err = countNew(c.Context(), g.base.Read(), kindPage, before, newsMost)
	return n, err
}

func (g *Gallery) noteVisit(ctx context.Context, person, before int64, now time.Time) error {
	return g.base.Tx(ctx, func(tx *db.Tx) error { return putVisit(ctx, tx, person, before, db.Micros(now)) })
}
