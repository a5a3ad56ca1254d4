package gallery

import (
	"cmp"
	"slices"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/web"
)

// MapPage is the page "gallery/map". The list says all that the picture shows.
type MapPage struct { //nolint:recvcheck // Meta is asked of values, look changes one
	Dots      []Dot
	View      string   // what of the picture is seen, as a viewBox of SVG
	Near      bool     // it is a part
	Letter    string   // height of letters on it
	Ways      []MapWay // to other parts of it
	Countries []MapCountry
	Spots     []Filter
	FeedOpen  bool
}

// Dot is a mark on the picture, in degrees from its upper left corner.
type Dot struct {
	X, Y        int64
	Radius      string
	Spot        bool   // somebody's own, not the middle of a country
	Label, Name string // Name is written below the mark, its letters standing on Below
	Below       string
	URL         string
	count       int
}

// MapCountry is a country with who and what is shown there.
type MapCountry struct {
	Name, PeopleURL, BadgesURL string

	People, Badges int
}

// Meta titles the page.
func (p MapPage) Meta() web.Meta {
	return web.Meta{Title: "gallery.map.title", Canonical: "/map", NoIndex: !p.FeedOpen}
}

const (
	mapMost = 300
	mapTop  = 84 // degrees north of the upper edge of the picture
)

// world shows where people who say so are, and where badges are held. No tile of
// anybody's is asked for: the picture is a file of the theme.
func (g *Gallery) world(c *web.Ctx) error {
	var page MapPage
	site, err := c.Site()
	if err != nil {
		return err
	}
	page.FeedOpen = site.Explore
	if may, err := open(c); err != nil || !may {
		if err != nil {
			return err
		}
		return c.Render("gallery/map", page)
	}
	if err := g.addCountries(c, &page); err != nil {
		return err
	}
	spots, err := topFacets(c.Context(), g.base.Read(), c.Viewer().Person, facetKey{of: kindPerson, kind: facetSpot, now: g.now()}, mapMost)
	if err != nil {
		return err
	}
	for _, f := range spots {
		at, err := spotOf(f.value)
		if err != nil {
			return err
		}
		label := Filter{Facet: facetSpot, Label: at.name(c), URL: exploreURL("people", facetSpot, f.value), Count: f.count}
		page.Dots = append(page.Dots, dot(at, label, true))
		page.Spots = append(page.Spots, label)
	}
	page.look(window(c, page.Dots))
	return c.Render("gallery/map", page)
}

func exploreURL(tab, facet, value string) string {
	return badge.PathWith("/explore", "tab", tab, facet, value)
}

func (g *Gallery) addCountries(c *web.Ctx, page *MapPage) error {
	viewer := c.Viewer().Person
	all := map[string]*MapCountry{}
	for of, tab := range map[string]string{kindPerson: "people", kindClass: "badges"} {
		list, err := topFacets(c.Context(), g.base.Read(), viewer, facetKey{of: of, kind: facetCountry, now: g.now()}, mapMost)
		if err != nil {
			return err
		}
		for _, f := range list {
			m := all[f.value]
			if m == nil {
				m = &MapCountry{Name: f.name(c)}
				all[f.value] = m
			}
			if of == kindPerson {
				m.People, m.PeopleURL = f.count, exploreURL(tab, facetCountry, f.value)
			} else {
				m.Badges, m.BadgesURL = f.count, exploreURL(tab, facetCountry, f.value)
			}
		}
	}
	for code, m := range all {
		page.Countries = append(page.Countries, *m)
		if at, known := countries[code]; known {
			url := cmp.Or(m.PeopleURL, m.BadgesURL)
			page.Dots = append(page.Dots, dot(spot(at), Filter{Label: m.Name, URL: url, Count: m.People + m.Badges}, false))
		}
	}
	slices.SortFunc(page.Countries, func(a, b MapCountry) int {
		return cmp.Or(cmp.Compare(b.People+b.Badges, a.People+a.Badges), cmp.Compare(db.Fold(a.Name), db.Fold(b.Name)))
	})
	slices.SortFunc(page.Dots, func(a, b Dot) int { return cmp.Or(cmp.Compare(a.Y, b.Y), cmp.Compare(a.X, b.X)) })
	return nil
}

// dot is a mark for what is somewhere.
func dot(at spot, what Filter, own bool) Dot {
	return Dot{X: at.longitude + 180, Y: mapTop - at.latitude, Spot: own, Label: what.Label, URL: what.URL, count: what.Count}
}
