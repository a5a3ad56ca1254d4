package gallery

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// moveOwn gives a place and a visit to another account of the same person that has
// none, and deletes what is left.
func moveOwn(ctx context.Context, tx *db.Tx, from, into int64) error {
	for _, q := range []string{
		`UPDATE explore_place SET person = $2 WHERE person = $1 AND NOT EXISTS (SELECT 1 FROM explore_place o WHERE o.person = $2)`,
		`UPDATE explore_visit SET person = $2 WHERE person = $1 AND NOT EXISTS (SELECT 1 FROM explore_visit o WHERE o.person = $2)`,
	} {
		if _, err := tx.Exec(ctx, q, from, into); err != nil {
			return err
		}
	}
	if err := erasePlace(ctx, tx, from); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO search_mark (kind, object) VALUES ('person', $1)`, into)
	return err
}
