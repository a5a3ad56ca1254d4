package account

import (
	"context"

	"github.com/osier-passport/osier/core/account/oidc"
	"github.com/osier-passport/osier/core/db"
)

func updateRoleGiven(ctx context.Context, tx *db.Tx, person int64, role string) error {
	n, err := tx.Exec(ctx, `UPDATE person SET role_given = $2 WHERE id = $1`, person, role)
	return oneRow(n, err)
}

func updateRole(ctx context.Context, tx *db.Tx, person int64, role string) error {
	n, err := tx.Exec(ctx, `UPDATE person SET role = $2 WHERE id = $1`, person, role)
	return oneRow(n, err)
}

// setGroupRole keeps the role that the groups of an identity gave at a sign-in just
// now, "" for none, and the provider that said so.
func setGroupRole(ctx context.Context, tx *db.Tx, provider string, c oidc.Claims) error {
	_, err := tx.Exec(ctx, `UPDATE identity SET role = $3, role_group = $4, role_at = $5, provider = $6 WHERE issuer = $1 AND subject = $2`,
		c.Issuer, c.Subject, c.Role, c.RoleGroup, db.Micros(tx.Now()), provider)
	return err
}

const groupRoleColumns = `person, issuer, provider, role, role_group, role_at`

func scanGroupRole(s db.Scanner) (groupRole, error) {
	var g groupRole
	var at int64
	err := s.Scan(&g.Person, &g.Issuer, &g.Provider, &g.Role, &g.Group, &at)
	g.At = db.Time(at)
	return g, err
}

func groupRolesOf(ctx context.Context, d db.DB, person int64) ([]groupRole, error) {
	return db.Select(ctx, d, scanGroupRole, `SELECT `+groupRoleColumns+` FROM identity WHERE person = $1 AND role <> ''`, person)
}

// groupRoles lists all roles that groups gave, whether or not they count.
func groupRoles(ctx context.Context, d db.DB) ([]groupRole, error) {
	return db.Select(ctx, d, scanGroupRole, `SELECT `+groupRoleColumns+` FROM identity WHERE role <> ''`)
}

// rolesOf gives the role that counts now and the one that was given by hand.
func rolesOf(ctx context.Context, d db.DB, person int64) (now, given string, err error) {
	err = d.QueryRow(ctx, `SELECT role, role_given FROM person WHERE id = $1`, person).Scan(&now, &given)
	return now, given, err
}
