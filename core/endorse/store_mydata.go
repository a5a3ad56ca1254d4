package endorse

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

func countOf(ctx context.Context, d db.DB, person int64) (received, written int, err error) {
	err = d.QueryRow(ctx, `SELECT (SELECT count(*) FROM badge b JOIN endorsement e ON e.badge = b.id WHERE b.person = $1),
		(SELECT count(*) FROM endorsement WHERE person = $1 AND person <> 0)`, person).Scan(&received, &written)
	return received, written, err
}

// deleteOfPerson deletes what a person wrote and what is about their badges, and
// gives the people without an account of whom something was deleted.
func deleteOfPerson(ctx context.Context, tx *db.Tx, person int64) ([]int64, error) {
	if _, err := tx.Exec(ctx, `DELETE FROM endorsement WHERE person = $1 AND person <> 0`, person); err != nil {
		return nil, err
	}
	_, err := tx.Exec(ctx, `UPDATE endorsement_place SET returns = TRUE WHERE id IN
		(SELECT e.place FROM badge b JOIN endorsement e ON e.badge = b.id WHERE b.person = $1 AND e.state = 'accepted' AND e.place <> 0)`, person)
	if err != nil {
		return nil, err
	}
	return db.Select(ctx, tx, db.One[int64], `DELETE FROM endorsement WHERE badge IN (SELECT id FROM badge WHERE person = $1) RETURNING outsider`, person)
}
