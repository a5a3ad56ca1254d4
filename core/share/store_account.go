package share

import (
	"context"
	"strings"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/secret"
)

func scanAccount(s db.Scanner) (Account, error) {
	var a Account
	var scopes string
	var expires, connected, used int64
	err := s.Scan(&a.row, &a.ID, &a.person, &a.Target, &a.remoteID, &a.Name, &a.URL, &a.Instance, &a.State, &scopes, &a.sealed, &expires, &connected, &used)
	a.Scopes = strings.Fields(scopes)
	a.expires, a.ConnectedAt, a.UsedAt = db.Time(expires), db.Time(connected), db.Time(used)
	return a, err
}

func listAccounts(ctx context.Context, d db.DB, person int64) ([]Account, error) {
	return db.Select(ctx, d, scanAccount, `
		SELECT id, public_id, person, target, remote_id, name, url, instance, state, scopes, sealed, token_expires_at, connected_at, used_at
		FROM share_account WHERE person = $1 ORDER BY target, remote_id`, person)
}

func findAccount(ctx context.Context, d db.DB, person int64, id string) (Account, error) {
	return scanAccount(d.QueryRow(ctx, `
		SELECT id, public_id, person, target, remote_id, name, url, instance, state, scopes, sealed, token_expires_at, connected_at, used_at
		FROM share_account WHERE public_id = $2 AND person = $1`, person, id))
}

func getAccount(ctx context.Context, d db.DB, row int64) (Account, error) {
	return scanAccount(d.QueryRow(ctx, `
		SELECT id, public_id, person, target, remote_id, name, url, instance, state, scopes, sealed, token_expires_at, connected_at, used_at
		FROM share_account WHERE id = $1`, row))
}

// upsertAccount gives the row of the account.
func upsertAccount(ctx context.Context, tx *db.Tx, a Account) (int64, error) {
	now := db.Micros(tx.Now())
	return db.One[int64](tx.QueryRow(ctx, `
		INSERT INTO share_account (id, public_id, person, target, remote_id, name, url, instance, state, scopes, sealed, token_expires_at, connected_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'ok', $9, $10, $11, $12)
		ON CONFLICT (person, target, remote_id) DO UPDATE SET
			name = excluded.name, url = excluded.url, instance = excluded.instance, state = 'ok', scopes = excluded.scopes,
			sealed = excluded.sealed, token_expires_at = excluded.token_expires_at, connected_at = excluded.connected_at, refresh_until = 0
		RETURNING id`,
		tx.NewID(), secret.ID(), a.person, a.Target, a.remoteID, a.Name, a.URL, a.Instance, strings.Join(a.Scopes, " "), a.sealed, db.Micros(a.expires), now))
}

func updateAccountState(ctx context.Context, tx *db.Tx, row int64, state string) error {
	_, err := tx.Exec(ctx, `UPDATE share_account SET state = $2 WHERE id = $1`, row, state)
	return err
}

func touchAccount(ctx context.Context, tx *db.Tx, row int64) error {
	_, err := tx.Exec(ctx, `UPDATE share_account SET used_at = $2 WHERE id = $1`, row, db.Micros(tx.Now()))
	return err
}

// leaseRefresh takes the right to refresh an account's token until a time; 0 rows:
// somebody else has it, or has put another token in place of the one that a has.
func leaseRefresh(ctx context.Context, tx *db.Tx, a Account, until int64) (int64, error) {
	return tx.Exec(ctx, `UPDATE share_account SET refresh_until = $2 WHERE id = $1 AND refresh_until < $3 AND sealed = $4`,
		a.row, until, db.Micros(tx.Now()), a.sealed)
}

// updateGrant stores what a refresh gave, and ends the lease.
func updateGrant(ctx context.Context, tx *db.Tx, a Account) error {
	_, err := tx.Exec(ctx, `UPDATE share_account SET sealed = $2, token_expires_at = $3, state = $4, refresh_until = 0 WHERE id = $1`,
		a.row, a.sealed, db.Micros(a.expires), a.State)
	return err
}

func deleteAccount(ctx context.Context, tx *db.Tx, row int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM share_account WHERE id = $1`, row)
	return err
}

func deleteAccountsOf(ctx context.Context, tx *db.Tx, person int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM share_account WHERE person = $1`, person)
	return err
}
