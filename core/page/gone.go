package page

import (
	"context"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/gone"
)

// Vacate implements mydata.Vacater.
func (s *Pages) Vacate(ctx context.Context, tx *db.Tx, person int64) error {
	now := db.Micros(tx.Now())
	return gone.Keep(ctx, tx, shownOf(person, now), linkedOf(person, now))
}

// absent answers for a page that is not found.
func (s *Pages) absent(ctx context.Context, publicID, link string) error {
	return gone.Or(ctx, s.Base.Read(), publicID, link, "page.error.gone", errNotFound())
}
