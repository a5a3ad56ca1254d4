package badge

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

func markNews(ctx context.Context, tx *db.Tx, badge int64) error {
	_, err := tx.Exec(ctx, `UPDATE badge SET news = TRUE WHERE id = $1`, badge)
	return err
}

// takeNews gives the badges that a person has not been told of, once, the newest
// first.
func takeNews(ctx context.Context, tx *db.Tx, person int64) ([]Badge, error) {
	list, err := db.Select(ctx, tx, scanBadge, `SELECT `+badgeColumns+badgeTables+`WHERE b.person = $1 AND b.news AND NOT b.unclaimed ORDER BY b.id DESC`, person)
	if err != nil {
		return nil, err
	}
	_, err = tx.Exec(ctx, `UPDATE badge SET news = FALSE WHERE person = $1 AND news`, person)
	return list, err
}
