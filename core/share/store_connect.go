package share

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/db"
)

func insertConnecting(ctx context.Context, tx *db.Tx, token []byte, c connecting) error {
	_, err := tx.Exec(ctx, `INSERT INTO share_connect (token_hash, session_hash, person, target, stage, sealed, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		token, c.session, c.person, c.target, c.stage, c.sealed, db.Micros(c.expires))
	return err
}

func scanConnecting(s db.Scanner) (connecting, error) {
	var c connecting
	var expires int64
	err := s.Scan(&c.person, &c.session, &c.target, &c.stage, &c.sealed, &expires)
	c.expires = db.Time(expires)
	return c, err
}

func findConnecting(ctx context.Context, d db.DB, token []byte, person int64) (connecting, error) {
	return scanConnecting(d.QueryRow(ctx, `SELECT person, session_hash, target, stage, sealed, expires_at FROM share_connect WHERE token_hash = $1 AND person = $2`, token, person))
}

// takeConnecting gives a row and deletes it: a token is good once.
func takeConnecting(ctx context.Context, tx *db.Tx, token []byte, person int64) (connecting, error) {
	return scanConnecting(tx.QueryRow(ctx, `DELETE FROM share_connect WHERE token_hash = $1 AND person = $2
		RETURNING person, session_hash, target, stage, sealed, expires_at`, token, person))
}

func deleteConnectingsBefore(ctx context.Context, tx *db.Tx, before time.Time) error {
	_, err := tx.Exec(ctx, `DELETE FROM share_connect WHERE expires_at < $1`, db.Micros(before))
	return err
}

// getApp gives a registration that was made after a time.
func getApp(ctx context.Context, d db.DB, target, instance string, after time.Time) ([]byte, error) {
	return db.One[[]byte](d.QueryRow(ctx, `SELECT sealed FROM share_app WHERE target = $1 AND instance = $2 AND made_at > $3`, target, instance, db.Micros(after)))
}

func upsertApp(ctx context.Context, tx *db.Tx, target, instance string, sealed []byte) error {
	_, err := tx.Exec(ctx, `INSERT INTO share_app (target, instance, sealed, made_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (target, instance) DO UPDATE SET sealed = excluded.sealed, made_at = excluded.made_at`, target, instance, sealed, db.Micros(tx.Now()))
	return err
}

func deleteApp(ctx context.Context, tx *db.Tx, target, instance string) error {
	_, err := tx.Exec(ctx, `DELETE FROM share_app WHERE target = $1 AND instance = $2`, target, instance)
	return err
}
