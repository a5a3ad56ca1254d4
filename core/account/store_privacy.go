package account

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/db"
)

func privacyOf(ctx context.Context, d db.DB, person int64) (Privacy, error) {
	var p Privacy
	var hidden int64
	err := d.QueryRow(ctx, `SELECT p.profile, p.findable, p.default_visibility, p.under_age, p.hidden_at,
		COALESCE(c.follow_rule, 'everyone'), COALESCE(c.comment_rule, 'members')
		FROM person p LEFT JOIN preference c ON c.person = p.id WHERE p.id = $1`, person).
		Scan(&p.Profile, &p.Findable, &p.Visibility, &p.UnderAge, &hidden, &p.Follow, &p.Comment)
	p.HiddenAt = db.Time(hidden)
	return p, err
}

func updatePrivacy(ctx context.Context, tx *db.Tx, person int64, p Privacy) error {
	_, err := tx.Exec(ctx, `INSERT INTO preference (person, follow_rule, comment_rule) VALUES ($1, $2, $3)
		ON CONFLICT (person) DO UPDATE SET follow_rule = excluded.follow_rule, comment_rule = excluded.comment_rule`,
		person, p.Follow, p.Comment)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE person SET profile = $2, findable = $3, default_visibility = $4 WHERE id = $1`,
		person, p.Profile, p.Findable, p.Visibility)
	return oneRow(n, err)
}

func updateHidden(ctx context.Context, tx *db.Tx, person int64, at time.Time) error {
	n, err := tx.Exec(ctx, `UPDATE person SET hidden_at = $2 WHERE id = $1`, person, db.Micros(at))
	return oneRow(n, err)
}

func mayOpen(ctx context.Context, d db.DB, viewer, person int64) (bool, error) {
	return db.Exists(ctx, d, `SELECT 1 FROM person p WHERE p.id = $2 AND `+ProfileSQL("p", 1), viewer, person)
}

func insertBlock(ctx context.Context, tx *db.Tx, person, other int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO block (person, blocked, at) VALUES ($1, $2, $3) ON CONFLICT (person, blocked) DO NOTHING`,
		person, other, db.Micros(tx.Now()))
	return err
}

func deleteBlock(ctx context.Context, tx *db.Tx, person, other int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM block WHERE person = $1 AND blocked = $2`, person, other)
	return err
}

func isBlocked(ctx context.Context, d db.DB, person, other int64) (bool, error) {
	return db.Exists(ctx, d, `SELECT 1 FROM block WHERE person = $1 AND blocked = $2`, person, other)
}

// blockedBy names whom a person blocked as far as the person may know of them.
func blockedBy(ctx context.Context, d db.DB, person int64) ([]BlockedPerson, error) {
	return db.Select(ctx, d, func(s db.Scanner) (BlockedPerson, error) {
		var b BlockedPerson
		var at int64
		err := s.Scan(&b.ID, &b.PublicID, &b.Handle, &b.Name, &b.Picture, &at)
		b.At = db.Time(at)
		return b, err
	}, `SELECT p.id, p.public_id, p.handle, p.name, p.picture, k.at FROM block k JOIN person p ON p.id = k.blocked
		WHERE k.person = $1 AND `+ShownSQL("p", 1)+` ORDER BY k.at DESC`, person)
}

func mayFind(ctx context.Context, d db.DB, viewer, person int64) (bool, error) {
	return db.Exists(ctx, d, `SELECT 1 FROM person p WHERE p.id = $2 AND `+FindableSQL("p", 1), viewer, person)
}
