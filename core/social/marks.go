package social

import (
	"context"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
)

// Marks gives how many comments there are on badges of a person, as far as the person
// may see them, and how many of them are new to the person (badge.Marking).
func (s *Social) Marks(ctx context.Context, person int64, badges []int64) (map[int64]badge.Marks, error) {
	list, err := countTalk(ctx, s.base.Read(), person, badges)
	out := make(map[int64]badge.Marks, len(list))
	for _, m := range list {
		out[m.badge] = m.Marks
	}
	return out, err
}

// read notes that the holder of a badge has the newest comments before them.
func (s *Social) read(ctx context.Context, b badge.Badge, list []Comment) error {
	if len(list) == 0 {
		return nil
	}
	last, err := seenUpTo(ctx, s.base.Read(), b.ID)
	if err != nil || last >= list[0].ID {
		return err
	}
	return s.base.Tx(ctx, func(tx *db.Tx) error { return upsertSeen(ctx, tx, b.ID, list[0].ID) })
}
