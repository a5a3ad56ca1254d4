package page

import (
	"context"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
)

// Vacate implements mydata.Vacater.
func (s *Pages) Vacate(ctx context.Context, tx *db.Tx, person int64) error {
	return insertGone(ctx, tx, person, db.Micros(tx.Now()))
}

// absent answers for a page that is not found: as gone when everybody saw it until its
// owner removed their account.
func (s *Pages) absent(ctx context.Context, publicID string) error {
	switch gone, err := isGone(ctx, s.Base.Read(), publicID); {
	case err != nil:
		return err
	case gone:
		return fault.New(fault.Gone, "page.error.gone")
	}
	return errNotFound()
}
