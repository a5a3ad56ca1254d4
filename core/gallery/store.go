package gallery

import (
	"context"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
)

// countCap bounds the counts of the front page: more is shown as "more than".
const countCap = 1000

// listClasses gives one page of classes, and one class more when there is another page.
func listClasses(ctx context.Context, d db.DB, viewer int64, query string, page int) ([]badge.Class, error) {
	folded := db.Fold(query)
	return db.Select(ctx, d, func(s db.Scanner) (badge.Class, error) {
		var c badge.Class
		err := s.Scan(&c.ID, &c.PublicID, &c.Name, &c.Thumbnail, &c.Holders, &c.Issuer.Name, &c.Issuer.PublicID)
		return c, err
	}, `SELECT c.id, c.public_id, c.name, c.thumbnail, c.holders, i.name, i.public_id FROM badge_class c JOIN issuer i ON i.id = c.issuer
		WHERE ($2 = '' OR c.search LIKE $3 ESCAPE '\')
			AND EXISTS (SELECT 1 FROM badge b WHERE b.class = c.id AND b.visibility IN ('members', 'public') AND `+badge.FoundSQL("b", 1)+`)
		ORDER BY c.holders DESC, c.id DESC LIMIT $4 OFFSET $5`, viewer, folded, db.Contains(folded), listSize+1, page*listSize)
}

type person struct {
	id                    int64
	handle, name, picture string
	badges                int
}

func listPeople(ctx context.Context, d db.DB, viewer int64, query string, limit int) ([]person, error) {
	folded := db.Fold(query)
	return db.Select(ctx, d, func(s db.Scanner) (person, error) {
		var p person
		err := s.Scan(&p.id, &p.handle, &p.name, &p.picture, &p.badges)
		return p, err
	}, `SELECT p.id, p.handle, p.name, p.picture,
			(SELECT count(*) FROM badge b WHERE b.person = p.id AND b.visibility IN ('members', 'public') AND `+badge.NamedSQL("b", 1)+`) AS shown
		FROM person p WHERE `+account.FindableSQL("p", 1)+` AND p.id <> $1 AND ($2 = '' OR p.search LIKE $3 ESCAPE '\')
			AND EXISTS (SELECT 1 FROM badge b WHERE b.person = p.id AND b.visibility IN ('members', 'public') AND `+badge.NamedSQL("b", 1)+`)
		ORDER BY p.id DESC LIMIT $4`, viewer, folded, db.Contains(folded), limit)
}

type issuerRow struct {
	issuer badge.Issuer
	badges int
}

func listIssuers(ctx context.Context, d db.DB, viewer int64, query string, limit int) ([]issuerRow, error) {
	folded := db.Fold(query)
	return db.Select(ctx, d, func(s db.Scanner) (issuerRow, error) {
		var r issuerRow
		err := s.Scan(&r.issuer.ID, &r.issuer.PublicID, &r.issuer.WireID, &r.issuer.Name, &r.badges)
		return r, err
	}, `SELECT i.id, i.public_id, i.wire_id, i.name, sum(c.holders) AS shown FROM issuer i JOIN badge_class c ON c.issuer = i.id
		WHERE ($2 = '' OR c.search LIKE $3 ESCAPE '\')
			AND EXISTS (SELECT 1 FROM badge b WHERE b.class = c.id AND b.visibility IN ('members', 'public') AND `+badge.FoundSQL("b", 1)+`)
		GROUP BY i.id, i.public_id, i.wire_id, i.name ORDER BY shown DESC, i.id LIMIT $4`, viewer, folded, db.Contains(folded), limit)
}

// visitor is the viewer who is not signed in.
const visitor = int64(0)

// countPublic counts what a visitor may come across.
func countPublic(ctx context.Context, d db.DB) (people, badges, issuers int, err error) {
	err = d.QueryRow(ctx, `SELECT
		(SELECT count(*) FROM (SELECT p.id FROM person p WHERE `+account.FindableSQL("p", 2)+` LIMIT $1) p),
		(SELECT count(*) FROM (SELECT b.id FROM badge b WHERE b.visibility = 'public' AND `+badge.FoundSQL("b", 2)+` LIMIT $1) b),
		(SELECT count(*) FROM (SELECT DISTINCT c.issuer FROM badge_class c WHERE c.holders > 0 LIMIT $1) i)`, countCap, visitor).Scan(&people, &badges, &issuers)
	return people, badges, issuers, err
}
