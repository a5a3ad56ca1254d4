package detail

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// Merge does nothing: all rows hang on badges, which go to the other account with
// them or are joined.
func (s *Details) Merge(context.Context, *db.Tx, int64, int64) error { return nil }

// moveToBadge gives what hangs on a badge to the one that it is joined with: the
// words of the other go before, and views add up.
func moveToBadge(ctx context.Context, tx *db.Tx, from, into int64) error {
	for _, q := range []string{
		`UPDATE badge_detail SET badge = $2, class = (SELECT b.class FROM badge b WHERE b.id = $2) WHERE badge = $1 AND NOT EXISTS (SELECT 1 FROM badge_detail o WHERE o.badge = $2)`,
		`UPDATE badge_evidence SET badge = $2 WHERE badge = $1`,
		`INSERT INTO badge_view (badge, day, kind, hits) SELECT CAST($2 AS BIGINT), day, kind, hits FROM badge_view WHERE badge = $1
			ON CONFLICT (badge, day, kind) DO UPDATE SET hits = badge_view.hits + excluded.hits`,
	} {
		if _, err := tx.Exec(ctx, q, from, into); err != nil {
			return err
		}
	}
	return deleteOfBadge(ctx, tx, from)
}
