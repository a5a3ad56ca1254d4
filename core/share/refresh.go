package share

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/share/oauth"
)

const (
	refreshLease = 45 * time.Second       // longer than a request may take
	refreshLook  = 100 * time.Millisecond // while another process refreshes
	refreshEarly = time.Minute            // before a token ends
)

// errReconnect: the person has to connect the account again.
var errReconnect = errors.New("the account has to be connected again")

// refresh gets a new token for an account in place of stale, one at a time per
// account on all replicas: a refresh token is good for one use (RFC 9700 §4.14).
// It returns errReconnect, with the account's state set, when there is no way back,
// and a fault Unavailable when the server cannot be asked now.
func (s *Share) refresh(ctx context.Context, row int64, stale string) (Account, grant, error) {
	for {
		a, g, err := s.readGrant(ctx, row)
		if err != nil || g.Access != stale {
			return a, g, err
		}
		if g.Refresh == "" || a.State != AccountOK {
			return a, g, errors.Join(errReconnect, s.setAccountState(ctx, row, AccountReconnect))
		}
		mine, err := s.mayRefresh(ctx, a)
		if err != nil {
			return a, g, err
		}
		if mine {
			return s.refreshNow(ctx, a, g)
		}
		if err := pause(ctx, refreshLook); err != nil {
			return a, g, err
		}
	}
}

func (s *Share) readGrant(ctx context.Context, row int64) (Account, grant, error) {
	a, err := getAccount(ctx, s.base.Read(), row)
	if err != nil {
		return a, grant{}, err
	}
	g, err := s.openGrant(a)
	return a, g, err
}

func (s *Share) mayRefresh(ctx context.Context, a Account) (bool, error) {
	var n int64
	err := s.base.Tx(ctx, func(tx *db.Tx) error {
		var err error
		n, err = leaseRefresh(ctx, tx, a, db.Micros(tx.Now().Add(refreshLease)))
		return err
	})
	return n > 0, err
}

// refreshNow asks the server. Its answer is stored even when the caller has gone:
// the old token is dead by then.
func (s *Share) refreshNow(ctx context.Context, a Account, g grant) (Account, grant, error) {
	t, err := s.oauth.Refresh(ctx, g.App, g.DPoPKey, g.Refresh)
	var refused *oauth.Error
	switch {
	case err == nil:
		g.Access, g.Refresh, a.expires = t.Access, t.Refresh, t.Expires
	case errors.As(err, &refused) && refused.Status < 500 && refused.Status != 429:
		a.State = AccountReconnect
		if refused.Code == "invalid_client" { // the server forgot our registration: the next connection makes one
			if e := s.forgetApp(context.WithoutCancel(ctx), a.Target, a.Instance); e != nil {
				return a, g, e
			}
		}
	default:
		err = fault.New(fault.Unavailable, "share.error.no_refresh").Wrap(err)
	}
	ctx = context.WithoutCancel(ctx)
	var sealed error
	if a.sealed, sealed = s.sealGrant(a, g); sealed != nil {
		return a, g, sealed
	}
	if e := s.base.Tx(ctx, func(tx *db.Tx) error { return updateGrant(ctx, tx, a) }); e != nil {
		return a, g, fmt.Errorf("store a new token: %w", e)
	}
	if a.State == AccountReconnect {
		return a, g, errReconnect
	}
	return a, g, err
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
