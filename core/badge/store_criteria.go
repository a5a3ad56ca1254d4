package badge

import (
	"context"
	"errors"
	"time"

	"github.com/osier-passport/osier/core/db"
)

// criteria is what is kept of the page that says how a badge class is earned.
type criteria struct {
	blob      string    // hash of its text, "" when there is none
	at        time.Time // the text was read then
	checkedAt time.Time // the issuer was asked last
	goneSince time.Time // the issuer's own page is not there; zero: it is
}

func getCriteria(ctx context.Context, d db.DB, class int64) (criteria, error) {
	var c criteria
	var at, checked, gone int64
	err := d.QueryRow(ctx, `SELECT blob, at, checked_at, gone_since FROM criteria_copy WHERE class = $1`, class).Scan(&c.blob, &at, &checked, &gone)
	c.at, c.checkedAt, c.goneSince = db.Time(at), db.Time(checked), db.Time(gone)
	return c, err
}

// upsertCriteria writes what is kept now, unless nobody holds the class any more.
func upsertCriteria(ctx context.Context, tx *db.Tx, class int64, c criteria) (int64, error) {
	return tx.Exec(ctx, `INSERT INTO criteria_copy (class, blob, at, checked_at, gone_since)
		SELECT c.id, $2, $3, $4, $5 FROM badge_class c WHERE c.id = $1
		ON CONFLICT (class) DO UPDATE SET blob = excluded.blob, at = excluded.at, checked_at = excluded.checked_at, gone_since = excluded.gone_since`,
		class, c.blob, db.Micros(c.at), db.Micros(c.checkedAt), db.Micros(c.goneSince))
}

// deleteCriteria deletes the copy of a class's criteria and gives its hash, or "".
func deleteCriteria(ctx context.Context, tx *db.Tx, class int64) (string, error) {
	hash, err := db.One[string](tx.QueryRow(ctx, `DELETE FROM criteria_copy WHERE class = $1 RETURNING blob`, class))
	if errors.Is(err, db.ErrNotFound) {
		return "", nil
	}
	return hash, err
}

// getCriteriaURL gives where the issuer says how a class is earned.
func getCriteriaURL(ctx context.Context, d db.DB, class int64) (string, error) {
	return db.One[string](d.QueryRow(ctx, `SELECT criteria_url FROM badge_class WHERE id = $1`, class))
}
