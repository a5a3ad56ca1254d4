package mail

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// Merge gives the mails of one person to another account of theirs.
func (m *Mailer) Merge(ctx context.Context, tx *db.Tx, from, into int64) error {
	return moveMails(ctx, tx, from, into)
}
