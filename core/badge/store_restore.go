package badge

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

func deleteImport(ctx context.Context, tx *db.Tx, id int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM badge_import WHERE id = $1`, id)
	return err
}

// linkHeld notes that held badges came in a record, and counts them. What came in
// another one stays with it.
func linkHeld(ctx context.Context, tx *db.Tx, person, record int64, names []sameness) (int64, error) {
	var linked int64
	for _, s := range names {
		n, err := tx.Exec(ctx, `UPDATE badge SET record = $3 WHERE person = $1 AND equality IN ($2, $4) AND record = 0`, person, s.short(), record, s.long())
		if err != nil {
			return 0, err
		}
		linked += n
	}
	return linked, nil
}

func hasRecord(ctx context.Context, d db.DB, person int64, received string) (bool, error) {
	return db.Exists(ctx, d, `SELECT 1 FROM badge_record WHERE person = $1 AND received = $2`, person, received)
}
