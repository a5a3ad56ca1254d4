package account

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// giveRole gives a person a role by hand. It stays whatever groups the person is
// in.
func giveRole(ctx context.Context, tx *db.Tx, person int64, role string) error {
	n, err := tx.Exec(ctx, `UPDATE person SET role_given = $2 WHERE id = $1`, person, role)
	if err := oneRow(n, err); err != nil {
		return err
	}
	return settleRole(ctx, tx, person)
}

// setGroupRole keeps the role that a provider's groups give an identity, "" for
// none.
func setGroupRole(ctx context.Context, tx *db.Tx, issuer, subject, role string) error {
	_, err := tx.Exec(ctx, `UPDATE identity SET role = $3 WHERE issuer = $1 AND subject = $2`, issuer, subject, role)
	return err
}

// settleRole works out the role that counts: the higher of the one given by hand
// and those of groups.
func settleRole(ctx context.Context, tx *db.Tx, person int64) error {
	n, err := tx.Exec(ctx, `UPDATE person SET role = CASE
		WHEN role_given = 'admin' OR EXISTS (SELECT 1 FROM identity i WHERE i.person = person.id AND i.role = 'admin') THEN 'admin'
		ELSE 'member' END WHERE id = $1`, person)
	return oneRow(n, err)
}
