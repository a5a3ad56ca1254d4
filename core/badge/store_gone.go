package badge

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// insertGone keeps the ids of a person's badges that everybody sees.
func insertGone(ctx context.Context, tx *db.Tx, person int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO badge_gone (public_id) SELECT b.public_id FROM badge b WHERE b.person = $2 AND `+VisibleSQL("b", 1)+`
		ON CONFLICT (public_id) DO NOTHING`, 0, person)
	return err
}

func isGone(ctx context.Context, d db.DB, publicID string) (bool, error) {
	return db.Exists(ctx, d, `SELECT 1 FROM badge_gone WHERE public_id = $1`, publicID)
}
