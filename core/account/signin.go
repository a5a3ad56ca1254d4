package account

import (
	"context"
	"errors"
	"strings"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/mail"
)

// SignIn finds the person whose handle or address, and password, these are. It
// returns one and the same fault for an unknown name, an account without a
// password and a wrong password, after the same work; and Forbidden for a
// disabled account whose password is right.
func (a *Accounts) SignIn(ctx context.Context, name, password string) (Person, error) {
	work, err := oldWork(ctx, a.base.Read())
	if err != nil {
		return Person{}, err
	}
	p, stored, err := a.credentials(ctx, name)
	if err != nil {
		return Person{}, err
	}
	ok, err := a.hasher.matchesEither(ctx, stored, password, work)
	if err != nil {
		return Person{}, err
	}
	if !ok {
		return Person{}, fault.New(fault.Invalid, "account.error.login")
	}
	if p.Disabled {
		return Person{}, errDisabled()
	}
	return p, a.renewPassword(ctx, p.ID, stored, password)
}

// renewPassword drops the detour of an old hash, now that the password is known. It
// stays the same password, of the same day.
func (a *Accounts) renewPassword(ctx context.Context, person int64, stored secretOf, password string) error {
	if stored.old == "" {
		return nil
	}
	hash, err := a.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	return a.base.Tx(ctx, func(tx *db.Tx) error { return dropOldHash(ctx, tx, person, stored.hash, hash) })
}

// credentials finds a person and the stored hash of their password; neither when
// the name is unknown.
func (a *Accounts) credentials(ctx context.Context, name string) (Person, secretOf, error) {
	p, err := a.named(ctx, strings.TrimSpace(name))
	var stored secretOf
	if err == nil {
		stored, err = passwordOf(ctx, a.base.Read(), p.ID)
	}
	if errors.Is(err, db.ErrNotFound) {
		return Person{}, secretOf{}, nil
	}
	return p, stored, err
}

// nameKey is equal for all spellings of a handle or address that named finds the
// same person by: limits count by it.
func nameKey(name string) string {
	name = strings.TrimSpace(name)
	if _, key, err := mail.ParseAddress(name); err == nil {
		return key
	}
	return lower(strings.TrimPrefix(name, "@"))
}

func (a *Accounts) named(ctx context.Context, name string) (Person, error) {
	if _, key, err := mail.ParseAddress(name); err == nil {
		return personByAddress(ctx, a.base.Read(), key)
	}
	return personByHandle(ctx, a.base.Read(), lower(strings.TrimPrefix(name, "@")))
}

// CheckPassword returns nil when password is the person's, for a fresh proof of
// identity, else FieldErrors (password), and a fault Forbidden where one provider
// alone signs people in: a way that is switched off proves nothing.
func (a *Accounts) CheckPassword(ctx context.Context, person int64, password string) error {
	if only, ok := a.OnlyProvider(); ok {
		return errOnly(only)
	}
	stored, err := passwordOf(ctx, a.base.Read(), person)
	if err != nil {
		return err
	}
	ok, err := a.hasher.matchesEither(ctx, stored, password, 0)
	if err != nil {
		return err
	}
	if !ok {
		return FieldErrors{"password": "account.error.password.wrong"}
	}
	return a.renewPassword(ctx, person, stored, password)
}

// HasPassword reports whether a person can sign in with a password, and so prove
// who they are.
func (a *Accounts) HasPassword(ctx context.Context, person int64) (bool, error) {
	if _, ok := a.OnlyProvider(); ok {
		return false, nil
	}
	stored, err := passwordOf(ctx, a.base.Read(), person)
	return stored.hash != "", err
}

// ChangePassword sets a new password, ends all sessions and starts one anew for
// this device, whose token it returns. The caller has seen a fresh proof of who it
// is (Fresh). It returns FieldErrors for a password against the rules.
func (a *Accounts) ChangePassword(ctx context.Context, person int64, password, device string) (string, error) {
	p, err := personByID(ctx, a.base.Read(), person)
	if err != nil {
		return "", err
	}
	hash, err := a.newPassword(ctx, p, password)
	if err != nil {
		return "", err
	}
	var token string
	err = a.base.Tx(ctx, func(tx *db.Tx) error {
		if err := a.replacePassword(ctx, tx, person, hash, device); err != nil {
			return err
		}
		var err error
		token, err = a.start(ctx, tx, person, device, true)
		return err
	})
	return token, err
}

// newPassword holds a password against the rules and hashes it.
func (a *Accounts) newPassword(ctx context.Context, p Person, password string) (string, error) {
	list, err := emailsOf(ctx, a.base.Read(), p.ID)
	if err != nil {
		return "", err
	}
	known := []string{p.Name, p.Handle}
	for _, e := range list {
		known = append(known, e.Address)
	}
	if err := checkPassword(password, known...); err != nil {
		wrong := FieldErrors{}
		wrong.add("password", err)
		return "", wrong
	}
	return a.hasher.hash(ctx, password)
}

// replacePassword ends everything that the old one opened, and tells the person.
func (a *Accounts) replacePassword(ctx context.Context, tx *db.Tx, person int64, hash, device string) error {
	if err := setPassword(ctx, tx, person, hash); err != nil {
		return err
	}
	if err := a.endAll(ctx, tx, person); err != nil {
		return err
	}
	return a.Tell(ctx, tx, person, Notice{What: PasswordChanged, Device: device})
}

// notFound gives an absent row its page.
func notFound(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return fault.New(fault.NotFound, "error.text.404").Wrap(err)
	}
	return err
}
