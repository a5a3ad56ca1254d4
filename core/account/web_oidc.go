package account

import (
	"time"

	"github.com/osier-passport/osier/core/web"
)

// visit sends a browser to a provider to sign in, or to prove again who is
// signed in.
func (p Pages) visit(c *web.Ctx) error {
	return p.leave(c, Wish{Provider: c.Param("provider"), Next: local(c.Query("next")), Prove: c.Viewer().Person, Invite: cutTo(c.Query("invite"), inviteMax)})
}

// postVisit is visit for a form; with purpose=link it links the provider to the
// person who is signed in and has just proved it.
func (p Pages) postVisit(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	w := Wish{Provider: c.Param("provider"), Next: local(form.Get("next")), Prove: c.Viewer().Person, Anew: form.Get("anew") != ""}
	if form.Get("purpose") == purposeLink {
		if !c.Viewer().SignedIn() {
			return c.Redirect("/login?next=/settings/security")
		}
		if !IsFresh(c) {
			return askProof(c, "/settings/security")
		}
		w = Wish{Provider: w.Provider, Next: "/settings/security", Link: c.Viewer().Person}
	}
	return p.leave(c, w)
}

func (p Pages) leave(c *web.Ctx, w Wish) error {
	w.Lang = c.Lang()
	to, ticket, err := p.Visit(c.Context(), w)
	if err != nil {
		return forViewer(err, c.Viewer().Admin())
	}
	c.SetCookie(ticket.Name, ticket.Value, ticket.Age)
	return c.Leave(to)
}

func (p Pages) callback(c *web.Ctx) error {
	if err := c.Limit("callback", c.Network(), 300, 5*time.Minute); err != nil {
		return err
	}
	state := c.Query("state")
	ticket := ticketOf(state)
	if ticket == "" {
		return p.audit(c.Context(), Return{Provider: c.Param("provider")}, errVisit())
	}
	out, err := p.Arrive(c.Context(), Return{
		Provider: c.Param("provider"), Ticket: c.Cookie(ticket), State: state, Code: c.Query("code"),
		Issuer: c.Query("iss"), Error: c.Query("error"), Viewer: c.Viewer().Person,
	})
	c.ClearCookie(ticket)
	if err != nil {
		return forViewer(err, c.Viewer().Admin())
	}
	if out.Linked {
		c.Flash(web.Done, "account.flash.linked")
		return c.Redirect(onward(out.Next))
	}
	if out.New {
		c.Flash(web.Done, "account.flash.joined", "name", out.Person.Name)
	}
	token, err := p.enterBy(c.Context(), out, deviceOf(c.UserAgent()), c.SessionToken())
	if err != nil {
		return err
	}
	c.SetSession(token, sessionAge)
	setLook(c, out.Person)
	if out.New {
		return c.Redirect(p.welcome(out.Next))
	}
	return c.Redirect(onward(out.Next))
}
