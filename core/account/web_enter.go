package account

import (
	"time"

	"github.com/osier-passport/osier/core/web"
)

// mountLogin adds the ways in.
func (p Pages) mountLogin(r web.Router) {
	r.Get("/login", p.loginForm)
	p.mountAnyWay(r.Group(p.anyWay))
	in := r.Group(web.SignedIn)
	in.Get("/login/fresh", p.freshForm)
}

// mountAnyWay adds the ways in that one provider alone would close.
func (p Pages) mountAnyWay(r web.Router) {
	r.Post("/login", p.login)
	r.Post("/login/passkey/options", p.enterOptions)
	r.Post("/login/passkey", p.enterPasskey)
	r.Get("/login/link", p.linkForm)
	r.Post("/login/link", p.askEnter)
	r.Get("/login/link/:token", p.enterForm)
	r.Post("/login/link/:token", p.enter)
	r.Get("/login/recovery", p.recoveryForm)
	r.Post("/login/recovery", p.recovery)
	in := r.Group(web.SignedIn)
	in.Post("/login/fresh", p.fresh)
	in.Post("/login/fresh/link", p.freshLink)
	in.Post("/login/fresh/passkey/options", p.proveOptions)
	in.Post("/login/fresh/passkey", p.provePasskey)
}

// LinkPage is the page "account/link": who has no password at hand gives an
// address, then hears that a mail is on its way.
type LinkPage struct {
	Address, Next  string
	Sent           bool
	MailConfigured bool
	Errors         map[string]string
}

// Meta describes the page.
func (LinkPage) Meta() web.Meta { return private("account.link.title") }

func (p Pages) linkForm(c *web.Ctx) error {
	return c.Render("account/link", LinkPage{Next: local(c.Query("next")), MailConfigured: p.mailer.Configured()})
}

// askEnter answers alike for every address.
func (p Pages) askEnter(c *web.Ctx) error {
	var in struct {
		Address string `form:"address"`
		Next    string `form:"next"`
	}
	if err := c.Bind(&in); err != nil {
		return err
	}
	if err := limitLinks(c, "link", in.Address); err != nil {
		return err
	}
	page := LinkPage{Address: in.Address, Next: local(in.Next), Sent: true, MailConfigured: p.mailer.Configured()}
	if err := p.AskEnter(c.Context(), in.Address, page.Next, deviceOf(c.UserAgent())); err != nil {
		return again(c, err, "account/link", func(e map[string]string) any {
			page.Sent, page.Errors = false, e
			return page
		})
	}
	return c.Render("account/link", page)
}

// limitLinks bounds the links that one network asks for, in all and to one
// address. What all networks together can send to an address is bounded where the
// link is made, unseen: no stranger gets a refusal for somebody else.
func limitLinks(c *web.Ctx, kind, address string) error {
	if err := c.Limit(kind, c.Network(), 20, 30*time.Minute); err != nil {
		return err
	}
	return c.Limit(kind+".address", nameKey(address)+" "+c.Network(), 5, 30*time.Minute)
}

// EnterPage is the page "account/enter": a mailed link leads here.
type EnterPage struct {
	Action, Handle, Next string
	Other                string // handle of who is signed in on this browser, when it is somebody else
	Again                bool   // the same person is signed in and proves it again
}

// Meta describes the page.
func (EnterPage) Meta() web.Meta { return private("account.enter.title") }

// enterForm shows a button only: programs that read mail follow links.
func (p Pages) enterForm(c *web.Ctx) error {
	person, err := p.EnterOf(c.Context(), c.Param("token"))
	if err != nil {
		return err
	}
	page := EnterPage{Action: c.Path(), Handle: person.Handle, Next: local(c.Query("next"))}
	if v := c.Viewer(); v.SignedIn() {
		page.Again = v.Person == person.ID
		if !page.Again {
			page.Other = v.Handle
		}
	}
	return c.Render("account/enter", page)
}

func (p Pages) enter(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	if err := c.Limit("enter", c.Network(), 60, 10*time.Minute); err != nil {
		return err
	}
	person, err := p.TakeEnter(c.Context(), c.Param("token"))
	if err != nil {
		return err
	}
	return p.Enter(c, person, form.Get("next"))
}

// freshLink mails a link to the person who is signed in, as a fresh proof.
func (p Pages) freshLink(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	page, err := p.freshPage(c, local(form.Get("next")))
	if err != nil {
		return err
	}
	page.Form = form.Get("form") != ""
	if page.MailTo == "" {
		return c.Redirect("/login/fresh")
	}
	if err := LimitMails(c, page.MailTo); err != nil {
		return err
	}
	if err := p.AskEnter(c.Context(), page.MailTo, page.After(), deviceOf(c.UserAgent())); err != nil {
		return err
	}
	page.Mailed = true
	return c.Render("account/fresh", page)
}

// RecoveryPage is the page "account/recovery".
type RecoveryPage struct {
	Address, Next string
	Errors        map[string]string
}

// Meta describes the page.
func (RecoveryPage) Meta() web.Meta { return private("account.recovery.title") }

func (p Pages) recoveryForm(c *web.Ctx) error {
	return c.Render("account/recovery", RecoveryPage{Next: local(c.Query("next"))})
}

func (p Pages) recovery(c *web.Ctx) error {
	var in struct {
		Address string `form:"address"`
		Code    string `form:"code"`
		Next    string `form:"next"`
	}
	if err := c.Bind(&in); err != nil {
		return err
	}
	if err := p.limitGuesses(c, in.Address); err != nil {
		return err
	}
	person, err := p.EnterByCode(c.Context(), in.Address, in.Code, deviceOf(c.UserAgent()))
	if e, ok := refusal(err); ok {
		return c.RenderStatus(422, "account/recovery", RecoveryPage{
			Address: cutTo(in.Address, 254), Next: local(in.Next), Errors: map[string]string{"form": e.Key},
		})
	}
	if err != nil {
		return err
	}
	c.Flash(web.Notice, "account.flash.code_used")
	return p.Enter(c, person, "/settings/security")
}
