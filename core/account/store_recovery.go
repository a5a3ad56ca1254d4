package account

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/db"
)

func insertCode(ctx context.Context, tx *db.Tx, person int64, hash string) error {
	_, err := tx.Exec(ctx, `INSERT INTO recovery_code (person, code, made_at) VALUES ($1, $2, $3)`, person, hash, db.Micros(tx.Now()))
	return err
}

func deleteCodes(ctx context.Context, tx *db.Tx, person int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM recovery_code WHERE person = $1`, person)
	return err
}

func useCode(ctx context.Context, tx *db.Tx, person int64, hash string) error {
	n, err := tx.Exec(ctx, `UPDATE recovery_code SET used_at = $3 WHERE person = $1 AND code = $2 AND used_at = 0`,
		person, hash, db.Micros(tx.Now()))
	return oneRow(n, err)
}

// hasCode returns db.ErrNotFound for a code that is not one of a person's unused ones.
func hasCode(ctx context.Context, tx *db.Tx, person int64, hash string) error {
	var one int
	return tx.QueryRow(ctx, `SELECT 1 FROM recovery_code WHERE person = $1 AND code = $2 AND used_at = 0`, person, hash).Scan(&one)
}

// countCodes tells how many codes of a person are left, and when they were made.
func countCodes(ctx context.Context, d db.DB, person int64) (left int, made time.Time, err error) {
	var at int64
	err = d.QueryRow(ctx, `SELECT count(*), COALESCE(max(made_at), 0) FROM recovery_code WHERE person = $1 AND used_at = 0`, person).
		Scan(&left, &at)
	return left, db.Time(at), err
}

// recoveryCode is a code as an export shows it.
type recoveryCode struct {
	Made time.Time `json:"made"`
	Used time.Time `json:"used,omitzero"`
}

func codesOf(ctx context.Context, d db.DB, person int64) ([]recoveryCode, error) {
	return db.Select(ctx, d, func(s db.Scanner) (recoveryCode, error) {
		var made, used int64
		err := s.Scan(&made, &used)
		return recoveryCode{db.Time(made), db.Time(used)}, err
	}, `SELECT made_at, used_at FROM recovery_code WHERE person = $1 ORDER BY code`, person)
}
