package profile

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

// LayoutPage is the page "profile/layout": the parts of a profile and its look.
type LayoutPage struct {
	Handle      string
	Blocks      []BlockRow
	Tags        []Source
	Collections []Source
	Full        bool // there are as many showcases as there may be
	Style       string
	Styles      []Look
	Title, What string // as they were typed
	Errors      map[string]string
}

// BlockRow is a part of a profile: one that every profile has (Part), or a showcase
// (Made: tag, collection, chosen). Badges and Seen are those of a showcase, and how many
// of them everybody sees.
type BlockRow struct {
	Name, Part, Made, Title, Of string

	Hidden       bool
	Badges, Seen int
	EditURL      string // "" unless its badges are chosen
}

// Source is what a showcase may be made of.
type Source struct{ Value, Name string }

// Meta titles the page.
func (LayoutPage) Meta() web.Meta { return web.Meta{Title: "profile.layout.title", NoIndex: true} }

func (p Pages) layout(c *web.Ctx) error {
	page, err := p.layoutPage(c)
	if err != nil {
		return err
	}
	return c.Render("profile/layout", page)
}

func (p Pages) layoutPage(c *web.Ctx) (LayoutPage, error) {
	ctx, me := c.Context(), c.Viewer().Person
	page := LayoutPage{Handle: c.Viewer().Handle}
	tags, err := p.Badges.Tags(ctx, me)
	if err != nil {
		return page, err
	}
	for _, t := range tags {
		page.Tags = append(page.Tags, Source{ByTag + ":" + t.Folded, t.Name})
	}
	sets, err := p.Badges.Collections(ctx, me)
	if err != nil {
		return page, err
	}
	for _, s := range sets {
		page.Collections = append(page.Collections, Source{ByCollection + ":" + s.PublicID, s.Name})
	}
	if page.Styles, err = p.Styles(c.Lang()); err != nil {
		return page, err
	}
	if page.Style, err = p.Style(ctx, p.Base.Read(), me); err != nil {
		return page, err
	}
	if page.Style == "" && len(page.Styles) > 0 {
		page.Style = page.Styles[0].ID
	}
	return page, p.addBlocks(c, &page)
}

func (p Pages) addBlocks(c *web.Ctx, page *LayoutPage) error {
	ctx, d, me := c.Context(), p.Base.Read(), c.Viewer().Person
	list, err := p.Layout(ctx, d, me)
	if err != nil {
		return err
	}
	made := 0
	for _, b := range list {
		row := BlockRow{Name: b.Name, Part: b.Kind, Title: b.Title, Hidden: b.Hidden}
		if b.Showcase() {
			row.Part, row.Made = "", b.Kind
			made++
			if err := p.countIn(c, &row, b); err != nil {
				return err
			}
			row.Of = nameOf(append(slices.Clone(page.Tags), page.Collections...), b.Kind+":"+b.Of)
		}
		if b.Kind == ByChoice {
			row.EditURL = "/settings/layout/" + b.Name
		}
		page.Blocks = append(page.Blocks, row)
	}
	page.Full = made >= showcasesMost
	return nil
}

func nameOf(list []Source, value string) string {
	for _, s := range list {
		if s.Value == value {
			return s.Name
		}
	}
	return ""
}

// countIn tells how many badges a showcase has, and how many of them everybody sees.
func (p Pages) countIn(c *web.Ctx, row *BlockRow, b Block) error {
	ctx, d, me := c.Context(), p.Base.Read(), c.Viewer().Person
	all, err := p.allIn(ctx, d, me, me, b)
	if err != nil {
		return err
	}
	seen, err := p.inShowcase(ctx, d, 0, me, b)
	row.Badges, row.Seen = len(all), len(seen)
	return err
}

// changeParts moves, hides, shows and removes parts, and keeps the look.
func (p Pages) changeParts(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	ctx, me, name := c.Context(), c.Viewer().Person, form.Get("block")
	switch form.Get("action") {
	case "up":
		err = p.MoveBlock(ctx, me, name, -1)
	case "down":
		err = p.MoveBlock(ctx, me, name, 1)
	case "hide", "show":
		err = p.HideBlock(ctx, me, name, form.Get("action") == "hide")
	case "remove":
		err = p.RemoveShowcase(ctx, me, name)
	case "style":
		err = p.SetStyle(ctx, me, form.Get("style"))
	default:
		err = fault.New(fault.Malformed, "web.form")
	}
	if err != nil {
		return err
	}
	c.Flash(web.Done, "account.flash.saved")
	return c.Redirect("/settings/layout")
}

// addShowcase makes one; of what it is made stands in one value, kind:what.
func (p Pages) addShowcase(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	if err := c.Limit("profile.showcase", strconv.FormatInt(c.Viewer().Person, 10), 60, time.Hour); err != nil {
		return err
	}
	b := blockFrom(form.Get("of"))
	b.Title = form.Get("title")
	name, err := p.AddShowcase(c.Context(), c.Viewer().Person, b)
	if e, ok := fault.As(err); ok && e.Kind == fault.Invalid && !c.WantsJSON() {
		page, err := p.layoutPage(c)
		if err != nil {
			return err
		}
		page.Title, page.What, page.Errors = form.Get("title"), form.Get("of"), map[string]string{fieldOf(e.Key): e.Key}
		return c.RenderStatus(422, "profile/layout", page)
	}
	if err != nil {
		return err
	}
	c.Flash(web.Done, "account.flash.saved")
	if b.Kind == ByChoice {
		return c.Redirect("/settings/layout/" + name)
	}
	return c.Redirect("/settings/layout")
}

// blockFrom reads a value of the form: kind:what.
func blockFrom(value string) Block {
	kind, of, _ := strings.Cut(value, ":")
	return Block{Kind: kind, Of: of}
}

func fieldOf(key string) string {
	if key == "profile.error.title" {
		return "title"
	}
	return "of"
}

// ShowcasePage is the page "profile/showcase": which badges stand in one, and how it is
// called.
type ShowcasePage struct {
	Name, Title, URL string
	Chosen, Others   []badge.Card
	Full             bool
	Query, Older     string
	Errors           map[string]string
}

// Meta titles the page.
func (p ShowcasePage) Meta() web.Meta { return web.Meta{Title: "profile.layout.title", NoIndex: true} }

func (p Pages) showcase(c *web.Ctx) error {
	page, err := p.showcasePage(c)
	if err != nil {
		return err
	}
	return c.Render("profile/showcase", page)
}

func (p Pages) showcasePage(c *web.Ctx) (ShowcasePage, error) {
	ctx, d, me, name := c.Context(), p.Base.Read(), c.Viewer().Person, c.Param("name")
	page := ShowcasePage{Name: name, URL: "/settings/layout/" + name, Query: c.Query("q")}
	list, err := p.Layout(ctx, d, me)
	if err != nil {
		return page, err
	}
	at := slices.IndexFunc(list, func(b Block) bool { return b.Name == name && b.Kind == ByChoice })
	if at < 0 {
		return page, errNoBlock()
	}
	page.Title = list[at].Title
	chosen, err := p.allIn(ctx, d, me, me, list[at])
	if err != nil {
		return page, err
	}
	page.Chosen, page.Full = cards(c, chosen), len(chosen) >= showcaseMost
	others, err := p.Badges.Shelf(ctx, me, badge.Shelf{Filter: badge.Filter{Text: page.Query}, After: badge.Cursor(c.Query("before")), Limit: candidatesShown + 1})
	if len(others) > candidatesShown {
		others = others[:candidatesShown]
		page.Older = badge.PathWith(page.URL, "q", page.Query, "before", strconv.FormatInt(others[candidatesShown-1].ID, 36))
	}
	for _, b := range others {
		if !isAmong(chosen, b.ID) {
			page.Others = append(page.Others, badge.NewCard(b.Badge, me, c.Now()))
		}
	}
	return page, err
}

// choose puts badges into a showcase, takes them out and moves them, and renames it.
func (p Pages) choose(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	ctx, me, name, id := c.Context(), c.Viewer().Person, c.Param("name"), form.Get("badge")
	switch form.Get("action") {
	case "in", "out":
		err = p.Choose(ctx, me, name, id, form.Get("action") == "in")
	case "up":
		err = p.MoveChosen(ctx, me, name, id, -1)
	case "down":
		err = p.MoveChosen(ctx, me, name, id, 1)
	case "rename":
		err = p.ChangeShowcase(ctx, me, name, form.Get("title"))
	default:
		err = fault.New(fault.Malformed, "web.form")
	}
	if e, ok := fault.As(err); ok && e.Kind == fault.Invalid && !c.WantsJSON() {
		page, err := p.showcasePage(c)
		if err != nil {
			return err
		}
		page.Errors = account.FieldErrors{"title": e.Key}
		return c.RenderStatus(422, "profile/showcase", page)
	}
	if err != nil {
		return err
	}
	c.Flash(web.Done, "account.flash.saved")
	return c.Redirect(badge.PathWith("/settings/layout/"+name, "q", form.Get("q")))
}
