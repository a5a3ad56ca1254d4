package badge

import (
	"context"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/gone"
)

// listVacated gives the ids of a person's badges that everybody sees.
func listVacated(ctx context.Context, tx *db.Tx, person int64) ([]string, error) {
	return db.Select(ctx, tx, db.One[string], `SELECT b.public_id FROM badge b WHERE b.person = $2 AND `+VisibleSQL("b", 1), 0, person)
}

// listVacatedLinks gives the links by which others see badges of a person now.
func listVacatedLinks(ctx context.Context, tx *db.Tx, person, now int64) ([]gone.Link, error) {
	return db.Select(ctx, tx, func(s db.Scanner) (gone.Link, error) {
		var l gone.Link
		err := s.Scan(&l.PublicID, &l.Secret)
		return l, err
	}, `SELECT b.public_id, b.link_secret FROM badge b JOIN person p ON p.id = b.person
		WHERE b.person = $2 AND b.visibility = 'link' AND b.removed_at = 0 AND NOT b.unclaimed AND (b.link_until = 0 OR b.link_until > $3) AND `+account.ShownSQL("p", 1), 0, person, now)
}
