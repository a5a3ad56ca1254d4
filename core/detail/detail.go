// Package detail keeps what holders add to their badges: a note for themselves, a
// rating, where it was, evidence of their own; and counts how often others look.
//
// It owns the tables badge_detail, badge_evidence and badge_view, and no event. It
// reads badge and file by JOIN, and congratulation, comment and endorsement for what it
// counts of a person's badges. Notes are the holder's alone. A rating is shown in
// the average of a badge class, never by itself. Evidence is seen by whoever sees
// the badge, unless it is hidden; a file of it is no more public than that
// (file.Carrier). Views are counted by the day as those of members and of visitors:
// nothing about who looked is kept, and programs that say that they are some are
// left out.
//
// Callers: core/badge and core/social by their pages, and its own pages.
package detail

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/file"
	"github.com/osier-passport/osier/core/secret"
	"github.com/osier-passport/osier/core/text"
)

const (
	maxNote     = 4000 // characters
	maxPlace    = 100
	maxTitle    = 120
	maxBody     = 4000
	maxEvidence = 30 // of one badge
	maxRating   = 10 // half stars
)

// Detail is what the holder of a badge adds to it.
type Detail struct {
	Note       string // Markdown, for the holder alone
	Rating     int    // half stars, 1 to 10; 0: none
	Place      string
	PlaceShown bool
}

// Kind says what a piece of evidence is.
type Kind string

// The kinds.
const (
	Link Kind = "link"
	Page Kind = "page" // of this site
	File Kind = "file"
	Text Kind = "text"
)

// Evidence is something that the holder puts beside a badge.
type Evidence struct {
	ID        int64
	PublicID  string
	Kind      Kind
	Title     string
	URL       string // of a Link, absolute; of a Page, local
	Body      string // Markdown
	File      int64
	FileID    string // public id
	FileName  string
	Shown     bool
	CreatedAt time.Time
}

// Deps is what a Details needs.
type Deps struct {
	Base   *db.Base
	Bus    *event.Bus
	Badges *badge.Badges
	Files  *file.Files
	Pages  Pages // nil: there are none
	URL    func(path string) string
	Log    *slog.Logger
}

// Details is the service of this package.
type Details struct {
	Deps

	mu    sync.Mutex
	views map[seen]int64
	timer *time.Timer
	flush sync.WaitGroup
}

// New makes the service and subscribes it to the end of badges and files. Close it
// after use.
func New(d Deps) *Details {
	s := &Details{Deps: d, views: map[seen]int64{}}
	event.On(d.Bus, func(ctx context.Context, tx *db.Tx, e badge.Removed) error { return deleteOfBadge(ctx, tx, e.Badge) })
	event.On(d.Bus, func(ctx context.Context, tx *db.Tx, e badge.Joined) error {
		return moveToBadge(ctx, tx, e.From, e.Into)
	})
	event.On(d.Bus, func(ctx context.Context, tx *db.Tx, e file.Removed) error { return deleteOfFile(ctx, tx, e.File) })
	d.Files.CarriedBy(s)
	return s
}

// ShowsFile implements file.Carrier: a file is seen by whoever sees a badge that
// shows it as evidence.
func (s *Details) ShowsFile(ctx context.Context, d db.DB, viewer, fileID int64) (bool, error) {
	return showsFile(ctx, d, viewer, fileID)
}

// FileUses implements file.Carrier.
func (s *Details) FileUses(ctx context.Context, d db.DB, fileID int64) ([]file.Use, error) {
	return fileUses(ctx, d, fileID)
}

// Save keeps what a holder adds to a badge of theirs. It returns
// account.FieldErrors.
func (s *Details) Save(ctx context.Context, person int64, publicID string, in Detail) error {
	b, err := s.Badges.Mine(ctx, person, publicID)
	if err != nil {
		return err
	}
	in, wrong := in.clean()
	if len(wrong) > 0 {
		return wrong
	}
	return s.Base.Tx(ctx, func(tx *db.Tx) error { return upsertDetail(ctx, tx, b.ID, in) })
}

// clean gives what is kept of what a holder typed, by the rules of the form.
func (d Detail) clean() (Detail, account.FieldErrors) {
	wrong := account.FieldErrors{}
	var ok bool
	if d.Note, ok = text.CleanText(d.Note, maxNote); !ok {
		wrong["note"] = "detail.error.note"
	}
	if d.Place, ok = text.CleanLine(d.Place, maxPlace); !ok {
		wrong["place"] = "detail.error.place"
	}
	if d.Rating < 0 || d.Rating > maxRating {
		wrong["rating"] = "detail.error.rating"
	}
	return d, wrong
}

// Addition is a piece of evidence as it is typed: one of URL, Page, File and Body, and a
// title.
type Addition struct {
	Title, URL, Body string
	File             string // public id of a file of the person's own
	Page             string // public id of a page of the person's own
}

// Add puts a piece of evidence beside a badge of the person's own. It returns
// account.FieldErrors, and a fault Conflict for a badge with too many.
func (s *Details) Add(ctx context.Context, person int64, publicID string, a Addition) error {
	b, err := s.Badges.Mine(ctx, person, publicID)
	if err != nil {
		return err
	}
	e, err := s.evidence(ctx, s.Base.Read(), person, a)
	if err != nil {
		return err
	}
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		n, err := countEvidence(ctx, tx, b.ID)
		if err == nil && n >= maxEvidence {
			err = fault.New(fault.Conflict, "detail.error.full").At("/b/" + publicID + "/details")
		}
		if err != nil {
			return err
		}
		e.ID, e.PublicID, e.Shown, e.CreatedAt = tx.NewID(), secret.ID(), true, tx.Now()
		return insertEvidence(ctx, tx, b.ID, e)
	})
}

func (s *Details) evidence(ctx context.Context, d db.DB, person int64, a Addition) (Evidence, error) {
	title, ok := text.CleanLine(a.Title, maxTitle)
	if !ok {
		return Evidence{}, account.FieldErrors{"title": "detail.error.title"}
	}
	body, ok := text.CleanText(a.Body, maxBody)
	if !ok {
		return Evidence{}, account.FieldErrors{"text": "detail.error.text"}
	}
	e := Evidence{Kind: Text, Title: title, Body: body}
	switch {
	case a.URL != "":
		address, ok := text.SafeURL(a.URL)
		if !ok {
			return e, account.FieldErrors{"url": "detail.error.url"}
		}
		e.Kind, e.URL = Link, address
		if local, own := strings.CutPrefix(address, s.URL("/")); own && strings.HasPrefix(local, "p/") {
			e.Kind, e.URL = Page, "/"+local
		}
	case a.Page != "":
		of, ok, err := s.pageEvidence(ctx, person, a.Page, title)
		if err == nil && !ok {
			err = fault.New(fault.NotFound, "detail.error.page")
		}
		of.Body = body
		return of, err
	case a.File != "":
		f, err := s.Files.Mine(ctx, d, person, a.File)
		if err != nil {
			return e, err
		}
		e.Kind, e.File = File, f.ID
	case body == "":
		return e, account.FieldErrors{"url": "detail.error.nothing"}
	}
	return e, nil
}

// Show says whether others see a piece of evidence of the person's own.
func (s *Details) Show(ctx context.Context, person int64, publicID string, shown bool) error {
	return s.change(ctx, func(tx *db.Tx) (int64, error) { return updateShown(ctx, tx, person, publicID, shown) })
}

// Delete deletes a piece of evidence of the person's own; a file of it stays.
func (s *Details) Delete(ctx context.Context, person int64, publicID string) error {
	return s.change(ctx, func(tx *db.Tx) (int64, error) { return deleteEvidence(ctx, tx, person, publicID) })
}

func (s *Details) change(ctx context.Context, do func(tx *db.Tx) (int64, error)) error {
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		n, err := do(tx)
		if err == nil && n == 0 {
			err = fault.New(fault.NotFound, "detail.error.not_found")
		}
		return err
	})
}

// Of gives what the holder adds to a badge.
func (s *Details) Of(ctx context.Context, badgeID int64) (Detail, error) {
	d, err := getDetail(ctx, s.Base.Read(), badgeID)
	if errors.Is(err, db.ErrNotFound) {
		return Detail{}, nil
	}
	return d, err
}

// Rating is the average of a badge class, of those who show it to everybody.
type Rating struct {
	Average float64 // stars
	Count   int
}

// RatingOf gives the average of a badge class.
func (s *Details) RatingOf(ctx context.Context, class int64) (Rating, error) {
	return ratingOf(ctx, s.Base.Read(), class)
}
