package account

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

func scanTombstone(s db.Scanner) (Tombstone, error) {
	var t Tombstone
	var hash []byte
	var at int64
	err := s.Scan(&t.PublicID, &hash, &at)
	t.HandleHash, t.ErasedAt = string(hash), db.Time(at)
	return t, err
}

func getTombstone(ctx context.Context, d db.DB, publicID string) (Tombstone, error) {
	return scanTombstone(d.QueryRow(ctx, `SELECT public_id, handle_hash, erased_at FROM tombstone WHERE public_id = $1`, publicID))
}

func listTombstones(ctx context.Context, d db.DB) ([]Tombstone, error) {
	return db.Select(ctx, d, scanTombstone, `SELECT public_id, handle_hash, erased_at FROM tombstone ORDER BY erased_at, public_id`)
}

func restoreTombstone(ctx context.Context, tx *db.Tx, t Tombstone) error {
	_, err := tx.Exec(ctx, `INSERT INTO tombstone (public_id, handle_hash, erased_at) VALUES ($1, $2, $3) ON CONFLICT (public_id) DO NOTHING`,
		t.PublicID, []byte(t.HandleHash), db.Micros(t.ErasedAt))
	return err
}

func listRisen(ctx context.Context, d db.DB) ([]int64, error) {
	return db.Select(ctx, d, db.One[int64], `SELECT p.id FROM tombstone t CROSS JOIN person p WHERE p.public_id = t.public_id`)
}
