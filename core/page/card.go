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

// DrawCard draws the 1200x630 preview of a page that everybody may see, PNG.
func (s *Pages) DrawCard(ctx context.Context, p Page, site string) ([]byte, error) {
	var err error
	if p.Blocks, err = listBlocks(ctx, s.Base.Read(), p.ID); err != nil {
		return nil, err
	}
	list, err := s.standing(ctx, p)
	if err != nil {
		return nil, err
	}
	in := art.ProfileInput{Seed: p.PublicID, Name: p.Title, Handle: p.Owner.Name, Site: site}
	if in.Portrait, err = s.Badges.Picture(ctx, p.Owner.Picture); err != nil {
		return nil, err
	}
	for _, b := range list {
		picture, err := s.Badges.Picture(ctx, b.Thumbnail)
		if err != nil {
			return nil, err
		}
		if len(picture) > 0 && len(in.Arts) < cardArts {
			in.Arts = append(in.Arts, picture)
		}
	}
	return art.ProfileCard(ctx, in)
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
	png, err := s.DrawCard(c.Context(), p, site.Name)
	if err != nil {
		return err
	}
	return c.Bytes("image/png", png, web.ByteOptions{CacheControl: web.Revalidate, CSP: web.FilePolicy})
}
