package page

import (
	"context"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/db"
)

// insertGone keeps the ids of a person's pages that everybody sees.
func insertGone(ctx context.Context, tx *db.Tx, person, now int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO page_gone (public_id) SELECT g.public_id FROM page g WHERE g.person = $3 AND `+VisibleSQL("g", 1, 2)+`
		ON CONFLICT (public_id) DO NOTHING`, 0, now, person)
	return err
}

func isGone(ctx context.Context, d db.DB, publicID, link string) (bool, error) {
	return db.Exists(ctx, d, `SELECT 1 FROM page_gone WHERE public_id IN ($1, $2)`, publicID, link)
}

type goneSecret struct{ publicID, secret string }

// listGoneLinks gives the links by which others see pages of a person now.
func listGoneLinks(ctx context.Context, tx *db.Tx, person, now int64) ([]goneSecret, error) {
	return db.Select(ctx, tx, func(s db.Scanner) (goneSecret, error) {
		var l goneSecret
		err := s.Scan(&l.publicID, &l.secret)
		return l, err
	}, `SELECT g.public_id, g.link_secret FROM page g JOIN person p ON p.id = g.person
		WHERE g.person = $2 AND g.visibility = 'link' AND g.removed_at = 0 AND (g.until = 0 OR g.until > $3) AND `+account.ShownSQL("p", 1), 0, person, now)
}

func insertGoneLink(ctx context.Context, tx *db.Tx, link string) error {
	_, err := tx.Exec(ctx, `INSERT INTO page_gone (public_id) VALUES ($1) ON CONFLICT (public_id) DO NOTHING`, link)
	return err
}
