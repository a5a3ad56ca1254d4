package page

import (
	"context"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/gone"
)

// listVacated gives the ids of a person's pages that everybody sees.
func listVacated(ctx context.Context, tx *db.Tx, person, now int64) ([]string, error) {
	return db.Select(ctx, tx, db.One[string], `SELECT g.public_id FROM page g WHERE g.person = $3 AND `+VisibleSQL("g", 1, 2), 0, now, person)
}

// listVacatedLinks gives the links by which others see pages of a person now.
func listVacatedLinks(ctx context.Context, tx *db.Tx, person, now int64) ([]gone.Link, error) {
	return db.Select(ctx, tx, func(s db.Scanner) (gone.Link, error) {
		var l gone.Link
		err := s.Scan(&l.PublicID, &l.Secret)
		return l, err
	}, `SELECT g.public_id, g.link_secret FROM page g JOIN person p ON p.id = g.person
		WHERE g.person = $2 AND g.visibility = 'link' AND g.removed_at = 0 AND (g.until = 0 OR g.until > $3) AND `+account.ShownSQL("p", 1), 0, person, now)
}
