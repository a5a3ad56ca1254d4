package account

import (
	"context"
	"log/slog"
	"time"

	"github.com/osier-passport/osier/core/account/oidc"
	"github.com/osier-passport/osier/core/db"
)

// groupRole is a role that the groups of a person at a provider gave.
type groupRole struct {
	Person           int64
	Issuer, Provider string
	Role, Group      string
	At               time.Time // when the provider last said so
}

// providerAt is the configured provider of an issuer that people can sign in with
// now: the one of that id, else another of the same issuer.
func (a *Accounts) providerAt(id, issuer string) (*oidc.Provider, bool) {
	only := a.config.SignIn.Only
	var found *oidc.Provider
	for _, p := range a.providers.List() {
		if p.Issuer == issuer && (only == "" || p.ID == only) && (found == nil || p.ID == id) {
			found = p
		}
	}
	return found, found != nil
}

// returns reports whether a role would count after a sign-in: its provider is there
// and the configuration still gives it to the group.
func (a *Accounts) returns(g groupRole) bool {
	p, ok := a.providerAt(g.Provider, g.Issuer)
	return ok && p.Gives(g.Role, g.Group)
}

// counts reports whether a role counts: it would return, and the provider said so
// lately.
func (a *Accounts) counts(g groupRole) bool {
	return a.returns(g) && a.base.Now().Sub(g.At) < time.Duration(a.config.SignIn.RoleDays)*24*time.Hour
}

// giveRole gives a person a role by hand. It stays whatever groups the person is
// in.
func (a *Accounts) giveRole(ctx context.Context, tx *db.Tx, person int64, role string) error {
	if err := updateRoleGiven(ctx, tx, person, role); err != nil {
		return err
	}
	return a.settleRole(ctx, tx, person)
}

// settleRole works out the role that counts: the higher of the one given by hand
// and those of groups. The log says when an administrator ceases to be one.
func (a *Accounts) settleRole(ctx context.Context, tx *db.Tx, person int64) error {
	had, role, err := rolesOf(ctx, tx, person)
	if err != nil {
		return err
	}
	list, err := groupRolesOf(ctx, tx, person)
	if err != nil {
		return err
	}
	for _, g := range list {
		if g.Role == RoleAdmin && a.counts(g) {
			role = RoleAdmin
		}
	}
	if role == had {
		return nil
	}
	if err := updateRole(ctx, tx, person, role); err != nil || had != RoleAdmin {
		return err
	}
	left, err := countAdmins(ctx, tx)
	if err != nil {
		return err
	}
	tx.After(func() { a.logRoleEnded(ctx, person, left) })
	return nil
}

func (a *Accounts) logRoleEnded(ctx context.Context, person int64, left int) {
	log := a.log.With(slog.Int64("person", person))
	log.WarnContext(ctx, "an administrator is none any more: no provider gives the role now, or not lately")
	if left == 0 {
		log.ErrorContext(ctx, "no administrator is left: the role returns with a sign-in at a provider that gives it; else make one with: osier user admin HANDLE")
	}
}

// SettleRoles works out the roles of all people to whom a provider gave one. Call
// it when the configuration may have changed, before SetupPath, and now and then.
func (a *Accounts) SettleRoles(ctx context.Context) error {
	list, err := groupRoles(ctx, a.base.Read())
	if err != nil {
		return err
	}
	for _, g := range list {
		err := a.base.Tx(ctx, func(tx *db.Tx) error { return ignoreAbsent(a.settleRole(ctx, tx, g.Person)) })
		if err != nil {
			return err
		}
	}
	return nil
}

// roleNow is the role of somebody who is signed in as an administrator: what a
// provider gave may have ended since.
func (a *Accounts) roleNow(ctx context.Context, person int64) (string, error) {
	_, given, err := rolesOf(ctx, a.base.Read(), person)
	if err != nil || given == RoleAdmin {
		return given, err
	}
	list, err := groupRolesOf(ctx, a.base.Read(), person)
	if err != nil {
		return "", err
	}
	for _, g := range list {
		if g.Role == RoleAdmin && a.counts(g) {
			return RoleAdmin, nil
		}
	}
	err = a.base.Tx(ctx, func(tx *db.Tx) error { return a.settleRole(ctx, tx, person) })
	return given, err
}

// hasAdmin reports whether somebody administers the passport, or will with the next
// sign-in at a provider.
func (a *Accounts) hasAdmin(ctx context.Context, d db.DB) (bool, error) {
	n, err := countAdmins(ctx, d)
	if err != nil || n > 0 {
		return n > 0, err
	}
	list, err := groupRoles(ctx, d)
	for _, g := range list {
		if g.Role == RoleAdmin && a.returns(g) {
			return true, err
		}
	}
	return false, err
}
