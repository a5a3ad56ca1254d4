package gallery

import (
	"strings"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/feed"
	"github.com/osier-passport/osier/core/web"
)

// SearchPage is the page "gallery/search".
type SearchPage struct {
	Query     string
	Corrected string
	Classes   []badge.ClassView
	People    []feed.Suggestion
	Issuers   []IssuerItem
	Skills    []SkillItem
	Pages     []PageItem

	// The addresses of all that is found of a kind, "" where all is shown.
	MoreClasses, MorePeople, MoreIssuers, MoreSkills, MorePages string

	FeedOpen bool
}

// Meta titles the page. What is found is nothing for search engines.
func (p SearchPage) Meta() web.Meta {
	return web.Meta{Title: "gallery.find.title", Canonical: "/search", NoIndex: true}
}

const (
	searchClasses = 12
	searchOthers  = 6
)

// search finds things of all kinds.
func (g *Gallery) search(c *web.Ctx) error {
	page := SearchPage{Query: clip(strings.TrimSpace(c.Query("q")), queryMax)}
	var err error
	if page.FeedOpen, err = open(c); err != nil {
		return err
	}
	terms := termsOf(page.Query)
	if !page.FeedOpen || len(terms) == 0 {
		return c.Render("gallery/search", page)
	}
	words := newTogether()
	for tab, kind := range tabKinds {
		var r result
		if err := g.find(c, finding{kind: kind, terms: terms, after: fromStart, together: words}, &r); err != nil {
			return err
		}
		addFound(&page, tab, r)
	}
	return c.Render("gallery/search", page)
}

// addFound shows the first of what was found of a kind, and where the rest is.
func addFound(p *SearchPage, tab string, r result) {
	more := badge.PathWith("/explore", "tab", tab, "q", p.Query)
	cut := func(n, most int) (int, string) {
		if n > most || r.next != "" {
			return min(n, most), more
		}
		return n, ""
	}
	var n int
	switch tab {
	case "badges":
		n, p.MoreClasses = cut(len(r.Classes), searchClasses)
		p.Classes = r.Classes[:n]
	case "people":
		n, p.MorePeople = cut(len(r.People), searchOthers)
		p.People = r.People[:n]
	case "issuers":
		n, p.MoreIssuers = cut(len(r.Issuers), searchOthers)
		p.Issuers = r.Issuers[:n]
	case "skills":
		n, p.MoreSkills = cut(len(r.Skills), searchOthers)
		p.Skills = r.Skills[:n]
	case "pages":
		n, p.MorePages = cut(len(r.Pages), searchOthers)
		p.Pages = r.Pages[:n]
	}
	if r.Corrected != "" && (p.Corrected == "" || tab == "badges") {
		p.Corrected = r.Corrected
	}
}
