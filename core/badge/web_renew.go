package badge

import "github.com/osier-passport/osier/core/web"

// renew lets the badge of the address take the place of an older one.
func (p *Pages) renew(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	id := c.Param("id")
	if err := p.badges.Renew(c.Context(), c.Viewer().Person, id, form.Get("old")); err != nil {
		return err
	}
	c.Flash(web.Done, "shelf.flash.renewed")
	return c.Redirect("/b/" + id)
}
