package jobs

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// Merge gives the waiting jobs of one person to another account of theirs.
func (q *Queue) Merge(ctx context.Context, tx *db.Tx, from, into int64) error {
	return moveJobs(ctx, tx, from, into)
}
