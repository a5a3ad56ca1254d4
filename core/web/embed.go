package web

import (
	"bytes"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// embedPolicy is pagePolicy for a page that any site may show in a frame: nothing
// runs in it and it sends nothing.
var embedPolicy = strings.NewReplacer("script-src 'self'; ", "", "connect-src 'self'; ", "", "form-action 'self'", "form-action 'none'",
	"frame-ancestors 'none'", "frame-ancestors *").Replace(pagePolicy)

// Embed answers 200 with one partial as a page for the frames of other sites. It
// says the same to everybody: nothing of it may come from the viewer, whose cookie
// is not looked at. lang is the page's language.
func (c *Ctx) Embed(lang, name string, data any) error {
	var out bytes.Buffer
	if err := c.app.o.Theme.Partial(&out, lang, name, data); err != nil {
		return err
	}
	c.f.Set(fiber.HeaderContentSecurityPolicy, embedPolicy)
	c.f.Response().Header.Del(fiber.HeaderXFrameOptions)
	c.f.Response().Header.Del("Cross-Origin-Opener-Policy")
	c.f.Set(fiber.HeaderCacheControl, Revalidate)
	c.f.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	c.f.Response().SetBodyRaw(out.Bytes())
	return nil
}
