package account

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
)

// Ways are the ways into an account, as they work now.
type Ways struct {
	Password   bool
	Passkeys   int  // that belong to the site's present address
	Identities int  // at providers that are configured
	Mail       bool // a link to a confirmed address; needs a mail server
	Codes      int  // recovery codes that are left: together one way in
	CodesMade  time.Time

	address string // that the link goes to
}

// Count is the number of ways in. Recovery codes are one, however many are left:
// where they are the only one, the last of them stays (takeCode).
func (w Ways) Count() int {
	n := w.Passkeys + w.Identities
	for _, works := range []bool{w.Password, w.Mail, w.Codes > 0} {
		if works {
			n++
		}
	}
	return n
}

// OnlyCodes reports whether recovery codes are the only way in.
func (w Ways) OnlyCodes() bool { return w.Codes > 0 && w.Count() == 1 }

// Ways finds the ways into a person's account.
func (a *Accounts) Ways(ctx context.Context, d db.DB, person int64) (Ways, error) {
	var w Ways
	if _, ok := a.OnlyProvider(); ok {
		linked, err := identitiesOf(ctx, d, person)
		for _, i := range linked {
			if _, ok := a.providerAt(i.Provider, i.Issuer); ok {
				w.Identities++
			}
		}
		return w, err
	}
	stored, err := passwordOf(ctx, d, person)
	if err != nil {
		return w, err
	}
	w.Password = stored.hash != ""
	if w.Passkeys, err = countPasskeys(ctx, d, person, a.rpID()); err != nil {
		return w, err
	}
	linked, err := identitiesOf(ctx, d, person)
	if err != nil {
		return w, err
	}
	for _, i := range linked {
		if _, ok := a.providerAt(i.Provider, i.Issuer); ok {
			w.Identities++
		}
	}
	if w.Codes, w.CodesMade, err = countCodes(ctx, d, person); err != nil {
		return w, err
	}
	return w, a.mailWay(ctx, d, person, &w)
}

func (a *Accounts) mailWay(ctx context.Context, d db.DB, person int64, w *Ways) error {
	on, err := byMailOf(ctx, d, person)
	if err != nil || !on || !a.mailer.Configured() {
		return err
	}
	to, err := confirmedOf(ctx, d, person)
	if err == nil && len(to) > 0 {
		w.Mail, w.address = true, to[0]
	}
	return err
}

// KeepsAWayIn is asked in the transaction that took a way into an account away: it
// returns a fault Conflict when none is left, so that nothing is taken. Whatever
// removes a password, a passkey, an identity or a confirmed address ends with it.
// Transactions are serializable: of two that take the last two ways at once, one
// is refused.
func (a *Accounts) KeepsAWayIn(ctx context.Context, tx *db.Tx, person int64) error {
	w, err := a.Ways(ctx, tx, person)
	if err != nil || w.Count() > 0 {
		return err
	}
	return fault.New(fault.Conflict, "account.error.last_way").At("/settings/security")
}

// RemovePassword takes the password away and ends all sessions but one. It
// returns a fault Conflict when nothing would be left to sign in with.
func (a *Accounts) RemovePassword(ctx context.Context, person int64, keep []byte, device string) error {
	return notFound(a.base.Tx(ctx, func(tx *db.Tx) error {
		if err := deletePassword(ctx, tx, person); err != nil {
			return err
		}
		return a.tookAway(ctx, tx, person, keep, Notice{What: PasswordRemoved, Device: device})
	}))
}

// SetByMail allows or forbids links by mail that sign in or set a new password.
// It returns a fault Conflict when forbidding them would leave no way in.
func (a *Accounts) SetByMail(ctx context.Context, person int64, on bool, keep []byte, device string) error {
	return notFound(a.base.Tx(ctx, func(tx *db.Tx) error {
		if err := updateByMail(ctx, tx, person, on); err != nil {
			return err
		}
		if on {
			return a.Tell(ctx, tx, person, Notice{What: MailAllowed, Device: device})
		}
		if err := dropLinks(ctx, tx, person); err != nil {
			return err
		}
		return a.tookAway(ctx, tx, person, keep, Notice{What: MailForbidden, Device: device})
	}))
}

// tookAway ends what goes with a way in: the other sessions, any of which may
// have come from it. The person is told.
func (a *Accounts) tookAway(ctx context.Context, tx *db.Tx, person int64, keep []byte, n Notice) error {
	if err := a.KeepsAWayIn(ctx, tx, person); err != nil {
		return err
	}
	if err := deleteSessions(ctx, tx, person, keep); err != nil {
		return err
	}
	return a.Tell(ctx, tx, person, n)
}
