package connect

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// moveGrants gives what one account allowed to the other account of the same person.
func moveGrants(ctx context.Context, tx *db.Tx, from, into int64) error {
	_, err := tx.Exec(ctx, `UPDATE oauth_grant SET person = $2 WHERE person = $1`, from, into)
	return err
}
