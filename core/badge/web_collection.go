package badge

import (
	"strconv"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

// CollectionsPage is the page "badge/collections".
type CollectionsPage struct {
	List []CollectionView
}

// CollectionView is a collection with its first badges.
type CollectionView struct {
	ID, URL, Name string
	Count         int
	Cards         []Card
}

// Meta titles the page.
func (CollectionsPage) Meta() web.Meta { return web.Meta{Title: "shelf.collections", NoIndex: true} }

func viewCollection(c Collection) CollectionView {
	return CollectionView{ID: c.PublicID, URL: "/badges/collections/" + c.PublicID, Name: c.Name, Count: c.Count}
}

const previewed = 4 // badges of a collection in the list of all

func (p *Pages) collections(c *web.Ctx) error {
	me := c.Viewer().Person
	all, err := p.badges.Collections(c.Context(), me)
	if err != nil {
		return err
	}
	var page CollectionsPage
	for _, one := range all {
		v := viewCollection(one)
		if v.Cards, err = p.collectedCards(c, one.ID, Range{Limit: previewed}); err != nil {
			return err
		}
		page.List = append(page.List, v)
	}
	return c.Render("badge/collections", page)
}

func (p *Pages) collectedCards(c *web.Ctx, collection int64, r Range) ([]Card, error) {
	badges, err := listCollected(c.Context(), p.badges.Base.Read(), collection, r)
	if err != nil {
		return nil, err
	}
	cards := make([]Card, 0, len(badges))
	for _, b := range badges {
		cards = append(cards, NewCard(b, c.Viewer().Person, c.Now()))
	}
	return cards, nil
}

func (p *Pages) makeCollection(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	made, err := p.badges.MakeCollection(c.Context(), c.Viewer().Person, form.Get("name"))
	if err != nil {
		return err
	}
	return c.Redirect("/badges/collections/" + made.PublicID)
}

// CollectionPage is the page "badge/collection": one collection, to be arranged.
type CollectionPage struct {
	CollectionView

	Older, Newer string
	BadgesURL    string // its badges among all, with filters
	meta         web.Meta
}

// Meta titles the page.
func (p CollectionPage) Meta() web.Meta { return p.meta }

func (p *Pages) collection(c *web.Ctx) error {
	ctx, me := c.Context(), c.Viewer().Person
	one, err := p.badges.CollectionByID(ctx, me, c.Param("id"))
	if err != nil {
		return err
	}
	page := CollectionPage{CollectionView: viewCollection(one), BadgesURL: PathWith("/badges", "collection", one.PublicID), meta: web.Meta{Title: one.Name, NoIndex: true}}
	before := Cursor(c.Query("before"))
	badges, err := listCollected(ctx, p.badges.Base.Read(), one.ID, Range{Before: before, Limit: pageSize + 1})
	if err != nil {
		return err
	}
	if before != 0 {
		page.Newer = page.URL
	}
	if len(badges) > pageSize {
		badges = badges[:pageSize]
		page.Older = PathWith(page.URL, "before", strconv.FormatInt(badges[pageSize-1].ID, 36))
	}
	for _, b := range badges {
		page.Cards = append(page.Cards, NewCard(b, me, c.Now()))
	}
	return c.Render("badge/collection", page)
}

// changeCollection renames, moves or deletes a collection, or moves a badge in it.
func (p *Pages) changeCollection(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	ctx, me, id := c.Context(), c.Viewer().Person, c.Param("id")
	list, one := "/badges/collections", "/badges/collections/"+id
	switch badge := form.Get("badge"); form.Get("action") {
	case "rename":
		return p.changed(c, one, p.badges.RenameCollection(ctx, me, id, form.Get("name")))
	case "up":
		return p.changed(c, list, p.badges.MoveCollection(ctx, me, id, -1))
	case "down":
		return p.changed(c, list, p.badges.MoveCollection(ctx, me, id, 1))
	case "out":
		return p.changed(c, one, p.badges.Uncollect(ctx, me, id, badge))
	case "before":
		return p.changed(c, one, p.badges.MoveCollected(ctx, me, id, badge, -1))
	case "after":
		return p.changed(c, one, p.badges.MoveCollected(ctx, me, id, badge, 1))
	case "delete":
		if err := p.badges.RemoveCollection(ctx, me, id); err != nil {
			return err
		}
		c.Flash(web.Done, "shelf.flash.collection_gone")
		return c.Redirect(list)
	}
	return fault.New(fault.Malformed, "web.form")
}

// changed leads on after a change.
func (p *Pages) changed(c *web.Ctx, path string, err error) error {
	if err != nil {
		return err
	}
	return c.Redirect(path)
}
