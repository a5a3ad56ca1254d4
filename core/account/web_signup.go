package account

import (
	"context"
	"net/http"
	"time"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

// ticket is what of a request opens the sign-up form.
type ticket struct{ invite, proof string }

func (p Pages) signupForm(c *web.Ctx) error {
	return p.showSignup(c, ticket{invite: cutTo(c.Query("invite"), inviteMax)})
}

// inviteForm is where an invitation leads.
func (p Pages) inviteForm(c *web.Ctx) error {
	return p.showSignup(c, ticket{invite: cutTo(c.Param("token"), inviteMax)})
}

// joinForm is where a mailed link to join leads.
func (p Pages) joinForm(c *web.Ctx) error { return p.showSignup(c, ticket{proof: c.Param("token")}) }

func (p Pages) showSignup(c *web.Ctx, t ticket) error {
	next := local(c.Query("next"))
	if c.Viewer().SignedIn() {
		return c.Redirect(onward(next))
	}
	page, err := p.signupPage(c, t)
	if err != nil {
		return p.refuseSignup(c, err)
	}
	page.Next = next
	return c.Render("account/signup", page)
}

// signupPage is the form as far as what the visitor brings opens it: whole, or for
// an address to mail a link to.
func (p Pages) signupPage(c *web.Ctx, t ticket) (SignupPage, error) {
	ctx := c.Context()
	page := SignupPage{Host: p.host(), Invite: t.invite, Proof: t.proof, Providers: p.buttons()}
	for i := range page.Providers {
		page.Providers[i].Invite = t.invite
	}
	if _, ok := p.OnlyProvider(); ok {
		page.Only = true
	}
	site, err := p.Settings(ctx)
	if err != nil {
		return page, err
	}
	page.Years, page.Asks = site.Age, site.asksFor(nil)
	page.Questions = p.asked(c.Lang(), nil)
	var key string
	if page.Address, key, err = p.openProof(t.proof); err != nil {
		return page, err
	}
	if key != "" {
		if err := p.linkUsed(ctx, key); err != nil {
			return page, err
		}
	}
	err = p.mayJoin(ctx, p.base.Read(), pass{invite: t.invite, key: key})
	if e, ok := fault.As(err); ok && e.Key == "account.error.not_listed" && t.proof == "" {
		page.Ask, page.Domains = true, p.listedDomains(site)
		return page, nil
	}
	if err != nil || t.invite == "" {
		return page, err
	}
	inviter, err := p.Inviter(ctx, t.invite)
	if fault.Is(err, fault.Gone) { // everybody may join, with or without
		return page, nil
	}
	page.Inviter = inviter.Name
	return page, err
}

// linkUsed returns a fault Gone when the address that a mailed link proves is
// somebody's by now: whoever has the link has the address, and so the account.
func (a *Accounts) linkUsed(ctx context.Context, key string) error {
	_, err := ownerOf(ctx, a.base.Read(), key)
	if err == nil {
		return fault.New(fault.Gone, "account.error.join_used").At("/login")
	}
	return ignoreAbsent(err)
}

// NoJoinPage is the page "account/nojoin": who may not join reads why, and what
// there is to do.
type NoJoinPage struct{ Reason string } // closed, invited, gone, setup

// Meta describes the page.
func (NoJoinPage) Meta() web.Meta { return private("account.nojoin.title") }

// refuseSignup shows why somebody cannot join; other errors it passes on.
func (p Pages) refuseSignup(c *web.Ctx, err error) error {
	e, ok := fault.As(err)
	if !ok {
		return err
	}
	reasons := map[string]string{
		"account.error.closed": "closed", "account.error.invited": "invited", "account.error.invite.gone": "gone",
		"account.error.join": "late", "account.error.no_setup": "setup", "account.error.not_listed": "listed", "account.error.join_used": "used",
	}
	reason := reasons[e.Key]
	if reason == "" {
		return err
	}
	return c.RenderStatus(fault.Status(e), "account/nojoin", NoJoinPage{Reason: reason})
}

// signup makes an account and signs it in; its address waits for the mail. Where
// only those on a list may join, it mails the link first.
func (p Pages) signup(c *web.Ctx) error {
	var in struct {
		Name     string `form:"name"`
		Handle   string `form:"handle"`
		Address  string `form:"address"`
		Password string `form:"password"`
		Next     string `form:"next"`
		Agree    bool   `form:"agree"`
		Age      string `form:"age"`
		Guardian string `form:"guardian"`
		Invite   string `form:"invite"`
		Proof    string `form:"proof"`
	}
	if err := c.Bind(&in); err != nil {
		return err
	}
	if err := c.Limit("signup", c.Network(), 30, 30*time.Minute); err != nil {
		return err
	}
	page, err := p.signupPage(c, ticket{invite: cutTo(in.Invite, inviteMax), proof: in.Proof})
	if err != nil {
		return p.refuseSignup(c, err)
	}
	page.Next = local(in.Next)
	if page.Ask {
		return p.askToJoin(c, page, in.Address)
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	given := p.given(form)
	person, err := p.SignUp(c.Context(), NewPerson{
		Name: in.Name, Handle: in.Handle, Address: in.Address, Password: in.Password, Language: c.Lang(),
		Agreed: in.Agree, Age: in.Age, Guardian: in.Guardian, Invite: page.Invite, Proof: in.Proof,
		Answers: given,
	})
	if err != nil {
		page.Name, page.Handle, page.Age, page.Guardian, page.Agree = in.Name, in.Handle, in.Age, in.Guardian, in.Agree
		if page.Questions = p.asked(c.Lang(), given); in.Proof == "" {
			page.Address = in.Address
		}
		return p.refuseSignup(c, again(c, err, "account/signup", func(e map[string]string) any { page.Errors = e; return page }))
	}
	if in.Proof != "" {
		c.Flash(web.Done, "account.flash.joined", "name", person.Name)
	} else {
		c.Flash(web.Done, p.byMail("account.flash.welcome", "account.flash.welcome_held"), "name", person.Name, "address", in.Address)
	}
	return p.Enter(c, person, in.Next)
}

// askToJoin mails a link to an address that may be on the list. The answer is the
// same for all addresses.
func (p Pages) askToJoin(c *web.Ctx, page SignupPage, address string) error {
	page.Address = cutTo(address, 254)
	if err := p.AskToJoin(c.Context(), address, c.Lang()); err != nil {
		return again(c, err, "account/signup", func(e map[string]string) any { page.Errors = e; return page })
	}
	page.Sent = true
	return c.RenderStatus(http.StatusOK, "account/signup", page)
}

func (p Pages) setupForm(c *web.Ctx) error {
	if err := p.SetupOpen(c.Context(), c.Param("token")); err != nil {
		return err
	}
	return c.Render("account/setup", SetupPage{
		Action: c.Path(), Host: p.host(), Explore: "open", MailConfigured: p.mailer.Configured(),
	})
}

func (p Pages) setup(c *web.Ctx) error {
	var in struct {
		Site     string `form:"site"`
		Name     string `form:"name"`
		Handle   string `form:"handle"`
		Address  string `form:"address"`
		Password string `form:"password"`
		Explore  string `form:"explore"`
	}
	if err := c.Bind(&in); err != nil {
		return err
	}
	if err := c.Limit("setup", c.Network(), 30, 10*time.Minute); err != nil {
		return err
	}
	if in.Explore != "members" {
		in.Explore = "open"
	}
	person, err := p.SetUp(c.Context(), c.Param("token"), Setup{
		NewPerson: NewPerson{Name: in.Name, Handle: in.Handle, Address: in.Address, Password: in.Password, Language: c.Lang()},
		SiteName:  in.Site, Explore: in.Explore == "open",
	})
	if err != nil {
		return again(c, err, "account/setup", func(e map[string]string) any {
			return SetupPage{
				Action: c.Path(), SiteName: in.Site, Name: in.Name, Handle: in.Handle, Address: in.Address,
				Host: p.host(), Explore: in.Explore, MailConfigured: p.mailer.Configured(), Errors: e,
			}
		})
	}
	c.Flash(web.Done, "account.flash.setup", "site", in.Site)
	return p.enterByServer(c, person, "")
}
