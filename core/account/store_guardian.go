package account

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

const guardianColumns = `person, address, asked_at, confirmed_at`

func scanGuardian(s db.Scanner) (Guardian, error) {
	var g Guardian
	var asked, confirmed int64
	err := s.Scan(&g.Person, &g.Address, &asked, &confirmed)
	g.AskedAt, g.ConfirmedAt = db.Time(asked), db.Time(confirmed)
	return g, err
}

func guardianOf(ctx context.Context, d db.DB, person int64) (Guardian, error) {
	return scanGuardian(d.QueryRow(ctx, `SELECT `+guardianColumns+` FROM guardian WHERE person = $1`, person))
}

func guardianByToken(ctx context.Context, d db.DB, hash []byte) (Guardian, error) {
	return scanGuardian(d.QueryRow(ctx, `SELECT `+guardianColumns+` FROM guardian WHERE token_hash = $1`, hash))
}

func upsertGuardian(ctx context.Context, tx *db.Tx, person int64, address string, hash []byte) error {
	_, err := tx.Exec(ctx, `INSERT INTO guardian (person, address, token_hash, asked_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (person) DO UPDATE SET address = excluded.address, token_hash = excluded.token_hash, asked_at = excluded.asked_at, confirmed_at = 0`,
		person, address, hash, db.Micros(tx.Now()))
	return err
}

func confirmGuardian(ctx context.Context, tx *db.Tx, person int64) error {
	_, err := tx.Exec(ctx, `UPDATE guardian SET confirmed_at = $2 WHERE person = $1 AND confirmed_at = 0`, person, db.Micros(tx.Now()))
	return err
}

func recallGuardian(ctx context.Context, tx *db.Tx, person int64) error {
	_, err := tx.Exec(ctx, `UPDATE guardian SET confirmed_at = 0 WHERE person = $1`, person)
	return err
}

func deleteGuardian(ctx context.Context, tx *db.Tx, person int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM guardian WHERE person = $1`, person)
	return err
}

// updateUnderAge sets or lifts the mark. What somebody under age may not choose is
// narrowed with it.
func updateUnderAge(ctx context.Context, tx *db.Tx, person int64, young bool) error {
	query := `UPDATE person SET under_age = FALSE WHERE id = $1`
	if young {
		query = `UPDATE person SET under_age = TRUE, findable = FALSE, profile = CASE WHEN profile = 'public' THEN 'members' ELSE profile END,
			default_visibility = CASE WHEN default_visibility = 'private' THEN 'private' ELSE 'members' END WHERE id = $1`
	}
	n, err := tx.Exec(ctx, query, person)
	return oneRow(n, err)
}
