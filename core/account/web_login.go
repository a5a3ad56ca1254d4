package account

import (
	"slices"
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/fault"
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
	return LoginPage{Providers: p.buttons(), Address: address, Next: next, CanSignUp: site.SignUp}, err
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
	if err := c.Limit("login", c.Network(), 50, 5*time.Minute); err != nil {
		return err
	}
	// Guesses count by network, so that a stranger cannot keep people out of their
	// accounts; those of many networks together have a limit of their own.
	if err := c.Limit("login.guess", nameKey(in.Address)+" "+c.Network(), 25, time.Hour); err != nil {
		return err
	}
	if err := c.Limit("login.account", nameKey(in.Address), 400, time.Hour); err != nil {
		return err
	}
	person, err := p.SignIn(c.Context(), in.Address, in.Password)
	if e, ok := fault.As(err); ok && (e.Kind == fault.Invalid || e.Kind == fault.Forbidden) {
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

func (p Pages) freshForm(c *web.Ctx) error {
	page, err := p.freshPage(c, local(c.Query("next")))
	if err != nil {
		return err
	}
	return c.Render("account/fresh", page)
}

// freshPage offers the ways this person can prove who they are.
func (p Pages) freshPage(c *web.Ctx, next string) (FreshPage, error) {
	page := FreshPage{Next: next, Providers: []Provider{}}
	var err error
	if page.HasPassword, err = p.HasPassword(c.Context(), c.Viewer().Person); err != nil {
		return page, err
	}
	linked, err := p.Identities(c.Context(), c.Viewer().Person)
	for _, b := range p.buttons() {
		if isLinked(linked, b.ID) {
			page.Providers = append(page.Providers, b)
		}
	}
	return page, err
}

func isLinked(list []Identity, provider string) bool {
	return slices.ContainsFunc(list, func(i Identity) bool { return i.Provider == provider })
}

func (p Pages) fresh(c *web.Ctx) error {
	var in struct {
		Password string `form:"password"`
		Next     string `form:"next"`
	}
	if err := c.Bind(&in); err != nil {
		return err
	}
	if err := limitProofs(c); err != nil {
		return err
	}
	if err := p.CheckPassword(c.Context(), c.Viewer().Person, in.Password); err != nil {
		page, errPage := p.freshPage(c, local(in.Next))
		if errPage != nil {
			return errPage
		}
		return again(c, err, "account/fresh", func(e map[string]string) any { page.Errors = e; return page })
	}
	person, err := p.PersonByID(c.Context(), p.base.Read(), c.Viewer().Person)
	if err != nil {
		return err
	}
	return p.Enter(c, person, in.Next)
}

// limitProofs bounds the guessing of a password by who is signed in.
func limitProofs(c *web.Ctx) error {
	return c.Limit("prove", strconv.FormatInt(c.Viewer().Person, 10), 10, 10*time.Minute)
}
