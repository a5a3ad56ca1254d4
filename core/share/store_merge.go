package share

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

func moveShares(ctx context.Context, tx *db.Tx, from, into int64) error {
	_, err := tx.Exec(ctx, `UPDATE share SET person = $2 WHERE person = $1`, from, into)
	return err
}

// rebindShares gives the log of a badge to the badge that it was joined with.
func rebindShares(ctx context.Context, tx *db.Tx, from, into int64) error {
	_, err := tx.Exec(ctx, `UPDATE share SET badge = $2 WHERE badge = $1`, from, into)
	return err
}
