package account

import (
	"slices"

	"github.com/osier-passport/osier/core/web"
)

// NoticesPage is the page "account/notifications".
type NoticesPage struct {
	Kinds          []MailKind
	MailConfigured bool
}

// MailKind is a kind of mail that can be stopped: its name is
// notices.<ID>.name in the catalogue.
type MailKind struct {
	ID     string
	Wanted bool
}

// Meta describes the page.
func (NoticesPage) Meta() web.Meta { return private("notices.title") }

func (p Pages) noticesForm(c *web.Ctx) error {
	off, err := p.MailsOff(c.Context(), p.base.Read(), c.Viewer().Person)
	if err != nil {
		return err
	}
	page := NoticesPage{MailConfigured: p.mailer.Configured()}
	for _, kind := range mailKinds {
		page.Kinds = append(page.Kinds, MailKind{ID: kind, Wanted: !slices.Contains(off, kind)})
	}
	return c.Render("account/notifications", page)
}

func (p Pages) notices(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	if err := p.SetMails(c.Context(), c.Viewer().Person, form.All("mail")); err != nil {
		return err
	}
	c.Flash(web.Done, "account.flash.saved")
	return c.Redirect("/settings/notifications")
}

// UnsubscribePage is the page "account/unsubscribe": a link in a mail leads here.
// It names the kind of mail and nobody.
type UnsubscribePage struct {
	Action, Kind string
	Done         bool // mails of the kind have just been stopped
	Again        bool // they have just been wanted again
}

// Meta describes the page.
func (UnsubscribePage) Meta() web.Meta { return private("notices.stop.title") }

// askUnsubscribe asks before it stops anything: programs that look at links in
// mails open them too.
func (p Pages) askUnsubscribe(c *web.Ctx) error {
	_, kind, err := p.unsubscriber(c.Context(), c.Param("token"))
	if err != nil {
		return err
	}
	return c.Render("account/unsubscribe", UnsubscribePage{Action: c.Path(), Kind: kind})
}

// unsubscribe stops one kind of mail. Mail programs post here with one click and
// without a session (RFC 8058 §3.2); the page's own form does the same.
func (p Pages) unsubscribe(c *web.Ctx) error {
	person, kind, err := p.unsubscriber(c.Context(), c.Param("token"))
	if err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	again := form.Get("action") == "again"
	if err := p.setMail(c.Context(), person.ID, kind, again); err != nil {
		return err
	}
	return c.Render("account/unsubscribe", UnsubscribePage{Action: c.Path(), Kind: kind, Done: !again, Again: again})
}
