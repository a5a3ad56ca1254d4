package account

import (
	"context"
	"errors"
	"log/slog"

	"github.com/osier-passport/osier/core/account/oidc"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/secret"
)

const (
	hintSeal      = "account/id-token"
	purposeLogout = "logout" // of a row in oidc_state: a logout token that has been used
)

// enterBy signs in who arrived from a provider, like Start, and keeps what a
// sign-out there needs. The sign-in is a fresh proof only as of the time that the
// provider asked for one.
func (a *Accounts) enterBy(ctx context.Context, out Arrival, device, old string) (string, error) {
	token, err := a.Start(ctx, out.Person.ID, device, old)
	if err != nil {
		return "", err
	}
	hash, c := secret.Hash(token), out.proof
	err = a.base.Tx(ctx, func(tx *db.Tx) error {
		if err := setFresh(ctx, tx, hash, out.provedAt); err != nil {
			return err
		}
		return insertOIDCSession(ctx, tx, hash, out.Person.ID, oidcSession{
			Provider: c.provider.ID, Issuer: c.Issuer, Subject: c.Subject, SID: c.Session,
			Token: a.keys.Seal([]byte(c.Token), []byte(hintSeal)),
		})
	})
	return token, err
}

// SignOut ends a session. It gives the address at the provider where the person
// signs out too, with state to come back by, where the session came from a provider
// that is configured so; else "".
func (a *Accounts) SignOut(ctx context.Context, token, state string) (string, error) {
	o, err := oidcSessionOf(ctx, a.base.Read(), secret.Hash(token))
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return "", err
	}
	known := err == nil
	if err := a.End(ctx, token); err != nil || !known {
		return "", err
	}
	p, err := a.providers.Get(o.Provider)
	if err != nil || !p.Logout || p.Issuer != o.Issuer {
		return "", nil //nolint:nilerr // a provider that is configured no more has nothing to end
	}
	hint, err := a.keys.Open(o.Token, []byte(hintSeal))
	if err != nil {
		hint = nil // of another key: the provider asks the person then
	}
	to, _ := p.SignOut(ctx, string(hint), state)
	return to, nil
}

// EndByProvider ends the sessions that a provider's logout token names (OpenID
// Connect Back-Channel Logout 1.0 §2.7). A token counts once, on all replicas
// together. It returns a fault NotFound for an unknown provider, Forbidden for a
// token that proves nothing and Unavailable when its keys cannot be had.
func (a *Accounts) EndByProvider(ctx context.Context, provider, token string) error {
	p, err := a.providers.Get(provider)
	if err != nil {
		return err
	}
	e, err := p.ReadLogout(ctx, token)
	if err != nil {
		a.log.WarnContext(ctx, "logout message refused", slog.String("provider", p.ID), slog.Any("error", err))
		return err
	}
	var n int64
	err = a.base.Tx(ctx, func(tx *db.Tx) error {
		used := secret.Hash(purposeLogout + "\x00" + e.Issuer + "\x00" + e.ID)
		v := visit{Provider: p.ID, Purpose: purposeLogout, Expires: e.Until}
		if err := insertSpent(ctx, tx, used, secret.Hash(token), v); err != nil {
			return err
		}
		n, err = endProvided(ctx, tx, e.Issuer, e.Subject, e.Session)
		return err
	})
	if db.IsUnique(err) {
		a.log.WarnContext(ctx, "logout message came twice", slog.String("provider", p.ID))
		return fault.New(fault.Forbidden, "account.error.oidc.refused").With("provider", p.Name)
	}
	if err == nil {
		a.log.InfoContext(ctx, "sessions ended by a provider", slog.String("provider", p.ID), slog.Int64("sessions", n))
	}
	return err
}

// forViewer words the failure of a provider for who reads it: an administrator
// hears what to allow.
func forViewer(err error, admin bool) error {
	host, blocked := oidc.Blocked(err)
	e, ok := fault.As(err)
	if !blocked || !admin || !ok {
		return err
	}
	return fault.New(e.Kind, "account.error.oidc.blocked").With("provider", e.Args["provider"]).With("host", host).Wrap(err).At(e.Link)
}
