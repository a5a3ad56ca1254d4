package account

import (
	"net/http"
	"time"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/secret"
	"github.com/osier-passport/osier/core/web"
)

const (
	outCookie     = "signed-out"
	outFor        = 10 * time.Minute
	logoutTokenIn = "logout_token"
)

// logout signs out here and, where the provider is configured so, there too.
func (p Pages) logout(c *web.Ctx) error {
	state := secret.Token()
	to, err := p.SignOut(c.Context(), c.SessionToken(), state)
	if err != nil {
		return err
	}
	c.ClearSession()
	if to == "" {
		c.Flash(web.Done, "account.flash.signed_out")
		return c.Redirect("/")
	}
	c.SetCookie(outCookie, state, outFor)
	return c.Leave(to)
}

// signedOut is where a provider sends back who signed out there. It goes nowhere
// else, whatever the query says.
func (p Pages) signedOut(c *web.Ctx) error {
	provider, err := p.providers.Get(c.Param("provider"))
	if err != nil {
		return err
	}
	if state := c.Cookie(outCookie); state != "" && state == c.Query("state") && !c.Viewer().SignedIn() {
		c.ClearCookie(outCookie)
		c.Flash(web.Done, "account.flash.signed_out_both", "provider", provider.Name)
	}
	return c.Redirect("/")
}

// backChannel takes the messages of a provider that sessions have ended (OpenID
// Connect Back-Channel Logout 1.0 §2.5). The token in it is its whole authority: no
// cookie is looked at.
func (p Pages) backChannel(c *web.Ctx) error {
	if err := c.Limit("backchannel", c.Network(), 600, 5*time.Minute); err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	if list := form.All(logoutTokenIn); len(list) != 1 {
		return refuseLogout(c)
	}
	err = p.EndByProvider(c.Context(), c.Param("provider"), form.Get(logoutTokenIn))
	if fault.Is(err, fault.Forbidden) {
		return refuseLogout(c)
	}
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, struct{}{})
}

// refuseLogout answers as OpenID Connect Back-Channel Logout 1.0 §2.8 says.
func refuseLogout(c *web.Ctx) error {
	return c.JSON(http.StatusBadRequest, map[string]string{
		"error": "invalid_request", "error_description": "the logout token is not valid",
	})
}

// anew asks whether an account that was removed shall begin again.
func (p Pages) anew(c *web.Ctx) error {
	provider, err := p.providers.Get(c.Param("provider"))
	if err != nil {
		return err
	}
	if c.Viewer().SignedIn() {
		return c.Redirect(home)
	}
	return c.Render("account/anew", AnewPage{Provider: provider.Name, Action: "/auth/" + provider.ID})
}

// AnewPage is the page "account/anew".
type AnewPage struct{ Provider, Action string }

// Meta describes the page.
func (AnewPage) Meta() web.Meta { return private("account.anew.title") }

// icon serves the picture of a provider's button.
func (p Pages) icon(c *web.Ctx) error {
	i := p.icons[c.Param("provider")]
	if i.data == nil {
		return fault.New(fault.NotFound, "error.text.404")
	}
	return c.Bytes(i.mime, i.data, web.ByteOptions{CacheControl: "public, max-age=3600", CSP: web.FilePolicy})
}
