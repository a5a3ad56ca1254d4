package endorse

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// Merge gives what one person wrote and was asked for to another account of
// theirs. Of two about one badge that of the other account stays, and nobody
// endorses a badge of their own.
func (s *Endorse) Merge(ctx context.Context, tx *db.Tx, from, into int64) error {
	return movePerson(ctx, tx, from, into)
}

func movePerson(ctx context.Context, tx *db.Tx, from, into int64) error {
	for _, q := range []string{
		`DELETE FROM endorsement WHERE person IN ($1, $2) AND person <> 0 AND badge IN (SELECT id FROM badge WHERE person IN ($1, $2))`,
		`DELETE FROM endorsement WHERE person = $1 AND person <> 0 AND EXISTS (SELECT 1 FROM endorsement o WHERE o.person = $2 AND o.person <> 0 AND o.badge = endorsement.badge)`,
		`UPDATE endorsement SET person = $2 WHERE person = $1 AND person <> 0`,
		`UPDATE endorsement_place SET person = $2 WHERE person = $1 AND person <> 0`,
	} {
		if _, err := tx.Exec(ctx, q, from, into); err != nil {
			return err
		}
	}
	return nil
}

// moveToBadge gives the endorsements of a badge to the one that it is joined with;
// of two by the same that of the other stays. It gives the people without an account
// of whom something was deleted.
func moveToBadge(ctx context.Context, tx *db.Tx, from, into int64) ([]int64, error) {
	_, err := tx.Exec(ctx, `UPDATE endorsement SET badge = $2 WHERE badge = $1
		AND NOT EXISTS (SELECT 1 FROM endorsement o WHERE o.badge = $2 AND o.person = endorsement.person AND o.outsider = endorsement.outsider)`, from, into)
	if err != nil {
		return nil, err
	}
	return deleteOnBadge(ctx, tx, from)
}
