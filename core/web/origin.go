package web

import (
	"github.com/gofiber/fiber/v2"
)

// exposed are headers of answers that a page of another site may read.
const exposed = "Link, X-Total-Count, WWW-Authenticate, Retry-After"

// AnyOrigin lets pages of other sites read what a handler answers (Fetch standard
// §3.3). It is for programs that bring a token of their own alone: a browser sends no
// cookie along, and what needs one must not stand behind this.
func AnyOrigin(h Handler) Handler {
	return func(c *Ctx) error {
		c.Header(fiber.HeaderAccessControlAllowOrigin, "*")
		c.Header(fiber.HeaderAccessControlExposeHeaders, exposed)
		return h(c)
	}
}

// Preflight mounts the answer to a browser that asks whether a page of another site may
// send a request with a token in its header (Fetch standard §4.8): by this method it may.
func (r Router) Preflight(path, method string) {
	r.app.fiber.Options(path, func(f *fiber.Ctx) error {
		f.Set(fiber.HeaderAccessControlAllowOrigin, "*")
		f.Set(fiber.HeaderAccessControlAllowMethods, method)
		f.Set(fiber.HeaderAccessControlAllowHeaders, "Authorization, Content-Type, Accept")
		f.Set(fiber.HeaderAccessControlMaxAge, "86400")
		return f.SendStatus(fiber.StatusNoContent)
	})
}
