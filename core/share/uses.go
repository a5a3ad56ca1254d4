package share

import (
	"context"

	"github.com/osier-passport/osier/core/badge"
)

// Uses gives where the badges of a person were shared, for who is about to hide them.
func (s *Share) Uses(ctx context.Context, person int64, lang string) (map[string][]badge.Use, error) {
	list, err := listUses(ctx, s.base.Read(), person)
	if err != nil {
		return nil, err
	}
	of := map[string][]badge.Use{}
	for _, u := range list {
		of[u.badge] = append(of[u.badge], badge.Use{Kind: "share", Name: s.nameOf(u.target, lang), URL: u.url, At: u.at})
	}
	return of, nil
}
