package web

import (
	"slices"
	"strings"
	"time"
)

const (
	lookCookie = "look"
	lookAge    = 365 * 24 * time.Hour
)

var (
	schemes   = []string{"auto", "light", "dark"}
	contrasts = []string{"auto", "high"}
)

// look is the appearance chosen on this browser.
func (c *Ctx) look() (scheme, contrast string) {
	scheme, contrast, _ = strings.Cut(c.Cookie(lookCookie), ".")
	return oneOf(schemes, scheme), oneOf(contrasts, contrast)
}

// oneOf is v when it is in the list, else the list's first.
func oneOf(list []string, v string) string {
	if slices.Contains(list, v) {
		return v
	}
	return list[0]
}

// postAppearance keeps the scheme and contrast that someone chose; what the form
// leaves out stays as it is.
func (c *Ctx) postAppearance() error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	scheme, contrast := c.look()
	if form.Has("scheme") {
		scheme = oneOf(schemes, form.Get("scheme"))
	}
	if form.Has("contrast") {
		contrast = oneOf(contrasts, form.Get("contrast"))
	}
	c.SetLook(scheme, contrast)
	return c.Redirect(Local(form.Get("next")))
}

// SetLook keeps a scheme (auto, light, dark) and a contrast (auto, high) on this
// browser.
func (c *Ctx) SetLook(scheme, contrast string) {
	c.SetCookie(lookCookie, oneOf(schemes, scheme)+"."+oneOf(contrasts, contrast), lookAge)
}

// places names the part of the site that a first path segment belongs to.
var places = map[string]string{
	"badges": "badges", "b": "badges", "files": "pages", "pages": "pages", "p": "pages", "feed": "feed", "explore": "explore", "search": "explore", "skills": "explore", "map": "explore", "c": "explore", "i": "explore",
	"add": "add", "settings": "settings", "admin": "admin",
}

// nav is the part of the site that the navigation shows as current, or "".
func (c *Ctx) nav() string {
	first, _, _ := strings.Cut(strings.TrimPrefix(c.f.Path(), "/"), "/")
	if c.viewer.SignedIn() && first == "@"+c.viewer.Handle {
		return "me"
	}
	return places[first]
}
