package account

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/db"
)

// oidcSession is what a session keeps of the provider that it came from.
type oidcSession struct {
	Provider, Issuer, Subject string
	SID                       string // of the session at the provider, or ""
	Token                     []byte // the id token, sealed
}

func insertOIDCSession(ctx context.Context, tx *db.Tx, session []byte, person int64, o oidcSession) error {
	_, err := tx.Exec(ctx, `INSERT INTO oidc_session (session, person, provider, issuer, subject, sid, id_token)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (session) DO UPDATE SET provider = excluded.provider, issuer = excluded.issuer, subject = excluded.subject,
		sid = excluded.sid, id_token = excluded.id_token`, session, person, o.Provider, o.Issuer, o.Subject, o.SID, o.Token)
	return err
}

// oidcSessionOf gives db.ErrNotFound for a session that came of no provider.
func oidcSessionOf(ctx context.Context, d db.DB, session []byte) (oidcSession, error) {
	var o oidcSession
	err := d.QueryRow(ctx, `SELECT provider, issuer, subject, sid, id_token FROM oidc_session WHERE session = $1`, session).
		Scan(&o.Provider, &o.Issuer, &o.Subject, &o.SID, &o.Token)
	return o, err
}

// moveOIDCSession hands what a session keeps of its provider to the one that
// follows it, when both are one person's.
func moveOIDCSession(ctx context.Context, tx *db.Tx, from, to []byte) error {
	_, err := tx.Exec(ctx, `UPDATE oidc_session SET session = $2 WHERE session = $1
		AND person = (SELECT s.person FROM session s WHERE s.token_hash = $2)
		AND NOT EXISTS (SELECT 1 FROM oidc_session o WHERE o.session = $2)`, from, to)
	return err
}

// setFresh says when the person of a session last proved who they are; the zero
// time: not as far as we know.
func setFresh(ctx context.Context, tx *db.Tx, session []byte, at time.Time) error {
	n, err := tx.Exec(ctx, `UPDATE session SET fresh_at = $2 WHERE token_hash = $1`, session, db.Micros(at))
	return oneRow(n, err)
}

// endProvided ends the sessions that came of a session at a provider.
func endProvided(ctx context.Context, tx *db.Tx, issuer, subject, sid string) (int64, error) {
	if subject == "" {
		return tx.Exec(ctx, `DELETE FROM session WHERE token_hash IN
			(SELECT o.session FROM oidc_session o WHERE o.issuer = $1 AND o.sid = $2)`, issuer, sid)
	}
	return tx.Exec(ctx, `DELETE FROM session WHERE token_hash IN
		(SELECT o.session FROM oidc_session o WHERE o.issuer = $1 AND o.subject = $2 AND ($3 = '' OR o.sid = $3))`, issuer, subject, sid)
}

func insertGone(ctx context.Context, tx *db.Tx, hash []byte) error {
	_, err := tx.Exec(ctx, `INSERT INTO gone_identity (identity_hash, erased_at) VALUES ($1, $2)
		ON CONFLICT (identity_hash) DO NOTHING`, hash, db.Micros(tx.Now()))
	return err
}

func isGone(ctx context.Context, d db.DB, hash []byte) (bool, error) {
	return db.Exists(ctx, d, `SELECT 1 FROM gone_identity WHERE identity_hash = $1`, hash)
}

func deleteGone(ctx context.Context, tx *db.Tx, hash []byte) error {
	_, err := tx.Exec(ctx, `DELETE FROM gone_identity WHERE identity_hash = $1`, hash)
	return err
}
