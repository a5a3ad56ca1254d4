package account

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/secret"
)

func insertInvitation(ctx context.Context, tx *db.Tx, hash []byte, maker int64, i Invitation) error {
	_, err := tx.Exec(ctx, `INSERT INTO invitation (id, public_id, secret_hash, maker, note, uses_max, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		i.ID, i.PublicID, hash, maker, i.Note, i.Max, db.Micros(i.CreatedAt), db.Micros(i.EndsAt))
	return err
}

// invitationBySecret gives who made an invitation that works now: it has not
// ended, is not used up, and its maker is there and may invite.
func invitationBySecret(ctx context.Context, d db.DB, token string, now time.Time, members bool) (int64, error) {
	var maker int64
	err := d.QueryRow(ctx, `SELECT i.maker FROM invitation i JOIN person p ON p.id = i.maker
		WHERE i.secret_hash = $1 AND i.expires_at > $2 AND i.uses < i.uses_max AND NOT p.disabled AND (p.role = 'admin' OR $3)`,
		secret.Hash(token), db.Micros(now), members).Scan(&maker)
	return maker, err
}

// useInvitation counts a person who joins; db.ErrNotFound when it lets nobody in
// any more.
func useInvitation(ctx context.Context, tx *db.Tx, token string, person int64, members bool) error {
	if _, err := invitationBySecret(ctx, tx, token, tx.Now(), members); err != nil {
		return err
	}
	var id int64
	err := tx.QueryRow(ctx, `UPDATE invitation SET uses = uses + 1 WHERE secret_hash = $1 AND uses < uses_max RETURNING id`,
		secret.Hash(token)).Scan(&id)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO invitation_use (person, invitation, used_at) VALUES ($1, $2, $3)`, person, id, db.Micros(tx.Now()))
	return err
}

func countLive(ctx context.Context, d db.DB, maker int64, now time.Time) (int, error) {
	var n int
	err := d.QueryRow(ctx, `SELECT count(*) FROM invitation WHERE maker = $1 AND expires_at > $2 AND uses < uses_max`,
		maker, db.Micros(now)).Scan(&n)
	return n, err
}

// invitationsOf lists those of a maker, or of all with maker 0.
func invitationsOf(ctx context.Context, d db.DB, maker int64, limit int) ([]Invitation, error) {
	scan := func(s db.Scanner) (Invitation, error) {
		var i Invitation
		var created, ends int64
		err := s.Scan(&i.ID, &i.PublicID, &i.Maker, &i.Note, &i.Uses, &i.Max, &created, &ends)
		i.CreatedAt, i.EndsAt = db.Time(created), db.Time(ends)
		return i, err
	}
	if maker == 0 {
		return db.Select(ctx, d, scan, `SELECT i.id, i.public_id, p.handle, i.note, i.uses, i.uses_max, i.created_at, i.expires_at
			FROM invitation i JOIN person p ON p.id = i.maker WHERE i.id > 0 ORDER BY i.id DESC LIMIT $1`, limit)
	}
	return db.Select(ctx, d, scan, `SELECT i.id, i.public_id, p.handle, i.note, i.uses, i.uses_max, i.created_at, i.expires_at
		FROM invitation i JOIN person p ON p.id = i.maker WHERE i.maker = $1 ORDER BY i.id DESC LIMIT $2`, maker, limit)
}

func setInvitationUses(ctx context.Context, tx *db.Tx, id int64, uses int) error {
	_, err := tx.Exec(ctx, `UPDATE invitation SET uses = $2 WHERE id = $1`, id, uses)
	return err
}

func renewInvitation(ctx context.Context, tx *db.Tx, maker int64, publicID string, hash []byte) error {
	n, err := tx.Exec(ctx, `UPDATE invitation SET secret_hash = $3 WHERE public_id = $1 AND maker = $2 AND expires_at > $4 AND uses < uses_max`,
		publicID, maker, hash, db.Micros(tx.Now()))
	return oneRow(n, err)
}

func joinedBy(ctx context.Context, d db.DB, invitation int64, limit int) ([]string, error) {
	return db.Select(ctx, d, func(s db.Scanner) (string, error) {
		var handle string
		err := s.Scan(&handle)
		return handle, err
	}, `SELECT p.handle FROM invitation_use u JOIN person p ON p.id = u.person
		WHERE u.invitation = $1 AND NOT p.disabled ORDER BY u.person LIMIT $2`, invitation, limit)
}

func endInvitation(ctx context.Context, tx *db.Tx, maker int64, publicID string) error {
	n, err := tx.Exec(ctx, `UPDATE invitation SET expires_at = $3 WHERE public_id = $1 AND (maker = $2 OR $2 = 0) AND expires_at > $3`,
		publicID, maker, db.Micros(tx.Now()))
	return oneRow(n, err)
}

// deleteEnded removes links for who runs the server that are too old, and
// invitations that ended long ago.
func deleteEnded(ctx context.Context, tx *db.Tx, now time.Time) error {
	if _, err := tx.Exec(ctx, `DELETE FROM entry WHERE expires_at <= $1`, db.Micros(now)); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM invitation WHERE expires_at <= $1`, db.Micros(now.Add(-invitationKept)))
	return err
}

func insertEntry(ctx context.Context, tx *db.Tx, hash []byte, person int64, ends time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO entry (token_hash, person, expires_at) VALUES ($1, $2, $3)`, hash, person, db.Micros(ends))
	return err
}

// entryOf gives whom a link lets in, while it works.
func entryOf(ctx context.Context, d db.DB, hash []byte, now time.Time) (Person, error) {
	return scanPerson(d.QueryRow(ctx, `SELECT `+personColumns+` FROM entry e JOIN person p ON p.id = e.person
		WHERE e.token_hash = $1 AND e.expires_at > $2`, hash, db.Micros(now)))
}

// takeEntry uses a link up: of several that try, one gets it.
func takeEntry(ctx context.Context, tx *db.Tx, hash []byte) error {
	n, err := tx.Exec(ctx, `DELETE FROM entry WHERE token_hash = $1`, hash)
	return oneRow(n, err)
}
