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

// card answers with the 1200x630 preview of a profile.
func (p *Pages) card(c *web.Ctx) error {
	who, err := p.person(c)
	if err != nil {
		return err
	}
	if account.HasMoved(who, c.Param("name")) {
		return c.Moved("/@" + who.Handle + "/card.png")
	}
	site, err := c.Site()
	if err != nil {
		return err
	}
	card, err := Card(c.Context(), p.badges, who, CardWords{Site: site.Name, Count: func(n int) string { return c.T("badge.list.count", "n", n) }})
	if err != nil {
		return err
	}
	return badge.SendPreview(c, card, web.Revalidate)
}

// CardWords are the words on the preview of a profile.
type CardWords struct {
	Site  string
	Count func(n int) string // "12 badges"
}

// Card draws the preview of a profile from what everybody may see, or finds it.
func Card(ctx context.Context, badges *badge.Badges, who account.Person, w CardWords) (badge.Preview, error) {
	shown, err := badges.Shown(ctx, 0, who.ID, badge.Range{Limit: cardArts})
	if err != nil {
		return badge.Preview{}, err
	}
	total, err := badges.CountShown(ctx, 0, who.ID)
	if err != nil {
		return badge.Preview{}, err
	}
	in := art.ProfileInput{Seed: who.PublicID, Name: who.Name, Handle: "@" + who.Handle, Site: w.Site}
	if total > 0 {
		in.Count = w.Count(total)
	}
	var arts []string
	for _, b := range shown {
		if b.Thumbnail != "" {
			arts = append(arts, b.Thumbnail)
		}
	}
	return badges.ProfileCard(ctx, in, "", who.Picture, arts)
}

// CardPath is where the preview of a profile with so many badges is found.
func CardPath(badges *badge.Badges, who account.Person, total int) string {
	return badges.CardPath("/@"+who.Handle, "", who.Name, who.Picture, total)
}
