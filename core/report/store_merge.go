package report

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// Merge gives the reports of one person to another account of theirs. Of two about
// one badge that of the other account stays.
func (s *Reports) Merge(ctx context.Context, tx *db.Tx, from, into int64) error {
	for _, q := range []string{
		`DELETE FROM report WHERE person IN ($1, $2) AND person <> 0 AND badge IN (SELECT id FROM badge WHERE person IN ($1, $2))`,
		`DELETE FROM report WHERE person = $1 AND person <> 0 AND EXISTS (SELECT 1 FROM report o WHERE o.person = $2 AND o.person <> 0 AND o.badge = report.badge)`,
		`UPDATE report SET person = $2 WHERE person = $1 AND person <> 0`,
	} {
		if _, err := tx.Exec(ctx, q, from, into); err != nil {
			return err
		}
	}
	return nil
}

// moveToBadge gives the reports of a badge to the one that it is joined with.
func moveToBadge(ctx context.Context, tx *db.Tx, from, into int64) error {
	_, err := tx.Exec(ctx, `UPDATE report SET badge = $2 WHERE badge = $1
		AND (person = 0 OR NOT EXISTS (SELECT 1 FROM report o WHERE o.badge = $2 AND o.person = report.person))`, from, into)
	if err != nil {
		return err
	}
	return deleteOfBadge(ctx, tx, from)
}
