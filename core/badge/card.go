package badge

import (
	"context"
	"strings"

	"github.com/osier-passport/osier/core/art"
	"github.com/osier-passport/osier/core/openbadge/verify"
	"github.com/osier-passport/osier/core/web"
)

// cardsKept is how many link previews are kept.
const cardsKept = 64

// card draws the 1200x630 preview of a badge's page.
func (p *Pages) card(c *web.Ctx) error {
	b, err := p.get(c)
	if err != nil {
		return err
	}
	site, err := c.Site()
	if err != nil {
		return err
	}
	words := CardWords{Site: site.Name, Verified: c.T("badge.card.verified")}
	if !b.IssuedAt.IsZero() {
		words.Date = c.Catalogue().MonthYear(c.Lang(), b.IssuedAt)
	}
	png, key, err := p.badges.Card(c.Context(), b, words)
	if err != nil {
		return err
	}
	return c.Bytes("image/png", png, web.ByteOptions{CacheControl: caching(b), ETag: key[:24], CSP: web.FilePolicy})
}

// CardWords are the words of a preview that depend on its reader.
type CardWords struct{ Site, Date, Verified string }

// Card draws the 1200x630 preview of a badge, and gives what names this drawing.
func (s *Badges) Card(ctx context.Context, b Badge, words CardWords) (png []byte, key string, err error) {
	in := art.CardInput{Name: b.Class.Name, Issuer: b.Class.Issuer.Name, Site: words.Site, Date: words.Date}
	if b.ShowName {
		in.Earner = b.Earner.Name
	}
	if b.VerdictAt(s.Base.Now()) == verify.Valid {
		in.Verified = words.Verified
	}
	key = hashOf([]byte(strings.Join([]string{in.Name, in.Issuer, in.Earner, in.Date, in.Verified, in.Site, b.Thumbnail}, "\x00")))
	card, err := s.cards.get(key, func() ([]byte, error) {
		var err error
		if in.Art, err = s.Picture(ctx, b.Thumbnail); err != nil {
			return nil, err
		}
		return art.Card(ctx, in)
	})
	if err != nil {
		return nil, "", err
	}
	return card.png, key, nil
}
