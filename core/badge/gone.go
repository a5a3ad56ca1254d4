package badge

import (
	"context"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
)

// Vacate implements mydata.Vacater.
func (s *Badges) Vacate(ctx context.Context, tx *db.Tx, person int64) error {
	return insertGone(ctx, tx, person)
}

// absent answers for a badge that is not found: as gone when everybody saw it until
// its holder removed their account.
func (s *Badges) absent(ctx context.Context, publicID string) error {
	switch gone, err := isGone(ctx, s.Base.Read(), publicID); {
	case err != nil:
		return err
	case gone:
		return fault.New(fault.Gone, "badge.error.gone")
	}
	return errNotFound()
}
