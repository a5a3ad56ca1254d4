package page

import (
	"net/url"
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

const (
	pageSize  = 24
	shelfSize = 48 // badges to choose from
)

// screens are the pages of pages.
type screens struct{ *Pages }

// Mount makes the routes of pages.
func (s *Pages) Mount(r web.Router) {
	p := screens{s}
	r.Get("/p/:id", p.show)
	r.Post("/p/:id/password", p.enter)
	r.Get("/p/:id/file/:block", p.file)
	r.Get("/p/:id/qr.svg", p.qr)
	r.Get("/p/:id/card.png", p.card)

	in := r.Group(web.SignedIn)
	in.Get("/pages", p.list)
	in.Get("/pages/new", p.begin)
	in.Post("/pages", p.make)
	in.Get("/pages/:id/edit", p.edit)
	in.Post("/pages/:id/head", p.saveHead)
	in.Post("/pages/:id/blocks", p.addBlock)
	in.Post("/pages/:id/blocks/:block", p.saveBlock)
	in.Post("/pages/:id/blocks/:block/move", p.moveBlock)
	in.Post("/pages/:id/blocks/:block/delete", p.removeBlock)
	in.Get("/pages/:id/blocks/:block/badges", p.chooser)
	in.Post("/pages/:id/blocks/:block/badges", p.choose)
	in.Post("/pages/:id/step", p.step)
	in.Get("/pages/:id/history", p.history)
	in.Post("/pages/:id/history", p.goBack)
	in.Get("/pages/:id/sharing", p.sharing)
	in.Post("/pages/:id/sharing", p.share)
	in.Post("/settings/links/page/:id", p.changeLink)
	in.Get("/pages/:id/export", p.askExport)
	in.Get("/pages/:id/site.zip", p.export)
	in.Post("/pages/:id/duplicate", p.duplicate)
	in.Get("/pages/:id/delete", p.askDelete)
	in.Post("/pages/:id/delete", p.delete)
	in.Post("/pages/:id/back", p.bringBack)
}

// ListPage is the page "page/list": the person's pages.
type ListPage struct {
	Pages, Gone  []Row
	Tag          string
	Tags         []TagView
	Older, Newer string
}

// TagView is a tag to choose by.
type TagView struct{ Name, Folded string }

// Row is one page in a list.
type Row struct {
	ID, URL, EditURL, Title, Style, Visibility string

	HasPassword bool
	Ended       bool
	Until       time.Time
	Art         []string  // addresses of pictures of its first badges
	At          time.Time // of the last change, or when it was deleted
}

// Meta titles the page.
func (ListPage) Meta() web.Meta { return web.Meta{Title: "page.title", NoIndex: true} }

func rowOf(p Page, now time.Time) Row {
	r := Row{
		ID: p.PublicID, URL: "/p/" + p.PublicID, EditURL: "/pages/" + p.PublicID + "/edit", Title: p.Title, Style: p.Style,
		Visibility: string(p.Visibility), HasPassword: p.HasPassword, Until: p.Until, At: p.ChangedAt,
	}
	r.Ended = !p.Until.IsZero() && !now.Before(p.Until)
	if !p.RemovedAt.IsZero() {
		r.At = p.RemovedAt
	}
	return r
}

func (s screens) list(c *web.Ctx) error {
	ctx, me := c.Context(), c.Viewer().Person
	page := ListPage{Tag: c.Query("tag")}
	before := badge.Cursor(c.Query("before"))
	list, err := s.List(ctx, me, Query{Tag: db.Fold(page.Tag), Before: before, Limit: pageSize + 1})
	if err != nil {
		return err
	}
	if len(list) > pageSize {
		list = list[:pageSize]
		page.Older = badge.PathWith("/pages", "tag", page.Tag, "before", strconv.FormatInt(list[pageSize-1].ID, 36))
	}
	if before != 0 {
		page.Newer = badge.PathWith("/pages", "tag", page.Tag)
	}
	for _, p := range list {
		r := rowOf(p, c.Now())
		badges, err := listArt(ctx, s.Base.Read(), p.ID)
		if err != nil {
			return err
		}
		for _, id := range badges {
			r.Art = append(r.Art, "/b/"+id+"/image")
		}
		page.Pages = append(page.Pages, r)
	}
	tags, err := tagsOf(ctx, s.Base.Read(), me)
	if err != nil {
		return err
	}
	for _, t := range tags {
		page.Tags = append(page.Tags, TagView{t, db.Fold(t)})
	}
	gone, err := s.List(ctx, me, Query{Removed: true, Limit: pageSize})
	for _, p := range gone {
		page.Gone = append(page.Gone, rowOf(p, c.Now()))
	}
	if err != nil {
		return err
	}
	return c.Render("page/list", page)
}

// NewPage is the page "page/new": a title, and badges to begin with.
type NewPage struct {
	Title, Query string
	Cards        []Choice
	More         bool // badges than are shown
	Errors       map[string]string
}

// Choice is a badge that can be chosen.
type Choice struct {
	Card badge.Card
	On   bool
}

// Meta titles the page.
func (NewPage) Meta() web.Meta { return web.Meta{Title: "page.new.title", NoIndex: true} }

func (s screens) begin(c *web.Ctx) error {
	page := NewPage{Query: clip(c.Query("q"), 100)}
	list, err := s.shelf(c, page.Query, 0)
	if err != nil {
		return err
	}
	page.Cards, page.More = choices(c, list, nil)
	return c.Render("page/new", page)
}

// shelf gives the person's own badges to choose from, one more than are shown.
func (s screens) shelf(c *web.Ctx, words string, after int64) ([]badge.Badge, error) {
	list, err := s.Badges.Shelf(c.Context(), c.Viewer().Person, badge.Shelf{Filter: badge.Filter{Text: words}, After: after, Limit: shelfSize + 1})
	out := make([]badge.Badge, 0, len(list))
	for _, b := range list {
		out = append(out, b.Badge)
	}
	return out, err
}

// choices makes cards of badges, of one page of them.
func choices(c *web.Ctx, list []badge.Badge, on map[string]bool) (out []Choice, more bool) {
	if more = len(list) > shelfSize; more {
		list = list[:shelfSize]
	}
	for _, b := range list {
		out = append(out, Choice{badge.NewCard(b, b.Person, c.Now()), on[b.PublicID]})
	}
	return out, more
}

// make makes a page, and shows it to everybody when that is asked for: with
// badges on it that others do not see, only after a question.
func (s screens) make(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	me := c.Viewer().Person
	if err := c.Limit("page", strconv.FormatInt(me, 10), 120, time.Hour); err != nil {
		return err
	}
	title := form.Get("title")
	if title == "" {
		title = c.T("page.new.name")
	}
	p, err := s.Make(c.Context(), me, title, form.All("badge"))
	if err != nil {
		return err
	}
	if form.Get("do") != "publish" {
		return c.Redirect("/pages/" + p.PublicID + "/edit")
	}
	return s.publish(c, p, badge.Public)
}

// publish shows a page that asks no further question, or asks it.
func (s screens) publish(c *web.Ctx, p Page, v badge.Visibility) error {
	hidden, err := s.Concealed(c.Context(), p, v)
	if err != nil {
		return err
	}
	if len(hidden) > 0 {
		return c.Redirect("/pages/" + p.PublicID + "/sharing?to=" + url.QueryEscape(string(v)))
	}
	p, err = s.Share(c.Context(), p.Person, p.PublicID, Sharing{Visibility: v, Until: p.Until})
	if err != nil {
		return err
	}
	c.Flash(web.Done, "page.flash.shown_"+string(v))
	return c.Redirect(p.URL())
}

func (s screens) duplicate(c *web.Ctx) error {
	p, err := s.Duplicate(c.Context(), c.Viewer().Person, c.Param("id"), func(of string) string { return c.T("page.copy_of", "title", of) })
	if err != nil {
		return err
	}
	c.Flash(web.Done, "page.flash.copied")
	return c.Redirect("/pages/" + p.PublicID + "/edit")
}

// DeletePage is the page "page/delete": one question.
type DeletePage struct{ Page Row }

// Meta titles the page.
func (DeletePage) Meta() web.Meta { return web.Meta{Title: "page.delete.title", NoIndex: true} }

func (s screens) askDelete(c *web.Ctx) error {
	p, err := s.Mine(c.Context(), c.Viewer().Person, c.Param("id"))
	if err != nil {
		return err
	}
	return c.Render("page/delete", DeletePage{rowOf(p, c.Now())})
}

func (s screens) delete(c *web.Ctx) error {
	if err := s.Remove(c.Context(), c.Viewer().Person, c.Param("id")); err != nil {
		return err
	}
	c.Flash(web.Done, "page.flash.deleted")
	return c.Redirect("/pages#gone")
}

func (s screens) bringBack(c *web.Ctx) error {
	if err := s.BringBack(c.Context(), c.Viewer().Person, c.Param("id")); err != nil {
		return err
	}
	c.Flash(web.Done, "page.flash.back")
	return c.Redirect("/pages")
}

func (s screens) step(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	do := s.Undo
	switch form.Get("do") {
	case "undo":
	case "redo":
		do = s.Redo
	default:
		return fault.New(fault.Malformed, "web.form")
	}
	if err := do(c.Context(), c.Viewer().Person, c.Param("id")); err != nil {
		return err
	}
	c.Flash(web.Done, "page.flash."+form.Get("do"))
	return c.Redirect("/pages/" + c.Param("id") + "/edit")
}

// HistoryPage is the page "page/history": the states of a page.
type HistoryPage struct {
	Page     Row
	Versions []VersionView
	Number   int // that is looked at, 0 for none
	Blocks   []BlockView
	At       time.Time
}

// VersionView is one state.
type VersionView struct {
	Number, Blocks int
	What, Title    string // page.version.<What>
	At             time.Time
	Now            bool
}

// Meta titles the page.
func (HistoryPage) Meta() web.Meta { return web.Meta{Title: "page.history.title", NoIndex: true} }

func (s screens) history(c *web.Ctx) error {
	ctx := c.Context()
	p, err := s.Mine(ctx, c.Viewer().Person, c.Param("id"))
	if err != nil {
		return err
	}
	page := HistoryPage{Page: rowOf(p, c.Now())}
	list, err := s.History(ctx, p)
	if err != nil {
		return err
	}
	asked, _ := strconv.Atoi(c.Query("show"))
	for _, v := range list {
		page.Versions = append(page.Versions, VersionView{
			Number: v.Number, Blocks: len(v.Content.Blocks), What: v.What, Title: v.Content.Title, At: v.At, Now: v.Number == p.version,
		})
		if v.Number != asked {
			continue
		}
		page.Number, page.At = v.Number, v.At
		if page.Blocks, err = s.past(c, p, v); err != nil {
			return err
		}
	}
	return c.Render("page/history", page)
}

// past draws a state as it would be now.
func (s screens) past(c *web.Ctx, p Page, v Version) ([]BlockView, error) {
	p.Blocks = nil
	for _, stored := range v.Content.Blocks {
		b, err := found(c.Context(), s.Base.Read(), p.Person, stored)
		if err != nil {
			return nil, err
		}
		p.Blocks = append(p.Blocks, b)
	}
	r := s.look(c, p.Person, p, "")
	r.at = func(b Block, _ string) string { return "/files/" + b.File.PublicID + "/download" }
	return r.views(c.Context())
}

func (s screens) goBack(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(form.Get("number"))
	if err != nil {
		return fault.New(fault.Malformed, "web.form").Wrap(err)
	}
	if err := s.Show(c.Context(), c.Viewer().Person, c.Param("id"), number); err != nil {
		return err
	}
	c.Flash(web.Done, "page.flash.restored")
	return c.Redirect("/pages/" + c.Param("id") + "/edit")
}
