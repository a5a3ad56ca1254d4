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
	h.Proofs, err = proofsOfAll(ctx, d, a.addressHash(key))
	return h, err
}

// Forget takes an address off the lists of people who never confirmed it.
func (a *Accounts) Forget(ctx context.Context, tx *db.Tx, key string) error {
	return dropOthers(ctx, tx, 0, key)
}
