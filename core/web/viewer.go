package web

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
)

// RoleAdmin is the role that the Admin guard asks for.
const RoleAdmin = "admin"

// Viewer is the person who asks. The zero Viewer is a visitor.
type Viewer struct {
	Person      int64  // 0: not signed in
	ID          string // public id
	Handle      string
	Name        string
	Role        string
	Lang        string // "" when not chosen
	Picture     string // local URL of an image, may be empty
	First       string // local path of what the viewer does before anything else; "" for nothing
	As          string // of the As constants in a preview of the Owner's pages; else ""
	Owner       int64  // who looks at their own pages as others see them
	Zone        string // IANA time zone in which times are shown; "" is UTC
	Hidden      bool   // nobody else sees anything of the viewer's
	SessionHash []byte // secret.Hash of the session's token
	Fresh       time.Time
}

// SignedIn reports whether the viewer has an account.
func (v Viewer) SignedIn() bool { return v.Person != 0 }

// Admin reports whether the viewer administers this passport.
func (v Viewer) Admin() bool { return v.SignedIn() && v.Role == RoleAdmin }

// SessionStore finds who a session belongs to. Viewer returns db.ErrNotFound
// for a token that is unknown, ended or of a disabled account; the cookie is
// cleared then.
type SessionStore interface {
	Viewer(ctx context.Context, token string) (Viewer, error)
}

const sessionCookie = ""

// tokenLimit is longer than any session token.
const tokenLimit = 100

// SessionToken is the token in the request's session cookie, or "".
func (c *Ctx) SessionToken() string { return c.Cookie(sessionCookie) }

// SetSession puts a new session's token into the cookie, in place of any other;
// call it at sign-in and whenever rights change. maxAge 0 ends with the browser.
func (c *Ctx) SetSession(token string, maxAge time.Duration) {
	c.SetCookie(sessionCookie, token, maxAge)
	c.ClearCookie(csrfCookie)
}

// ClearSession takes the session cookie away.
func (c *Ctx) ClearSession() {
	c.ClearCookie(sessionCookie)
	c.viewer = Viewer{}
}

// loadViewer asks the session store once a request.
func (c *Ctx) loadViewer() error {
	token := c.SessionToken()
	if token == "" || c.app.o.Sessions == nil {
		return nil
	}
	if len(token) > tokenLimit {
		c.ClearSession()
		return nil
	}
	v, err := c.app.o.Sessions.Viewer(c.Context(), token)
	switch {
	case err == nil:
		c.viewer = v
		return c.preview()
	case errors.Is(err, db.ErrNotFound), fault.Is(err, fault.Unauthorized), fault.Is(err, fault.NotFound):
		c.ClearSession()
		return nil
	}
	return err
}

// cookieName is the full name of a cookie of ours. Over HTTPS it has the prefix
// that binds it to this host (RFC 6265bis §4.1.3.2).
func (a *App) cookieName(name string) string {
	full := strings.TrimSuffix("osier-"+name, "-")
	if a.Secure() {
		return "__Host-" + full
	}
	return full
}

// Cookie is the value of a cookie that SetCookie set, or "".
func (c *Ctx) Cookie(name string) string {
	value, err := url.QueryUnescape(c.f.Cookies(c.app.cookieName(name)))
	if err != nil {
		return ""
	}
	return strings.Clone(value)
}

// SetCookie sets a cookie that only this host and no script reads. maxAge 0
// ends with the browser.
func (c *Ctx) SetCookie(name, value string, maxAge time.Duration) {
	c.f.Cookie(&fiber.Cookie{
		Name: c.app.cookieName(name), Value: url.QueryEscape(value), Path: "/", MaxAge: int(maxAge.Seconds()),
		SessionOnly: maxAge == 0, Secure: c.app.Secure(), HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode,
	})
}

// ClearCookie takes a cookie away from the browser.
func (c *Ctx) ClearCookie(name string) {
	full := c.app.cookieName(name)
	if c.f.Cookies(full) == "" {
		c.f.Response().Header.DelCookie(full)
		return
	}
	c.f.Cookie(&fiber.Cookie{
		Name: full, Path: "/", MaxAge: -1, Expires: time.Unix(1, 0),
		Secure: c.app.Secure(), HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode,
	})
}
