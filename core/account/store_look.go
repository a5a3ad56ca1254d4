package account

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

func lookOf(ctx context.Context, d db.DB, person int64) (Look, error) {
	var l Look
	err := d.QueryRow(ctx, `SELECT p.language, p.scheme, p.contrast, COALESCE(c.time_zone, '') FROM person p LEFT JOIN preference c ON c.person = p.id
		WHERE p.id = $1`, person).Scan(&l.Language, &l.Scheme, &l.Contrast, &l.Zone)
	return l, err
}

func updateLook(ctx context.Context, tx *db.Tx, person int64, l Look) error {
	_, err := tx.Exec(ctx, `INSERT INTO preference (person, time_zone) VALUES ($1, $2)
		ON CONFLICT (person) DO UPDATE SET time_zone = excluded.time_zone`, person, l.Zone)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE person SET language = $2, scheme = $3, contrast = $4 WHERE id = $1`, person, l.Language, l.Scheme, l.Contrast)
	return oneRow(n, err)
}
