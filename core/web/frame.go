package web

import (
	"context"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/osier-passport/osier/core/fault"
)

const (
	healthPath = "/healthz"
	// defaultName is what a passport is called that has no name yet.
	defaultName = "Osier"
	assetAge    = "public, max-age=3600"
)

// plainAssets are the files that browsers ask for under a name of their own.
var plainAssets = map[string]string{
	"/favicon.svg":          "favicon.svg",
	"/favicon.ico":          "favicon.svg",
	"/manifest.webmanifest": "manifest.webmanifest",
}

// mountFrame adds the routes that belong to no feature.
func (a *App) mountFrame() {
	r := a.Router()
	r.Post("/language", (*Ctx).postLanguage)
	r.Post("/appearance", (*Ctx).postAppearance)
	a.fiber.Get("/assets/*", func(f *fiber.Ctx) error { c := a.ctxOf(f); return c.asset(c.Param("*")) })
	for path, name := range plainAssets {
		a.fiber.Get(path, func(f *fiber.Ctx) error { return a.ctxOf(f).asset(name) })
	}
	a.fiber.Get(healthPath, func(f *fiber.Ctx) error { return a.ctxOf(f).health() })
	a.fiber.Get("/robots.txt", func(f *fiber.Ctx) error { return a.ctxOf(f).robots() })
}

// asset answers a file of the theme. Its name is looked up in a table.
func (c *Ctx) asset(name string) error {
	file, ok := c.app.o.Theme.Serve(name)
	if !ok {
		return fault.New(fault.NotFound, "error.text.404")
	}
	caching := assetAge
	if file.Hashed {
		caching = Forever
	}
	c.f.Set("Cross-Origin-Resource-Policy", "same-origin")
	return c.Bytes(file.Mime, file.Data, ByteOptions{CacheControl: caching, ETag: file.Hash})
}

// health answers 200 while the database does.
func (c *Ctx) health() error {
	ctx, cancel := context.WithTimeout(c.Context(), 2*time.Second)
	defer cancel()
	if err := c.app.o.Base.Ping(ctx); err != nil {
		return fault.New(fault.Unavailable, "error.text.503").Wrap(err)
	}
	return c.Bytes(fiber.MIMETextPlainCharsetUTF8, []byte("ok\n"), ByteOptions{})
}

// robots keeps crawlers to the pages that people made public.
func (c *Ctx) robots() error {
	const rules = "User-agent: *\nDisallow: /login\nDisallow: /signup\nDisallow: /settings\nDisallow: /admin\nDisallow: /add\nDisallow: /share/\nDisallow: /search\n"
	return c.Bytes(fiber.MIMETextPlainCharsetUTF8, []byte(rules), ByteOptions{CacheControl: assetAge})
}

// site gives the settings with what is missing filled in.
func (a *App) site(ctx context.Context) (Site, error) {
	s := Site{Name: defaultName}
	if a.o.Site != nil {
		var err error
		if s, err = a.o.Site(ctx); err != nil {
			return Site{}, err
		}
		if s.Name = strings.TrimSpace(s.Name); s.Name == "" {
			s.Name = defaultName
		}
	}
	s.URL = a.URL("")
	return s, nil
}
