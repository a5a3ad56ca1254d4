package page

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
)

// linked is a page that is shown by a link, with what is known of the link.
type linked struct {
	Page

	at   time.Time
	hits int
}

func listLinked(ctx context.Context, d db.DB, person int64) ([]linked, error) {
	return db.Select(ctx, d, func(s db.Scanner) (linked, error) {
		var l linked
		var at, until int64
		err := s.Scan(&l.PublicID, &l.Title, &l.Secret, &until, &at, &l.hits)
		l.Visibility, l.Until, l.at = badge.Link, db.Time(until), db.Time(at)
		return l, err
	}, `SELECT g.public_id, g.title, g.link_secret, g.until, g.link_at, g.link_hits FROM page g
		WHERE g.person = $1 AND g.visibility = 'link' AND g.removed_at = 0 ORDER BY g.link_at DESC, g.id DESC`, person)
}

func deleteLinks(ctx context.Context, tx *db.Tx, person int64) error {
	_, err := tx.Exec(ctx, `UPDATE page SET visibility = 'private', link_secret = '', link_at = 0, link_hits = 0 WHERE person = $1 AND visibility = 'link'`, person)
	return err
}

func addHit(ctx context.Context, tx *db.Tx, id int64) error {
	_, err := tx.Exec(ctx, `UPDATE page SET link_hits = link_hits + 1 WHERE id = $1 AND visibility = 'link'`, id)
	return err
}

// linkOf gives since when a page has its link, and how often it was opened.
func linkOf(ctx context.Context, d db.DB, id int64) (since time.Time, hits int, err error) {
	var at int64
	err = d.QueryRow(ctx, `SELECT link_at, link_hits FROM page WHERE id = $1`, id).Scan(&at, &hits)
	return db.Time(at), hits, err
}
