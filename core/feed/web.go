package feed

import (
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/social"
	"github.com/osier-passport/osier/core/web"
)

const (
	pageSize    = 20
	fewEvents   = 5 // a feed with fewer suggests people to follow
	recentCount = 5 // on a profile
)

// Suggestion is a person to follow.
type Suggestion struct {
	Person badge.Person
	Badges int
	Common int // badges of the same classes as the viewer holds, where they are counted
	Follow badge.Follow
}

// ListPage is the page "feed/list".
type ListPage struct {
	Events       []social.EventView
	Kind         string
	Older, Newer string
	Suggestions  []Suggestion
}

// Meta titles the page.
func (ListPage) Meta() web.Meta { return web.Meta{Title: "nav.feed", NoIndex: true} }

// Pages are the pages of the feed.
type Pages struct {
	feed     *Feed
	accounts *account.Accounts
	suggest  func(c *web.Ctx) ([]Suggestion, error)
}

// Mount makes the routes of the feed. suggest finds people for a feed that is short.
func (f *Feed) Mount(r web.Router, a *account.Accounts, suggest func(c *web.Ctx) ([]Suggestion, error)) {
	p := &Pages{feed: f, accounts: a, suggest: suggest}
	r.Get("/@:name/feed.atom", p.atom)
	r.Group(web.SignedIn).Get("/feed", p.list)
}

func (p *Pages) list(c *web.Ctx) error {
	filter := FilterOf(c.Query("kind"))
	before := badge.Cursor(c.Query("before"))
	events, err := p.feed.Of(c.Context(), c.Viewer().Person, filter, badge.Range{Before: before, Limit: pageSize})
	if err != nil {
		return err
	}
	page := ListPage{Events: Views(c, events.Events), Kind: string(filter)}
	if events.Older != 0 {
		page.Older = badge.PathWith("/feed", "kind", page.Kind, "before", strconv.FormatInt(events.Older, 36))
	}
	if before != 0 {
		page.Newer = badge.PathWith("/feed", "kind", page.Kind)
	}
	if before == 0 && filter == All && len(page.Events) < fewEvents {
		if page.Suggestions, err = p.suggest(c); err != nil {
			return err
		}
	}
	return c.Render("feed/list", page)
}

// FilterOf reads a filter; what is none is All.
func FilterOf(s string) Filter {
	switch f := Filter(s); f {
	case Badges, People, Comments, Arranges:
		return f
	}
	return All
}

// Recent gives the newest events of a person, for their profile.
func (f *Feed) Recent(c *web.Ctx, person int64) ([]social.EventView, error) {
	p, err := f.By(c.Context(), c.Viewer().Person, person, All, badge.Range{Limit: recentCount})
	if err != nil {
		return nil, err
	}
	return Views(c, p.Events), nil
}

// Views makes the views of events.
func Views(c *web.Ctx, events []Event) []social.EventView {
	out := make([]social.EventView, 0, len(events))
	for _, e := range events {
		out = append(out, e.view(c.Now()))
	}
	return out
}

func (e Event) view(now time.Time) social.EventView {
	v := social.EventView{
		ID: strconv.FormatInt(e.ID, 36), Verb: string(e.Verb), At: e.At, Comment: e.Comment,
		Actor: badge.PersonView(e.Actor.Handle, e.Actor.Name, e.Actor.Picture),
	}
	if e.ClassID != "" {
		v.Class = badge.ClassView{ID: e.ClassID, URL: "/c/" + e.ClassID, Name: e.ClassName, Issuer: e.Issuer}
		v.URL = v.Class.URL
		if e.Thumbnail != "" {
			v.Class.Image = v.Class.URL + "/image"
		}
	}
	switch {
	case e.Verb == Arranged:
		v.URL = "/p/" + e.PageID
		v.Page = social.PageLink{Title: e.Title, URL: v.URL}
	case e.Verb == Published || e.Verb == Cheered:
		v.URL = "/b/" + e.BadgeID
		v.Badge = badge.Card{
			ID: e.BadgeID, URL: v.URL, Name: e.ClassName, Issuer: e.Issuer, IssuedAt: e.IssuedAt, ExpiresAt: e.ExpiresAt,
			Verdict: string(badge.Badge{Verdict: e.Verdict, ExpiresAt: e.ExpiresAt}.VerdictAt(now)),
		}
		if e.Thumbnail != "" {
			v.Badge.Image = v.URL + "/image"
		}
		if e.Verb == Cheered {
			v.Person = badge.PersonView(e.Person.Handle, e.Person.Name, e.Person.Picture)
		}
	case e.Person.ID != 0:
		v.Person = badge.PersonView(e.Person.Handle, e.Person.Name, e.Person.Picture)
		v.URL = v.Person.URL
	}
	return v
}

func (p *Pages) atom(c *web.Ctx) error {
	// A feed reader is nobody's session: it gets what everybody may see.
	who, err := p.accounts.Opened(c.Context(), 0, c.Param("name"))
	if err != nil {
		return err
	}
	if account.HasMoved(who, c.Param("name")) {
		return c.Moved("/@" + who.Handle + "/feed.atom")
	}
	events, err := p.feed.By(c.Context(), 0, who.ID, All, badge.Range{Before: badge.Cursor(c.Query("before")), Limit: pageSize})
	if err != nil {
		return err
	}
	doc, err := atomOf(c, who, events)
	if err != nil {
		return err
	}
	return c.Bytes("application/atom+xml; charset=utf-8", doc, web.ByteOptions{CacheControl: web.Revalidate})
}
