// Package profile keeps what a profile shows beside the name: where a person is
// found elsewhere, whether the addresses they name lead back here (rel="me",
// https://microformats.org/wiki/rel-me), the badges that stand first, the skills that
// their badges name, and whether machines may read the badges in one piece.
//
// It owns the tables profile_field, profile_link, profile_pin, profile_block and
// profile_block_badge (the parts of a profile in their order), and profile_choice. It
// hears account.ProfileChanged, account.Merged, badge.Removed and badge.Joined. What a viewer sees of a person is
// asked of core/account (FaceOf) and core/badge; this package adds the audience of
// each field. core/social draws the profile and calls it, core/mydata its part of a
// person's data; its own pages are settings.
package profile

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/fetch"
	"github.com/osier-passport/osier/core/jobs"
)

// PinsMax is how many badges can stand first.
const PinsMax = 6

const skillsShown = 24

// Deps is what a Profiles needs.
type Deps struct {
	Base     *db.Base
	Bus      *event.Bus
	Queue    *jobs.Queue
	Fetch    *fetch.Client
	Accounts *account.Accounts
	Badges   *badge.Badges
	URL      func(path string) string          // absolute form of a local path
	Styles   func(lang string) ([]Look, error) // that people choose from
	Log      *slog.Logger
}

// Profiles is the service of this package.
type Profiles struct{ Deps }

// New makes the service, and the work that looks at links.
func New(d Deps) *Profiles {
	s := &Profiles{d}
	event.On(d.Bus, func(ctx context.Context, tx *db.Tx, e account.ProfileChanged) error {
		return s.settleLinks(ctx, tx, e.Person)
	})
	event.On(d.Bus, func(ctx context.Context, tx *db.Tx, e account.Merged) error { return s.settleLinks(ctx, tx, e.Into) })
	event.On(d.Bus, func(ctx context.Context, tx *db.Tx, e badge.Removed) error {
		return errors.Join(deletePinsOf(ctx, tx, e.Badge), deleteChosen(ctx, tx, e.Badge))
	})
	event.On(d.Bus, func(ctx context.Context, tx *db.Tx, e badge.Joined) error {
		return errors.Join(movePin(ctx, tx, e.From, e.Into), moveChosen(ctx, tx, e.From, e.Into))
	})
	event.On(d.Bus, func(ctx context.Context, tx *db.Tx, e badge.Renewed) error {
		return errors.Join(movePin(ctx, tx, e.Old, e.New), moveChosen(ctx, tx, e.Old, e.New))
	})
	d.Queue.Handle(jobLink, s.linkJob)
	d.Queue.Every("profile.links", time.Hour, s.queueDue)
	return s
}

// Contact is a place elsewhere as a viewer sees it.
type Contact struct {
	Kind, Value string
	URL         string    // "" for what has no address
	Verified    time.Time // when the address last led back here; zero: it does not
}

// Link is an address that a person names, as a viewer sees it.
type Link struct {
	URL      string
	Verified time.Time
}

// View is what one viewer sees of a profile beside the name.
type View struct {
	Contacts []Contact
	Links    []Link
	Pinned   []badge.Badge
	Skills   []badge.Skill
	Parts    []Shown // in their order
	Style    string  // of the profile, "" for the theme's own
}

// Look gives what the viewer (0: nobody signed in) sees of a person's profile, whose
// links face holds. That the viewer may open the profile is asked before.
func (s *Profiles) Look(ctx context.Context, viewer, person int64, face account.Face) (View, error) {
	var v View
	return v, s.Base.View(ctx, func(d db.DB) error {
		verified, err := verifiedLinks(ctx, d, person)
		if err != nil {
			return err
		}
		fields, err := fieldsOf(ctx, d, person)
		if err != nil {
			return err
		}
		for _, f := range fields {
			if f.seenBy(viewer, person) {
				v.Contacts = append(v.Contacts, Contact{Kind: f.Kind, Value: f.Value, URL: f.URL(), Verified: verified[f.URL()]})
			}
		}
		for _, url := range face.Links {
			v.Links = append(v.Links, Link{url, verified[url]})
		}
		ids, err := pinsOf(ctx, d, person)
		if err != nil {
			return err
		}
		if v.Pinned, err = s.Badges.ShownAmong(ctx, d, viewer, person, ids); err != nil {
			return err
		}
		if v.Skills, err = s.Badges.SkillsShown(ctx, d, viewer, person, skillsShown); err != nil {
			return err
		}
		return s.arrange(ctx, d, viewer, person, &v)
	})
}

// arrange adds the parts of a profile in their order, and its look.
func (s *Profiles) arrange(ctx context.Context, d db.DB, viewer, person int64, v *View) (err error) {
	if v.Parts, err = s.shown(ctx, d, viewer, person); err != nil {
		return err
	}
	if v.Style, err = s.Style(ctx, d, person); err == nil && !s.knowsStyle(v.Style) {
		v.Style = ""
	}
	return err
}

// Credentials reports whether a person lets machines read their public badges in one
// piece with the profile.
func (s *Profiles) Credentials(ctx context.Context, person int64) (bool, error) {
	return credentialsOf(ctx, s.Base.Read(), person)
}

// SetCredentials keeps that choice.
func (s *Profiles) SetCredentials(ctx context.Context, person int64, yes bool) error {
	return s.Base.Tx(ctx, func(tx *db.Tx) error { return upsertCredentials(ctx, tx, person, yes) })
}

// Pins gives the pinned badges of a person for their own eyes.
func (s *Profiles) Pins(ctx context.Context, person int64) ([]badge.Badge, error) {
	ids, err := pinsOf(ctx, s.Base.Read(), person)
	if err != nil {
		return nil, err
	}
	return s.Badges.MineAmong(ctx, person, ids)
}

// Pin puts a badge of the person's own behind those that are pinned. It returns a
// fault NotFound for another's badge, and Conflict where there are PinsMax already.
func (s *Profiles) Pin(ctx context.Context, person int64, publicID string) error {
	b, err := s.Badges.Mine(ctx, person, publicID)
	if err != nil {
		return err
	}
	return s.change(ctx, person, func(list []int64) ([]int64, error) {
		if slices.Contains(list, b.ID) {
			return list, nil
		}
		if len(list) >= PinsMax {
			return nil, fault.New(fault.Conflict, "profile.error.pins").At("/settings/pins")
		}
		return append(list, b.ID), nil
	})
}

// Unpin lets a badge stand among the others again.
func (s *Profiles) Unpin(ctx context.Context, person int64, publicID string) error {
	b, err := s.Badges.Mine(ctx, person, publicID)
	if err != nil {
		return err
	}
	return s.change(ctx, person, func(list []int64) ([]int64, error) {
		return slices.DeleteFunc(list, func(id int64) bool { return id == b.ID }), nil
	})
}

// MovePin moves a pinned badge by some places, as far as there are.
func (s *Profiles) MovePin(ctx context.Context, person int64, publicID string, by int) error {
	b, err := s.Badges.Mine(ctx, person, publicID)
	if err != nil {
		return err
	}
	return s.change(ctx, person, func(list []int64) ([]int64, error) {
		at := slices.Index(list, b.ID)
		if at < 0 {
			return list, nil
		}
		to := min(max(at+by, 0), len(list)-1)
		return slices.Insert(slices.Delete(list, at, at+1), to, b.ID), nil
	})
}

func (s *Profiles) change(ctx context.Context, person int64, f func([]int64) ([]int64, error)) error {
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		list, err := pinsOf(ctx, tx, person)
		if err != nil {
			return err
		}
		if list, err = f(list); err != nil {
			return err
		}
		return replacePins(ctx, tx, person, list)
	})
}

// Hint is something that a profile still lacks; Key names its words.
type Hint struct {
	Key, URL string
	Done     bool
}

// Hints tell the person alone what their profile could have, what is there included.
func Hints(face account.Face, v View, badges int) []Hint {
	list := []Hint{
		{"picture", "/settings/profile", face.Picture != ""},
		{"about", "/settings/profile", face.About != ""},
		{"links", "/settings/profile", len(face.Links) > 0 || len(v.Contacts) > 0},
		{"badge", "/badges", badges > 0},
		{"pin", "/settings/pins", len(v.Pinned) > 0},
	}
	verified := slices.ContainsFunc(v.Links, func(l Link) bool { return !l.Verified.IsZero() }) ||
		slices.ContainsFunc(v.Contacts, func(c Contact) bool { return !c.Verified.IsZero() })
	list = append(list, Hint{"verified", "/settings/contact", verified})
	slices.SortStableFunc(list, func(a, b Hint) int { return cmp.Compare(order(a), order(b)) })
	return list
}

func order(h Hint) int {
	if h.Done {
		return 1
	}
	return 0
}

func cleanLine(s string) string { return strings.Join(strings.Fields(s), " ") }
