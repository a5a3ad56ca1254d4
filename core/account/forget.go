package account

import (
	"context"
	"errors"

	"github.com/osier-passport/osier/core/db"
)

// Held is what accounts hold about an address.
type Held struct {
	Member bool    // somebody confirmed it
	Listed int     // people who list it without having confirmed it
	Proofs []Proof // of people who controlled it before
	Wards  int     // people under age whose guardian has it
}

// HeldOf tells what accounts hold about an address, by its key (mail.ParseAddress).
func (a *Accounts) HeldOf(ctx context.Context, d db.DB, key string) (Held, error) {
	_, err := ownerOf(ctx, d, key)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return Held{}, err
	}
	h := Held{Member: err == nil}
	if h.Listed, err = countListed(ctx, d, key); err != nil {
		return Held{}, err
	}
	if h.Wards, err = countWards(ctx, d, key); err != nil {
		return Held{}, err
	}
	h.Proofs, err = proofsOfAll(ctx, d, a.addressHash(key))
	return h, err
}

// Forget takes an address off the lists of people who never confirmed it, and
// ends that it is a guardian's: whose guardian it was waits for another one.
func (a *Accounts) Forget(ctx context.Context, tx *db.Tx, key string) error {
	return errors.Join(dropOthers(ctx, tx, 0, key), deleteGuardiansAt(ctx, tx, key))
}
