package account

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/db"
)

// About is who a person is.
type About struct {
	PublicID, Handle, Name, Language string

	Address string // primary and confirmed, or ""
}

// About gives who a person is. It returns db.ErrNotFound for nobody.
func (a *Accounts) About(ctx context.Context, d db.DB, person int64) (About, error) {
	p, err := personByID(ctx, d, person)
	if err != nil {
		return About{}, err
	}
	list, err := a.Addresses(ctx, d, person)
	about := About{PublicID: p.PublicID, Handle: p.Handle, Name: p.Name, Language: p.Language}
	for _, e := range list {
		if e.Primary && e.Confirmed() {
			about.Address = e.Address
		}
	}
	return about, err
}

// IsThere reports whether somebody has an account with this public id.
func (a *Accounts) IsThere(ctx context.Context, d db.DB, publicID string) (bool, error) {
	_, err := personByPublicID(ctx, d, publicID)
	return err == nil, ignoreAbsent(err)
}

// Tombstone stands for an account that was removed: a random id, and a hash of
// the handle with the key of this passport, so that nobody takes the name.
type Tombstone struct {
	PublicID   string
	HandleHash string
	ErasedAt   time.Time
}

// Tombstone gives that of an account, db.ErrNotFound when it was not removed.
func (a *Accounts) Tombstone(ctx context.Context, d db.DB, publicID string) (Tombstone, error) {
	return getTombstone(ctx, d, publicID)
}

// Tombstones gives all of them.
func (a *Accounts) Tombstones(ctx context.Context, d db.DB) ([]Tombstone, error) {
	return listTombstones(ctx, d)
}

// AddTombstone notes that an account was removed, as another copy of this
// passport's data knows. What is known already stays.
func (a *Accounts) AddTombstone(ctx context.Context, tx *db.Tx, t Tombstone) error {
	return restoreTombstone(ctx, tx, t)
}

// Risen gives the people whose account was removed and who are there all the
// same: a backup brought them back, or their erasure has not ended.
func (a *Accounts) Risen(ctx context.Context, d db.DB) ([]int64, error) { return listRisen(ctx, d) }
