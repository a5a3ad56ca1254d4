package profile

import (
	"errors"
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

const candidatesShown = 24

// Pages are the settings of a profile.
type Pages struct{ *Profiles }

// Mount makes the routes.
func (s *Profiles) Mount(r web.Router) {
	p := Pages{s}
	in := r.Group(web.SignedIn)
	in.Get("/settings/contact", p.contactForm)
	in.Post("/settings/contact", p.contact)
	in.Post("/settings/contact/check", p.check)
	in.Get("/settings/layout", p.layout)
	in.Post("/settings/layout", p.changeParts)
	in.Post("/settings/layout/showcases", p.addShowcase)
	in.Get("/settings/layout/:name", p.showcase)
	in.Post("/settings/layout/:name", p.choose)
	in.Get("/settings/pins", p.pins)
	in.Post("/settings/pins", p.pin)
	in.Post("/settings/pins/machines", p.machines)
}

// ContactPage is the page "profile/contact".
type ContactPage struct {
	Fields []FieldRow
	Links  []LinkRow
	Code   string // the link that a page elsewhere needs
	Errors map[string]string
}

// FieldRow is one field of the form.
type FieldRow struct{ Kind, Name, Value, Audience string }

// LinkRow is an address that could lead back.
type LinkRow struct {
	URL               string
	Checked, Verified time.Time
}

// Meta describes the page.
func (ContactPage) Meta() web.Meta { return web.Meta{Title: "profile.contact.title", NoIndex: true} }

func (p Pages) contactForm(c *web.Ctx) error {
	fields, err := p.Fields(c.Context(), c.Viewer().Person)
	if err != nil {
		return err
	}
	page, err := p.contactPage(c, fields)
	if err != nil {
		return err
	}
	return c.Render("profile/contact", page)
}

func (p Pages) contactPage(c *web.Ctx, fields []Field) (ContactPage, error) {
	v := c.Viewer()
	page := ContactPage{Code: `<a rel="me" href="` + c.URL("/@"+v.Handle) + `">` + v.Name + `</a>`}
	for _, kind := range Kinds {
		row := FieldRow{Kind: kind, Name: kind, Audience: first(kind)}
		for _, f := range fields {
			if f.Kind == kind {
				row.Value, row.Audience = f.Value, f.Audience
			}
		}
		page.Fields = append(page.Fields, row)
	}
	links, err := p.LinkStates(c.Context(), v.Person)
	for _, l := range links {
		page.Links = append(page.Links, LinkRow(l))
	}
	return page, err
}

func (p Pages) contact(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	var fields []Field
	for _, kind := range Kinds {
		fields = append(fields, Field{kind, form.Get(kind), form.Get(kind + "_for")})
	}
	if err := c.Limit("profile.contact", strconv.FormatInt(c.Viewer().Person, 10), 60, time.Hour); err != nil {
		return err
	}
	err = p.SetFields(c.Context(), c.Viewer().Person, fields)
	if wrong, ok := errors.AsType[account.FieldErrors](err); ok {
		page, err := p.contactPage(c, fields)
		if err != nil {
			return err
		}
		page.Errors = wrong
		return c.RenderStatus(422, "profile/contact", page)
	}
	if err != nil {
		return err
	}
	c.Flash(web.Done, "account.flash.saved")
	return c.Redirect("/settings/contact")
}

// check has the addresses looked at now, a few times an hour.
func (p Pages) check(c *web.Ctx) error {
	if err := c.Limit("profile.check", strconv.FormatInt(c.Viewer().Person, 10), 6, time.Hour); err != nil {
		return err
	}
	if err := p.Recheck(c.Context(), c.Viewer().Person); err != nil {
		return err
	}
	c.Flash(web.Done, "profile.flash.checking")
	return c.Redirect("/settings/contact#links")
}

// PinsPage is the page "profile/pins".
type PinsPage struct {
	Pinned       []badge.Card
	Others       []badge.Card // that can be pinned
	Full         bool
	Max          int
	Query, Older string
	Credentials  bool
}

// Meta describes the page.
func (PinsPage) Meta() web.Meta { return web.Meta{Title: "profile.pins.title", NoIndex: true} }

func (p Pages) pins(c *web.Ctx) error {
	ctx, me := c.Context(), c.Viewer().Person
	pinned, err := p.Pins(ctx, me)
	if err != nil {
		return err
	}
	page := PinsPage{Pinned: cards(c, pinned), Full: len(pinned) >= PinsMax, Max: PinsMax, Query: c.Query("q")}
	if page.Credentials, err = p.Credentials(ctx, me); err != nil {
		return err
	}
	list, err := p.Badges.Shelf(ctx, me, badge.Shelf{Filter: badge.Filter{Text: page.Query}, After: badge.Cursor(c.Query("before")), Limit: candidatesShown + 1})
	if err != nil {
		return err
	}
	if len(list) > candidatesShown {
		list = list[:candidatesShown]
		page.Older = badge.PathWith("/settings/pins", "q", page.Query, "before", strconv.FormatInt(list[candidatesShown-1].ID, 36))
	}
	for _, b := range list {
		if !isAmong(pinned, b.ID) {
			page.Others = append(page.Others, badge.NewCard(b.Badge, me, c.Now()))
		}
	}
	return c.Render("profile/pins", page)
}

func cards(c *web.Ctx, list []badge.Badge) []badge.Card {
	out := make([]badge.Card, 0, len(list))
	for _, b := range list {
		out = append(out, badge.NewCard(b, c.Viewer().Person, c.Now()))
	}
	return out
}

func isAmong(list []badge.Badge, id int64) bool {
	for _, b := range list {
		if b.ID == id {
			return true
		}
	}
	return false
}

// pin pins, moves and lets go of a badge.
func (p Pages) pin(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	ctx, me, id := c.Context(), c.Viewer().Person, form.Get("badge")
	switch form.Get("action") {
	case "pin":
		err = p.Pin(ctx, me, id)
	case "unpin":
		err = p.Unpin(ctx, me, id)
	case "up":
		err = p.MovePin(ctx, me, id, -1)
	case "down":
		err = p.MovePin(ctx, me, id, 1)
	default:
		err = fault.New(fault.Malformed, "web.form")
	}
	if err != nil {
		return err
	}
	c.Flash(web.Done, "account.flash.saved")
	return c.Redirect("/settings/pins")
}

// machines keeps whether the profile names the public badges for machines.
func (p Pages) machines(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	if err := p.SetCredentials(c.Context(), c.Viewer().Person, form.Get("credentials") != ""); err != nil {
		return err
	}
	c.Flash(web.Done, "account.flash.saved")
	return c.Redirect("/settings/pins")
}
