package badge

import (
	"github.com/osier-passport/osier/core/web"
)

// BulkPage is the page "badge/bulk": what to do to the chosen badges, with what
// it means, before it is done.
type BulkPage struct {
	Do          string
	N           int
	Cards       []Card // the first of them
	More        int
	Hidden      []Hidden
	Tags        []Option
	Collections []Option
	Uses        []Use // what shows badges that are to be hidden
	Back        string
}

// Hidden is a value that a form carries on.
type Hidden struct{ Name, Value string }

// Meta titles the page.
func (BulkPage) Meta() web.Meta { return web.Meta{Title: "shelf.bulk.title", NoIndex: true} }

const bulkShown = 12

// choiceOf reads which badges a form chose, and what carries the choice on.
func choiceOf(form web.Form) (Choice, []Hidden, string) {
	view, q := askedFor(form.Get)
	view.Visibility, q.Visibility = form.Get("shown"), form.Get("shown")
	choice := Choice{Badges: form.All("badge"), All: form.Get("all") != "", Filter: q.Filter}
	var hidden []Hidden
	add := func(name, value string) {
		if value != "" {
			hidden = append(hidden, Hidden{name, value})
		}
	}
	for _, name := range []string{"q", "state", "shown", "tag", "issuer", "collection", "expiring", "unseen", "sort", "view", "all"} {
		add(name, form.Get(name))
	}
	if !choice.All {
		for _, id := range choice.Badges {
			add("badge", id)
		}
	}
	return choice, hidden, view.path()
}

// bulk does one thing to the chosen badges; it asks first for what it needs.
func (p *Pages) bulk(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	choice, hidden, back := choiceOf(form)
	a := Action{Do: form.Get("do"), Value: form.Get("value")}
	if a.Do == "export" {
		return p.exportChosen(c, choice, hidden, back)
	}
	if a.Do == doCollect && form.Get("name") != "" {
		made, err := p.badges.MakeCollection(c.Context(), c.Viewer().Person, form.Get("name"))
		if err != nil {
			return err
		}
		a.Value = made.PublicID
	}
	if a.Do == doCollect || a.Do == doTag || a.Do == doUntag || a.Do == doVisibility || a.Do == doRemove {
		if a.Value == "" {
			return p.askBulk(c, BulkPage{Do: a.Do, Hidden: hidden, Back: back}, choice)
		}
	}
	change, err := p.badges.Do(c.Context(), c.Viewer().Person, choice, a)
	if err != nil {
		return err
	}
	switch {
	case a.Do == doSeen:
		c.Flash(web.Done, "shelf.flash.seen")
	case change.Badges == 0:
		c.Flash(web.Notice, "shelf.flash.nothing")
	}
	return c.Redirect(back)
}

// askBulk shows the chosen badges with what is asked, and what shows them now.
func (p *Pages) askBulk(c *web.Ctx, page BulkPage, choice Choice) error {
	ctx, me := c.Context(), c.Viewer().Person
	ids, err := p.badges.Chosen(ctx, me, choice)
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		c.Flash(web.Notice, "shelf.error.none_chosen")
		return c.Redirect(page.Back)
	}
	page.N = len(ids)
	for _, id := range ids[:min(len(ids), bulkShown)] {
		b, err := p.badges.Mine(ctx, me, id)
		if err != nil {
			return err
		}
		page.Cards = append(page.Cards, NewCard(b, me, c.Now()))
	}
	page.More = page.N - len(page.Cards)
	if page.Do == doVisibility || page.Do == doRemove {
		if page.Uses, err = p.badges.UsesOf(ctx, me, ids, c.Lang()); err != nil {
			return err
		}
	}
	if page.Tags, page.Collections, err = p.sets(c); err != nil {
		return err
	}
	return c.Render("badge/bulk", page)
}

// undo takes a change back, or ends the time for it.
func (p *Pages) undo(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	ctx, me := c.Context(), c.Viewer().Person
	if form.Get("do") == "settle" {
		if err := p.badges.Settle(ctx, me, form.Get("change")); err != nil {
			return err
		}
		return c.Redirect(web.Local(form.Get("next")))
	}
	if _, err := p.badges.Undo(ctx, me, form.Get("change")); err != nil {
		return err
	}
	c.Flash(web.Done, "shelf.flash.undone")
	return c.Redirect(web.Local(form.Get("next")))
}
