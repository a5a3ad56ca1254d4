package account

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/secret"
	"github.com/osier-passport/osier/core/web"
)

const (
	sessionIdle     = 30 * 24 * time.Hour // a session ends when unused for
	sessionAge      = 90 * 24 * time.Hour // and at this age
	sessionTouch    = 10 * time.Minute    // its last use is noted at most every
	sessionsPerHead = 50
)

// Viewer finds who a session belongs to (web.SessionStore). It returns
// db.ErrNotFound for a token that is unknown or ended, or whose person is
// disabled, and for one that rests.
func (a *Accounts) Viewer(ctx context.Context, token string) (web.Viewer, error) {
	v, s, err := viewerOf(ctx, a.base.Read(), secret.Hash(token))
	if err != nil {
		return web.Viewer{}, err
	}
	now := a.base.Now()
	if !now.Before(s.ExpiresAt) || now.Sub(s.CreatedAt) >= sessionAge {
		return web.Viewer{}, db.ErrNotFound
	}
	if rests, err := a.rests(ctx, s.Hash); err != nil || rests {
		return web.Viewer{}, errors.Join(err, db.ErrNotFound)
	}
	if now.Sub(s.SeenAt) >= sessionTouch {
		err := a.base.Tx(ctx, func(tx *db.Tx) error { return touchSession(ctx, tx, s, now, expiry(s.CreatedAt, now)) })
		if err != nil { // a full disk stops nobody from reading
			a.log.WarnContext(ctx, "session not touched", slog.Any("error", err))
		}
	}
	if v.Role == RoleAdmin {
		if v.Role, err = a.roleNow(ctx, v.Person); err != nil {
			return web.Viewer{}, err
		}
	}
	v.First, err = a.first(ctx, a.base.Read(), v.Person)
	return v, err
}

// expiry is when a session ends that was last used now.
func expiry(created, now time.Time) time.Time {
	idle, age := now.Add(sessionIdle), created.Add(sessionAge)
	if age.Before(idle) {
		return age
	}
	return idle
}

// Start signs a person in on a device that they use already: it makes a new
// session and ends the one that the browser had (old, may be ""). The answer is
// the token for the cookie.
func (a *Accounts) Start(ctx context.Context, person int64, device, old string) (string, error) {
	return a.begin(ctx, person, device, old, true)
}

// begin is Start; known says whether the browser was signed in as the person
// before, else the person is told.
func (a *Accounts) begin(ctx context.Context, person int64, device, old string, known bool) (string, error) {
	var token string
	err := a.base.Tx(ctx, func(tx *db.Tx) error {
		var err error
		if token, err = a.start(ctx, tx, person, device, known); err != nil || old == "" {
			return err
		}
		if err := moveOIDCSession(ctx, tx, secret.Hash(old), secret.Hash(token)); err != nil {
			return err
		}
		return deleteSession(ctx, tx, secret.Hash(old))
	})
	return token, err
}

// start makes a session in a transaction and tells the person about a device
// that is new to them.
func (a *Accounts) start(ctx context.Context, tx *db.Tx, person int64, device string, known bool) (string, error) {
	p, err := personByID(ctx, tx, person)
	if err != nil {
		return "", err
	}
	if p.Disabled {
		return "", errDisabled()
	}
	list, err := sessionsOf(ctx, tx, person)
	if err != nil {
		return "", err
	}
	if err := trimSessions(ctx, tx, list); err != nil {
		return "", err
	}
	if !known {
		if err := a.tellDevice(ctx, tx, p, device); err != nil {
			return "", err
		}
	}
	token, now := secret.Token(), tx.Now()
	return token, insertSession(ctx, tx, Session{
		Hash: secret.Hash(token), PublicID: secret.ID(), Person: person, Device: device,
		CreatedAt: now, FreshAt: now, SeenAt: now, ExpiresAt: expiry(now, now),
	})
}

// trimSessions keeps the list of sessions from growing without end.
func trimSessions(ctx context.Context, tx *db.Tx, list []Session) error {
	for i := sessionsPerHead - 1; i < len(list); i++ {
		if err := deleteSession(ctx, tx, list[i].Hash); err != nil {
			return err
		}
	}
	return nil
}

// End ends the session of a token.
func (a *Accounts) End(ctx context.Context, token string) error {
	return a.base.Tx(ctx, func(tx *db.Tx) error { return deleteSession(ctx, tx, secret.Hash(token)) })
}

// Sessions lists where a person is signed in, the last used first.
func (a *Accounts) Sessions(ctx context.Context, person int64) ([]Session, error) {
	list, err := sessionsOf(ctx, a.base.Read(), person)
	if err != nil {
		return nil, err
	}
	now := a.base.Now()
	alive := list[:0]
	for _, s := range list {
		rests, err := a.rests(ctx, s.Hash)
		if err != nil {
			return nil, err
		}
		if now.Before(s.ExpiresAt) && !rests {
			alive = append(alive, s)
		}
	}
	return alive, nil
}

// Revoke ends one session of a person. It returns db.ErrNotFound as a fault when
// it is not theirs.
func (a *Accounts) Revoke(ctx context.Context, person int64, publicID string) error {
	return notFound(a.base.Tx(ctx, func(tx *db.Tx) error { return deleteSessionByID(ctx, tx, person, publicID) }))
}

// RevokeOthers ends all sessions of a person but one.
func (a *Accounts) RevokeOthers(ctx context.Context, person int64, keep []byte) error {
	return a.base.Tx(ctx, func(tx *db.Tx) error { return deleteSessions(ctx, tx, person, keep) })
}

// RevokeAll is RevokeOthers, and ends what apps may do for the person.
func (a *Accounts) RevokeAll(ctx context.Context, person int64, keep []byte) error {
	return a.base.Tx(ctx, func(tx *db.Tx) error {
		if err := deleteSessions(ctx, tx, person, keep); err != nil {
			return err
		}
		return event.Publish(ctx, tx, a.bus, AppsEnded{Person: person})
	})
}

// Sweep removes sessions, mailed links and unfinished visits that time has ended,
// and takes roles back that a provider did not give lately. Call it now and then.
func (a *Accounts) Sweep(ctx context.Context) error {
	if err := a.SettleRoles(ctx); err != nil {
		return err
	}
	return a.base.Tx(ctx, func(tx *db.Tx) error {
		if err := deleteEnded(ctx, tx, tx.Now()); err != nil {
			return err
		}
		return deleteStale(ctx, tx, tx.Now())
	})
}

func errDisabled() error { return fault.New(fault.Forbidden, "account.error.disabled") }
