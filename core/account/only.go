package account

import (
	"context"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/secret"
	"github.com/osier-passport/osier/core/web"
)

// OnlyProvider is the provider that alone signs people in, as configured; ok is
// false when every way in works.
func (a *Accounts) OnlyProvider() (p Provider, ok bool) {
	id := a.config.SignIn.Only
	if id == "" {
		return Provider{}, false
	}
	for _, b := range (Pages{a}).allButtons() {
		if b.ID == id {
			return b, true
		}
	}
	return Provider{}, false
}

// rests reports whether a session opens nothing now: one provider alone signs
// people in, and the session came of another way. It rests as roles of groups do,
// so that a mistake in the configuration signs nobody out for good.
func (a *Accounts) rests(ctx context.Context, session []byte) (bool, error) {
	id := a.config.SignIn.Only
	if id == "" {
		return false, nil
	}
	byServer, issuer, err := wayOfSession(ctx, a.base.Read(), session)
	if err != nil || byServer {
		return false, ignoreAbsent(err)
	}
	_, ok := a.providerAt(id, issuer)
	return !ok, nil
}

// enterByServer is Enter by a link that whoever runs the server made: such a session
// is good where one provider alone signs people in, too.
func (a *Accounts) enterByServer(c *web.Ctx, person Person, next string) error {
	token, err := a.begin(c.Context(), person.ID, deviceOf(c.UserAgent()), c.SessionToken(), a.knows(c, person))
	if err != nil {
		return err
	}
	if err := a.base.Tx(c.Context(), func(tx *db.Tx) error { return markByServer(c.Context(), tx, secret.Hash(token)) }); err != nil {
		return err
	}
	return a.entered(c, person, token, next)
}

// anyWay lets a handler of another way in, or of its settings, work only where
// every way in does.
func (p Pages) anyWay(next web.Handler) web.Handler {
	return func(c *web.Ctx) error {
		if only, ok := p.OnlyProvider(); ok {
			return errOnly(only)
		}
		return next(c)
	}
}

func errOnly(only Provider) error {
	return fault.New(fault.Forbidden, "account.error.only").With("provider", only.Name).At("/login")
}
