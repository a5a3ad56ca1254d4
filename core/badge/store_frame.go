package badge

import (
	"context"
	"errors"

	"github.com/osier-passport/osier/core/db"
)

// upsertFrame finds or makes the picture around credentials, whose hash that is.
func upsertFrame(ctx context.Context, tx *db.Tx, f framed) (int64, error) {
	id, err := db.One[int64](tx.QueryRow(ctx, `SELECT id FROM badge_frame WHERE hash = $1`, f.hash))
	if !errors.Is(err, db.ErrNotFound) {
		return id, err
	}
	id = tx.NewID()
	_, err = tx.Exec(ctx, `INSERT INTO badge_frame (id, hash, data) VALUES ($1, $2, $3)`, id, f.hash, f.Bytes())
	return id, err
}

func getFrame(ctx context.Context, d db.DB, id int64) ([]byte, error) {
	return db.One[[]byte](d.QueryRow(ctx, `SELECT data FROM badge_frame WHERE id = $1`, id))
}
