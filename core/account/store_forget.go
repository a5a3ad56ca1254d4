package account

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

func countListed(ctx context.Context, d db.DB, key string) (int, error) {
	return db.One[int](d.QueryRow(ctx, `SELECT count(*) FROM email WHERE address_key = $1 AND confirmed_at = 0`, key))
}

func countWards(ctx context.Context, d db.DB, key string) (int, error) {
	return db.One[int](d.QueryRow(ctx, `SELECT count(*) FROM guardian WHERE lower(address) = $1`, key))
}

func deleteGuardiansAt(ctx context.Context, tx *db.Tx, key string) error {
	_, err := tx.Exec(ctx, `DELETE FROM guardian WHERE lower(address) = $1`, key)
	return err
}

func proofsOfAll(ctx context.Context, d db.DB, hash string) ([]Proof, error) {
	return db.Select(ctx, d, scanProof, `SELECT `+proofColumns+` FROM address_proof WHERE address_hash = $1 ORDER BY id`, hash)
}
