package account

import (
	"context"
	"strings"

	"github.com/osier-passport/osier/core/db"
)

const keyColumns = `credential, public_id, person, site, user_handle, public_key, flags, counter, transports, aaguid, name,
	created_at, used_at, doubted_at`

func scanPasskey(s db.Scanner) (Passkey, error) {
	var k Passkey
	var flags, counter, created, used, doubted int64
	var transports string
	err := s.Scan(&k.Credential, &k.PublicID, &k.Person, &k.Site, &k.UserHandle, &k.PublicKey, &flags, &counter, &transports,
		&k.AAGUID, &k.Name, &created, &used, &doubted)
	k.Flags, k.Counter, k.Transports = byte(flags), uint32(counter), strings.Fields(transports) //nolint:gosec // written by us from these types
	k.CreatedAt, k.UsedAt, k.DoubtedAt = db.Time(created), db.Time(used), db.Time(doubted)
	return k, err
}

func insertPasskey(ctx context.Context, tx *db.Tx, k Passkey) error {
	_, err := tx.Exec(ctx, `INSERT INTO passkey (credential, public_id, person, site, user_handle, public_key, flags, counter,
		transports, aaguid, name, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		k.Credential, k.PublicID, k.Person, k.Site, k.UserHandle, k.PublicKey, int64(k.Flags), int64(k.Counter),
		strings.Join(k.Transports, " "), k.AAGUID, k.Name, db.Micros(k.CreatedAt))
	return err
}

func passkeysOf(ctx context.Context, d db.DB, person int64) ([]Passkey, error) {
	return db.Select(ctx, d, scanPasskey, `SELECT `+keyColumns+` FROM passkey WHERE person = $1 ORDER BY created_at, public_id`, person)
}

func passkeyByCredential(ctx context.Context, d db.DB, credential []byte) (Passkey, error) {
	return scanPasskey(d.QueryRow(ctx, `SELECT `+keyColumns+` FROM passkey WHERE credential = $1`, credential))
}

func countPasskeys(ctx context.Context, d db.DB, person int64, site string) (int, error) {
	var n int
	err := d.QueryRow(ctx, `SELECT count(*) FROM passkey WHERE person = $1 AND site = $2`, person, site).Scan(&n)
	return n, err
}

// notePasskey writes down a use. The counter never goes back: of two answers that
// were signed with one count, the second finds no row.
func notePasskey(ctx context.Context, tx *db.Tx, k Passkey) error {
	n, err := tx.Exec(ctx, `UPDATE passkey SET flags = $3, counter = $4, used_at = $5
		WHERE credential = $1 AND person = $2 AND (counter < $4 OR $4 = 0 AND counter = 0)`,
		k.Credential, k.Person, int64(k.Flags), int64(k.Counter), db.Micros(tx.Now()))
	return oneRow(n, err)
}

func doubtPasskey(ctx context.Context, tx *db.Tx, credential []byte) error {
	_, err := tx.Exec(ctx, `UPDATE passkey SET doubted_at = $2 WHERE credential = $1`, credential, db.Micros(tx.Now()))
	return err
}

func renamePasskey(ctx context.Context, tx *db.Tx, person int64, publicID, name string) error {
	n, err := tx.Exec(ctx, `UPDATE passkey SET name = $3 WHERE person = $1 AND public_id = $2`, person, publicID, name)
	return oneRow(n, err)
}

func deletePasskey(ctx context.Context, tx *db.Tx, person int64, publicID string) (name string, err error) {
	err = tx.QueryRow(ctx, `DELETE FROM passkey WHERE person = $1 AND public_id = $2 RETURNING name`, person, publicID).Scan(&name)
	return name, err
}
