package report

import (
	"context"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
)

// added is a report as it is stored.
type added struct {
	id            int64
	publicID      string
	badge, person int64
	reason, words string
}

func upsert(ctx context.Context, tx *db.Tx, a added) error {
	_, err := tx.Exec(ctx, `INSERT INTO report (id, public_id, badge, person, reason, words, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (person, badge) WHERE person <> 0 DO UPDATE SET reason = excluded.reason, words = excluded.words, at = excluded.at, state = 'open', decided_at = 0`,
		a.id, a.publicID, a.badge, a.person, a.reason, a.words, db.Micros(tx.Now()))
	return err
}

func scan(s db.Scanner) (Report, error) {
	var r Report
	var at, decided int64
	err := s.Scan(&r.PublicID, &r.BadgeID, &r.Badge, &r.Issuer, &r.HolderName, &r.HolderHandle, &r.ReporterName, &r.ReporterHandle,
		&r.Reason, &r.Words, &r.State, &at, &decided)
	r.At, r.DecidedAt = db.Time(at), db.Time(decided)
	return r, err
}

// seen is the condition that $1 sees the badge.
var seen = badge.VisibleSQL("b", 1)

var columns = `r.public_id, CASE WHEN ` + seen + ` THEN b.public_id ELSE '' END, CASE WHEN ` + seen + ` THEN c.name ELSE '' END, CASE WHEN ` + seen + ` THEN i.name ELSE '' END, h.name, h.handle, COALESCE(p.name, ''), COALESCE(p.handle, ''), r.reason, r.words, r.state, r.at, r.decided_at`

const tables = ` FROM report r JOIN badge b ON b.id = r.badge JOIN badge_class c ON c.id = b.class JOIN issuer i ON i.id = c.issuer
	JOIN person h ON h.id = b.person LEFT JOIN person p ON p.id = r.person `

// list gives reports to an administrator. A badge that they do not see any more is
// not named.
func list(ctx context.Context, d db.DB, viewer int64, state string, limit int) ([]Report, error) {
	return db.Select(ctx, d, scan, `SELECT `+columns+tables+`WHERE r.state = $2 ORDER BY r.id DESC LIMIT $3`, viewer, state, limit)
}

func listOf(ctx context.Context, d db.DB, person int64) ([]Report, error) {
	return db.Select(ctx, d, scan, `SELECT `+columns+tables+`WHERE r.person = $1 AND r.person <> 0 ORDER BY r.id`, person)
}

func countOf(ctx context.Context, d db.DB, person int64) (int, error) {
	return db.One[int](d.QueryRow(ctx, `SELECT count(*) FROM report WHERE person = $1 AND person <> 0`, person))
}

func updateState(ctx context.Context, tx *db.Tx, publicID, state string) (int64, error) {
	return tx.Exec(ctx, `UPDATE report SET state = $2, decided_at = $3 WHERE public_id = $1`, publicID, state, db.Micros(tx.Now()))
}

func deleteOfBadge(ctx context.Context, tx *db.Tx, badgeID int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM report WHERE badge = $1`, badgeID)
	return err
}

func deleteOfPerson(ctx context.Context, tx *db.Tx, person int64) error {
	if _, err := tx.Exec(ctx, `DELETE FROM report WHERE person = $1 AND person <> 0`, person); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM report WHERE badge IN (SELECT id FROM badge WHERE person = $1)`, person)
	return err
}

// reportOn is a badge that a person sees.
type reportOn struct {
	badge    int64
	reported bool
}

func reportable(ctx context.Context, d db.DB, person int64, publicID string) (reportOn, error) {
	var r reportOn
	err := d.QueryRow(ctx, `SELECT b.id, EXISTS (SELECT 1 FROM report r WHERE r.badge = b.id AND r.person = $1 AND r.person <> 0)
		FROM badge b WHERE b.public_id = $2 AND `+seen, person, publicID).Scan(&r.badge, &r.reported)
	return r, err
}
