package web

import (
	"net/url"
	"strings"
	"unicode"

	"github.com/gofiber/fiber/v2"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/text"
)

const localLimit = 2000

// Local gives next when it is a path of this site that a browser cannot read as
// another site's address, else "/". Use it for every value that came with a request.
func Local(next string) string {
	if isLocal(next) {
		return next
	}
	return "/"
}

func isLocal(s string) bool {
	if !strings.HasPrefix(s, "/") || len(s) > localLimit || !plainPath(s) {
		return false
	}
	u, err := url.Parse(s)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || u.Opaque != "" {
		return false
	}
	return plainPath(u.Path)
}

// plainPath refuses what browsers and proxies drop, turn round or read as an
// authority: "//", backslashes, white space and control characters.
func plainPath(p string) bool {
	path, _, _ := strings.Cut(p, "?")
	return !strings.HasPrefix(path, "//") && !strings.Contains(path, "/../") && !strings.Contains(path, "/./") &&
		!strings.ContainsFunc(p, func(r rune) bool {
			return r == '\\' || r == unicode.ReplacementChar || unicode.IsControl(r) || unicode.IsSpace(r) || unicode.Is(unicode.Cf, r)
		})
}

// Redirect answers 303 to a path of this site. Any other address is a defect of
// the caller: use Local for what came with the request.
func (c *Ctx) Redirect(localPath string) error {
	path, fragment, _ := strings.Cut(localPath, "#")
	to := Local(path)
	if fragment != "" && to == path {
		to += "#" + url.PathEscape(fragment)
	}
	c.saveFlash()
	c.f.Set(fiber.HeaderLocation, to)
	c.f.Set(fiber.HeaderCacheControl, noStore)
	c.f.Status(fiber.StatusSeeOther)
	return nil
}

// Leave sends the person to another site, which the caller has chosen: a sign-in
// provider or a share target. It answers a request that reads with 303. A form
// may not lead to another site (form-action of our policy), so after a POST a
// page says where it goes and goes there.
func (c *Ctx) Leave(address string) error {
	to, ok := text.SafeURL(address)
	if !ok && plainMail(address) {
		to, ok = address, true
	}
	if !ok {
		return fault.New(fault.Invalid, "web.leave.refused")
	}
	c.f.Set(fiber.HeaderCacheControl, noStore)
	if c.Method() == fiber.MethodGet {
		c.f.Set(fiber.HeaderLocation, to)
		c.f.Status(fiber.StatusSeeOther)
		return nil
	}
	u, err := url.Parse(to)
	if err != nil {
		return fault.New(fault.Invalid, "web.leave.refused").Wrap(err)
	}
	c.f.Set("Refresh", "0; url="+to)
	return c.Render("share/go", LeavePage{URL: to, Host: u.Host})
}

// plainMail tells whether address begins a letter (RFC 6068), in the characters
// that addresses are written in.
func plainMail(address string) bool {
	return strings.HasPrefix(address, "mailto:") && len(address) <= 8000 &&
		!strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("\"<>\\^`{|}", r) })
}

// LeavePage is the page "share/go" on the way to another site, or, without a
// host, to a letter.
type LeavePage struct{ URL, Host string }

// Moved answers that what was asked for has another local address now (301). Who
// keeps the answer asks again: the old address may be somebody else's one day.
func (c *Ctx) Moved(path string) error {
	c.f.Set(fiber.HeaderCacheControl, Revalidate)
	c.f.Set(fiber.HeaderLocation, path)
	c.f.Status(fiber.StatusMovedPermanently)
	return nil
}
