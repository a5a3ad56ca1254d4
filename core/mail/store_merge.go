package mail

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

func moveMails(ctx context.Context, tx *db.Tx, from, into int64) error {
	for _, q := range []string{
		`UPDATE mail_outbox SET person = $2 WHERE person = $1`,
		`UPDATE mail_outbox SET about = $2 WHERE about = $1`,
	} {
		if _, err := tx.Exec(ctx, q, from, into); err != nil {
			return err
		}
	}
	return nil
}
