package mydata

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// Merge gives the exports and archives of one person to another account of theirs.
func (d *Data) Merge(ctx context.Context, tx *db.Tx, from, into int64) error {
	return moveTasks(ctx, tx, from, into)
}
