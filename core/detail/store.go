package detail

import (
	"context"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/file"
)

func getDetail(ctx context.Context, d db.DB, badgeID int64) (Detail, error) {
	var v Detail
	err := d.QueryRow(ctx, `SELECT note, rating, place, place_shown FROM badge_detail WHERE badge = $1`, badgeID).Scan(&v.Note, &v.Rating, &v.Place, &v.PlaceShown)
	return v, err
}

func upsertDetail(ctx context.Context, tx *db.Tx, badgeID int64, v Detail) error {
	_, err := tx.Exec(ctx, `INSERT INTO badge_detail (badge, class, note, rating, place, place_shown, folded)
		VALUES ($1, (SELECT b.class FROM badge b WHERE b.id = $1), $2, $3, $4, $5, $6)
		ON CONFLICT (badge) DO UPDATE SET note = excluded.note, folded = excluded.folded, rating = excluded.rating, place = excluded.place, place_shown = excluded.place_shown`,
		badgeID, v.Note, v.Rating, v.Place, v.PlaceShown, db.Fold(v.Note))
	return err
}

const evidenceColumns = `e.id, e.public_id, e.kind, e.title, e.url, e.body, e.file, COALESCE(f.public_id, ''), COALESCE(f.name, ''), e.shown, e.created_at`

func scanEvidence(s db.Scanner) (Evidence, error) {
	var e Evidence
	var at int64
	err := s.Scan(&e.ID, &e.PublicID, &e.Kind, &e.Title, &e.URL, &e.Body, &e.File, &e.FileID, &e.FileName, &e.Shown, &at)
	e.CreatedAt = db.Time(at)
	return e, err
}

// listEvidence gives the evidence of a badge, with what is hidden for its holder.
func listEvidence(ctx context.Context, d db.DB, badgeID int64, all bool) ([]Evidence, error) {
	return db.Select(ctx, d, scanEvidence, `SELECT `+evidenceColumns+` FROM badge_evidence e LEFT JOIN file f ON f.id = e.file
		WHERE e.badge = $1 AND ($2 OR e.shown) ORDER BY e.id LIMIT 100`, badgeID, all)
}

// fileOfEvidence gives the file of a piece of evidence of a badge, of what is hidden
// for its holder alone.
func fileOfEvidence(ctx context.Context, d db.DB, badgeID int64, publicID string, all bool) (int64, error) {
	return db.One[int64](d.QueryRow(ctx, `SELECT file FROM badge_evidence WHERE public_id = $2 AND badge = $1 AND file <> 0 AND ($3 OR shown)`, badgeID, publicID, all))
}

func countEvidence(ctx context.Context, d db.DB, badgeID int64) (int, error) {
	return db.One[int](d.QueryRow(ctx, `SELECT count(*) FROM badge_evidence WHERE badge = $1`, badgeID))
}

func insertEvidence(ctx context.Context, tx *db.Tx, badgeID int64, e Evidence) error {
	_, err := tx.Exec(ctx, `INSERT INTO badge_evidence (id, public_id, badge, kind, title, url, body, file, shown, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		e.ID, e.PublicID, badgeID, e.Kind, e.Title, e.URL, e.Body, e.File, e.Shown, db.Micros(e.CreatedAt))
	return err
}

const ofMine = ` WHERE public_id = $2 AND EXISTS (SELECT 1 FROM badge b WHERE b.id = badge_evidence.badge AND b.person = $1)`

func updateShown(ctx context.Context, tx *db.Tx, person int64, publicID string, shown bool) (int64, error) {
	return tx.Exec(ctx, `UPDATE badge_evidence SET shown = $3`+ofMine, person, publicID, shown)
}

func deleteEvidence(ctx context.Context, tx *db.Tx, person int64, publicID string) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM badge_evidence`+ofMine, person, publicID)
}

func showsFile(ctx context.Context, d db.DB, viewer, fileID int64) (bool, error) {
	return db.Exists(ctx, d, `SELECT 1 FROM badge_evidence e JOIN badge b ON b.id = e.badge WHERE e.file = $2 AND e.file <> 0 AND e.shown AND `+badge.VisibleSQL("b", 1), viewer, fileID)
}

func fileUses(ctx context.Context, d db.DB, fileID int64) ([]file.Use, error) {
	return db.Select(ctx, d, func(s db.Scanner) (file.Use, error) {
		var u file.Use
		err := s.Scan(&u.Title, &u.URL)
		u.URL = "/b/" + u.URL
		return u, err
	}, `SELECT c.name, b.public_id FROM badge_evidence e JOIN badge b ON b.id = e.badge JOIN badge_class c ON c.id = b.class
		WHERE e.file = $1 AND e.file <> 0 AND b.removed_at = 0 ORDER BY e.id`, fileID)
}

func deleteOfFile(ctx context.Context, tx *db.Tx, fileID int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM badge_evidence WHERE file = $1 AND file <> 0`, fileID)
	return err
}

func deleteOfBadge(ctx context.Context, tx *db.Tx, badgeID int64) error {
	for _, q := range []string{
		`DELETE FROM badge_detail WHERE badge = $1`,
		`DELETE FROM badge_evidence WHERE badge = $1`,
		`DELETE FROM badge_view WHERE badge = $1`,
	} {
		if _, err := tx.Exec(ctx, q, badgeID); err != nil {
			return err
		}
	}
	return nil
}

// addViews adds to the views of a day, of a badge that is there still.
func addViews(ctx context.Context, tx *db.Tx, v seen, n int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO badge_view (badge, day, kind, hits) SELECT b.id, CAST($2 AS BIGINT), CAST($3 AS TEXT), CAST($4 AS BIGINT) FROM badge b WHERE b.id = $1
		ON CONFLICT (badge, day, kind) DO UPDATE SET hits = badge_view.hits + excluded.hits`, v.badge, v.day, v.kind, n)
	return err
}

type dayViews struct {
	day  int64
	kind string
	hits int
}

func listViews(ctx context.Context, d db.DB, badgeID int64) ([]dayViews, error) {
	return db.Select(ctx, d, func(s db.Scanner) (dayViews, error) {
		var v dayViews
		err := s.Scan(&v.day, &v.kind, &v.hits)
		return v, err
	}, `SELECT day, kind, hits FROM badge_view WHERE badge = $1 ORDER BY day`, badgeID)
}

// ratingOf averages what holders say who show the badge to everybody.
func ratingOf(ctx context.Context, d db.DB, class int64) (Rating, error) {
	var r Rating
	var sum int
	err := d.QueryRow(ctx, `SELECT count(*), COALESCE(CAST(sum(n.rating) AS BIGINT), 0) FROM badge_detail n CROSS JOIN badge b
		WHERE b.id = n.badge AND n.class = $2 AND b.class = n.class AND b.visibility = 'public' AND n.rating > 0 AND `+badge.VisibleSQL("b", 1), 0, class).Scan(&r.Count, &sum)
	if r.Count > 0 {
		r.Average = float64(sum) / float64(2*r.Count)
	}
	return r, err
}

// twin is another badge of the same class that the same person holds.
type twin struct {
	publicID        string
	issued, expires int64
}

// listTwins gives the other badges of a person of a class that the viewer sees, and
// whose holder they may know; the newest first.
func listTwins(ctx context.Context, d db.DB, viewer int64, b badge.Badge) ([]twin, error) {
	return db.Select(ctx, d, func(s db.Scanner) (twin, error) {
		var t twin
		err := s.Scan(&t.publicID, &t.issued, &t.expires)
		return t, err
	}, `SELECT o.public_id, o.issued_at, o.expires_at FROM badge o WHERE o.person = $2 AND o.class = $3 AND o.id <> $4
		AND (o.person = $1 OR o.visibility IN ('members', 'public')) AND `+badge.NamedSQL("o", 1)+` ORDER BY o.issued_at DESC, o.id DESC LIMIT 10`,
		viewer, b.Person, b.Class.ID, b.ID)
}
