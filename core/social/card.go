package social

import (
	"github.com/osier-passport/osier/core/art"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/web"
)

// cardArts is how many badges the preview of a profile shows.
const cardArts = 6

// card draws the 1200x630 preview of a profile, from what everybody may see.
func (p *Pages) card(c *web.Ctx) error {
	who, err := p.person(c)
	if err != nil {
		return err
	}
	site, err := c.Site()
	if err != nil {
		return err
	}
	shown, err := p.badges.Shown(c.Context(), 0, who.ID, badge.Range{Limit: cardArts})
	if err != nil {
		return err
	}
	total, err := p.badges.CountShown(c.Context(), 0, who.ID)
	if err != nil {
		return err
	}
	in := art.ProfileInput{Seed: who.PublicID, Name: who.Name, Handle: "@" + who.Handle, Site: site.Name}
	if total > 0 {
		in.Count = c.T("badge.list.count", "n", total)
	}
	if in.Portrait, err = p.badges.Picture(c.Context(), who.Picture); err != nil {
		return err
	}
	for _, b := range shown {
		picture, err := p.badges.Picture(c.Context(), b.Thumbnail)
		if err != nil {
			return err
		}
		if len(picture) > 0 {
			in.Arts = append(in.Arts, picture)
		}
	}
	data, err := art.ProfileCard(c.Context(), in)
	if err != nil {
		return err
	}
	return c.Bytes("image/png", data, web.ByteOptions{CacheControl: web.Revalidate, CSP: web.FilePolicy})
}
