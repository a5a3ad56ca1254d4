package page

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// insertGone keeps the ids of a person's pages that everybody sees.
func insertGone(ctx context.Context, tx *db.Tx, person, now int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO page_gone (public_id) SELECT g.public_id FROM page g WHERE g.person = $3 AND `+VisibleSQL("g", 1, 2)+`
		ON CONFLICT (public_id) DO NOTHING`, 0, now, person)
	return err
}

func isGone(ctx context.Context, d db.DB, publicID string) (bool, error) {
	return db.Exists(ctx, d, `SELECT 1 FROM page_gone WHERE public_id = $1`, publicID)
}
