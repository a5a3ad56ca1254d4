package badge

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// copyOrder gives a badge the tags of another, and its places in collections.
func copyOrder(ctx context.Context, tx *db.Tx, from, into int64) error {
	for _, q := range []string{
		`INSERT INTO badge_tag (badge, folded, tag) SELECT CAST($2 AS BIGINT), folded, tag FROM badge_tag WHERE badge = $1 ON CONFLICT (badge, folded) DO NOTHING`,
		`INSERT INTO collection_badge (collection, badge, place) SELECT collection, CAST($2 AS BIGINT), place FROM collection_badge WHERE badge = $1
			ON CONFLICT (collection, badge) DO NOTHING`,
		`DELETE FROM collection_badge WHERE badge = $1 AND CAST($2 AS BIGINT) <> 0`,
	} {
		if _, err := tx.Exec(ctx, q, from, into); err != nil {
			return err
		}
	}
	return nil
}
