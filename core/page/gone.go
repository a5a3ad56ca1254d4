package page

import (
	"context"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/gone"
)

// Vacate implements mydata.Vacater.
func (s *Pages) Vacate(ctx context.Context, tx *db.Tx, person int64) error {
	now := db.Micros(tx.Now())
	shown, err := listVacated(ctx, tx, person, now)
	if err != nil {
		return err
	}
	links, err := listVacatedLinks(ctx, tx, person, now)
	if err != nil {
		return err
	}
	return gone.Keep(ctx, tx, shown, links)
}

// absent answers for a page that is not found.
func (s *Pages) absent(ctx context.Context, publicID, link string) error {
	return gone.Or(ctx, s.Base.Read(), gone.Link{PublicID: publicID, Secret: link}, "page.error.gone", errNotFound())
}
