package badge

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

func listLinks(ctx context.Context, d db.DB, person int64) ([]SharedLink, error) {
	return db.Select(ctx, d, func(s db.Scanner) (SharedLink, error) {
		var l SharedLink
		var at, until int64
		b := &l.Badge
		err := s.Scan(&b.ID, &b.PublicID, &b.Class.Name, &b.Class.Issuer.Name, &b.Thumbnail, &b.Secret, &at, &until, &l.Hits)
		b.Person, b.Visibility, b.LinkAt, b.LinkUntil = person, Link, db.Time(at), db.Time(until)
		return l, err
	}, `SELECT b.id, b.public_id, c.name, i.name, b.thumbnail, b.link_secret, b.link_at, b.link_until,
			COALESCE((SELECT CAST(sum(h.hits) AS BIGINT) FROM link_hit h WHERE h.badge = b.id), 0)
		FROM badge b JOIN badge_class c ON c.id = b.class JOIN issuer i ON i.id = c.issuer
		WHERE b.person = $1 AND b.visibility = 'link' AND b.removed_at = 0 ORDER BY b.link_at DESC, b.id DESC`, person)
}

func deleteLinks(ctx context.Context, tx *db.Tx, person int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM link_hit WHERE badge IN (SELECT id FROM badge WHERE person = $1 AND visibility = 'link')`, person)
	if err != nil {
		return err
	}
	if _, err = tx.Exec(ctx, `UPDATE badge_alias SET link_secret = '' WHERE person = $1`, person); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE badge SET visibility = 'private', link_secret = '', link_at = 0, link_until = 0
		WHERE person = $1 AND visibility = 'link'`, person)
	return err
}

func insertHit(ctx context.Context, tx *db.Tx, badge, day int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO link_hit (badge, day, hits) VALUES ($1, $2, 1)
		ON CONFLICT (badge, day) DO UPDATE SET hits = link_hit.hits + 1`, badge, day)
	return err
}

func deleteHits(ctx context.Context, tx *db.Tx, badge int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM link_hit WHERE badge = $1`, badge)
	return err
}

func isUnderAge(ctx context.Context, d db.DB, person int64) (bool, error) {
	return db.One[bool](d.QueryRow(ctx, `SELECT under_age FROM person WHERE id = $1`, person))
}
