package account

import (
	"context"
	"errors"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/web"
)

// Session is one browser that is signed in. Its token is not kept.
type Session struct {
	Hash      []byte // secret.Hash of the token
	PublicID  string
	Person    int64
	Device    string
	CreatedAt time.Time
	FreshAt   time.Time // last proof of identity
	SeenAt    time.Time
	ExpiresAt time.Time
}

func insertSession(ctx context.Context, tx *db.Tx, s Session) error {
	_, err := tx.Exec(ctx, `INSERT INTO session (token_hash, public_id, person, device, created_at, fresh_at, seen_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, s.Hash, s.PublicID, s.Person, s.Device,
		db.Micros(s.CreatedAt), db.Micros(s.FreshAt), db.Micros(s.SeenAt), db.Micros(s.ExpiresAt))
	if err != nil {
		return err
	}
	return moveDay(ctx, tx, s.Person, s.SeenAt)
}

// viewerOf finds who a session belongs to, and the times that decide its length.
func viewerOf(ctx context.Context, d db.DB, hash []byte) (web.Viewer, Session, error) {
	v := web.Viewer{SessionHash: hash}
	s := Session{Hash: hash}
	var hidden, created, fresh, seen, expires int64
	err := d.QueryRow(ctx, `SELECT p.id, p.public_id, p.handle, p.name, p.role, p.language, p.picture || COALESCE(c.picture, ''),
		COALESCE(c.time_zone, ''), p.hidden_at, s.created_at, s.fresh_at, s.seen_at, s.expires_at
		FROM session s JOIN person p ON p.id = s.person LEFT JOIN preference c ON c.person = p.id WHERE s.token_hash = $1 AND NOT p.disabled`, hash).
		Scan(&v.Person, &v.ID, &v.Handle, &v.Name, &v.Role, &v.Lang, &v.Picture, &v.Zone, &hidden, &created, &fresh, &seen, &expires)
	s.Person, s.CreatedAt, s.FreshAt = v.Person, db.Time(created), db.Time(fresh)
	s.SeenAt, s.ExpiresAt = db.Time(seen), db.Time(expires)
	v.Hidden = hidden > 0
	v.Fresh, v.Picture = s.FreshAt, pictureURL(v.Handle, v.Picture)
	return v, s, err
}

// wayOfSession tells whether a link of whoever runs the server began a session, else
// the issuer at whose provider the person signed in, "" for any other way.
func wayOfSession(ctx context.Context, d db.DB, hash []byte) (byServer bool, issuer string, err error) {
	err = d.QueryRow(ctx, `SELECT s.by_server, COALESCE(o.issuer, '') FROM session s
		LEFT JOIN oidc_session o ON o.session = s.token_hash WHERE s.token_hash = $1`, hash).Scan(&byServer, &issuer)
	return byServer, issuer, err
}

func markByServer(ctx context.Context, tx *db.Tx, hash []byte) error {
	n, err := tx.Exec(ctx, `UPDATE session SET by_server = TRUE WHERE token_hash = $1`, hash)
	return oneRow(n, err)
}

func touchSession(ctx context.Context, tx *db.Tx, s Session, seen, expires time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE session SET seen_at = $2, expires_at = $3 WHERE token_hash = $1`,
		s.Hash, db.Micros(seen), db.Micros(expires))
	if err != nil {
		return err
	}
	return moveDay(ctx, tx, s.Person, seen)
}

func sessionsOf(ctx context.Context, d db.DB, person int64) ([]Session, error) {
	return db.Select(ctx, d, func(s db.Scanner) (Session, error) {
		var x Session
		var created, fresh, seen, expires int64
		err := s.Scan(&x.Hash, &x.PublicID, &x.Person, &x.Device, &created, &fresh, &seen, &expires)
		x.CreatedAt, x.FreshAt = db.Time(created), db.Time(fresh)
		x.SeenAt, x.ExpiresAt = db.Time(seen), db.Time(expires)
		return x, err
	}, `SELECT token_hash, public_id, person, device, created_at, fresh_at, seen_at, expires_at FROM session
		WHERE person = $1 ORDER BY seen_at DESC, public_id`, person)
}

func deleteSession(ctx context.Context, tx *db.Tx, hash []byte) error {
	_, err := tx.Exec(ctx, `DELETE FROM session WHERE token_hash = $1`, hash)
	return err
}

func deleteSessionByID(ctx context.Context, tx *db.Tx, person int64, publicID string) error {
	n, err := tx.Exec(ctx, `DELETE FROM session WHERE person = $1 AND public_id = $2`, person, publicID)
	return oneRow(n, err)
}

// deleteSessions ends all sessions of a person but the one kept; keep may be nil.
func deleteSessions(ctx context.Context, tx *db.Tx, person int64, keep []byte) error {
	if keep == nil {
		keep = []byte{}
	}
	_, err := tx.Exec(ctx, `DELETE FROM session WHERE person = $1 AND token_hash <> $2`, person, keep)
	return err
}

// deleteStale removes what time has ended.
func deleteStale(ctx context.Context, tx *db.Tx, now time.Time) error {
	for _, q := range []string{
		`DELETE FROM session WHERE expires_at <= $1`,
		`DELETE FROM email_token WHERE expires_at <= $1`,
		`DELETE FROM oidc_state WHERE expires_at <= $1`,
		`DELETE FROM spent WHERE expires_at <= $1`,
	} {
		if _, err := tx.Exec(ctx, q, db.Micros(now)); err != nil {
			return err
		}
	}
	return nil
}

func passwordOf(ctx context.Context, d db.DB, person int64) (secretOf, error) {
	var s secretOf
	err := d.QueryRow(ctx, `SELECT hash, old FROM password WHERE person = $1`, person).Scan(&s.hash, &s.old)
	if errors.Is(err, db.ErrNotFound) {
		return secretOf{}, nil
	}
	return s, err
}

func passwordChangedAt(ctx context.Context, d db.DB, person int64) (time.Time, error) {
	var at int64
	err := d.QueryRow(ctx, `SELECT changed_at FROM password WHERE person = $1`, person).Scan(&at)
	if errors.Is(err, db.ErrNotFound) {
		return time.Time{}, nil
	}
	return db.Time(at), err
}

func setPassword(ctx context.Context, tx *db.Tx, person int64, hash string) error {
	_, err := tx.Exec(ctx, `INSERT INTO password (person, hash, changed_at) VALUES ($1, $2, $3)
		ON CONFLICT (person) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at, old = '', old_work = 0`,
		person, hash, db.Micros(tx.Now()))
	return err
}
