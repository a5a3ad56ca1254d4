package badge

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// listRecipients gives the texts of a person's badges whose address is still
// theirs, or never was.
func listRecipients(ctx context.Context, d db.DB, person int64) ([]credentialRow, error) {
	return db.Select(ctx, d, scanCredential, `SELECT b.id, `+packedColumns+packedTables+`WHERE b.person = $1 AND b.address_proof = 0 ORDER BY b.id`, person)
}

func updateAddressProof(ctx context.Context, tx *db.Tx, badge, proof int64) error {
	_, err := tx.Exec(ctx, `UPDATE badge SET address_proof = $2 WHERE id = $1`, badge, proof)
	return err
}

func getAddressProof(ctx context.Context, d db.DB, badge int64) (int64, error) {
	return db.One[int64](d.QueryRow(ctx, `SELECT address_proof FROM badge WHERE id = $1`, badge))
}
