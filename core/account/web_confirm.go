package account

import (
	"time"

	"github.com/osier-passport/osier/core/web"
)

// confirmForm shows a button only: programs that read mail follow links.
func (p Pages) confirmForm(c *web.Ctx) error {
	e, err := p.ConfirmationOf(c.Context(), c.Param("token"))
	if err != nil {
		return err
	}
	if e.Person != c.Viewer().Person {
		return errOtherPerson()
	}
	return c.Render("account/confirm", ConfirmPage{Action: c.Path(), Address: e.Address, Next: home})
}

func (p Pages) confirm(c *web.Ctx) error {
	if err := c.Limit("confirm", c.Network(), 100, 10*time.Minute); err != nil {
		return err
	}
	e, err := p.Confirm(c.Context(), c.Viewer().Person, c.Param("token"))
	if err != nil {
		return err
	}
	c.Flash(web.Done, "account.flash.confirmed", "address", e.Address)
	return c.Redirect(home)
}

func (p Pages) resetForm(c *web.Ctx) error { return c.Render("account/reset", ResetPage{}) }

// askReset answers alike for every address.
func (p Pages) askReset(c *web.Ctx) error {
	var in struct {
		Address string `form:"address"`
	}
	if err := c.Bind(&in); err != nil {
		return err
	}
	if err := limitLinks(c, "reset", in.Address); err != nil {
		return err
	}
	if err := p.AskReset(c.Context(), in.Address); err != nil {
		return again(c, err, "account/reset", func(e map[string]string) any {
			return ResetPage{Address: in.Address, Errors: e}
		})
	}
	return c.Render("account/reset", ResetPage{Address: in.Address, Sent: true, MailConfigured: p.mailer.Configured()})
}

func (p Pages) passwordForm(c *web.Ctx) error {
	person, err := p.ResetOf(c.Context(), c.Param("token"))
	if err != nil {
		return err
	}
	return c.Render("account/password", PasswordPage{Action: c.Path(), Handle: person.Handle})
}

func (p Pages) reset(c *web.Ctx) error {
	var in struct {
		Password string `form:"password"`
	}
	if err := c.Bind(&in); err != nil {
		return err
	}
	if err := c.Limit("reset", c.Network(), 20, 30*time.Minute); err != nil {
		return err
	}
	person, err := p.ResetOf(c.Context(), c.Param("token"))
	if err != nil {
		return err
	}
	if err := p.Reset(c.Context(), c.Param("token"), in.Password); err != nil {
		return again(c, err, "account/password", func(e map[string]string) any {
			return PasswordPage{Action: c.Path(), Handle: person.Handle, Errors: e}
		})
	}
	c.Flash(web.Done, "account.flash.password")
	return c.Redirect("/login")
}

// byMail chooses between the words for a mail that goes out and for one that
// waits with the administrators, while no mail server is configured.
func (p Pages) byMail(sent, held string) string {
	if p.mailer.Configured() {
		return sent
	}
	return held
}
