package account

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/db"
)

// Email is an address that a person lists.
type Email struct {
	ID          int64
	Person      int64
	Address     string // as written
	Key         string // as compared
	Primary     bool
	ConfirmedAt time.Time // zero: not confirmed
	ConfirmedBy string    // mail, setup, command, or the name of a provider
	CreatedAt   time.Time
}

// Confirmed reports whether the address is the person's own.
func (e Email) Confirmed() bool { return !e.ConfirmedAt.IsZero() }

const emailColumns = `e.id, e.person, e.address, e.address_key, e.is_primary, e.confirmed_at, e.confirmed_by, e.created_at`

func scanEmail(s db.Scanner) (Email, error) {
	var e Email
	var confirmed, created int64
	err := s.Scan(&e.ID, &e.Person, &e.Address, &e.Key, &e.Primary, &confirmed, &e.ConfirmedBy, &created)
	e.ConfirmedAt, e.CreatedAt = db.Time(confirmed), db.Time(created)
	return e, err
}

func insertEmail(ctx context.Context, tx *db.Tx, e Email) error {
	_, err := tx.Exec(ctx, `INSERT INTO email (id, person, address, address_key, is_primary, confirmed_at, confirmed_by, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		e.ID, e.Person, e.Address, e.Key, e.Primary, db.Micros(e.ConfirmedAt), e.ConfirmedBy, db.Micros(e.CreatedAt))
	return err
}

func emailsOf(ctx context.Context, d db.DB, person int64) ([]Email, error) {
	return db.Select(ctx, d, scanEmail, `SELECT `+emailColumns+` FROM email e WHERE e.person = $1 ORDER BY e.id`, person)
}

func emailOf(ctx context.Context, d db.DB, person, id int64) (Email, error) {
	return scanEmail(d.QueryRow(ctx, `SELECT `+emailColumns+` FROM email e WHERE e.person = $1 AND e.id = $2`, person, id))
}

// ownerOf finds the confirmed row of an address.
func ownerOf(ctx context.Context, d db.DB, key string) (Email, error) {
	return scanEmail(d.QueryRow(ctx, `SELECT `+emailColumns+` FROM email e WHERE e.address_key = $1 AND e.confirmed_at > 0`, key))
}

func confirmedOf(ctx context.Context, d db.DB, person int64) ([]string, error) {
	return db.Select(ctx, d, db.One[string],
		`SELECT address FROM email WHERE person = $1 AND confirmed_at > 0 ORDER BY is_primary DESC, id`, person)
}

func confirmEmail(ctx context.Context, tx *db.Tx, id int64, by string) error {
	n, err := tx.Exec(ctx, `UPDATE email SET confirmed_at = $2, confirmed_by = $3 WHERE id = $1 AND confirmed_at = 0`,
		id, db.Micros(tx.Now()), by)
	return oneRow(n, err)
}

// dropOthers removes the rows of other people who list an address without
// having confirmed it.
func dropOthers(ctx context.Context, tx *db.Tx, person int64, key string) error {
	const others = `SELECT id FROM email WHERE address_key = $1 AND person <> $2 AND confirmed_at = 0`
	if _, err := tx.Exec(ctx, `DELETE FROM email_token WHERE email IN (`+others+`)`, key, person); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM email WHERE id IN (`+others+`)`, key, person)
	return err
}

func makePrimary(ctx context.Context, tx *db.Tx, person, id int64) error {
	_, err := tx.Exec(ctx, `UPDATE email SET is_primary = (id = $2) WHERE person = $1`, person, id)
	return err
}

func deleteEmail(ctx context.Context, tx *db.Tx, person, id int64) error {
	if _, err := tx.Exec(ctx, `DELETE FROM email_token WHERE person = $1 AND email = $2`, person, id); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `DELETE FROM email WHERE person = $1 AND id = $2`, person, id)
	return oneRow(n, err)
}

// Purposes of a mailed link.
const (
	purposeConfirm = "confirm"
	purposeReset   = "reset"
	purposeEnter   = "enter"
)

type emailToken struct {
	Purpose   string
	Person    int64
	Email     int64
	CreatedAt time.Time
	ExpiresAt time.Time
}

const linkColumns = `purpose, person, email, created_at, expires_at`

func scanToken(s db.Scanner) (emailToken, error) {
	var t emailToken
	var created, expires int64
	err := s.Scan(&t.Purpose, &t.Person, &t.Email, &created, &expires)
	t.CreatedAt, t.ExpiresAt = db.Time(created), db.Time(expires)
	return t, err
}

func insertToken(ctx context.Context, tx *db.Tx, hash []byte, t emailToken) error {
	_, err := tx.Exec(ctx, `INSERT INTO email_token (token_hash, purpose, person, email, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6)`, hash, t.Purpose, t.Person, t.Email, db.Micros(t.CreatedAt), db.Micros(t.ExpiresAt))
	return err
}

func findToken(ctx context.Context, d db.DB, hash []byte, purpose string) (emailToken, error) {
	return scanToken(d.QueryRow(ctx, `SELECT `+linkColumns+` FROM email_token WHERE token_hash = $1 AND purpose = $2`, hash, purpose))
}

// lineUp makes all who claim the address of a token at once wait for each other
// where they begin: they would else take rows of each other in turn, which
// PostgreSQL ends by a second's wait for each.
func lineUp(ctx context.Context, tx *db.Tx, hash []byte) error {
	_, err := tx.Exec(ctx, `UPDATE email SET address_key = address_key WHERE address_key IN
		(SELECT e.address_key FROM email_token t JOIN email e ON e.id = t.email WHERE t.token_hash = $1)`, hash)
	return err
}

// takeToken deletes a token and gives it: of several that try, one gets it.
func takeToken(ctx context.Context, tx *db.Tx, hash []byte, purpose string) (emailToken, error) {
	return scanToken(tx.QueryRow(ctx, `DELETE FROM email_token WHERE token_hash = $1 AND purpose = $2 RETURNING `+linkColumns,
		hash, purpose))
}

func tokensOf(ctx context.Context, d db.DB, person int64) ([]emailToken, error) {
	return db.Select(ctx, d, scanToken, `SELECT `+linkColumns+` FROM email_token WHERE person = $1 ORDER BY created_at`, person)
}

func dropPurpose(ctx context.Context, tx *db.Tx, person int64, purpose string) error {
	_, err := tx.Exec(ctx, `DELETE FROM email_token WHERE person = $1 AND purpose = $2`, person, purpose)
	return err
}

func dropConfirmations(ctx context.Context, tx *db.Tx, email int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM email_token WHERE email = $1 AND purpose = $2`, email, purposeConfirm)
	return err
}
