package web

import (
	"encoding/base64"
	"mime"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/osier-passport/osier/core/fault"
)

// Answer mounts a handler of GET for programs. Nobody is signed in for it, whatever
// a browser adds of its own accord: who asks proves what they may in the request.
func (r Router) Answer(path string, h Handler) {
	r.app.fiber.Get(path, func(f *fiber.Ctx) error { return h(r.app.ctxOf(f)) })
}

// Bearer is the token of the Authorization header (RFC 6750 §2.1), or "".
func (c *Ctx) Bearer() string { return c.credentials("bearer") }

// Basic is the name and the password of the Authorization header (RFC 7617), each
// as it was sent; ok is false without them.
func (c *Ctx) Basic() (name, password string, ok bool) {
	raw, err := base64.StdEncoding.DecodeString(c.credentials("basic"))
	if err != nil || len(raw) == 0 {
		return "", "", false
	}
	return strings.Cut(string(raw), ":")
}

// HasCredentials reports whether there is an Authorization header at all.
func (c *Ctx) HasCredentials() bool { return c.f.Get(fiber.HeaderAuthorization) != "" }

func (c *Ctx) credentials(scheme string) string {
	if len(c.f.Request().Header.PeekAll(fiber.HeaderAuthorization)) > 1 {
		return ""
	}
	got, value, _ := strings.Cut(c.f.Get(fiber.HeaderAuthorization), " ")
	if !strings.EqualFold(got, scheme) {
		return ""
	}
	return strings.Clone(strings.TrimSpace(value))
}

// Parameters are all values of the query, decoded as a form's are. It returns a
// fault Malformed for what cannot be decoded.
func (c *Ctx) Parameters() (Form, error) {
	d := newDecoder()
	err := d.decodeURL(string(c.f.Context().URI().QueryString()))
	return d.Form, err
}

// Header sets a header of the answer. A value that is no line of ASCII is left out.
func (c *Ctx) Header(name, value string) {
	if isVisible(value, true) {
		c.f.Set(name, value)
	}
}

// Body is the media type of the request's body, without its parameters, and its
// bytes.
func (c *Ctx) Body() (kind string, data []byte) {
	kind, _, err := mime.ParseMediaType(c.f.Get(fiber.HeaderContentType))
	if err != nil {
		kind = ""
	}
	return kind, c.f.Request().Body()
}

// Status answers with a status and no body.
func (c *Ctx) Status(status int) error {
	c.f.Set(fiber.HeaderCacheControl, noStore)
	c.f.Status(status)
	return nil
}

// HandBack sends the browser with an answer to an address that the caller has held
// against those which were agreed with its owner (303; RFC 9700 §4.12). It may be of
// an app on the same device. A form that leads here has to be on a page whose Meta
// names the address in FormTo.
func (c *Ctx) HandBack(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "" || !isVisible(address, false) {
		return fault.New(fault.Invalid, "web.leave.refused")
	}
	c.f.Set(fiber.HeaderCacheControl, noStore)
	c.f.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	c.f.Set(fiber.HeaderLocation, address)
	c.f.Status(fiber.StatusSeeOther)
	return nil
}

func isVisible(s string, space bool) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > '~' || r < ' ' || r == ' ' && !space })
}

// formSource is the source of a content security policy (CSP3 §2.3.1) that lets a
// form lead to an address, or "" where there is none.
func formSource(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	source := u.Scheme + ":"
	if (u.Scheme == "https" || u.Scheme == "http") && !strings.HasPrefix(u.Host, "[") { // the grammar has no IPv6
		source += "//" + u.Host
	}
	if strings.ContainsFunc(source, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune(".+-:/", r)
	}) {
		return ""
	}
	return source
}
