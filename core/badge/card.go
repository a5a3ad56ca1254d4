package badge

import (
	"strings"
	"sync"

	"github.com/osier-passport/osier/core/art"
	"github.com/osier-passport/osier/core/openbadge/verify"
	"github.com/osier-passport/osier/core/web"
)

// cards keeps a few drawn link previews. The key is all that a card shows, so a
// changed badge has another card; who may see it is asked before, each time.
type cards struct {
	mu   sync.Mutex
	m    map[string][]byte
	keys []string
}

const cardsKept = 64

func newCards() *cards { return &cards{m: make(map[string][]byte)} }

func (k *cards) get(key string, draw func() ([]byte, error)) ([]byte, error) {
	k.mu.Lock()
	data, ok := k.m[key]
	k.mu.Unlock()
	if ok {
		return data, nil
	}
	data, err := draw()
	if err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, ok := k.m[key]; !ok {
		k.keys = append(k.keys, key)
	}
	k.m[key] = data
	if len(k.keys) > cardsKept {
		delete(k.m, k.keys[0])
		k.keys = k.keys[1:]
	}
	return data, nil
}

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
	data, err := p.badges.cards.get(key, func() ([]byte, error) {
		var err error
		if in.Art, err = p.badges.Picture(c.Context(), b.Thumbnail); err != nil {
			return nil, err
		}
		return art.Card(c.Context(), in)
	})
	if err != nil {
		return err
	}
	return c.Bytes("image/png", data, web.ByteOptions{CacheControl: caching(b), ETag: key[:24], CSP: web.FilePolicy})
}
