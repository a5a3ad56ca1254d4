package badge

import (
	"context"
	"fmt"

	"github.com/osier-passport/osier/core/art"
	"github.com/osier-passport/osier/core/openbadge/verify"
	"github.com/osier-passport/osier/core/web"
)

// cardsKept is how many link previews are kept, of badges, people and pages
// together.
const cardsKept = 64

// card answers with the 1200x630 preview of a badge's page.
func (p *Pages) card(c *web.Ctx) error {
	b, err := p.get(c)
	if err != nil {
		return err
	}
	words, err := cardWords(c, b)
	if err != nil {
		return err
	}
	card, err := p.badges.Card(c.Context(), b, words)
	if err != nil {
		return err
	}
	return SendPreview(c, card, caching(b))
}

// SendPreview answers with a card.
func SendPreview(c *web.Ctx, card Preview, caching string) error {
	return c.Bytes("image/png", card.PNG, web.ByteOptions{CacheControl: caching, ETag: card.Hash[:24], CSP: web.FilePolicy})
}

// Preview is a drawn preview: a PNG and the SHA-256 of its bytes in hexadecimal.
type Preview struct {
	PNG  []byte
	Hash string
}

// CardWords are the words of a preview that depend on its reader.
type CardWords struct{ Site, Date, Verified string }

func cardWords(c *web.Ctx, b Badge) (CardWords, error) {
	site, err := c.Site()
	words := CardWords{Site: site.Name, Verified: c.T("badge.card.verified")}
	if !b.IssuedAt.IsZero() {
		words.Date = c.Catalogue().MonthYear(c.Lang(), b.IssuedAt)
	}
	return words, err
}

// Card draws the 1200x630 preview of a badge in the colours of the theme, or finds
// it: one that shows the same was drawn before.
func (s *Badges) Card(ctx context.Context, b Badge, words CardWords) (Preview, error) {
	in, err := s.cardInput(b, words)
	if err != nil {
		return Preview{}, err
	}
	return s.drawCard(keyOfCard(in, b.Thumbnail), func() ([]byte, error) {
		var err error
		if in.Art, err = s.Picture(ctx, b.Thumbnail); err != nil {
			return nil, err
		}
		return art.Card(ctx, in)
	})
}

func (s *Badges) cardInput(b Badge, words CardWords) (art.CardInput, error) {
	in := art.CardInput{Name: b.Class.Name, Issuer: b.Class.Issuer.Name, Site: words.Site, Date: words.Date}
	if b.ShowName {
		in.Earner = b.Earner.Name
	}
	if b.VerdictAt(s.Base.Now()) == verify.Valid {
		in.Verified = words.Verified
	}
	var err error
	in.Colors, err = s.colors("")
	return in, err
}

// ProfileCard draws the preview of a person or of a page of theirs, or finds it.
// Portrait and arts are hashes of pictures, "" for none; style is the look of a page,
// "" for the theme's own. Pictures and colours of in are filled here.
func (s *Badges) ProfileCard(ctx context.Context, in art.ProfileInput, style, portrait string, arts []string) (Preview, error) {
	var err error
	if in.Colors, err = s.colors(style); err != nil {
		return Preview{}, err
	}
	return s.drawCard(keyOfCard(in, append([]string{portrait}, arts...)...), func() ([]byte, error) {
		var err error
		if in.Portrait, err = s.Picture(ctx, portrait); err != nil {
			return nil, err
		}
		for _, hash := range arts {
			picture, err := s.Picture(ctx, hash)
			if err != nil {
				return nil, err
			}
			in.Arts = append(in.Arts, picture)
		}
		return art.ProfileCard(ctx, in)
	})
}

// drawCard keeps cards of all kinds together.
func (s *Badges) drawCard(key string, draw func() ([]byte, error)) (Preview, error) {
	p, err := s.cards.get(key, draw)
	return Preview(p), err
}

// colors are those of cards.
func (s *Badges) colors(style string) (art.CardColors, error) {
	if s.Colors == nil {
		return art.CardColors{}, nil
	}
	return s.Colors(style)
}

// CardPath is where the preview of the page at a path is found, with a version that
// changes when the theme's colours or the facts do: who reads it keeps it for long.
func (s *Badges) CardPath(path, style string, facts ...any) string {
	colors, err := s.colors(style)
	if err != nil {
		s.Log.Warn("colours of cards cannot be read", "error", err)
	}
	return path + "/card.png?v=" + hashOf(fmt.Appendf(nil, "%#v %#v", colors, facts))[:12]
}

// CardPathOf is that of a badge.
func (s *Badges) CardPathOf(b Badge) string {
	earner := ""
	if b.ShowName {
		earner = b.Earner.Name
	}
	return s.CardPath("/b/"+b.PublicID, "", b.Class.Name, b.Class.Issuer.Name, earner, b.Thumbnail, b.IssuedAt.Unix(), b.VerdictAt(s.Base.Now()))
}

// keyOfCard names a card by all that it shows: words, colours and the hashes of
// pictures.
func keyOfCard(in any, pictures ...string) string {
	return hashOf(fmt.Appendf(nil, "%#v %q", in, pictures))
}
