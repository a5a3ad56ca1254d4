package share

import (
	"context"

	"github.com/osier-passport/osier/core/share/host"
	"github.com/osier-passport/osier/plugins/sdk"
)

// Refresh has a plugin that was changed say anew what it offers, in the background.
func (s *Share) Refresh(ctx context.Context, id string) { s.ask(ctx, id) }

// Forget drops what is remembered of a plugin that is gone. What an administrator
// said of it stays, for the day on which it is back.
func (s *Share) Forget(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.descriptors, id)
	delete(s.asked, id)
	delete(s.silent, id)
}

// Host is what runs the plugins.
func (s *Share) Host() *host.Host { return s.host }

// Sample is a badge that nobody has, to try plugins with. The address is of an
// example domain (RFC 2606).
func Sample(lang string) sdk.Item {
	return sdk.Item{
		Type: sdk.ItemBadge, URL: "https://badges.example.org/b/0123456789012345678901", Title: "Willow Weaving",
		Description: "Has woven a basket of willow from the rod to the rim.", Lang: "en",
		ImageURL: "https://badges.example.org/b/0123456789012345678901/card.png", IssuerName: "The Basketmakers’ School",
		IssuerURL: "https://basketmakers.example.org", CredentialID: "0123456789012345678901",
		Tags: []string{"weaving", "craft"}, EarnerName: "Ada Alder", ViewerLang: lang,
	}
}

// PublicItem is what a plugin would learn of a public badge. It returns a fault
// NotFound for one that is not public.
func (s *Share) PublicItem(ctx context.Context, badge, lang string) (sdk.Item, error) {
	b, err := s.public(ctx, badge)
	if err != nil {
		return sdk.Item{}, err
	}
	return s.item(s.ofBadge(b), lang), nil
}
