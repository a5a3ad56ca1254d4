package mydata

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

func moveTasks(ctx context.Context, tx *db.Tx, from, into int64) error {
	for _, q := range []string{
		`UPDATE data_task SET person = $2 WHERE person = $1`,
		`UPDATE erasure SET person = $2 WHERE person = $1`,
	} {
		if _, err := tx.Exec(ctx, q, from, into); err != nil {
			return err
		}
	}
	return nil
}
