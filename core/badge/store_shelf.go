package badge

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/db"
)

const shelfTables = ` FROM badge b JOIN person p ON p.id = b.person JOIN badge_class c ON c.id = b.class JOIN issuer i ON i.id = c.issuer `

// shelfWhere selects from the badges of one person; see Filter.args.
const shelfWhere = `WHERE b.person = $1 AND b.removed_at = 0
	AND ($2 = '' OR c.search LIKE $3 ESCAPE '\' OR EXISTS (SELECT 1 FROM badge_tag t WHERE t.badge = b.id AND t.folded LIKE $3 ESCAPE '\')
		OR EXISTS (SELECT 1 FROM badge_detail n WHERE n.badge = b.id AND n.folded LIKE $3 ESCAPE '\'))
	AND ($4 = '' OR CASE WHEN b.unclaimed THEN 'unclaimed' WHEN b.verdict = 'valid' AND b.expires_at <> 0 AND b.expires_at <= $10 THEN 'expired' ELSE b.verdict END = $4)
	AND ($5 = '' OR b.visibility = $5)
	AND ($6 = '' OR EXISTS (SELECT 1 FROM badge_tag t WHERE t.badge = b.id AND t.folded = $6))
	AND ($7 = '' OR i.public_id = $7)
	AND ($8 = '' OR EXISTS (SELECT 1 FROM collection_badge m JOIN collection k ON k.id = m.collection WHERE m.badge = b.id AND k.public_id = $8 AND k.person = $1))
	AND (CAST($9 AS BIGINT) = 0 OR b.expires_at > $10 AND b.expires_at <= $9)
	AND (NOT CAST($11 AS BOOLEAN) OR b.unseen) `

// sortName and sortNumber are what badges are ordered by, with their id after it.
// What is searched begins with the name, folded.
const (
	sortName   = `CASE $14 WHEN 'name' THEN c.search WHEN 'issuer' THEN i.folded || ' ' || c.search ELSE '' END`
	sortNumber = `CASE WHEN $14 <> 'expiry' THEN 0 WHEN b.expires_at = 0 THEN 9223372036854775807 ELSE b.expires_at END`
)

func scanShelved(s db.Scanner) (Shelved, error) {
	var v Shelved
	var issued, expires int64
	b := &v.Badge
	err := s.Scan(&b.ID, &b.PublicID, &b.Person, &b.Earner.Handle, &b.Earner.Name, &b.Earner.Picture, &b.Class.Name, &b.Class.Issuer.Name,
		&b.Thumbnail, &issued, &expires, &b.Visibility, &b.ShowName, &b.LinkName, &b.Verdict, &b.Unclaimed, &v.Unseen)
	b.IssuedAt, b.ExpiresAt = db.Time(issued), db.Time(expires)
	return v, err
}

func listNewestMine(ctx context.Context, d db.DB, person int64, q Shelf, now time.Time) ([]Shelved, error) {
	return db.Select(ctx, d, scanShelved, `SELECT `+cardColumns+`, b.unclaimed, b.unseen`+shelfTables+shelfWhere+`
		AND (CAST($12 AS BIGINT) = 0 OR b.id < $12) ORDER BY b.id DESC LIMIT $13`, append(q.args(person, now), q.After, q.Limit)...)
}

func listSorted(ctx context.Context, d db.DB, person int64, q Shelf, now time.Time) ([]Shelved, error) {
	return db.Select(ctx, d, scanShelved, `SELECT `+cardColumns+`, b.unclaimed, b.unseen`+shelfTables+shelfWhere+`
		AND (CAST($12 AS BIGINT) = 0 OR (`+sortName+`, `+sortNumber+`, b.id) > (SELECT `+sortName+`, `+sortNumber+`, b.id`+shelfTables+`WHERE b.id = $12 AND b.person = $1))
		ORDER BY `+sortName+`, `+sortNumber+`, b.id LIMIT $13`, append(q.args(person, now), q.After, q.Limit, q.Sort)...)
}

func countShelf(ctx context.Context, d db.DB, person int64, f Filter, now time.Time) (int, error) {
	return db.One[int](d.QueryRow(ctx, `SELECT count(*)`+shelfTables+shelfWhere, f.args(person, now)...))
}

// listChosen gives the public ids of all badges that a filter selects.
func listChosen(ctx context.Context, d db.DB, person int64, f Filter, now time.Time) ([]string, error) {
	return db.Select(ctx, d, db.One[string], `SELECT b.public_id`+shelfTables+shelfWhere+`ORDER BY b.id DESC LIMIT $12`, append(f.args(person, now), bulkMost)...)
}

func listMyIssuers(ctx context.Context, d db.DB, person int64) ([]IssuerChoice, error) {
	return db.Select(ctx, d, func(s db.Scanner) (IssuerChoice, error) {
		var v IssuerChoice
		return v, s.Scan(&v.PublicID, &v.Name, &v.Count)
	}, `SELECT i.public_id, i.name, count(*) FROM badge b JOIN badge_class c ON c.id = b.class JOIN issuer i ON i.id = c.issuer
		WHERE b.person = $1 AND b.removed_at = 0 GROUP BY i.public_id, i.name, i.folded ORDER BY i.folded, i.public_id`, person)
}

func isUnseen(ctx context.Context, d db.DB, badge int64) (bool, error) {
	return db.One[bool](d.QueryRow(ctx, `SELECT unseen FROM badge WHERE id = $1`, badge))
}

func updateSeen(ctx context.Context, tx *db.Tx, badge int64) error {
	_, err := tx.Exec(ctx, `UPDATE badge SET unseen = FALSE WHERE id = $1`, badge)
	return err
}
