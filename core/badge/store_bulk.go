package badge

import (
	"context"
	"errors"
	"time"

	"github.com/osier-passport/osier/core/db"
)

const changeColumns = `id, public_id, person, action, value, badges, at, until`

func scanChange(s db.Scanner) (Change, error) {
	var c Change
	var at, until int64
	err := s.Scan(&c.ID, &c.PublicID, &c.Person, &c.Action.Do, &c.Action.Value, &c.Badges, &at, &until)
	c.At, c.Until = db.Time(at), db.Time(until)
	return c, err
}

func insertChange(ctx context.Context, tx *db.Tx, c Change) error {
	_, err := tx.Exec(ctx, `INSERT INTO badge_change (id, public_id, person, action, value, at, until) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		c.ID, c.PublicID, c.Person, c.Action.Do, c.Action.Value, db.Micros(c.At), db.Micros(c.Until))
	return err
}

func updateChange(ctx context.Context, tx *db.Tx, id int64, badges int) error {
	_, err := tx.Exec(ctx, `UPDATE badge_change SET badges = $2 WHERE id = $1`, id, badges)
	return err
}

func deleteChange(ctx context.Context, tx *db.Tx, id int64) error {
	if _, err := tx.Exec(ctx, `DELETE FROM badge_change_row WHERE change = $1`, id); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM badge_change WHERE id = $1`, id)
	return err
}

// getChange gives a change of the person's that can be taken back at a time.
func getChange(ctx context.Context, d db.DB, person int64, publicID string, now int64) (Change, error) {
	return scanChange(d.QueryRow(ctx, `SELECT `+changeColumns+` FROM badge_change WHERE public_id = $2 AND person = $1 AND until > $3`, person, publicID, now))
}

func lastChange(ctx context.Context, d db.DB, person, now int64) (Change, error) {
	return scanChange(d.QueryRow(ctx, `SELECT `+changeColumns+` FROM badge_change WHERE person = $1 AND until > $2 ORDER BY id DESC LIMIT 1`, person, now))
}

func listChanges(ctx context.Context, d db.DB, person int64) ([]Change, error) {
	return db.Select(ctx, d, scanChange, `SELECT `+changeColumns+` FROM badge_change WHERE person = $1 ORDER BY id`, person)
}

// listOverChanges gives changes that cannot be taken back any more. Those that
// removed badges are ended by their job.
func listOverChanges(ctx context.Context, d db.DB, now int64, limit int) ([]int64, error) {
	return db.Select(ctx, d, db.One[int64], `SELECT id FROM badge_change WHERE until <= $1 AND action || '' <> 'remove' ORDER BY until LIMIT $2`, now, limit)
}

// deleteChanges forgets what a person can take back; their badges are gone.
func deleteChanges(ctx context.Context, tx *db.Tx, person int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM badge_change WHERE person = $1`, person)
	return err
}

func insertChanged(ctx context.Context, tx *db.Tx, change, badge int64, before string) error {
	_, err := tx.Exec(ctx, `INSERT INTO badge_change_row (change, badge, before) VALUES ($1, $2, $3)`, change, badge, before)
	return err
}

func listChanged(ctx context.Context, d db.DB, change int64, limit int) ([]changedRow, error) {
	return db.Select(ctx, d, func(s db.Scanner) (changedRow, error) {
		var c changedRow
		return c, s.Scan(&c.badge, &c.publicID, &c.before)
	}, `SELECT r.badge, b.public_id, r.before FROM badge_change_row r JOIN badge b ON b.id = r.badge WHERE r.change = $1 ORDER BY r.badge LIMIT $2`, change, limit)
}

func deleteChanged(ctx context.Context, tx *db.Tx, change, badge int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM badge_change_row WHERE change = $1 AND badge = $2`, change, badge)
	return err
}

// listHidden gives the badges of a change that are hidden still.
func listHidden(ctx context.Context, d db.DB, change int64, limit int) ([]Badge, error) {
	return db.Select(ctx, d, scanBadge, `SELECT `+badgeColumns+` FROM badge_change_row r JOIN badge b ON b.id = r.badge JOIN person p ON p.id = b.person
		JOIN badge_class c ON c.id = b.class JOIN issuer i ON i.id = c.issuer WHERE r.change = $1 AND b.removed_at <> 0 ORDER BY r.badge LIMIT $2`, change, limit)
}

// lockAny is lockMine for badges that are hidden too.
func lockAny(ctx context.Context, tx *db.Tx, person int64, publicID string) (Badge, error) {
	b, err := scanBadge(tx.QueryRow(ctx, `SELECT `+badgeColumns+badgeTables+`WHERE b.public_id = $2 AND b.person = $1`, person, publicID))
	if errors.Is(err, db.ErrNotFound) {
		return Badge{}, errNotFound()
	}
	return b, err
}

// updateRemoved hides a badge from everybody since a time; the zero time shows it again.
func updateRemoved(ctx context.Context, tx *db.Tx, b Badge, at time.Time) error {
	if _, err := tx.Exec(ctx, `UPDATE badge SET removed_at = $2 WHERE id = $1`, b.ID, db.Micros(at)); err != nil {
		return err
	}
	countHolders(ctx, tx, b.Class.ID)
	return nil
}
