package account

import (
	"context"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
)

const personColumns = `p.id, p.public_id, p.handle, p.name, p.about, p.role, p.language, p.scheme, p.contrast,
	p.default_visibility, p.picture, p.disabled, p.created_at`

func scanPerson(s db.Scanner) (Person, error) {
	var p Person
	var created int64
	err := s.Scan(&p.ID, &p.PublicID, &p.Handle, &p.Name, &p.About, &p.Role, &p.Language, &p.Scheme, &p.Contrast,
		&p.Visibility, &p.Picture, &p.Disabled, &created)
	p.CreatedAt = db.Time(created)
	return p, err
}

func insertPerson(ctx context.Context, tx *db.Tx, p Person) error {
	_, err := tx.Exec(ctx, `INSERT INTO person (id, public_id, handle, name, about, role, role_given, language, scheme, contrast,
		default_visibility, picture, disabled, created_at, search, skeleton)
		VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		p.ID, p.PublicID, p.Handle, p.Name, p.About, p.Role, p.Language, p.Scheme, p.Contrast,
		p.Visibility, p.Picture, p.Disabled, db.Micros(p.CreatedAt), searchText(p), handleSkeleton(p.Handle))
	if db.IsUnique(err) {
		return errHandleTaken().Wrap(err)
	}
	if err != nil {
		return err
	}
	if err := insertDay(ctx, tx, p.ID); err != nil {
		return err
	}
	return writeWords(ctx, tx, p)
}

// searchText is what people are found by: name and handle, folded.
func searchText(p Person) string { return db.Fold(p.Name + " @" + p.Handle) }

func personByID(ctx context.Context, d db.DB, id int64) (Person, error) {
	return scanPerson(d.QueryRow(ctx, `SELECT `+personColumns+` FROM person p WHERE p.id = $1`, id))
}

func personByHandle(ctx context.Context, d db.DB, handle string) (Person, error) {
	return scanPerson(d.QueryRow(ctx, `SELECT `+personColumns+` FROM person p WHERE p.handle = $1`, handle))
}

// personByAddress finds whose confirmed address this is, else who listed it first.
func personByAddress(ctx context.Context, d db.DB, key string) (Person, error) {
	return scanPerson(d.QueryRow(ctx, `SELECT `+personColumns+` FROM person p JOIN email e ON e.person = p.id
		WHERE e.address_key = $1 ORDER BY CASE WHEN e.confirmed_at > 0 THEN 0 ELSE 1 END, e.id LIMIT 1`, key))
}

func updateProfile(ctx context.Context, tx *db.Tx, p Person) error {
	n, err := tx.Exec(ctx, `UPDATE person SET handle = $2, name = $3, about = $4, language = $5, scheme = $6,
		contrast = $7, default_visibility = $8, picture = $9, search = $10, skeleton = $11 WHERE id = $1`,
		p.ID, p.Handle, p.Name, p.About, p.Language, p.Scheme, p.Contrast, p.Visibility, p.Picture, searchText(p), handleSkeleton(p.Handle))
	if db.IsUnique(err) {
		return errHandleTaken().Wrap(err)
	}
	if err := oneRow(n, err); err != nil {
		return err
	}
	return writeWords(ctx, tx, p)
}

func updateLanguage(ctx context.Context, tx *db.Tx, person int64, language string) error {
	n, err := tx.Exec(ctx, `UPDATE person SET language = $2 WHERE id = $1`, person, language)
	return oneRow(n, err)
}

func updateDisabled(ctx context.Context, tx *db.Tx, person int64, disabled bool) error {
	n, err := tx.Exec(ctx, `UPDATE person SET disabled = $2 WHERE id = $1`, person, disabled)
	return oneRow(n, err)
}

func countAdmins(ctx context.Context, d db.DB) (int, error) {
	var n int
	err := d.QueryRow(ctx, `SELECT count(*) FROM person WHERE role = 'admin'`).Scan(&n)
	return n, err
}

// countOtherAdmins is how many administrators there are beside a person who can sign in.
func countOtherAdmins(ctx context.Context, d db.DB, person int64) (int, error) {
	return db.One[int](d.QueryRow(ctx, `SELECT count(*) FROM person WHERE role = 'admin' AND NOT disabled AND id <> $1`, person))
}

func insertTombstone(ctx context.Context, tx *db.Tx, publicID string, handleHash []byte) error {
	_, err := tx.Exec(ctx, `INSERT INTO tombstone (public_id, handle_hash, erased_at) VALUES ($1, $2, $3)
		ON CONFLICT (public_id) DO NOTHING`, publicID, handleHash, db.Micros(tx.Now()))
	return err
}

func tombstoneOf(ctx context.Context, d db.DB, handleHash []byte) (bool, error) {
	return db.Exists(ctx, d, `SELECT 1 FROM tombstone WHERE handle_hash = $1`, handleHash)
}

// erasePerson deletes every row that is the person's, in the order of the
// references.
func erasePerson(ctx context.Context, tx *db.Tx, person int64) error {
	for _, q := range []string{
		`DELETE FROM email_token WHERE person = $1`,
		`DELETE FROM email WHERE person = $1`,
		`DELETE FROM address_proof WHERE person = $1`,
		`DELETE FROM identity WHERE person = $1`,
		`DELETE FROM password WHERE person = $1`,
		`DELETE FROM passkey WHERE person = $1`,
		`DELETE FROM recovery_code WHERE person = $1`,
		`DELETE FROM session WHERE person = $1`,
		`DELETE FROM oidc_state WHERE person = $1`,
		`DELETE FROM entry WHERE person = $1`,
		`DELETE FROM invitation_use WHERE person = $1`,
		`DELETE FROM invitation WHERE maker = $1`,
		`DELETE FROM preference WHERE person = $1`,
		`DELETE FROM old_handle WHERE person = $1`,
		`DELETE FROM block WHERE person = $1 OR blocked = $1`,
		`DELETE FROM guardian WHERE person = $1`,
		`DELETE FROM consent WHERE person = $1`,
		`DELETE FROM answer WHERE person = $1`,
		`DELETE FROM person_word WHERE person = $1`,
		`DELETE FROM person_day WHERE person = $1`,
		`DELETE FROM person WHERE id = $1`,
	} {
		if _, err := tx.Exec(ctx, q, person); err != nil {
			return err
		}
	}
	return nil
}

func oneRow(n int64, err error) error {
	if err == nil && n == 0 {
		return db.ErrNotFound
	}
	return err
}

func errHandleTaken() *fault.Error { return fault.New(fault.Conflict, "account.error.handle.taken") }
