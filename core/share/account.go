package share

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/share/host"
	"github.com/osier-passport/osier/core/share/oauth"
)

// The states of a connected account.
const (
	AccountOK        = "ok"
	AccountReconnect = "reconnect" // the token is not taken any more: an ordinary state
	AccountBlocked   = "blocked"   // the remote shut the passport or the person out
)

// Account is an account elsewhere that a person connected.
type Account struct {
	ID       string // public
	Target   string // plugin.target
	Name     string // as people know it there
	URL      string
	Instance string
	State    string
	Scopes   []string // what it may do

	ConnectedAt, UsedAt time.Time

	row      int64
	person   int64
	remoteID string
	sealed   []byte
	expires  time.Time // of the token
}

// grant is what an account's row seals.
type grant struct {
	Access  string            `json:"access,omitempty"`
	Refresh string            `json:"refresh,omitempty"`
	DPoPKey string            `json:"dpop_key,omitempty"`
	Fields  map[string]string `json:"fields,omitempty"`
	App     oauth.App         `json:"app"`
}

// grantAAD says where a sealed grant belongs: in no other row can it be opened.
func grantAAD(person int64, target, remoteID string) []byte {
	return fmt.Appendf(nil, "share/grant|%d|%s|%s", person, target, remoteID)
}

func (s *Share) sealGrant(a Account, g grant) ([]byte, error) {
	text, err := json.Marshal(g)
	if err != nil {
		return nil, fmt.Errorf("seal a grant: %w", err)
	}
	return s.keys.Seal(text, grantAAD(a.person, a.Target, a.remoteID)), nil
}

func (s *Share) openGrant(a Account) (grant, error) {
	var g grant
	text, err := s.keys.Open(a.sealed, grantAAD(a.person, a.Target, a.remoteID))
	if err == nil {
		err = json.Unmarshal(text, &g)
	}
	if err != nil {
		return g, fmt.Errorf("open a grant: %w", err)
	}
	return g, nil
}

// toHost is what a plugin gets of an account.
func (g grant) toHost(a Account) host.Grant {
	return host.Grant{
		AccessToken: g.Access, Instance: a.Instance, AccountID: a.remoteID, Fields: g.Fields, DPoPJWK: g.DPoPKey,
	}
}

// forLeaving is what a plugin gets to have a grant forgotten: the client too.
func (g grant) forLeaving(a Account) host.Grant {
	h := g.toHost(a)
	h.ClientID, h.ClientSecret = g.App.ClientID, g.App.ClientSecret
	return h
}

// Accounts gives what a person connected, by target and name.
func (s *Share) Accounts(ctx context.Context, person int64) ([]Account, error) {
	return listAccounts(ctx, s.base.Read(), person)
}

// account finds one of the person's own.
func (s *Share) account(ctx context.Context, d db.DB, person int64, id string) (Account, error) {
	a, err := findAccount(ctx, d, person, id)
	if errors.Is(err, db.ErrNotFound) {
		return a, fault.New(fault.NotFound, "share.error.no_account")
	}
	return a, err
}

// keep stores a new account, or the new grant of one that was connected before;
// what waited for that goes on.
func (s *Share) keep(ctx context.Context, tx *db.Tx, a Account, g grant) error {
	var err error
	if a.sealed, err = s.sealGrant(a, g); err != nil {
		return err
	}
	if a.row, err = upsertAccount(ctx, tx, a); err != nil {
		return fmt.Errorf("keep an account: %w", err)
	}
	return s.wakeParked(ctx, tx, a.row)
}

// Disconnect has the remote and us forget an account. The remote is asked first and
// for a bounded time; the grant goes whatever it says.
func (s *Share) Disconnect(ctx context.Context, person int64, id string) error {
	a, err := s.account(ctx, s.base.Read(), person, id)
	if err != nil {
		return err
	}
	if err := s.leave(ctx, a); err != nil {
		s.log.Warn("a remote did not forget a grant", "target", a.Target, "error", err)
	}
	return s.base.Tx(ctx, func(tx *db.Tx) error { return s.forget(ctx, tx, a.row) })
}

// leaveWithin bounds how long a remote may take to forget a grant.
const leaveWithin = 10 * time.Second

// leave has the remote forget a grant: by RFC 7009 where it has an address for
// that, and by the plugin.
func (s *Share) leave(ctx context.Context, a Account) error {
	ctx, cancel := context.WithTimeout(ctx, leaveWithin)
	defer cancel()
	g, err := s.openGrant(a)
	if err != nil {
		return err
	}
	var errs []error
	if g.App.RevokeURL != "" {
		for _, token := range []string{g.Refresh, g.Access} {
			errs = append(errs, s.oauth.Revoke(ctx, g.App, g.DPoPKey, token))
		}
	}
	plugin, target, _ := strings.Cut(a.Target, ".")
	settings, err := s.settingsOf(ctx, plugin)
	if err != nil {
		return errors.Join(append(errs, err)...)
	}
	err = s.host.Disconnect(ctx, plugin, target, g.forLeaving(a), settings)
	if f := host.AsFailure(err); err != nil && f.Code == host.Rejected {
		err = nil // it has no such call, or nothing to do
	}
	return errors.Join(append(errs, err)...)
}

// forget deletes an account. What was shared with it stays in the history; what
// waits for it fails.
func (s *Share) forget(ctx context.Context, tx *db.Tx, account int64) error {
	if err := endJobsOf(ctx, tx, account, "share.reason.disconnected"); err != nil {
		return fmt.Errorf("end what waits for an account: %w", err)
	}
	return deleteAccount(ctx, tx, account)
}

// setAccountState notes that an account cannot be used as it is.
func (s *Share) setAccountState(ctx context.Context, account int64, state string) error {
	return s.base.Tx(ctx, func(tx *db.Tx) error { return updateAccountState(ctx, tx, account, state) })
}
