package account

import (
	"github.com/osier-passport/osier/core/i18n"
	"github.com/osier-passport/osier/core/web"
)

// LookPage is the page "account/appearance".
type LookPage struct {
	Language, Scheme, Contrast, Zone string
	Languages                        []i18n.Language
	Zones                            []string
	Errors                           map[string]string
}

// Meta describes the page.
func (LookPage) Meta() web.Meta { return private("account.look.title") }

func (p Pages) lookPage(l Look) LookPage {
	return LookPage{
		Language: l.Language, Scheme: l.Scheme, Contrast: l.Contrast, Zone: l.Zone, Languages: p.catalogue.Languages(), Zones: zones(),
	}
}

func (p Pages) lookForm(c *web.Ctx) error {
	l, err := p.LookOf(c.Context(), p.base.Read(), c.Viewer().Person)
	if err != nil {
		return err
	}
	return c.Render("account/appearance", p.lookPage(l))
}

func (p Pages) look(c *web.Ctx) error {
	var in struct {
		Language string `form:"language"`
		Scheme   string `form:"scheme"`
		Contrast string `form:"contrast"`
		Zone     string `form:"zone"`
	}
	if err := c.Bind(&in); err != nil {
		return err
	}
	l := Look(in)
	if err := p.ChangeLook(c.Context(), c.Viewer().Person, l); err != nil {
		return again(c, err, "account/appearance", func(e map[string]string) any {
			page := p.lookPage(l)
			page.Errors = e
			return page
		})
	}
	c.SetLook(l.Scheme, l.Contrast)
	c.Flash(web.Done, "account.flash.saved")
	return c.Redirect("/settings/appearance")
}
