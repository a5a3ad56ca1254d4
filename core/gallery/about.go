package gallery

import "github.com/osier-passport/osier/core/web"

// AboutPage is the page "site/about".
type AboutPage struct {
	Text, Version           string
	Badges, People, Issuers int
	Contact                 string
}

// Meta titles the page.
func (AboutPage) Meta() web.Meta { return web.Meta{Title: "nav.about", Canonical: "/about"} }

func (g *Gallery) about(c *web.Ctx) error {
	l, err := g.Landing(c)
	if err != nil {
		return err
	}
	s, err := g.accounts.Settings(c.Context())
	if err != nil {
		return err
	}
	return c.Render("site/about", AboutPage{
		Text: s.About, Version: g.version, Badges: l.Badges, People: l.People, Issuers: l.Issuers,
	})
}
