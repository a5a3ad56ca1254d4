package web

import (
	"net/url"

	"github.com/gofiber/fiber/v2"
)

// Here is the local path of the request with its query, "/" for what is none.
func (c *Ctx) Here() string { return Local(c.f.OriginalURL()) }

// CameFrom is the local path of the page of this site that the request was made
// on, as the browser says (RFC 9110 §10.1.3), or "/".
func (c *Ctx) CameFrom() string {
	u, err := url.Parse(c.f.Get(fiber.HeaderReferer))
	if err != nil || u.Scheme+"://"+canonicalHost(u.Scheme, u.Host) != c.ownOrigin() {
		return "/"
	}
	return Local(u.RequestURI())
}
