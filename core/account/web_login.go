package account

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/web"
)

func (p Pages) loginForm(c *web.Ctx) error {
	next := local(c.Query("next"))
	if c.Viewer().SignedIn() {
		return c.Redirect(onward(next))
	}
	page, err := p.loginPage(c, "", next)
	if err != nil {
		return err
	}
	return c.Render("account/login", page)
}

func (p Pages) loginPage(c *web.Ctx, address, next string) (LoginPage, error) {
	site, err := p.Settings(c.Context())
	_, only := p.OnlyProvider()
	return LoginPage{
		Providers: p.buttons(), Address: address, Next: next, CanSignUp: site.SignUp() && !only, Only: only,
		Passkeys: p.PasskeysWork() && !only, Links: p.mailer.Configured() && !only,
	}, err
}

// login takes a handle or an address. Known or not, it does the same work and
// counts the same limits.
func (p Pages) login(c *web.Ctx) error {
	var in struct {
		Address  string `form:"address"`
		Password string `form:"password"`
		Next     string `form:"next"`
	}
	if err := c.Bind(&in); err != nil {
		return err
	}
	if err := p.limitGuesses(c, in.Address); err != nil {
		return err
	}
	person, err := p.SignIn(c.Context(), in.Address, in.Password)
	if e, ok := refusal(err); ok {
		page, err := p.loginPage(c, cutTo(in.Address, 254), local(in.Next))
		if err != nil {
			return err
		}
		page.Errors = map[string]string{"form": e.Key}
		return c.RenderStatus(422, "account/login", page)
	}
	if err != nil {
		return err
	}
	return p.Enter(c, person, in.Next)
}

// limitGuesses bounds the guessing of passwords and codes. Guesses count by
// network, so that a stranger cannot keep people out of their accounts; those of
// many networks together have a limit of their own, which a browser that was
// signed in to the account before does not share.
func (p Pages) limitGuesses(c *web.Ctx, name string) error {
	if err := c.Limit("login", c.Network(), 50, 5*time.Minute); err != nil {
		return err
	}
	if err := c.Limit("login.guess", nameKey(name)+" "+c.Network(), 25, time.Hour); err != nil {
		return err
	}
	person, err := p.named(c.Context(), strings.TrimSpace(name))
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return err
	}
	if p.knows(c, person) {
		return nil
	}
	return c.Limit("login.account", nameKey(name), 400, time.Hour)
}

func isLinked(list []Identity, provider string) bool {
	return slices.ContainsFunc(list, func(i Identity) bool { return i.Provider == provider })
}
