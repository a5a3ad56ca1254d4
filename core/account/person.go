package account

import (
	"context"
	"errors"
	"strings"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
)

// tombstonePurpose keys the hashes of erased handles.
const tombstonePurpose = "account/tombstone"

// PersonByHandle finds who lives at /@handle. It returns a fault Gone for an
// erased account and NotFound (which is db.ErrNotFound too) for an unknown or
// disabled one.
func (a *Accounts) PersonByHandle(ctx context.Context, d db.DB, handle string) (Person, error) {
	handle = lower(handle)
	p, err := personByHandle(ctx, d, handle)
	if err == nil && !p.Disabled {
		return p, nil
	}
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return Person{}, err
	}
	gone, errGone := a.erased(ctx, d, handle)
	if errGone != nil {
		return Person{}, errGone
	}
	if gone {
		return Person{}, fault.New(fault.Gone, "account.error.erased")
	}
	return Person{}, errUnknown(db.ErrNotFound)
}

// Named finds who has a handle, disabled or not. It returns a fault NotFound when
// there is none.
func (a *Accounts) Named(ctx context.Context, d db.DB, handle string) (Person, error) {
	p, err := personByHandle(ctx, d, lower(handle))
	if errors.Is(err, db.ErrNotFound) {
		err = errUnknown(err)
	}
	return p, err
}

// PersonByID finds a person, disabled or not. It returns a fault NotFound when
// there is none.
func (a *Accounts) PersonByID(ctx context.Context, d db.DB, id int64) (Person, error) {
	p, err := personByID(ctx, d, id)
	if errors.Is(err, db.ErrNotFound) {
		return Person{}, errUnknown(err)
	}
	return p, err
}

// Confirmed gives the addresses that are the person's own, the primary first.
func (a *Accounts) Confirmed(ctx context.Context, d db.DB, person int64) ([]string, error) {
	return confirmedOf(ctx, d, person)
}

// Addresses gives all addresses a person lists, confirmed or not.
func (a *Accounts) Addresses(ctx context.Context, d db.DB, person int64) ([]Email, error) {
	return emailsOf(ctx, d, person)
}

// ErasedHandle reports whether an account with this handle was erased.
func (a *Accounts) ErasedHandle(ctx context.Context, handle string) (bool, error) {
	return a.erased(ctx, a.base.Read(), lower(handle))
}

func (a *Accounts) erased(ctx context.Context, d db.DB, handle string) (bool, error) {
	return tombstoneOf(ctx, d, a.handleHash(handle))
}

func (a *Accounts) handleHash(handle string) []byte {
	return []byte(a.keys.MAC(tombstonePurpose, []byte(handle)))
}

// SetDisabled stops a person from signing in and hides them from others, or lets them
// in again. Sessions and mailed links end with it. It returns a fault for a handle that
// nobody has.
func (a *Accounts) SetDisabled(ctx context.Context, handle string, disabled bool) error {
	return a.base.Tx(ctx, func(tx *db.Tx) error {
		p, err := a.Named(ctx, tx, handle)
		if err != nil {
			return err
		}
		return a.Disable(ctx, tx, p.ID, disabled)
	})
}

// endAll ends sessions and mailed links.
func (a *Accounts) endAll(ctx context.Context, tx *db.Tx, person int64) error {
	if err := deleteSessions(ctx, tx, person, nil); err != nil {
		return err
	}
	return dropLinks(ctx, tx, person)
}

// lower folds a handle from an address bar. Handles are ASCII.
func lower(handle string) string { return strings.ToLower(handle) }

func errUnknown(err error) error { return fault.New(fault.NotFound, "account.error.unknown").Wrap(err) }

func ignoreAbsent(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	return err
}
