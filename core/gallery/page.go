package gallery

import (
	"context"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/page"
	"github.com/osier-passport/osier/core/text"
	"github.com/osier-passport/osier/core/web"
)

// PageItem is somebody's page as it stands in lists.
type PageItem struct {
	Title, URL, Style string

	Owner badge.Person
	Art   []string // addresses of pictures of badges on it
	At    time.Time
}

// describePage reads what a page says: what was typed on it. What its badges say is
// theirs to show, and how to reach somebody is nothing to search for.
func describePage(ctx context.Context, tx *db.Tx, id int64) (document, error) {
	p, err := pageText(ctx, tx, id)
	if err != nil {
		return document{}, err
	}
	d := document{at: p.published, title: p.title, public: p.public, members: p.members}
	keys := []string{p.owner, p.handle}
	for _, f := range tagFacets(p.tags) {
		f.scheme = "" // the index of skills is of badges
		f.public, f.members = d.public, d.members
		d.facets, keys = append(d.facets, f), append(keys, f.label)
	}
	if p.country != "" {
		d.facets = append(d.facets, placeFacet(facetCountry, p.country, p.countryFor, d))
	}
	d.keys = strings.Join(keys, " ")
	var body strings.Builder
	for _, b := range p.blocks {
		if b.kind == page.Contact || b.kind == page.Profile {
			continue
		}
		for _, words := range []string{b.words.Text, b.words.More} {
			body.WriteString(text.Plain(words, pageChars) + " ")
		}
	}
	d.body = body.String()
	return d, nil
}

// pageChars is how much of one text of a page is searched, in characters.
const pageChars = 4000

func (g *Gallery) readPages(c *web.Ctx, ids []int64, r *result) error {
	ctx, viewer := c.Context(), c.Viewer().Person
	rows, err := readPages(ctx, g.base.ReadPlanned(), viewer, g.now(), ids)
	if err != nil {
		return err
	}
	for _, p := range inOrder(ids, rows, func(p pageRow) int64 { return p.doc }) {
		item := PageItem{Title: p.title, URL: "/p/" + p.publicID, Style: p.style, Owner: badge.PersonView(p.handle, p.name, p.picture), At: db.Time(p.published)}
		arts, err := readArts(ctx, g.base.Read(), viewer, p.id)
		if err != nil {
			return err
		}
		for _, id := range arts {
			item.Art = append(item.Art, "/b/"+id+"/image")
		}
		r.Pages = append(r.Pages, item)
	}
	return nil
}

// endPages marks the pages whose time is over, so that no counter counts them.
func (x *Index) endPages(ctx context.Context) error {
	now := db.Micros(x.base.Now())
	if there, err := anyEnded(ctx, x.base.Read(), now); err != nil || !there {
		return err
	}
	return x.base.Tx(ctx, func(tx *db.Tx) error { return markEnded(ctx, tx, now) })
}
