package mail

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

func heldFor(ctx context.Context, d db.DB, key string) ([]Mail, error) {
	return db.Select(ctx, d, scan, `SELECT `+columns+` FROM mail_outbox WHERE lower(recipient) = $1 ORDER BY id`, key)
}

func forget(ctx context.Context, tx *db.Tx, key string) error {
	_, err := tx.Exec(ctx, `DELETE FROM mail_outbox WHERE lower(recipient) = $1`, key)
	return err
}
