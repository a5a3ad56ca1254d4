package account

import (
	"time"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

// limitPasskeys bounds what one network asks of us about passkeys.
func limitPasskeys(c *web.Ctx) error { return c.Limit("passkey", c.Network(), 120, 5*time.Minute) }

// challenge answers the options of a ceremony, for the script, and leaves its
// ticket in the browser.
func challenge(c *web.Ctx, options any, t Ticket, err error) error {
	if err != nil {
		return err
	}
	c.SetCookie(t.Name, t.Value, t.Age)
	return c.JSON(200, options)
}

func (p Pages) enterOptions(c *web.Ctx) error {
	if err := limitPasskeys(c); err != nil {
		return err
	}
	options, t, err := p.BeginEnter(c.Context())
	return challenge(c, options, t, err)
}

func (p Pages) enterPasskey(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	if err := limitPasskeys(c); err != nil {
		return err
	}
	person, err := p.EnterByPasskey(c.Context(), Answer{JSON: form.Get("credential"), Ticket: c.Cookie})
	if e, ok := refusal(err); ok {
		page, err := p.loginPage(c, "", local(form.Get("next")))
		if err != nil {
			return err
		}
		page.Errors = map[string]string{"form": e.Key}
		return c.RenderStatus(422, "account/login", page)
	}
	if err != nil {
		return err
	}
	return p.Enter(c, person, form.Get("next"))
}

// refusal is the fault of a proof that was not taken.
func refusal(err error) (*fault.Error, bool) {
	e, ok := fault.As(err)
	return e, ok && (e.Kind == fault.Invalid || e.Kind == fault.Forbidden)
}

func (p Pages) proveOptions(c *web.Ctx) error {
	if err := limitPasskeys(c); err != nil {
		return err
	}
	options, t, err := p.BeginProve(c.Context(), c.Viewer().Person)
	return challenge(c, options, t, err)
}

func (p Pages) provePasskey(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	if err := limitPasskeys(c); err != nil {
		return err
	}
	err = p.ProveByPasskey(c.Context(), Answer{JSON: form.Get("credential"), Ticket: c.Cookie, Viewer: c.Viewer().Person})
	if e, ok := refusal(err); ok {
		page, err := p.freshPage(c, local(form.Get("next")))
		if err != nil {
			return err
		}
		page.Form, page.Errors = form.Get("form") != "", map[string]string{"form": e.Key}
		return c.RenderStatus(422, "account/fresh", page)
	}
	if err != nil {
		return err
	}
	return p.proved(c, form.Get("next"), form.Get("form") != "")
}

// NewPasskeyPage is the page "account/passkey".
type NewPasskeyPage struct {
	Name   string
	Works  bool // this site can have passkeys
	Errors map[string]string
}

// Meta describes the page.
func (NewPasskeyPage) Meta() web.Meta { return private("account.passkey.new") }

func (p Pages) passkeyForm(c *web.Ctx) error {
	return c.Render("account/passkey", NewPasskeyPage{Name: deviceOf(c.UserAgent()), Works: p.PasskeysWork()})
}

func (p Pages) addOptions(c *web.Ctx) error {
	if err := limitPasskeys(c); err != nil {
		return err
	}
	options, t, err := p.BeginAdd(c.Context(), c.Viewer().Person)
	return challenge(c, options, t, err)
}

func (p Pages) addPasskey(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	if err := limitPasskeys(c); err != nil {
		return err
	}
	name := form.Get("name")
	answer := Answer{JSON: form.Get("credential"), Ticket: c.Cookie, Viewer: c.Viewer().Person}
	k, err := p.AddPasskey(c.Context(), answer, name, deviceOf(c.UserAgent()))
	if err != nil {
		page := NewPasskeyPage{Name: cutTo(name, 250), Works: p.PasskeysWork()}
		if e, ok := refusal(err); ok {
			if page.Errors, ok = fieldsOf(err); !ok {
				page.Errors = map[string]string{"form": e.Key}
			}
			return c.RenderStatus(422, "account/passkey", page)
		}
		return err
	}
	c.Flash(web.Done, "account.flash.passkey_added", "name", k.Name)
	return c.Redirect("/settings/security")
}

func (p Pages) changePasskey(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	v, id := c.Viewer(), c.Param("id")
	switch form.Get("action") {
	case "remove":
		err = p.RemovePasskey(c.Context(), v.Person, id, v.SessionHash, deviceOf(c.UserAgent()))
		return p.secured(c, err, "account.flash.passkey_removed")
	case "rename":
		err = p.RenamePasskey(c.Context(), v.Person, id, form.Get("name"))
		return p.secured(c, err, "account.flash.saved")
	}
	return fault.New(fault.Malformed, "web.form")
}
