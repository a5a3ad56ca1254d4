package gallery

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/feed"
	"github.com/osier-passport/osier/core/social"
	"github.com/osier-passport/osier/core/web"
)

// ExplorePage is the page "gallery/explore".
type ExplorePage struct {
	Query, Tab string

	Sort         string // held, newest; "" is the best match
	Ranked       bool   // there is a best match
	Fixed        []Field
	ByWhom, Whom string // the filter of the tab by a person: holder, owner, "" for none; and whom it names
	Sorts        []Sort
	Chosen       []Filter // that are set; the address is without the filter
	Facets       []FacetGroup
	Cards        []badge.Card
	Classes      []badge.ClassView
	People       []feed.Suggestion
	Issuers      []IssuerItem
	Skills       []SkillItem
	Pages        []PageItem
	Events       []social.EventView
	Corrected    string
	News         News
	Older, Newer string
	FeedOpen     bool
}

// Field is a value that a form carries along.
type Field struct{ Name, Value string }

// Sort is an order with the address of the list in it.
type Sort struct {
	Order, URL string // best, held, newest, common, name, issuer

	Current bool
}

// Filter is a value that a list can be narrowed by, or is.
type Filter struct {
	Facet, Label, URL string // tag, skill, issuer, country, spot, holder, owner

	Count int // 0 where it is not known
}

// FacetGroup is the values of one kind that most have.
type FacetGroup struct {
	Facet  string
	Values []Filter
}

// Meta titles the page.
func (p ExplorePage) Meta() web.Meta {
	return web.Meta{Title: "nav.explore", Canonical: "/explore", NoIndex: !p.FeedOpen || p.Query != "" || len(p.Chosen) > 0}
}

// tabKinds are the kinds of the tabs.
var tabKinds = map[string]string{"badges": kindClass, "people": kindPerson, "issuers": kindIssuer, "skills": kindSkill, "pages": kindPage}

// tabFacets are the filters of the tabs. Spots are chosen on the map alone.
var tabFacets = map[string][]string{"badges": {facetTag, facetSkill, facetIssuer, facetCountry}, "people": {facetCountry, facetSpot}, "pages": {facetTag, facetCountry}}

const facetSize = 12

func (g *Gallery) explore(c *web.Ctx) error {
	site, err := c.Site()
	if err != nil {
		return err
	}
	page := ExplorePage{Query: clip(strings.TrimSpace(c.Query("q")), queryMax), Tab: c.Query("tab"), FeedOpen: site.Explore}
	if !site.Explore && !c.Viewer().SignedIn() {
		return c.Render("gallery/explore", page)
	}
	if page.Tab == "" && page.Query != "" {
		return c.Redirect(badge.PathWith("/search", "q", page.Query))
	}
	if tabKinds[page.Tab] == "" {
		page.Tab = ""
		err = g.addEvents(c, &page)
	} else {
		err = g.addTab(c, &page)
	}
	if err != nil {
		return err
	}
	return c.Render("gallery/explore", page)
}

// now is the time as the database keeps it, in microseconds.
func (g *Gallery) now() int64 { return db.Micros(g.base.Now()) }

// addEvents fills the first tab: what is new.
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
	if page.News, err = g.news(c); err != nil {
		return err
	}
	page.Cards, err = g.recent(c.Context(), c.Viewer().Person, c, recentSize)
	return err
}

// narrowing is the addresses of a tab with its search, filters and order.
type narrowing struct {
	path  string
	pairs []string
}

// with gives the address with one value changed, "" for none.
func (n narrowing) with(name, value string) string {
	pairs := []string{}
	for i := 0; i < len(n.pairs); i += 2 {
		if n.pairs[i] != name {
			pairs = append(pairs, n.pairs[i], n.pairs[i+1])
		}
	}
	return badge.PathWith(n.path, append(pairs, name, value)...)
}

// addTab fills a tab that lists one kind.
func (g *Gallery) addTab(c *web.Ctx, page *ExplorePage) error {
	f := finding{kind: tabKinds[page.Tab], terms: termsOf(page.Query), after: cursorOf(c.Query("after")), sort: c.Query("sort")}
	page.Ranked = len(f.terms) > 0
	if words := ordersByWords[f.kind]; !slices.Contains(words, f.sort) && (f.sort != byHeld && f.sort != byNewest || page.Tab == "skills") {
		f.sort = byRank
	}
	if page.Tab == "pages" && !page.Ranked && f.sort != byName {
		f.sort = byNewest // each is one person's
	}
	page.Sort = f.sort
	if page.Tab == "people" && c.Query("sort") == byCommon && c.Viewer().SignedIn() {
		return g.addCommon(c, page)
	}
	n := narrowing{"/explore", []string{"tab", page.Tab, "q", page.Query, "sort", f.sort}}
	for _, kind := range tabFacets[page.Tab] {
		n.pairs = append(n.pairs, kind, clip(c.Query(kind), queryMax))
	}
	if page.ByWhom = tabPeople[page.Tab]; page.ByWhom != "" {
		page.Whom = clip(strings.TrimSpace(c.Query(page.ByWhom)), queryMax)
		n.pairs = append(n.pairs, page.ByWhom, page.Whom)
	}
	known, err := g.choose(c, page, &f, n)
	if err != nil {
		return err
	}
	page.Sorts = sorts(page, n, c.Viewer().SignedIn())
	var r result
	if known && (page.Query == "" || len(f.terms) > 0) {
		if err := g.findIn(c, page, f, &r); err != nil {
			return err
		}
	}
	page.Classes, page.People, page.Issuers, page.Skills, page.Pages, page.Corrected = r.Classes, r.People, r.Issuers, r.Skills, r.Pages, r.Corrected
	if r.next != "" {
		page.Older = n.with("after", r.next)
	}
	if f.after != fromStart {
		page.Newer = n.with("after", "")
	}
	return g.addFacets(c, page, n)
}

// findIn adds what is found in a tab, of everybody or of whom is asked for.
func (g *Gallery) findIn(c *web.Ctx, page *ExplorePage, f finding, r *result) error {
	if page.Whom != "" {
		return g.findBy(c, page.Whom, f, r)
	}
	return g.find(c, f, r)
}

// addCommon fills the tab of people with those who hold the same badges.
func (g *Gallery) addCommon(c *web.Ctx, page *ExplorePage) error {
	var r result
	if err := g.findCommon(c, &r); err != nil {
		return err
	}
	page.Query, page.Sort, page.People = "", byCommon, r.People
	page.Sorts = sorts(page, narrowing{"/explore", []string{"tab", page.Tab}}, true)
	return nil
}

func sorts(page *ExplorePage, n narrowing, signedIn bool) []Sort {
	if page.Tab == "skills" {
		return nil
	}
	list := []Sort{{Order: byHeld}, {Order: byNewest}}
	if page.Tab == "pages" {
		list = list[1:]
	}
	if page.Ranked {
		list = append([]Sort{{Order: "best"}}, list...)
	}
	if page.Tab == "people" && signedIn {
		list = append(list, Sort{Order: byCommon})
	}
	for _, words := range ordersByWords[tabKinds[page.Tab]] {
		list = append(list, Sort{Order: words})
	}
	for i, s := range list {
		value := s.Order
		if i == 0 {
			value = byRank
		}
		list[i].URL = n.with("sort", value)
		if s.Order == byCommon {
			list[i].URL = badge.PathWith("/explore", "tab", page.Tab, "sort", byCommon)
		}
		list[i].Current = value == page.Sort || i == 0 && page.Sort == s.Order
	}
	return list
}

// choose reads the filters that are set. It reports false when one of them is of
// nothing that the viewer may find.
func (g *Gallery) choose(c *web.Ctx, page *ExplorePage, f *finding, n narrowing) (known bool, err error) {
	known = true
	if page.Whom != "" {
		page.Chosen = append(page.Chosen, Filter{Facet: page.ByWhom, Label: page.Whom, URL: n.with(page.ByWhom, "")})
	}
	for _, kind := range tabFacets[page.Tab] {
		value := clip(c.Query(kind), queryMax)
		if value == "" {
			continue
		}
		choice := Filter{Facet: kind, Label: value, URL: n.with(kind, "")}
		if kind == facetSpot {
			at, err := spotOf(value)
			if err != nil {
				return false, err
			}
			choice.Label = at.name(c)
		}
		found, err := getFacetOf(c.Context(), g.base.ReadPlanned(), c.Viewer().Person, facetKey{f.kind, kind, value, g.now()})
		switch {
		case errors.Is(err, db.ErrNotFound):
			known = false
		case err != nil:
			return false, err
		default:
			f.facets = append(f.facets, found.id)
			choice.Label = found.name(c)
		}
		page.Chosen = append(page.Chosen, choice)
		page.Fixed = append(page.Fixed, Field{kind, value})
	}
	return known, nil
}

// addFacets offers the values that most have. Their counts are of everything, so
// they are shown while nothing else is chosen.
func (g *Gallery) addFacets(c *web.Ctx, page *ExplorePage, n narrowing) error {
	chosen := map[string]bool{}
	for _, f := range page.Chosen {
		chosen[f.Facet] = true
	}
	for _, kind := range tabFacets[page.Tab] {
		if chosen[kind] || kind == facetSpot {
			continue
		}
		list, err := topFacets(c.Context(), g.base.Read(), c.Viewer().Person, facetKey{of: tabKinds[page.Tab], kind: kind, now: g.now()}, facetSize)
		if err != nil {
			return err
		}
		group := FacetGroup{Facet: kind}
		for _, f := range list {
			v := Filter{Facet: kind, Label: f.name(c), URL: n.with(kind, f.value), Count: f.count}
			if page.Query != "" || len(page.Chosen) > 0 {
				v.Count = 0
			}
			group.Values = append(group.Values, v)
		}
		if len(group.Values) > 0 {
			page.Facets = append(page.Facets, group)
		}
	}
	return nil
}

// name is a value as it is shown.
func (f facetView) name(c *web.Ctx) string {
	switch f.kind {
	case facetCountry:
		return countryName(c, f.value)
	case facetSpot:
		if at, err := spotOf(f.value); err == nil {
			return at.name(c)
		}
	}
	return f.label
}
