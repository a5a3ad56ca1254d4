package social

import (
	"context"

	"github.com/osier-passport/osier/core/badge"
)

// Waits gives who waits for the person to be let follow them (badge.Waits).
func (s *Social) Waits(ctx context.Context, person int64) ([]badge.Wait, error) {
	list, err := listRequests(ctx, s.base.Read(), person)
	return []badge.Wait{{Kind: "follow", N: len(list), URL: "/settings/followers"}}, err
}
