package account

import (
	"context"
	"errors"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/secret"
)

const resetFor = 30 * time.Minute

// ResetMail is the data of the mail "reset".
type ResetMail struct {
	Name, Handle, Address string
	URL                   string // absolute
	Expires               time.Time
}

// AskReset mails a link for a new password to a confirmed address. Whether the
// address is known makes no difference to who asks: the work is done after the
// answer. It returns FieldErrors for what is no address.
func (a *Accounts) AskReset(ctx context.Context, address string) error {
	return a.askLink(ctx, address, linkAsked{purpose: purposeReset})
}

// ResetOf tells whose password a mailed link sets. It returns a fault Gone for a
// link that is unknown, used or too old.
func (a *Accounts) ResetOf(ctx context.Context, token string) (Person, error) {
	t, err := findToken(ctx, a.base.Read(), secret.Hash(token), purposeReset)
	if err == nil && !a.base.Now().Before(t.ExpiresAt) {
		err = db.ErrNotFound
	}
	if err != nil {
		return Person{}, resetGone(err)
	}
	return personByID(ctx, a.base.Read(), t.Person)
}

// Reset sets a new password by a mailed link, once, and ends all sessions. It
// returns FieldErrors for a password against the rules.
func (a *Accounts) Reset(ctx context.Context, token, password string) error {
	p, err := a.ResetOf(ctx, token)
	if err != nil {
		return err
	}
	hash, err := a.newPassword(ctx, p, password)
	if err != nil {
		return err
	}
	return a.base.Tx(ctx, func(tx *db.Tx) error {
		t, err := takeToken(ctx, tx, secret.Hash(token), purposeReset)
		if err == nil && (!tx.Now().Before(t.ExpiresAt) || t.Person != p.ID) {
			err = db.ErrNotFound
		}
		if err != nil {
			return resetGone(err)
		}
		return a.replacePassword(ctx, tx, p.ID, hash, "")
	})
}

func resetGone(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return fault.New(fault.Gone, "account.error.reset").At("/reset").Wrap(err)
	}
	return err
}
