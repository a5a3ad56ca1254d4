package account

import (
	"errors"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

// AgePage is the page "account/age": the question for the age, or waiting for the
// guardian to confirm.
type AgePage struct {
	Years          int
	Waiting        bool
	Age, Guardian  string
	Next           string
	MailConfigured bool
	Errors         map[string]string
}

// Meta describes the page.
func (AgePage) Meta() web.Meta { return private("age.title") }

func (p Pages) agePage(c *web.Ctx) (AgePage, error) {
	site, err := p.Settings(c.Context())
	if err != nil {
		return AgePage{}, err
	}
	page := AgePage{Years: site.Age, Next: local(c.Query("next")), MailConfigured: p.mailer.Configured()}
	st, err := standingOf(c.Context(), p.base.Read(), c.Viewer().Person)
	if err != nil {
		return page, err
	}
	page.Waiting = st.underAge
	g, err := guardianOf(c.Context(), p.base.Read(), c.Viewer().Person)
	page.Guardian = g.Address
	return page, ignoreAbsent(err)
}

func (p Pages) ageForm(c *web.Ctx) error {
	if c.Viewer().First != firstAge {
		return c.Redirect(onward(c.Query("next")))
	}
	page, err := p.agePage(c)
	if err != nil {
		return err
	}
	return c.Render("account/age", page)
}

// age takes the answer, or mails the guardian again.
func (p Pages) age(c *web.Ctx) error {
	var in struct {
		Age      string `form:"age"`
		Guardian string `form:"guardian"`
		Next     string `form:"next"`
	}
	if err := c.Bind(&in); err != nil {
		return err
	}
	if c.Viewer().First != firstAge {
		return c.Redirect(onward(in.Next))
	}
	if err := LimitMails(c, in.Guardian); err != nil {
		return err
	}
	page, err := p.agePage(c)
	if err != nil {
		return err
	}
	if page.Waiting {
		err = p.AskGuardianAgain(c.Context(), c.Viewer().Person, in.Guardian)
	} else {
		err = p.AnswerAge(c.Context(), c.Viewer().Person, in.Age, in.Guardian)
	}
	if err != nil {
		return again(c, err, "account/age", func(e map[string]string) any {
			page.Age, page.Guardian, page.Errors = in.Age, in.Guardian, e
			return page
		})
	}
	if page.Waiting {
		c.Flash(web.Done, "age.flash.asked", "address", in.Guardian)
	}
	return c.Redirect(onward(in.Next))
}

// GuardianPage is the page "account/guardian": a link mailed to a guardian leads
// here, without an account.
type GuardianPage struct {
	Action, Name, Handle string
	Confirmed            bool
}

// Meta describes the page.
func (GuardianPage) Meta() web.Meta { return private("age.guardian.title") }

func (p Pages) guardianForm(c *web.Ctx) error {
	ward, g, err := p.Ward(c.Context(), c.Param("token"))
	if err != nil {
		return err
	}
	return c.Render("account/guardian", GuardianPage{Action: c.Path(), Name: ward.Name, Handle: ward.Handle, Confirmed: !g.ConfirmedAt.IsZero()})
}

func (p Pages) guardian(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	ward, _, err := p.Ward(c.Context(), c.Param("token"))
	if err != nil {
		return err
	}
	switch form.Get("action") {
	case "confirm":
		if err := p.ConfirmWard(c.Context(), c.Param("token")); err != nil {
			return err
		}
		c.Flash(web.Done, "age.flash.confirmed", "name", ward.Name)
		return c.Redirect(c.Path())
	case "recall":
		if err := p.RecallWard(c.Context(), c.Param("token")); err != nil {
			return err
		}
		c.Flash(web.Done, "age.flash.recalled", "name", ward.Name)
		return c.Redirect(c.Path())
	case "lift":
		if err := p.LiftAge(c.Context(), ward.ID); err != nil {
			return err
		}
		c.Flash(web.Done, "age.flash.lifted", "name", ward.Name)
		return c.Redirect("/")
	}
	return fault.New(fault.Malformed, "web.form")
}

// liftByAdmin ends the rules for a person under age by their handle.
func (p Pages) liftByAdmin(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	who, err := p.PersonByHandle(c.Context(), p.base.Read(), form.Get("handle"))
	if errors.Is(err, db.ErrNotFound) {
		return fault.New(fault.NotFound, "account.error.unknown").At("/admin/texts")
	}
	if err != nil {
		return err
	}
	if err := p.LiftAge(c.Context(), who.ID); err != nil {
		return err
	}
	c.Flash(web.Done, "age.flash.lifted", "name", who.Name)
	return c.Redirect("/admin/texts")
}
