package account

import (
	"time"

	"github.com/osier-passport/osier/core/web"
)

func (p Pages) signupForm(c *web.Ctx) error {
	next := local(c.Query("next"))
	if c.Viewer().SignedIn() {
		return c.Redirect(onward(next))
	}
	if err := p.TakesMembers(c.Context(), p.base.Read()); err != nil {
		return err
	}
	site, err := p.Settings(c.Context())
	if err != nil {
		return err
	}
	return c.Render("account/signup", SignupPage{Providers: p.buttons(), Next: next, Host: p.host(), Years: site.Age, Asks: site.asksFor(nil)})
}

// signup makes an account and signs it in; its address waits for the mail.
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
	}
	if err := c.Bind(&in); err != nil {
		return err
	}
	if err := c.Limit("signup", c.Network(), 30, 30*time.Minute); err != nil {
		return err
	}
	person, err := p.SignUp(c.Context(), NewPerson{
		Name: in.Name, Handle: in.Handle, Address: in.Address, Password: in.Password, Language: c.Lang(),
		Agreed: in.Agree, Age: in.Age, Guardian: in.Guardian,
	})
	if err != nil {
		site, errSite := p.Settings(c.Context())
		if errSite != nil {
			return errSite
		}
		return again(c, err, "account/signup", func(e map[string]string) any {
			return SignupPage{
				Years: site.Age, Asks: site.asksFor(nil), Age: in.Age, Guardian: in.Guardian, Agree: in.Agree,
				Providers: p.buttons(), Name: in.Name, Handle: in.Handle, Address: in.Address,
				Next: local(in.Next), Host: p.host(), Errors: e,
			}
		})
	}
	c.Flash(web.Done, p.byMail("account.flash.welcome", "account.flash.welcome_held"), "name", person.Name, "address", in.Address)
	return p.Enter(c, person, in.Next)
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
	return p.Enter(c, person, "")
}
