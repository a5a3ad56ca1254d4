package social

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// countAll counts the entries of each document of a person's export.
func countAll(ctx context.Context, d db.DB, person int64) (map[string]int, error) {
	var following, followers, comments, cheers int
	err := d.QueryRow(ctx, `SELECT (SELECT count(*) FROM follow WHERE follower = $1),
		(SELECT count(*) FROM follow f JOIN source s ON s.id = f.src WHERE s.kind = 'person' AND s.object = $1),
		(SELECT count(*) FROM comment WHERE person = $1), (SELECT count(*) FROM congratulation WHERE person = $1)`, person).
		Scan(&following, &followers, &comments, &cheers)
	return map[string]int{"social/following.json": following, "social/followers.json": followers, "social/comments.json": comments, "social/congratulations.json": cheers}, err
}

// insertGaps notes where the comments of a person stand that others can see.
func insertGaps(ctx context.Context, tx *db.Tx, person int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO comment_gap (id, class, at)
		SELECT m.id, m.class, m.created_at FROM comment m WHERE m.person = $1 AND m.badge = 0 AND NOT m.hidden ON CONFLICT (id) DO NOTHING`, person)
	return err
}

func deleteGapsOn(ctx context.Context, tx *db.Tx, class int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM comment_gap WHERE class = $1`, class)
	return err
}

func personByPublicID(ctx context.Context, d db.DB, publicID string) (int64, error) {
	return db.One[int64](d.QueryRow(ctx, `SELECT id FROM person WHERE public_id = $1 AND NOT disabled`, publicID))
}

// classByWire finds a class that the person may know of by the names that its
// issuer gives it, the newest when they changed its words since.
func classByWire(ctx context.Context, d db.DB, person int64, t target) (int64, error) {
	return db.One[int64](d.QueryRow(ctx, `SELECT c.id FROM issuer i JOIN badge_class c ON c.issuer = i.id
		WHERE i.wire_id = $2 AND c.wire_id = $3 AND `+visibleClass+` ORDER BY c.id DESC LIMIT 1`, person, t.Issuer, t.ClassID))
}

func hasSaid(ctx context.Context, d db.DB, person, class int64, body string) (bool, error) {
	return db.Exists(ctx, d, `SELECT 1 FROM comment WHERE person = $1 AND class = $2 AND body = $3`, person, class, body)
}
