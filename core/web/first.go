package web

import (
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/osier-passport/osier/core/fault"
)

// before are what a person may do although something else has to be done first:
// read what it is about, take their data and leave.
var before = []string{
	"/logout", "/language", "/appearance", "/terms", "/privacy", "/about", "/settings/data", "/settings/remove", "/removed", "/login", "/confirm",
	"/guardian", "/unsubscribe",
}

// first sends a person to what they have to do before anything else.
func (c *Ctx) first() error {
	to := c.viewer.First
	path := c.f.Path()
	if to == "" || path == to || c.viewer.IsPreview() {
		return nil
	}
	for _, open := range before {
		if path == open || strings.HasPrefix(path, open+"/") {
			return nil
		}
	}
	if c.Method() != fiber.MethodGet || c.WantsJSON() {
		return fault.New(fault.Forbidden, "web.first").At(to)
	}
	return errFirst{to + "?next=" + url.QueryEscape(c.f.OriginalURL())}
}

// errFirst is where a reader goes instead.
type errFirst struct{ to string }

// Error names the place.
func (e errFirst) Error() string { return "first to " + e.to }
