package badge

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// retryRefused sets what of a batch still has its bytes under way again.
func retryRefused(ctx context.Context, tx *db.Tx, person int64, batch string) ([]int64, error) {
	return db.Select(ctx, tx, db.One[int64], `UPDATE badge_import SET state = 'running', checks = '[]', reason = '', detail = '', changed_at = $3
		WHERE person = $1 AND batch = $2 AND received <> '' AND state || '' IN ('refused', 'mismatch') RETURNING id`, person, batch, db.Micros(tx.Now()))
}

// listRefused gives the bytes of refused imports that ended before a time.
func listRefused(ctx context.Context, d db.DB, before int64) ([]string, error) {
	return db.Select(ctx, d, db.One[string], `SELECT received FROM badge_import WHERE state = 'refused' AND received <> '' AND changed_at < $1`, before)
}
