package badge

import (
	"slices"
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/web"
)

// ListPage is the page "badge/list": my badges.
type ListPage struct {
	Cards       []ShelfCard
	Total       int // badges of the person
	Matching    int // that the filter selects
	Filter      FilterView
	Tags        []Option
	Issuers     []Option
	Collections []Option
	Chips       []Chip
	Rows        bool // a list in place of a grid
	GridURL     string
	RowsURL     string
	Change      ChangeView
	Unclaimed   int
	Pending     []Pending
	Waiting     []Pending // for their address
	Asked       []Wait    // requests and invitations
	Older       string
	Newer       string
	Here        string // this page, to come back to
}

// FilterView is what is asked for, as the address says it.
type FilterView struct {
	Query, State, Visibility, Tag, Issuer, Collection, Expiring, Sort, View string

	Unseen bool
	Any    bool // something is asked for
}

// Option is one value of a filter.
type Option struct {
	ID, Name string
	Count    int
}

// Chip is one filter that is set, with the address without it. Its words are the
// message of Key with Name, or Name alone.
type Chip struct{ Key, Name, URL string }

// ShelfCard is a badge among one's own.
type ShelfCard struct {
	Card

	Unseen bool
	Marks  Marks
}

// ChangeView is what was done to many badges at once and can be taken back; it is
// absent when N is 0.
type ChangeView struct {
	ID, Do, Name string
	N            int
	Until        time.Time
}

// Pending is an import under way.
type Pending struct {
	URL, Title string
	At         time.Time
}

// Meta titles the page.
func (ListPage) Meta() web.Meta { return web.Meta{Title: "nav.badges", NoIndex: true} }

// asked reads a filter and an order from wherever get finds them.
func askedFor(get func(name string) string) (FilterView, Shelf) {
	v := FilterView{
		Query: clip(get("q"), 100), State: get("state"), Visibility: get("visibility"), Tag: clip(get("tag"), tagRunes), Issuer: get("issuer"),
		Collection: get("collection"), Expiring: get("expiring"), Unseen: get("unseen") != "", Sort: get("sort"), View: get("view"),
	}
	days, err := strconv.Atoi(v.Expiring)
	if err != nil || days < 1 || days > 3660 {
		v.Expiring, days = "", 0
	}
	f := Filter{
		Text: v.Query, State: v.State, Visibility: v.Visibility, Tag: v.Tag, Issuer: v.Issuer, Collection: v.Collection, Expiring: days, Unseen: v.Unseen,
	}
	v.Any = f != Filter{}
	return v, Shelf{Filter: f, Sort: v.Sort}
}

// path is the address of the list with some of its values changed.
func (v FilterView) path(changes ...string) string {
	unseen := ""
	if v.Unseen {
		unseen = "1"
	}
	pairs := []string{
		"q", v.Query, "state", v.State, "visibility", v.Visibility, "tag", v.Tag, "issuer", v.Issuer,
		"collection", v.Collection, "expiring", v.Expiring, "unseen", unseen, "sort", v.Sort, "view", v.View,
	}
	return PathWith("/badges", append(pairs, changes...)...)
}

func (v FilterView) without(name string) string {
	w := v
	for value, field := range map[string]*string{
		"q": &w.Query, "state": &w.State, "visibility": &w.Visibility, "tag": &w.Tag, "issuer": &w.Issuer, "collection": &w.Collection, "expiring": &w.Expiring, "view": &w.View, "sort": &w.Sort,
	} {
		if value == name {
			*field = ""
		}
	}
	w.Unseen = w.Unseen && name != "unseen"
	return w.path()
}

func (p *Pages) list(c *web.Ctx) error {
	view, q := askedFor(c.Query)
	page := ListPage{Filter: view, Rows: view.View == "rows", GridURL: view.without("view"), RowsURL: view.path("view", "rows"), Here: c.Here()}
	q.After, q.Limit = Cursor(c.Query("after")), pageSize+1
	list, err := p.badges.Shelf(c.Context(), c.Viewer().Person, q)
	if err != nil {
		return err
	}
	if len(list) > pageSize {
		list = list[:pageSize]
		page.Older = view.path("after", strconv.FormatInt(list[pageSize-1].ID, 36))
	}
	if q.After != 0 {
		page.Newer = view.path()
	}
	marks, err := p.badges.marksOf(c.Context(), c.Viewer().Person, list)
	if err != nil {
		return err
	}
	for _, b := range list {
		page.Cards = append(page.Cards, ShelfCard{NewCard(b.Badge, c.Viewer().Person, c.Now()), b.Unseen, marks[b.ID]})
	}
	if err := p.addChoices(c, &page, q.Filter); err != nil {
		return err
	}
	if err := p.addStrip(c, &page); err != nil {
		return err
	}
	return c.Render("badge/list", page)
}

// addChoices adds what the filters offer, and those that are set.
func (p *Pages) addChoices(c *web.Ctx, page *ListPage, f Filter) (err error) {
	ctx, me := c.Context(), c.Viewer().Person
	if page.Total, err = p.badges.Count(ctx, me); err != nil {
		return err
	}
	if page.Matching = page.Total; page.Filter.Any {
		if page.Matching, err = p.badges.CountShelf(ctx, me, f); err != nil {
			return err
		}
	}
	issuers, err := p.badges.MyIssuers(ctx, me)
	if err != nil {
		return err
	}
	if page.Tags, page.Collections, err = p.sets(c); err != nil {
		return err
	}
	for _, i := range issuers {
		page.Issuers = append(page.Issuers, Option{i.PublicID, i.Name, i.Count})
	}
	page.Chips = chips(*page)
	return nil
}

func chips(page ListPage) []Chip {
	v := page.Filter
	var list []Chip
	add := func(name, value, key, text string) {
		if value != "" {
			list = append(list, Chip{Key: key, Name: text, URL: v.without(name)})
		}
	}
	add("q", v.Query, "shelf.words", v.Query)
	add("state", v.State, stateKey(v.State), "")
	add("visibility", v.Visibility, visibilityKey(v.Visibility), "")
	add("tag", v.Tag, "", "#"+nameIn(page.Tags, v.Tag))
	add("issuer", v.Issuer, "", nameIn(page.Issuers, v.Issuer))
	add("collection", v.Collection, "", nameIn(page.Collections, v.Collection))
	add("expiring", v.Expiring, "shelf.expiring_within", v.Expiring)
	if v.Unseen {
		add("unseen", "1", "shelf.unseen", "")
	}
	return list
}

// states are the values of the filter of states.
var states = []string{"valid", "expired", "revoked", "suspended", "not-yet-valid", "unverifiable", "invalid"}

func stateKey(state string) string {
	switch {
	case state == "unclaimed":
		return "badge.unclaimed.mark"
	case slices.Contains(states, state):
		return "badge.verdict." + state + ".mark"
	}
	return "shelf.unknown"
}

func visibilityKey(v string) string {
	if Visibility(v).Valid() {
		return "badge.visibility." + v + ".name"
	}
	return "shelf.unknown"
}

func nameIn(list []Option, id string) string {
	for _, o := range list {
		if o.ID == id {
			return o.Name
		}
	}
	return id
}

// addStrip adds what waits: imports, badges without their address, and what can
// be taken back.
func (p *Pages) addStrip(c *web.Ctx, page *ListPage) error {
	ctx, me := c.Context(), c.Viewer().Person
	running, err := p.badges.Running(ctx, me)
	if err != nil {
		return err
	}
	waiting, err := listWaiting(ctx, p.badges.Base.Read(), me)
	if err != nil {
		return err
	}
	page.Waiting, page.Pending = pendingOf(waiting), pendingOf(running)
	if page.Asked, err = p.badges.WaitsFor(ctx, me); err != nil {
		return err
	}
	if page.Unclaimed, err = countUnclaimed(ctx, p.badges.Base.Read(), me); err != nil {
		return err
	}
	change, err := p.badges.LastChange(ctx, me)
	if err != nil || change.Badges == 0 {
		return err
	}
	page.Change = viewChange(change, *page)
	return nil
}

// pendingOf shows the imports of one batch as one.
func pendingOf(list []Import) []Pending {
	var out []Pending
	seen := map[string]bool{}
	for _, im := range list {
		switch {
		case im.Batch == "":
			out = append(out, Pending{URL: "/add/" + im.PublicID, Title: titleOf(im), At: im.CreatedAt})
		case !seen[im.Batch]:
			seen[im.Batch] = true
			out = append(out, Pending{URL: "/add/" + im.Batch, Title: titleOf(im), At: im.CreatedAt})
		}
	}
	return out
}

func viewChange(c Change, page ListPage) ChangeView {
	v := ChangeView{ID: c.PublicID, Do: c.Action.Do, N: c.Badges, Until: c.Until, Name: c.Action.Value}
	switch c.Action.Do {
	case doCollect, doUncollect:
		v.Name = nameIn(page.Collections, c.Action.Value)
	case doUntag:
		v.Name = nameIn(page.Tags, c.Action.Value)
	}
	return v
}
