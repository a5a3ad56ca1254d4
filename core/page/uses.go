package page

import (
	"context"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
)

// Uses gives the pages that show badges of a person to others (badge.Uses): those
// that were chosen, and those that a tag, an issuer or a collection brings along.
// Private pages and those that have ended show nobody anything.
func (s *Pages) Uses(ctx context.Context, person int64, _ string) (map[string][]badge.Use, error) {
	d, now := s.Base.Read(), db.Micros(s.Base.Now())
	chosen, err := listChosenUses(ctx, d, person, now)
	if err != nil {
		return nil, err
	}
	sets, err := listSetBlocks(ctx, d, person, now)
	if err != nil {
		return nil, err
	}
	of := map[string][]badge.Use{}
	for _, u := range chosen {
		of[u.badge] = append(of[u.badge], u.view())
	}
	for _, b := range sets {
		pick, ok := b.pick()
		if !ok {
			continue
		}
		list, err := s.Badges.Picked(ctx, person, person, pick)
		if err != nil {
			return nil, err
		}
		for _, held := range list {
			of[held.PublicID] = append(of[held.PublicID], b.on.view())
		}
	}
	return of, nil
}

func (u use) view() badge.Use {
	return badge.Use{Kind: "page", Name: u.title, URL: "/p/" + u.page, At: u.at}
}

// pick is what a block takes its badges from; ok is false for a block that shows
// none.
func (b Block) pick() (badge.Pick, bool) {
	pick := badge.Pick{Limit: maxBadges}
	switch b.Kind {
	case Badge, Showcase:
		for _, r := range b.Badges {
			pick.IDs = append(pick.IDs, r.ID)
		}
	case Tag:
		pick.Tag = b.Of
	case Issuer:
		pick.Issuer = b.Of
	case Collection:
		pick.Collection = b.Of
	default:
		return pick, false
	}
	return pick, true
}
