// Package merge makes one account of two of the same person.
//
// It owns no tables: each mydata.Owner gives its own rows from one person to the
// other, all in one transaction, so that a merge happens or does not. Who merges
// proves both accounts in one browser: it starts in one, signs in to the other,
// sees what will become of both, and chooses which one stays. Its own pages call it.
package merge

import (
	"context"
	"fmt"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/mydata"
)

// Owner is a mydata.Owner that can give its rows to another account of the same
// person: no row refers to from after it, and nothing that cannot be had twice is lost.
type Owner interface {
	mydata.Owner

	Merge(ctx context.Context, tx *db.Tx, from, into int64) error
}

// Deps is what a Merge needs. Owners stand from the top rank down.
type Deps struct {
	Base     *db.Base
	Accounts *account.Accounts
	Badges   *badge.Badges
	Owners   []Owner
}

// Merge is the service of this package.
type Merge struct{ Deps }

// New makes the service.
func New(d Deps) *Merge { return &Merge{d} }

// Do makes from a part of into. The caller has proof of both. It returns a fault
// Conflict when they are one account, or one of them is gone or closed; of several
// merges at once, one is done.
func (m *Merge) Do(ctx context.Context, from, into int64) error {
	return m.Base.Tx(ctx, func(tx *db.Tx) error {
		if err := m.Accounts.Mergeable(ctx, tx, from, into); err != nil {
			return err
		}
		for _, o := range m.Owners {
			if err := o.Merge(ctx, tx, from, into); err != nil {
				return fmt.Errorf("merge %s: %w", o.OwnerName(), err)
			}
		}
		return nil
	})
}
