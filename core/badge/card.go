package badge

import (
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
	in := art.CardInput{Name: b.Class.Name, Issuer: b.Class.Issuer.Name, Site: site.Name}
	if b.ShowName {
		in.Earner = b.Earner.Name
	}
	if !b.IssuedAt.IsZero() {
		in.Date = c.Catalogue().MonthYear(c.Lang(), b.IssuedAt)
	}
	if b.VerdictAt(c.Now()) == verify.Valid {
		in.Verified = c.T("badge.card.verified")
	}
	key := hashOf([]byte(strings.Join([]string{in.Name, in.Issuer, in.Earner, in.Date, in.Verified, in.Site, b.Thumbnail}, "\x00")))
	card, err := p.badges.cards.get(key, func() ([]byte, error) {
		var err error
		if in.Art, err = p.badges.Picture(c.Context(), b.Thumbnail); err != nil {
			return nil, err
		}
		return art.Card(c.Context(), in)
	})
	if err != nil {
		return err
	}
	return c.Bytes("image/png", card.png, web.ByteOptions{CacheControl: caching(b), ETag: key[:24], CSP: web.FilePolicy})
}
