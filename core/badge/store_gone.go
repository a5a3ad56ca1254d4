package badge

import (
	"context"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/db"
)

// insertGone keeps the ids of a person's badges that everybody sees.
func insertGone(ctx context.Context, tx *db.Tx, person int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO badge_gone (public_id) SELECT b.public_id FROM badge b WHERE b.person = $2 AND `+VisibleSQL("b", 1)+`
		ON CONFLICT (public_id) DO NOTHING`, 0, person)
	return err
}

func isGone(ctx context.Context, d db.DB, publicID, link string) (bool, error) {
	return db.Exists(ctx, d, `SELECT 1 FROM badge_gone WHERE public_id IN ($1, $2)`, publicID, link)
}

type goneSecret struct{ publicID, secret string }

// listGoneLinks gives the links by which others see badges of a person now.
func listGoneLinks(ctx context.Context, tx *db.Tx, person, now int64) ([]goneSecret, error) {
	return db.Select(ctx, tx, func(s db.Scanner) (goneSecret, error) {
		var l goneSecret
		err := s.Scan(&l.publicID, &l.secret)
		return l, err
	}, `SELECT b.public_id, b.link_secret FROM badge b JOIN person p ON p.id = b.person
		WHERE b.person = $2 AND b.visibility = 'link' AND b.removed_at = 0 AND NOT b.unclaimed AND (b.link_until = 0 OR b.link_until > $3) AND `+account.ShownSQL("p", 1), 0, person, now)
}

func insertGoneLink(ctx context.Context, tx *db.Tx, link string) error {
	_, err := tx.Exec(ctx, `INSERT INTO badge_gone (public_id) VALUES ($1) ON CONFLICT (public_id) DO NOTHING`, link)
	return err
}
