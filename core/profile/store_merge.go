package profile

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// moveAll gives what one account of a person has here to another of theirs. What the
// other has already stays; its pinned badges stand first, as many as there is place for.
func moveAll(ctx context.Context, tx *db.Tx, from, into int64) error {
	for _, q := range []string{
		`UPDATE profile_block_badge SET person = $2 WHERE person = $1 AND NOT EXISTS (SELECT 1 FROM profile_block b WHERE b.person = $2)`,
		`UPDATE profile_block SET person = $2 WHERE person = $1 AND NOT EXISTS (SELECT 1 FROM profile_block b WHERE b.person = $2)`,
		`UPDATE profile_field SET person = $2 WHERE person = $1 AND kind NOT IN (SELECT f.kind FROM profile_field f WHERE f.person = $2)`,
		`UPDATE profile_link SET person = $2 WHERE person = $1 AND url NOT IN (SELECT l.url FROM profile_link l WHERE l.person = $2)`,
		`UPDATE profile_choice SET person = $2 WHERE person = $1 AND NOT EXISTS (SELECT 1 FROM profile_choice c WHERE c.person = $2)`,
		`UPDATE profile_pin SET person = $2, place = place + 6 WHERE person = $1 AND badge NOT IN (SELECT p.badge FROM profile_pin p WHERE p.person = $2)`,
	} {
		if _, err := tx.Exec(ctx, q, from, into); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `DELETE FROM profile_pin WHERE person = $1 AND badge NOT IN
		(SELECT p.badge FROM profile_pin p WHERE p.person = $1 ORDER BY p.place, p.badge LIMIT 6)`, into)
	return err
}

// movePin gives the place of a badge that became part of another to that one.
func movePin(ctx context.Context, tx *db.Tx, from, into int64) error {
	_, err := tx.Exec(ctx, `UPDATE profile_pin SET badge = $2 WHERE badge = $1 AND NOT EXISTS (SELECT 1 FROM profile_pin p WHERE p.badge = $2)`, from, into)
	if err != nil {
		return err
	}
	return deletePinsOf(ctx, tx, from)
}
