package page

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

func movePages(ctx context.Context, tx *db.Tx, from, into int64) error {
	_, err := tx.Exec(ctx, `UPDATE page SET person = $2 WHERE person = $1`, from, into)
	return err
}
