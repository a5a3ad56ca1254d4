// Package gallery is what visitors explore: the community's newest events,
// badge classes, people and issuers, and the front page.
//
// It owns no tables and no events. It reads badge, badge_class, issuer and
// person by JOIN, through badge.VisibleSQL, and the community feed of core/feed.
// Its own pages and core/feed (suggestions) call it.
package gallery

import (
	"context"
	"strconv"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/feed"
	"github.com/osier-passport/osier/core/social"
	"github.com/osier-passport/osier/core/web"
)

const (
	listSize    = 24
	eventSize   = 20
	recentSize  = 6
	suggestSize = 6
)

// Gallery finds what may be explored.
type Gallery struct {
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
}

// New makes the service.
func New(d Deps) *Gallery {
	return &Gallery{base: d.Base, accounts: d.Accounts, badges: d.Badges, social: d.Social, feed: d.Feed, version: d.Version}
}

// Mount makes the route of explore.
func (g *Gallery) Mount(r web.Router) {
	r.Get("/explore", g.explore)
	r.Get("/about", g.about)
}

// ExplorePage is the page "gallery/explore".
type ExplorePage struct {
	Query, Tab   string
	Cards        []badge.Card
	Classes      []badge.ClassView
	People       []feed.Suggestion
	Issuers      []IssuerItem
	Events       []social.EventView
	Older, Newer string
	FeedOpen     bool
}

// IssuerItem is an issuer with how many of its badges are shown.
type IssuerItem struct {
	badge.IssuerView

	Badges int
}

// Meta titles the page.
func (p ExplorePage) Meta() web.Meta {
	return web.Meta{Title: "nav.explore", Canonical: "/explore", NoIndex: !p.FeedOpen}
}

func (g *Gallery) explore(c *web.Ctx) error {
	site, err := c.Site()
	if err != nil {
		return err
	}
	page := ExplorePage{Query: text100(c.Query("q")), Tab: c.Query("tab"), FeedOpen: site.Explore}
	if !site.Explore && !c.Viewer().SignedIn() {
		return c.Render("gallery/explore", page)
	}
	if err := g.fill(c, &page); err != nil {
		return err
	}
	return c.Render("gallery/explore", page)
}

func (g *Gallery) fill(c *web.Ctx, page *ExplorePage) error {
	switch page.Tab {
	case "badges":
		return g.addClasses(c, page)
	case "people":
		var err error
		page.People, err = g.people(c, page.Query, listSize)
		return err
	case "issuers":
		return g.addIssuers(c, page)
	}
	page.Tab = ""
	if page.Query != "" {
		return g.addFound(c, page)
	}
	return g.addEvents(c, page)
}

func (g *Gallery) addEvents(c *web.Ctx, page *ExplorePage) error {
	before := badge.Cursor(c.Query("before"))
	events, err := g.feed.Community(c.Context(), c.Viewer().Person, feed.All, badge.Range{Before: before, Limit: eventSize})
	if err != nil {
		return err
	}
	page.Events = feed.Views(c, events.Events)
	if events.Older != 0 {
		page.Older = badge.PathWith("/explore", "before", strconv.FormatInt(events.Older, 36))
	}
	if before != 0 {
		page.Newer = "/explore"
		return nil
	}
	page.Cards, err = g.recent(c.Context(), c.Viewer().Person, c, recentSize)
	return err
}

// addFound answers a search on the first tab: classes, and people by name.
func (g *Gallery) addFound(c *web.Ctx, page *ExplorePage) error {
	if err := g.addClasses(c, page); err != nil {
		return err
	}
	var err error
	page.People, err = g.people(c, page.Query, suggestSize)
	return err
}

func (g *Gallery) addClasses(c *web.Ctx, page *ExplorePage) error {
	offset, _ := strconv.Atoi(c.Query("page"))
	offset = min(max(offset, 0), 40)
	list, err := listClasses(c.Context(), g.base.Read(), c.Viewer().Person, page.Query, offset)
	if err != nil {
		return err
	}
	link := func(n int) string {
		at := ""
		if n > 0 {
			at = strconv.Itoa(n)
		}
		return badge.PathWith("/explore", "tab", page.Tab, "q", page.Query, "page", at)
	}
	if len(list) > listSize {
		list = list[:listSize]
		page.Older = link(offset + 1)
	}
	if offset > 0 {
		page.Newer = link(offset - 1)
	}
	for _, class := range list {
		page.Classes = append(page.Classes, class.View())
	}
	return nil
}

func (g *Gallery) people(c *web.Ctx, query string, limit int) ([]feed.Suggestion, error) {
	list, err := listPeople(c.Context(), g.base.Read(), c.Viewer().Person, query, limit)
	if err != nil {
		return nil, err
	}
	out := []feed.Suggestion{}
	for _, p := range list {
		follow, err := g.social.PersonFollow(c, p.id, p.handle)
		if err != nil {
			return nil, err
		}
		out = append(out, feed.Suggestion{Person: badge.PersonView(p.handle, p.name, p.picture), Badges: p.badges, Follow: follow})
	}
	return out, nil
}

// Suggest gives people whom the viewer does not follow yet.
func (g *Gallery) Suggest(c *web.Ctx) ([]feed.Suggestion, error) {
	list, err := g.people(c, "", 4*suggestSize)
	if err != nil {
		return nil, err
	}
	out := []feed.Suggestion{}
	for _, s := range list {
		if !s.Follow.Following && s.Follow.CanFollow && len(out) < suggestSize {
			out = append(out, s)
		}
	}
	return out, nil
}

func (g *Gallery) addIssuers(c *web.Ctx, page *ExplorePage) error {
	list, err := listIssuers(c.Context(), g.base.Read(), c.Viewer().Person, page.Query, listSize)
	if err != nil {
		return err
	}
	for _, i := range list {
		page.Issuers = append(page.Issuers, IssuerItem{IssuerView: i.issuer.View(), Badges: i.badges})
	}
	return nil
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

func text100(s string) string {
	if r := []rune(s); len(r) > 100 {
		return string(r[:100])
	}
	return s
}
