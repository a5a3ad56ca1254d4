package web

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/db"
)

// hit counts one more in the window that ends at end and gives the count.
func hit(ctx context.Context, tx *db.Tx, name string, end time.Time) (int64, error) {
	var hits int64
	err := tx.QueryRow(ctx, `
		INSERT INTO rate (name, bucket, hits) VALUES ($1, $2, 1)
		ON CONFLICT (name, bucket) DO UPDATE SET hits = rate.hits + 1
		RETURNING hits`, name, db.Micros(end)).Scan(&hits)
	return hits, err
}

// sweep deletes the windows that ended before now.
func sweep(ctx context.Context, tx *db.Tx, now time.Time) error {
	_, err := tx.Exec(ctx, `DELETE FROM rate WHERE bucket < $1`, db.Micros(now))
	return err
}
