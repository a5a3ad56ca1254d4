package account

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/db"
)

// Identity is a person at a provider.
type Identity struct {
	Issuer    string
	Subject   string
	Person    int64
	Provider  string // id of the provider in the configuration
	Label     string // what tells it from others: an address or a name
	CreatedAt time.Time
}

func insertIdentity(ctx context.Context, tx *db.Tx, i Identity) error {
	_, err := tx.Exec(ctx, `INSERT INTO identity (issuer, subject, person, provider, label, created_at)
		VALUES ($1, $2, $3, $4, $5, $6)`, i.Issuer, i.Subject, i.Person, i.Provider, i.Label, db.Micros(i.CreatedAt))
	return err
}

func identityOwner(ctx context.Context, d db.DB, issuer, subject string) (Person, error) {
	return scanPerson(d.QueryRow(ctx, `SELECT `+personColumns+` FROM identity i JOIN person p ON p.id = i.person
		WHERE i.issuer = $1 AND i.subject = $2`, issuer, subject))
}

func identitiesOf(ctx context.Context, d db.DB, person int64) ([]Identity, error) {
	return db.Select(ctx, d, func(s db.Scanner) (Identity, error) {
		var i Identity
		var created int64
		err := s.Scan(&i.Issuer, &i.Subject, &i.Person, &i.Provider, &i.Label, &created)
		i.CreatedAt = db.Time(created)
		return i, err
	}, `SELECT issuer, subject, person, provider, label, created_at FROM identity WHERE person = $1 ORDER BY created_at, issuer, subject`, person)
}

func deleteIdentity(ctx context.Context, tx *db.Tx, i Identity) error {
	n, err := tx.Exec(ctx, `DELETE FROM identity WHERE issuer = $1 AND subject = $2 AND person = $3`, i.Issuer, i.Subject, i.Person)
	return oneRow(n, err)
}

// insertSpent notes that a state has been used: of several that try, one
// succeeds, the others get an error of db.IsUnique. The rest of a visit travels
// sealed in a cookie and is not stored.
func insertSpent(ctx context.Context, tx *db.Tx, state, ticket []byte, v visit) error {
	_, err := tx.Exec(ctx, `INSERT INTO oidc_state (state_hash, browser_hash, provider, nonce, verifier, next, person, purpose, expires_at)
		VALUES ($1, $2, $3, '', '', '', $4, $5, $6)`,
		state, ticket, v.Provider, v.Person, v.Purpose, db.Micros(v.Expires))
	return err
}
