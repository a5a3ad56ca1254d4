package web

import (
	"net/url"

	"github.com/gofiber/fiber/v2"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/secret"
)

const (
	csrfCookie  = "csrf" // of visitors; a signed-in person's token hangs on the session
	csrfField   = "csrf"
	csrfHeader  = "X-Csrf-Token"
	csrfPurpose = "web/csrf"
)

// checkForgery refuses a writing request that another site may have made: by
// where the browser says it comes from, and by the token that only our pages
// hold.
func (c *Ctx) checkForgery() error {
	if !c.sameOrigin() {
		return fault.New(fault.Forbidden, "web.origin")
	}
	token := c.f.Get(csrfHeader)
	if token == "" {
		form, err := c.Form()
		if fault.Is(err, fault.Unsupported) { // what no form of ours sends, and another site's can
			return fault.New(fault.Forbidden, "web.csrf").Wrap(err)
		}
		if err != nil {
			return err
		}
		token = form.only(csrfField)
	}
	if token == previewToken {
		return errPreview()
	}
	owner := c.csrfOwner()
	if owner == nil || !c.app.o.Keys.CheckMAC(csrfPurpose, owner, token) {
		return fault.New(fault.Forbidden, "web.csrf")
	}
	return nil
}

// sameOrigin believes Sec-Fetch-Site (Fetch Metadata §2.3), else Origin, else
// Referer; a client that sends none of them is no browser and needs the token
// alone.
func (c *Ctx) sameOrigin() bool {
	if site := c.f.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return false
	}
	if origin := c.f.Get(fiber.HeaderOrigin); origin != "" {
		return origin == c.ownOrigin()
	}
	if referer := c.f.Get(fiber.HeaderReferer); referer != "" {
		u, err := url.Parse(referer)
		return err == nil && u.Scheme+"://"+canonicalHost(u.Scheme, u.Host) == c.ownOrigin()
	}
	return true
}

// ownOrigin is the origin (RFC 6454 §6.2) that forms of this site have: the
// public URL's, or the one of the accepted host name while none is configured.
func (c *Ctx) ownOrigin() string {
	base := c.app.base.Load()
	if c.app.fixed {
		return base.Scheme + "://" + base.Host
	}
	return base.Scheme + "://" + canonicalHost(base.Scheme, string(c.f.Request().Header.Host()))
}

// csrfOwner is what the token is bound to: the session, or a visitor's cookie.
func (c *Ctx) csrfOwner() []byte {
	if c.viewer.SignedIn() {
		return c.viewer.SessionHash
	}
	if v := c.Cookie(csrfCookie); v != "" && len(v) <= tokenLimit {
		return []byte(v)
	}
	return nil
}

// CSRFToken is the token for the forms of this answer; it gives a visitor the
// cookie that the token is bound to. Pages get it from {{csrf}}.
func (c *Ctx) CSRFToken() string {
	if c.viewer.IsPreview() {
		return previewToken
	}
	owner := c.csrfOwner()
	if owner == nil {
		value := secret.Token()
		c.SetCookie(csrfCookie, value, 0)
		owner = []byte(value)
	}
	return c.app.o.Keys.MAC(csrfPurpose, owner)
}
