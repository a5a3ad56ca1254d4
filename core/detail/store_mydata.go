package detail

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// detailed is a badge with something added to it, or views.
type detailed struct {
	id             int64
	publicID, name string
}

func listDetailed(ctx context.Context, d db.DB, person int64) ([]detailed, error) {
	return db.Select(ctx, d, func(s db.Scanner) (detailed, error) {
		var b detailed
		err := s.Scan(&b.id, &b.publicID, &b.name)
		return b, err
	}, `SELECT b.id, b.public_id, c.name FROM badge b JOIN badge_class c ON c.id = b.class WHERE b.person = $1
		AND (EXISTS (SELECT 1 FROM badge_detail n WHERE n.badge = b.id) OR EXISTS (SELECT 1 FROM badge_evidence e WHERE e.badge = b.id)
			OR EXISTS (SELECT 1 FROM badge_view v WHERE v.badge = b.id)) ORDER BY b.id`, person)
}

func deleteOfPerson(ctx context.Context, tx *db.Tx, person int64) error {
	for _, q := range []string{
		`DELETE FROM badge_detail WHERE badge IN (SELECT id FROM badge WHERE person = $1)`,
		`DELETE FROM badge_evidence WHERE badge IN (SELECT id FROM badge WHERE person = $1)`,
		`DELETE FROM badge_view WHERE badge IN (SELECT id FROM badge WHERE person = $1)`,
	} {
		if _, err := tx.Exec(ctx, q, person); err != nil {
			return err
		}
	}
	return nil
}

// findPage gives the public id of a page of the person's own.
func findPage(ctx context.Context, d db.DB, person int64, p pageOfMine) (string, error) {
	return db.One[string](d.QueryRow(ctx, `SELECT public_id FROM page WHERE person = $1 AND title = $2 AND created_at = $3 AND removed_at = 0`,
		person, p.Title, db.Micros(p.Made)))
}
