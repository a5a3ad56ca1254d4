package account

import (
	"context"
	"errors"

	"github.com/osier-passport/osier/core/blob"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
)

// Merge makes one account of two of the same person and ends from: its
// addresses, proofs and ways to sign in become into's, its sessions end, its
// handle leads to into. What into has once (name, handle, settings, password)
// stays; what it lacks comes from the other. All other owners come before it.
func (a *Accounts) Merge(ctx context.Context, tx *db.Tx, from, into int64) error {
	old, err := personByID(ctx, tx, from)
	if err != nil {
		return err
	}
	p, err := personByID(ctx, tx, into)
	if err != nil {
		return err
	}
	if err := a.endAll(ctx, tx, from); err != nil {
		return err
	}
	if err := mergeEmails(ctx, tx, from, into); err != nil {
		return err
	}
	if err := moveAccount(ctx, tx, from, into); err != nil {
		return err
	}
	if err := a.dropOwnGuardian(ctx, tx, into); err != nil {
		return err
	}
	spare := fillProfile(&p, old)
	if err := updateProfile(ctx, tx, p); err != nil {
		return err
	}
	if err := a.settleRole(ctx, tx, into); err != nil {
		return err
	}
	if err := event.Publish(ctx, tx, a.bus, Merged{From: from, Into: into}); err != nil {
		return err
	}
	if err := endMerged(ctx, tx, old, p); err != nil || spare == "" {
		return err
	}
	return blob.Store{}.Drop(ctx, tx, spare)
}

// fillProfile gives a person what they lack and another account of theirs has.
// It answers the picture that is not needed any more.
func fillProfile(p *Person, old Person) (spare string) {
	if p.About == "" {
		p.About = old.About
	}
	if p.Language == "" {
		p.Language = old.Language
	}
	if p.Picture == "" {
		p.Picture = old.Picture
		return ""
	}
	return old.Picture
}

// Mergeable returns a fault when two accounts cannot become one: they are the
// same, one is gone by now, or closed.
func (a *Accounts) Mergeable(ctx context.Context, tx *db.Tx, from, into int64) error {
	if from == into {
		return fault.New(fault.Conflict, "mydata.error.merge_same").At("/settings/merge")
	}
	for _, id := range []int64{from, into} {
		p, err := personByID(ctx, tx, id)
		if errors.Is(err, db.ErrNotFound) || err == nil && p.Disabled {
			return fault.New(fault.Conflict, "mydata.error.merge_gone").At("/settings/merge")
		}
		if err != nil {
			return err
		}
	}
	return nil
}
