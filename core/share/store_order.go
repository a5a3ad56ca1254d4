package share

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

type placed struct {
	target string
	place  int
}

func listPlaces(ctx context.Context, d db.DB) ([]placed, error) {
	return db.Select(ctx, d, func(s db.Scanner) (placed, error) {
		var p placed
		err := s.Scan(&p.target, &p.place)
		return p, err
	}, `SELECT target, place FROM share_order ORDER BY target`)
}

func upsertPlace(ctx context.Context, tx *db.Tx, p placed) error {
	_, err := tx.Exec(ctx, `INSERT INTO share_order (target, place) VALUES ($1, $2)
		ON CONFLICT (target) DO UPDATE SET place = excluded.place`, p.target, p.place)
	return err
}
