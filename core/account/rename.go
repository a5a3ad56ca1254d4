package account

import (
	"context"
	"errors"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
)

const (
	handleKept  = 365 * 24 * time.Hour // a handle that was left is kept for its owner
	renameEvery = 30 * 24 * time.Hour
	renameMost  = 3 // changes in that time
)

// OldHandle is one that a person has left.
type OldHandle struct {
	Handle   string
	Left     time.Time
	KeptTill time.Time
}

// OldHandles lists the handles that are still kept for a person, the last first.
func (a *Accounts) OldHandles(ctx context.Context, d db.DB, person int64) ([]OldHandle, error) {
	return oldHandlesOf(ctx, d, person, a.base.Now().Add(-handleKept))
}

// Rename gives a person another handle. The one that is left leads to the new one
// and can be taken by nobody else for a year. It returns FieldErrors (handle), also
// after three changes in 30 days.
func (a *Accounts) Rename(ctx context.Context, person int64, handle string) (Person, error) {
	var p Person
	err := a.base.Tx(ctx, func(tx *db.Tx) error {
		var err error
		if p, err = personByID(ctx, tx, person); err != nil || lower(handle) == p.Handle {
			return err
		}
		handle, err := ParseHandle(handle)
		if err != nil {
			return fieldError("handle", err)
		}
		return a.rename(ctx, tx, &p, handle)
	})
	return p, handleField(err)
}

func (a *Accounts) rename(ctx context.Context, tx *db.Tx, p *Person, handle string) error {
	n, err := countRenames(ctx, tx, p.ID, tx.Now().Add(-renameEvery))
	if err != nil {
		return err
	}
	if n >= renameMost {
		return FieldErrors{"handle": "account.error.handle.often"}
	}
	old := p.Handle
	p.Handle = handle
	if err := updateProfile(ctx, tx, *p); err != nil {
		return err
	}
	if err := a.claim(ctx, tx, p.ID, handle); err != nil {
		return err
	}
	return insertOldHandle(ctx, tx, old, p.ID)
}

// claim makes sure that a handle which a row of person has just got may be had:
// no erased account had it, and it is not kept for somebody else. It comes after
// the write, so that of two at once one sees the other. A handle of the person's
// own is taken back.
func (a *Accounts) claim(ctx context.Context, tx *db.Tx, person int64, handle string) error {
	erased, err := a.erased(ctx, tx, handle)
	if err != nil {
		return err
	}
	if erased {
		return errHandleTaken()
	}
	owner, left, err := oldHandle(ctx, tx, handle)
	switch {
	case errors.Is(err, db.ErrNotFound):
		return a.looksLikeNobody(ctx, tx, person, handle)
	case err != nil:
		return err
	case owner == person:
		return deleteOldHandle(ctx, tx, handle)
	case tx.Now().Sub(left) < handleKept:
		return errHandleTaken()
	}
	if err := a.looksLikeNobody(ctx, tx, person, handle); err != nil {
		return err
	}
	return deleteOldHandle(ctx, tx, handle)
}

// looksLikeNobody returns a fault Conflict for a handle that looks like that of
// another person, or like one that is kept for another. Who has a handle keeps it,
// and takes one of their own back, whatever it looks like.
func (a *Accounts) looksLikeNobody(ctx context.Context, tx *db.Tx, person int64, handle string) error {
	alike, err := handleAlike(ctx, tx, person, handle, tx.Now().Add(-handleKept))
	if err == nil && alike {
		err = fault.New(fault.Conflict, "account.error.handle.alike")
	}
	return err
}

// renamed finds who left a handle, as long as it is kept for them; else it gives
// the error that the caller has.
func (a *Accounts) renamed(ctx context.Context, d db.DB, handle string, notFound error) (Person, error) {
	owner, left, err := oldHandle(ctx, d, lower(handle))
	if errors.Is(err, db.ErrNotFound) || err == nil && a.base.Now().Sub(left) >= handleKept {
		return Person{}, notFound
	}
	if err != nil {
		return Person{}, err
	}
	p, err := personByID(ctx, d, owner)
	if err == nil && p.Disabled {
		return Person{}, fault.New(fault.NotFound, "account.error.unknown")
	}
	return p, err
}
