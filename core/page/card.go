package page

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/art"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

// cardArts is how many badges the preview of a page shows.
const cardArts = 6

// Open reports whether everybody may see the page, without link or password.
func (p Page) Open(now time.Time) bool {
	return p.Visibility == badge.Public && !p.HasPassword && p.RemovedAt.IsZero() && (p.Until.IsZero() || now.Before(p.Until))
}

// Everybodys gives a page that everybody may see. It returns a fault NotFound for
// others, whoever asks.
func (s *Pages) Everybodys(ctx context.Context, publicID string) (Page, error) {
	p, err := s.Get(ctx, 0, publicID, "")
	if err == nil && !p.Open(s.Base.Now()) {
		err = fault.New(fault.NotFound, "page.error.not_found")
	}
	return p, err
}

// Card draws the 1200x630 preview of a page that everybody may see, in the colours of
// its look, or finds it.
func (s *Pages) Card(ctx context.Context, p Page, site string) (badge.Preview, error) {
	var err error
	if p.Blocks, err = listBlocks(ctx, s.Base.Read(), p.ID); err != nil {
		return badge.Preview{}, err
	}
	list, err := s.standing(ctx, p)
	if err != nil {
		return badge.Preview{}, err
	}
	var arts []string
	for _, b := range list {
		if b.Thumbnail != "" && len(arts) < cardArts {
			arts = append(arts, b.Thumbnail)
		}
	}
	in := art.ProfileInput{Seed: p.PublicID, Name: p.Title, Handle: p.Owner.Name, Site: site}
	return s.Badges.ProfileCard(ctx, in, p.Style, p.Owner.Picture, arts)
}

// CardPath is where the preview of a page is found.
func (s *Pages) CardPath(p Page) string {
	return s.Badges.CardPath("/p/"+p.PublicID, p.Style, p.Title, p.Owner.Name, p.Owner.Picture, p.ChangedAt.UnixMicro())
}

// card answers with the preview of a page.
func (s screens) card(c *web.Ctx) error {
	p, err := s.Everybodys(c.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	site, err := c.Site()
	if err != nil {
		return err
	}
	card, err := s.Card(c.Context(), p, site.Name)
	if err != nil {
		return err
	}
	return badge.SendPreview(c, card, web.Revalidate)
}
