package account

import (
	"context"
	"encoding/base64"
	"errors"
	"maps"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/secret"
)

const settingSetup = "setup.token"

// Setup is what the first administrator gives.
type Setup struct {
	NewPerson
	SiteName string
	Explore  bool // visitors see the community
}

// SetupPath makes the one-time link of a passport that has no administrator: a
// local path, or "" when there is one. A link made before ends.
func (a *Accounts) SetupPath(ctx context.Context) (string, error) {
	var path string
	err := a.base.Tx(ctx, func(tx *db.Tx) error {
		path = ""
		there, err := a.hasAdmin(ctx, tx)
		if err != nil || there {
			return err
		}
		token := secret.Token()
		path = "/setup/" + token
		return setSetting(ctx, tx, settingSetup, setupHash(token))
	})
	return path, err
}

// SetupOpen returns a fault NotFound unless token is of a setup that waits.
func (a *Accounts) SetupOpen(ctx context.Context, token string) error {
	want, err := settingValue(ctx, a.base.Read(), settingSetup)
	if err == nil && want == setupHash(token) {
		return nil
	}
	if err == nil || errors.Is(err, db.ErrNotFound) {
		return errSetupGone()
	}
	return err
}

// SetUp makes the first administrator and names the site. The address counts as
// confirmed: who reads the log owns the server. Of several that try, one
// succeeds; the link ends with it. It returns FieldErrors (site and those of
// SignUp) or a fault NotFound.
func (a *Accounts) SetUp(ctx context.Context, token string, in Setup) (Person, error) {
	if err := a.SetupOpen(ctx, token); err != nil {
		return Person{}, err
	}
	wrong := FieldErrors{}
	var err error
	in.SiteName, err = parseName(in.SiteName)
	wrong.add("site", err)
	d, err := a.prepare(ctx, in.NewPerson, "address", "password")
	if more, ok := fieldsOf(err); ok {
		maps.Copy(wrong, more)
	} else if err != nil {
		return Person{}, err
	}
	if len(wrong) > 0 {
		return Person{}, wrong
	}
	d.person.Role = RoleAdmin
	err = a.base.Tx(ctx, func(tx *db.Tx) error { return a.setUp(ctx, tx, token, &d, in) })
	return d.person, handleField(err)
}

func (a *Accounts) setUp(ctx context.Context, tx *db.Tx, token string, d *draft, in Setup) error {
	if err := takeSetting(ctx, tx, settingSetup, setupHash(token)); err != nil {
		if errors.Is(err, db.ErrNotFound) {
			return errSetupGone()
		}
		return err
	}
	there, err := a.hasAdmin(ctx, tx)
	if err != nil {
		return err
	}
	if there {
		return errSetupGone()
	}
	if err := a.create(ctx, tx, d); err != nil {
		return err
	}
	if err := a.confirmed(ctx, tx, d.email, bySetup); err != nil {
		return err
	}
	s, err := a.settingsIn(ctx, tx)
	if err != nil {
		return err
	}
	s.Name, s.Explore = in.SiteName, in.Explore
	return a.keep(ctx, tx, s)
}

func setupHash(token string) string { return base64.RawURLEncoding.EncodeToString(secret.Hash(token)) }

func errSetupGone() error { return fault.New(fault.NotFound, "account.error.setup").At("/login") }
