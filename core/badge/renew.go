package badge

import (
	"context"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
)

// Renewed is published when a newer badge of a class takes the place of an older one
// of the same holder, in the same transaction: what shows the old one by the holder's
// choice shows the new one from then on.
type Renewed struct{ Old, New int64 }

// Renew lets a newer badge of the person's own take the place of an older one of the
// same class: it gets its tags, its places in collections and on pages, and is seen
// by whom the other was seen; the older one stays, private. It returns a fault
// Conflict for two badges of which none renews the other, and for a newer one that
// cannot be shown.
func (s *Badges) Renew(ctx context.Context, person int64, newer, older string) error {
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		into, err := lockMine(ctx, tx, person, newer)
		if err != nil {
			return err
		}
		from, err := lockMine(ctx, tx, person, older)
		if err != nil {
			return err
		}
		if into.Class.ID != from.Class.ID || !into.IssuedAt.After(from.IssuedAt) {
			return fault.New(fault.Conflict, "shelf.error.renew").At("/b/" + older)
		}
		if err := copyOrder(ctx, tx, from.ID, into.ID); err != nil {
			return err
		}
		if err := event.Publish(ctx, tx, s.Bus, Renewed{Old: from.ID, New: into.ID}); err != nil {
			return err
		}
		return s.swap(ctx, tx, from, into)
	})
}

// swap shows a badge to those who see another, and nobody the other.
func (s *Badges) swap(ctx context.Context, tx *db.Tx, from, into Badge) error {
	if from.Visibility == Private {
		return nil
	}
	if into.Visibility == Private {
		if err := updateNaming(ctx, tx, into, from.Naming()); err != nil {
			return err
		}
		into.ShowName, into.LinkName = from.ShowName, from.LinkName
		if err := s.show(ctx, tx, into, from.Visibility); err != nil {
			return err
		}
	}
	return s.show(ctx, tx, from, Private)
}
