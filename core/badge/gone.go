package badge

import (
	"context"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/gone"
)

// Vacate implements mydata.Vacater.
func (s *Badges) Vacate(ctx context.Context, tx *db.Tx, person int64) error {
	return gone.Keep(ctx, tx, shownOf(person), linkedOf(person, db.Micros(tx.Now())))
}

// absent answers for a badge that is not found.
func (s *Badges) absent(ctx context.Context, publicID, link string) error {
	return gone.Or(ctx, s.Base.Read(), publicID, link, "badge.error.gone", errNotFound())
}
