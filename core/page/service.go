package page

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/file"
	"github.com/osier-passport/osier/core/jobs"
	"github.com/osier-passport/osier/core/secret"
	"github.com/osier-passport/osier/core/theme"
)

const (
	// goneFor is how long a deleted page can be brought back.
	goneFor = 7 * 24 * time.Hour

	sweepLot = 100
)

// Deps is what a Pages needs.
type Deps struct {
	Base     *db.Base
	Bus      *event.Bus
	Queue    *jobs.Queue
	Accounts *account.Accounts
	Badges   *badge.Badges
	Files    *file.Files
	Theme    *theme.Theme
	Keys     *secret.Keys
}

// Pages makes, shows and removes pages.
type Pages struct{ Deps }

// New makes the service and subscribes it to what its pages stand on.
func New(d Deps) *Pages {
	s := &Pages{d}
	event.On(d.Bus, func(ctx context.Context, tx *db.Tx, e badge.Removed) error { return dropBadge(ctx, tx, e.Badge) })
	event.On(d.Bus, func(ctx context.Context, tx *db.Tx, e badge.Joined) error { return joinBadge(ctx, tx, e.From, e.Into) })
	event.On(d.Bus, func(ctx context.Context, tx *db.Tx, e badge.Renewed) error { return joinBadge(ctx, tx, e.Old, e.New) })
	event.On(d.Bus, func(ctx context.Context, tx *db.Tx, e file.Removed) error { return dropFile(ctx, tx, e.File) })
	d.Queue.Every("page.sweep", time.Hour, s.Sweep)
	d.Files.CarriedBy(s)
	return s
}

func errNotFound() error  { return fault.New(fault.NotFound, "page.error.not_found") }
func errNoBlock() error   { return fault.New(fault.NotFound, "page.error.no_block") }
func errNoVersion() error { return fault.New(fault.NotFound, "page.error.no_version") }

// Find gives a page that the viewer (0: nobody signed in) may see without being
// asked for anything, without its blocks. The fault NotFound is the same for a
// page that is not there.
func (s *Pages) Find(ctx context.Context, viewer int64, publicID string) (Page, error) {
	p, err := s.Get(ctx, viewer, publicID, "")
	if err == nil && p.HasPassword && p.Person != viewer {
		return Page{}, errNotFound()
	}
	return p, err
}

// Get gives a page that the viewer may see by the predicate or by the secret of its
// link. One with a password has yet to be opened with it (Opens).
func (s *Pages) Get(ctx context.Context, viewer int64, publicID, linkSecret string) (Page, error) {
	p, err := getPage(ctx, s.Base.Read(), asked{viewer, publicID, linkSecret, db.Micros(s.Base.Now())})
	if errors.Is(err, db.ErrNotFound) {
		return Page{}, s.absent(ctx, publicID, linkSecret)
	}
	return p, err
}

// Mine gives a page of the person's own, with its blocks and tags.
func (s *Pages) Mine(ctx context.Context, person int64, publicID string) (Page, error) {
	return s.whole(ctx, s.Base.Read(), person, publicID)
}

// Query selects from a person's own pages.
type Query struct {
	Tag     string // folded, "" is any
	Removed bool   // those that were deleted and can be brought back
	Before  int64  // keyset: pages older than this id, 0 for the newest
	Limit   int
}

// List gives pages of the person, the newest first, without their blocks.
func (s *Pages) List(ctx context.Context, person int64, q Query) ([]Page, error) {
	return listMine(ctx, s.Base.Read(), person, q)
}

// Shown gives the pages of a person that the viewer may see and find, the last
// published first, without their blocks.
func (s *Pages) Shown(ctx context.Context, viewer, person int64, limit int) ([]Page, error) {
	return listShown(ctx, s.Base.Read(), asked{viewer: viewer, now: db.Micros(s.Base.Now())}, person, limit)
}

// ShowsFile implements file.Carrier.
func (s *Pages) ShowsFile(ctx context.Context, d db.DB, viewer, f int64) (bool, error) {
	return showsFile(ctx, d, viewer, db.Micros(s.Base.Now()), f)
}

// FileUses implements file.Carrier.
func (s *Pages) FileUses(ctx context.Context, d db.DB, f int64) ([]file.Use, error) {
	list, err := listCarrying(ctx, d, f)
	out := make([]file.Use, 0, len(list))
	for _, p := range list {
		out = append(out, file.Use{Title: p.Title, URL: "/pages/" + p.PublicID + "/edit"})
	}
	return out, err
}

// knowsStyle reports whether the theme has a look of that name.
func (s *Pages) knowsStyle(id string) bool {
	styles, err := s.Theme.PageStyles()
	return err == nil && slices.ContainsFunc(styles, func(p theme.PageStyle) bool { return p.ID == id })
}

// Make makes a private page with a showcase of the chosen badges.
func (s *Pages) Make(ctx context.Context, person int64, title string, badges []string) (Page, error) {
	title, err := cleanTitle(title)
	if err != nil {
		return Page{}, err
	}
	p := Page{Person: person, Title: title, Style: theme.PlainStyle}
	err = s.Base.Tx(ctx, func(tx *db.Tx) error {
		p.Blocks = nil
		if len(badges) > 0 {
			b := Block{ID: newBlockID(), Kind: Showcase}
			if err := chooseBadges(ctx, tx, person, &b, badges); err != nil {
				return err
			}
			p.Blocks = []Block{b}
		}
		return s.insert(ctx, tx, &p)
	})
	return p, err
}

// insert writes a new page with its blocks as the first state.
func (s *Pages) insert(ctx context.Context, tx *db.Tx, p *Page) error {
	n, err := countMine(ctx, tx, p.Person)
	if err != nil {
		return err
	}
	if n >= maxPages {
		return fault.New(fault.Conflict, "page.error.pages").At("/pages")
	}
	p.ID, p.PublicID, p.Visibility = tx.NewID(), secret.ID(), badge.Private
	if p.CreatedAt.IsZero() {
		p.CreatedAt = tx.Now()
	}
	p.rev, p.HeadRev, p.version = 1, 1, 0
	if err := p.check(); err != nil {
		return err
	}
	if err := insertPage(ctx, tx, *p); err != nil {
		return err
	}
	if err := replaceTags(ctx, tx, p.ID, p.Tags); err != nil {
		return err
	}
	if _, err := saveBlocks(ctx, tx, Page{}, p); err != nil {
		return err
	}
	if err := keepVersion(ctx, tx, p, change{what: "made"}); err != nil {
		return err
	}
	return updateHead(ctx, tx, *p)
}

// Duplicate makes a private copy of a page of the person's own, under a title.
func (s *Pages) Duplicate(ctx context.Context, person int64, publicID string, title func(of string) string) (Page, error) {
	var copied Page
	err := s.Base.Tx(ctx, func(tx *db.Tx) error {
		p, err := s.whole(ctx, tx, person, publicID)
		if err != nil {
			return err
		}
		copied = Page{Person: person, Title: clip(title(p.Title), maxTitle), Style: p.Style, Frame: p.Frame, Space: p.Space, Tags: p.Tags, Blocks: slices.Clone(p.Blocks)}
		for i := range copied.Blocks {
			copied.Blocks[i].ID = newBlockID()
		}
		return s.insert(ctx, tx, &copied)
	})
	return copied, err
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// Remove deletes a page of the person's own: nobody sees it any more, and for a
// week it can be brought back.
func (s *Pages) Remove(ctx context.Context, person int64, publicID string) error {
	return s.setRemoved(ctx, person, publicID, hide)
}

// BringBack ends Remove.
func (s *Pages) BringBack(ctx context.Context, person int64, publicID string) error {
	return s.setRemoved(ctx, person, publicID, unhide)
}

func (s *Pages) setRemoved(ctx context.Context, person int64, publicID string, set func(context.Context, *db.Tx, int64, string) (int64, error)) error {
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		n, err := set(ctx, tx, person, publicID)
		if err == nil && n == 0 {
			return errNotFound()
		}
		return err
	})
}

// Sweep deletes pages for good that were deleted more than a week ago.
func (s *Pages) Sweep(ctx context.Context) error {
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		list, err := listGone(ctx, tx, db.Micros(tx.Now().Add(-goneFor)), sweepLot)
		if err != nil {
			return err
		}
		for _, p := range list {
			if err := s.erase(ctx, tx, p); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Pages) erase(ctx context.Context, tx *db.Tx, p Page) error {
	if err := event.Publish(ctx, tx, s.Bus, Removed{Page: p.ID, Person: p.Person}); err != nil {
		return err
	}
	return deletePage(ctx, tx, p.ID)
}
