package social

import (
	"context"

	"github.com/osier-passport/osier/core/account"
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
	data, err := DrawCard(c.Context(), p.badges, who, CardWords{Site: site.Name, Count: func(n int) string { return c.T("badge.list.count", "n", n) }})
	if err != nil {
		return err
	}
	return c.Bytes("image/png", data, web.ByteOptions{CacheControl: web.Revalidate, CSP: web.FilePolicy})
}

// CardWords are the words on the preview of a profile.
type CardWords struct {
	Site  string
	Count func(n int) string // "12 badges"
}

// DrawCard draws the preview of a profile, PNG, from what everybody may see.
func DrawCard(ctx context.Context, badges *badge.Badges, who account.Person, w CardWords) ([]byte, error) {
	shown, err := badges.Shown(ctx, 0, who.ID, badge.Range{Limit: cardArts})
	if err != nil {
		return nil, err
	}
	total, err := badges.CountShown(ctx, 0, who.ID)
	if err != nil {
		return nil, err
	}
	in := art.ProfileInput{Seed: who.PublicID, Name: who.Name, Handle: "@" + who.Handle, Site: w.Site}
	if total > 0 {
		in.Count = w.Count(total)
	}
	if in.Portrait, err = badges.Picture(ctx, who.Picture); err != nil {
		return nil, err
	}
	for _, b := range shown {
		picture, err := badges.Picture(ctx, b.Thumbnail)
		if err != nil {
			return nil, err
		}
		if len(picture) > 0 {
			in.Arts = append(in.Arts, picture)
		}
	}
	return art.ProfileCard(ctx, in)
}
