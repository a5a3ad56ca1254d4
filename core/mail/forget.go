package mail

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// HeldFor gives the mails to an address, by its key (ParseAddress).
func (m *Mailer) HeldFor(ctx context.Context, d db.DB, key string) ([]Mail, error) {
	return heldFor(ctx, d, key)
}

// Forget deletes the mails to an address.
func (m *Mailer) Forget(ctx context.Context, tx *db.Tx, key string) error {
	return forget(ctx, tx, key)
}
