package account

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/db"
)

func byMailOf(ctx context.Context, d db.DB, person int64) (bool, error) {
	var on bool
	err := d.QueryRow(ctx, `SELECT by_mail FROM person WHERE id = $1`, person).Scan(&on)
	return on, ignoreAbsent(err)
}

func updateByMail(ctx context.Context, tx *db.Tx, person int64, on bool) error {
	n, err := tx.Exec(ctx, `UPDATE person SET by_mail = $2 WHERE id = $1`, person, on)
	return oneRow(n, err)
}

func deletePassword(ctx context.Context, tx *db.Tx, person int64) error {
	n, err := tx.Exec(ctx, `DELETE FROM password WHERE person = $1`, person)
	return oneRow(n, err)
}

// countLinks tells how many links for a purpose a person was mailed since a time.
func countLinks(ctx context.Context, d db.DB, person int64, purpose string, since time.Time) (int, error) {
	var n int
	err := d.QueryRow(ctx, `SELECT count(*) FROM email_token WHERE person = $1 AND purpose = $2 AND created_at > $3`,
		person, purpose, db.Micros(since)).Scan(&n)
	return n, err
}

// dropLinks ends the links that were mailed to get in by.
func dropLinks(ctx context.Context, tx *db.Tx, person int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM email_token WHERE person = $1 AND purpose IN ($2, $3)`, person, purposeReset, purposeEnter)
	return err
}

// insertOnce notes that something has been used; of several that try, one
// succeeds, the others get an error of db.IsUnique.
func insertOnce(ctx context.Context, tx *db.Tx, hash []byte, expires time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO spent (hash, expires_at) VALUES ($1, $2)`, hash, db.Micros(expires))
	return err
}
