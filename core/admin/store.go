package admin

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

type counts struct{ people, badges, classes, issuers, events, waiting, failed int }

func readCounts(ctx context.Context, d db.DB) (counts, error) {
	var n counts
	err := d.QueryRow(ctx, `SELECT (SELECT count(*) FROM person), (SELECT count(*) FROM badge), (SELECT count(*) FROM badge_class),
		(SELECT count(*) FROM issuer), (SELECT events FROM feed_total WHERE id = 1),
		(SELECT count(*) FROM job WHERE NOT failed), (SELECT count(*) FROM job WHERE failed)`).
		Scan(&n.people, &n.badges, &n.classes, &n.issuers, &n.events, &n.waiting, &n.failed)
	return n, err
}

type person struct{ handle, name, picture string }

func listNewest(ctx context.Context, d db.DB) ([]person, error) {
	return db.Select(ctx, d, func(s db.Scanner) (person, error) {
		var p person
		err := s.Scan(&p.handle, &p.name, &p.picture)
		return p, err
	}, `SELECT handle, name, picture FROM person ORDER BY id DESC LIMIT 12`)
}
