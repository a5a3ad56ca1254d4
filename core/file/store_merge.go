package file

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

func moveFiles(ctx context.Context, tx *db.Tx, from, into int64) error {
	_, err := tx.Exec(ctx, `UPDATE file SET person = $2 WHERE person = $1`, from, into)
	return err
}
