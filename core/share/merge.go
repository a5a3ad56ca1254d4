package share

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// Merge gives the log of what one person shared to another account of theirs.
func (s *Share) Merge(ctx context.Context, tx *db.Tx, from, into int64) error {
	return moveShares(ctx, tx, from, into)
}
