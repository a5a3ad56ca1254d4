package endorse

import (
	"context"

	"github.com/osier-passport/osier/core/badge"
)

// Waits gives what waits for a person here (badge.Waits): what they are asked to
// write, and what was written about their badges.
func (s *Endorse) Waits(ctx context.Context, person int64) ([]badge.Wait, error) {
	decide, asked, err := countWaits(ctx, s.Base.Read(), person)
	return []badge.Wait{{Kind: "decide", N: decide, URL: "/endorsements"}, {Kind: "asked", N: asked, URL: "/endorsements"}}, err
}

// Marks gives how many endorsements of badges of a person wait for their answer
// (badge.Marking).
func (s *Endorse) Marks(ctx context.Context, person int64, badges []int64) (map[int64]badge.Marks, error) {
	list, err := countDecide(ctx, s.Base.Read(), person, badges)
	out := make(map[int64]badge.Marks, len(list))
	for _, w := range list {
		out[w.badge] = badge.Marks{Decide: w.n}
	}
	return out, err
}

// Vouched gives the accepted endorsements of a badge, for what leaves with it
// (badge.Vouched).
func (s *Endorse) Vouched(ctx context.Context, holder, badgeID int64) ([]badge.Voucher, error) {
	return listVouchers(ctx, s.Base.Read(), holder, badgeID)
}
