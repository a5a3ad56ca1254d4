package page

import (
	"slices"
	"strconv"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/web"
)

// ChoosePage is the page "page/choose": badges for a block.
type ChoosePage struct {
	Page         Row
	Post, Back   string
	Query        string
	Cards        []Choice
	Single       bool
	Older, Newer string
	Chosen       int
}

// Meta titles the page.
func (ChoosePage) Meta() web.Meta { return web.Meta{Title: "page.choose.title", NoIndex: true} }

func (s screens) chooser(c *web.Ctx) error {
	ctx, me := c.Context(), c.Viewer().Person
	p, err := s.Mine(ctx, me, c.Param("id"))
	if err != nil {
		return err
	}
	b, err := p.block(c.Param("block"))
	if err != nil {
		return err
	}
	path := "/pages/" + p.PublicID + "/blocks/" + b.ID + "/badges"
	page := ChoosePage{
		Page: rowOf(p, c.Now()), Post: path, Back: editorAt(p.PublicID, b.ID), Query: clip(c.Query("q"), 100), Single: b.Kind == Badge, Chosen: len(b.Badges),
	}
	before := badge.Cursor(c.Query("before"))
	list, err := s.shelf(c, page.Query, before)
	if err != nil {
		return err
	}
	on := map[string]bool{}
	for _, r := range b.Badges {
		on[r.PublicID] = true
	}
	var more bool
	if page.Cards, more = choices(c, list, on); more {
		page.Older = badge.PathWith(path, "q", page.Query, "before", strconv.FormatInt(list[shelfSize-1].ID, 36))
	}
	if before != 0 {
		page.Newer = badge.PathWith(path, "q", page.Query)
	}
	return c.Render("page/choose", page)
}

// choose takes what was ticked among the badges that were shown; others stay as
// they are.
func (s screens) choose(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	add := form.All("badge")
	drop := slices.DeleteFunc(slices.Clone(form.All("shown")), func(id string) bool { return slices.Contains(add, id) })
	p, err := s.Choose(c.Context(), c.Viewer().Person, c.Param("id"), Pick{c.Param("block"), add, drop})
	if err != nil {
		return err
	}
	c.Flash(web.Done, "page.flash.saved")
	return c.Redirect(editorAt(p.PublicID, c.Param("block")))
}
