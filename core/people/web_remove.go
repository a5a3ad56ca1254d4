package people

import (
	"errors"
	"net/http"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

// RemovePage is the page "people/remove".
type RemovePage struct {
	PersonRow

	Days   int  // in which a removal can be called off
	Waits  bool // one waits already
	Mails  bool // there is a mail server, and the person has a confirmed address
	Held   []Held
	When   string // later or now
	Mail   bool
	Keep   bool // the places of comments
	Words  string
	Typed  string
	Errors map[string]string
}

// Meta titles the page.
func (RemovePage) Meta() web.Meta { return web.Meta{Title: "people.remove.title", NoIndex: true} }

const (
	removeLater = "later"
	removeNow   = "now"
)

func (p *People) removePage(c *web.Ctx) (RemovePage, error) {
	full, err := p.personPage(c)
	if err != nil {
		return RemovePage{}, err
	}
	page := RemovePage{PersonRow: full.PersonRow, Days: GraceDays, Waits: !full.Due.IsZero(), Held: full.Held, When: removeLater, Mail: true}
	for _, a := range full.Addresses {
		page.Mails = page.Mails || full.Mails && !a.Confirmed.IsZero()
	}
	if page.Waits {
		page.When = removeNow
	}
	return page, nil
}

func (p *People) askRemove(c *web.Ctx) error {
	page, err := p.removePage(c)
	if err != nil {
		return err
	}
	return c.Render("people/remove", page)
}

func (p *People) postRemove(c *web.Ctx) error {
	who, form, err := p.subject(c)
	if err != nil {
		return err
	}
	n := Notice{Mail: form.Has("mail"), Words: form.Get("words")}
	now := form.Get("when") == removeNow
	wrong := account.FieldErrors{}
	if now && form.Get("handle") != who.Handle && form.Get("handle") != "@"+who.Handle {
		wrong["handle"] = "people.error.handle"
	}
	by := Actor{c.Viewer().Person}
	switch {
	case len(wrong) > 0:
		err = wrong
	case now:
		if _, err = p.Remove(c.Context(), by, who.ID, form.Get("comments") == "keep", n); err == nil {
			c.Flash(web.Done, "people.flash.removed")
			return c.Redirect("/admin/record")
		}
	default:
		if err = p.RemoveLater(c.Context(), by, who.ID, n); err == nil {
			return p.done(c, who, "people.flash.later", nil)
		}
	}
	if !errors.As(err, &wrong) {
		if fault.Is(err, fault.Conflict) {
			return p.done(c, who, "", err)
		}
		return err
	}
	page, err := p.removePage(c)
	if err != nil {
		return err
	}
	page.When, page.Mail, page.Keep = form.Get("when"), n.Mail, form.Get("comments") == "keep"
	page.Words, page.Typed, page.Errors = n.Words, form.Get("handle"), wrong
	return c.RenderStatus(http.StatusUnprocessableEntity, "people/remove", page)
}
