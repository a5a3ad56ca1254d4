package badge

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// listExpiring goes through the badges of one person: an index of when all badges
// expire would take SQLite through everybody's.
func listExpiring(ctx context.Context, d db.DB, person, from int64, limit int) ([]Badge, error) {
	return db.Select(ctx, d, scanBadge, `SELECT `+badgeColumns+badgeTables+`WHERE b.person = $1 AND +b.expires_at > $2 AND NOT b.unclaimed AND b.removed_at = 0
		ORDER BY +b.expires_at, b.id LIMIT $3`, person, from, limit)
}

// remindWhere are badges that were valid and end within the term ($1 to $2, of $3
// days), of which their holder has not been told in this term.
const remindWhere = `b.expires_at > 0 AND b.expires_at > $1 AND b.expires_at <= $2 AND b.verdict = 'valid' AND NOT b.unclaimed AND b.removed_at = 0
	AND NOT EXISTS (SELECT 1 FROM badge_reminder r WHERE r.badge = b.id AND r.term = $3 AND r.expires_at = b.expires_at)`

func listToRemind(ctx context.Context, d db.DB, u due, limit int) ([]int64, error) {
	return db.Select(ctx, d, db.One[int64], `SELECT DISTINCT b.person FROM badge b WHERE `+remindWhere+` LIMIT $4`, u.now, u.until, u.term, limit)
}

func listReminded(ctx context.Context, d db.DB, person int64, u due) ([]Badge, error) {
	return db.Select(ctx, d, scanBadge, `SELECT `+badgeColumns+badgeTables+`WHERE b.person = $4 AND `+remindWhere+` ORDER BY b.expires_at, b.id`, u.now, u.until, u.term, person)
}

func insertReminder(ctx context.Context, tx *db.Tx, b Badge, term int) error {
	_, err := tx.Exec(ctx, `INSERT INTO badge_reminder (badge, term, expires_at) VALUES ($1, $2, $3) ON CONFLICT (badge, term, expires_at) DO NOTHING`,
		b.ID, term, db.Micros(b.ExpiresAt))
	return err
}

func deleteReminders(ctx context.Context, tx *db.Tx, badge int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM badge_reminder WHERE badge = $1`, badge)
	return err
}

func getFeed(ctx context.Context, d db.DB, person int64) ([]byte, error) {
	return db.One[[]byte](d.QueryRow(ctx, `SELECT sealed FROM calendar_feed WHERE person = $1`, person))
}

// findFeed gives whose calendar a secret shows, unless their account is off.
func findFeed(ctx context.Context, d db.DB, hash []byte) (person int64, language string, err error) {
	err = d.QueryRow(ctx, `SELECT f.person, p.language FROM calendar_feed f JOIN person p ON p.id = f.person WHERE f.token_hash = $1 AND NOT p.disabled`, hash).Scan(&person, &language)
	return person, language, err
}

func upsertFeed(ctx context.Context, tx *db.Tx, person int64, hash, sealed []byte) error {
	_, err := tx.Exec(ctx, `INSERT INTO calendar_feed (person, token_hash, sealed, made_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (person) DO UPDATE SET token_hash = excluded.token_hash, sealed = excluded.sealed, made_at = excluded.made_at`,
		person, hash, sealed, db.Micros(tx.Now()))
	return err
}

func deleteFeed(ctx context.Context, tx *db.Tx, person int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM calendar_feed WHERE person = $1`, person)
	return err
}

// feedMade gives since when a person has a calendar, 0 without one.
func feedMade(ctx context.Context, d db.DB, person int64) (int64, error) {
	return db.One[int64](d.QueryRow(ctx, `SELECT COALESCE(max(made_at), 0) FROM calendar_feed WHERE person = $1`, person))
}
