// Package gallery is what visitors explore: the community's newest events, badge
// classes, people, issuers, skills and pages, the search through all of them, a map, and
// the front page.
//
// It owns the search index: search_doc (what may be found, with how many people
// show it), search_index (its words, on SQLite), search_word and search_gram (the
// dictionary that mistyped words are corrected by), facet and facet_doc (tags,
// skills, issuers and countries, with counters), search_mark (what changed and is
// not indexed yet; triggers write it in the transaction of the change, see Index),
// and explore_place and explore_visit (where people say that they are, and when
// they last looked around). It publishes no events. It reads badge, badge_class,
// issuer, person and page by JOIN, through badge.FoundSQL and page.FoundSQL, and the community feed of
// core/feed. Its own pages and core/feed (suggestions) call it.
package gallery

import (
	"context"
	"log/slog"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/feed"
	"github.com/osier-passport/osier/core/social"
	"github.com/osier-passport/osier/core/web"
)

const (
	eventSize   = 20
	recentSize  = 6
	suggestSize = 6
	queryMax    = 100 // characters
)

// Gallery finds what may be explored.
type Gallery struct {
	*Index

	base     *db.Base
	badges   *badge.Badges
	social   *social.Social
	feed     *feed.Feed
	accounts *account.Accounts
	version  string
}

// Deps is what a Gallery needs.
type Deps struct {
	Base     *db.Base
	Accounts *account.Accounts
	Badges   *badge.Badges
	Social   *social.Social
	Feed     *feed.Feed
	Version  string // shown on the about page
	Log      *slog.Logger
}

// New makes the service.
func New(d Deps) *Gallery {
	return &Gallery{
		Index: NewIndex(d.Base, d.Log),
		base:  d.Base, badges: d.Badges, social: d.Social, feed: d.Feed, accounts: d.Accounts, version: d.Version,
	}
}

// Mount makes the routes of explore.
func (g *Gallery) Mount(r web.Router) {
	r.Get("/explore", web.Kept(g.explore))
	r.Get("/search", web.Kept(g.search))
	r.Get("/skills", web.Kept(g.skills))
	r.Get("/skills/:id", web.Kept(g.skill))
	r.Get("/map", web.Kept(g.world))
	r.Get("/about", web.Kept(g.about))
	in := r.Group(web.SignedIn)
	in.Get("/settings/map", g.place)
	in.Post("/settings/map", g.setPlace)
}

// open reports whether the viewer may explore: everybody where the site allows it,
// else members.
func open(c *web.Ctx) (bool, error) {
	site, err := c.Site()
	return site.Explore || c.Viewer().SignedIn(), err
}

func (g *Gallery) recent(ctx context.Context, viewer int64, c *web.Ctx, limit int) ([]badge.Card, error) {
	list, err := g.badges.Newest(ctx, viewer, limit)
	if err != nil {
		return nil, err
	}
	cards := []badge.Card{}
	for _, b := range list {
		cards = append(cards, badge.NewCard(b, viewer, c.Now()).WithEarner(b))
	}
	return cards, nil
}

// Suggest gives people whom the viewer does not follow yet.
func (g *Gallery) Suggest(c *web.Ctx) ([]feed.Suggestion, error) {
	r := result{}
	if err := g.find(c, finding{kind: kindPerson, sort: byNewest, after: fromStart}, &r); err != nil {
		return nil, err
	}
	out := []feed.Suggestion{}
	for _, s := range r.People {
		if !s.Follow.Following && s.Follow.CanFollow && len(out) < suggestSize {
			out = append(out, s)
		}
	}
	return out, nil
}

// Landing is what the front page shows of the community to a visitor.
type Landing struct {
	Recent                  []badge.Card
	People, Badges, Issuers int
}

// Landing gives the newest public badges and the counts of what is public, or
// nothing where the site keeps explore for its members.
func (g *Gallery) Landing(c *web.Ctx) (Landing, error) {
	site, err := c.Site()
	if err != nil || !site.Explore {
		return Landing{}, err
	}
	var l Landing
	if l.Recent, err = g.recent(c.Context(), 0, c, recentSize); err != nil {
		return l, err
	}
	l.People, l.Badges, l.Issuers, err = countPublic(c.Context(), g.base.Read())
	return l, err
}
