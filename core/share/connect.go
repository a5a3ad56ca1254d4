package share

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/secret"
	"github.com/osier-passport/osier/core/share/host"
	"github.com/osier-passport/osier/core/share/oauth"
	"github.com/osier-passport/osier/plugins/sdk"
)

// connectWithin is how long a connection may take, each of its two halves.
const connectWithin = 10 * time.Minute

// The stages of a connection.
const (
	stageOut     = "out"     // the person is at the remote
	stageConfirm = "confirm" // back, and asked whether the account is theirs
)

const callbackPath = "/connect/callback"

// flow is what a row of share_connect seals.
type flow struct {
	Instance string     `json:"instance,omitempty"`
	Next     string     `json:"next,omitempty"` // local path to go on with
	OAuth    oauth.Flow `json:"oauth"`
	Grant    grant      `json:"grant"`
	Expires  time.Time  `json:"expires"`
	Scopes   []string   `json:"scopes,omitempty"`
	Account  found      `json:"account"`
}

// server is the one that gave the grant: the issuer, where a handle led to it.
func (f flow) server() string {
	if u, err := url.Parse(f.Grant.App.Issuer); err == nil && sdk.ValidHost(u.Host) {
		return u.Host
	}
	return f.Instance
}

// found is the account that a grant is for.
type found struct{ ID, Name, URL, Instance string }

// connecting is a row of share_connect.
type connecting struct {
	person  int64
	session []byte // hash: the way back leads into the browser that left
	target  string
	stage   string
	sealed  []byte
	expires time.Time
}

func connectAAD(c connecting) []byte {
	return fmt.Appendf(nil, "share/connect|%d|%s|%s", c.person, c.target, c.stage)
}

// who is the person who connects, in one browser.
type who struct {
	person  int64
	session []byte
	lang    string
}

// Connect begins a connection. For a target with OAuth it gives the address to send
// the person to, for one with fields the token of the question whether the account
// is theirs. What is wrong with the fields comes back by field.
func (s *Share) connect(ctx context.Context, w who, target string, values map[string]string, next string) (away, token string, wrong []host.FieldError, err error) {
	t, err := s.offered(target)
	if err != nil {
		return "", "", nil, err
	}
	if t.OAuth == nil && len(t.Connect) == 0 {
		return "", "", nil, fault.New(fault.NotFound, "share.error.no_target")
	}
	f := flow{Next: next}
	if t.NeedsInstance {
		if f.Instance, wrong = instanceFor(values["instance"]); wrong != nil {
			return "", "", wrong, nil
		}
	}
	if t.OAuth != nil {
		away, err = s.beginOAuth(ctx, w, target, t, f)
		if t.NeedsInstance && fault.Is(err, fault.Unavailable) { // most often a mistyped name
			s.log.Warn("a server was not there to connect to", "target", target, "instance", f.Instance, "error", err)
			return "", "", []host.FieldError{{Key: "instance", Text: "share.field.silent"}}, nil
		}
		return away, "", nil, err
	}
	if f.Grant.Fields, wrong = checkFields(t.Connect, values); len(wrong) > 0 {
		return "", "", wrong, nil
	}
	token, err = s.identify(ctx, w, target, f)
	return "", token, nil, err
}

// instanceFor reads the server that a person named. With Provision it may be their
// handle, where the handle leads to a server.
func instanceFor(typed string) (string, []host.FieldError) {
	name := instanceOf(typed)
	if !sdk.ValidHost(name) {
		return "", []host.FieldError{{Key: "instance", Text: "share.field.instance"}}
	}
	return name, nil
}

func (s *Share) beginOAuth(ctx context.Context, w who, target string, t sdk.TargetInfo, f flow) (string, error) {
	app, err := s.app(ctx, target, t, f.Instance)
	if err != nil {
		return "", err
	}
	hint := ""
	if t.OAuth.ClientMetadata {
		hint = f.Instance
	}
	away, o, err := s.oauth.Begin(ctx, app, hint)
	if oauth.Is(err, "invalid_client") && t.OAuth.Provision { // servers forget registrations
		if app, err = s.provision(ctx, target, t, f.Instance); err == nil {
			away, o, err = s.oauth.Begin(ctx, app, hint)
		}
	}
	if err != nil {
		return "", refusedToConnect(err)
	}
	f.OAuth, f.Grant.App, f.Grant.DPoPKey = o, app, o.DPoPKey
	return away, s.remember(ctx, w, connecting{target: target, stage: stageOut}, o.State, f)
}

// refusedToConnect is a fault for what went wrong between us and a server.
func refusedToConnect(err error) error {
	if _, ok := fault.As(err); ok {
		return err
	}
	return fault.New(fault.Unavailable, "share.error.connect").Wrap(err)
}

// remember stores a half of a connection under a token.
func (s *Share) remember(ctx context.Context, w who, c connecting, token string, f flow) error {
	c.person, c.session = w.person, w.session
	text, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("remember a connection: %w", err)
	}
	c.sealed = s.keys.Seal(text, connectAAD(c))
	return s.base.Tx(ctx, func(tx *db.Tx) error {
		c.expires = tx.Now().Add(connectWithin)
		return insertConnecting(ctx, tx, secret.Hash(token), c)
	})
}

// recall takes a half of a connection: it is good once, for the person and the
// browser that began it.
func (s *Share) recall(ctx context.Context, w who, token, stage string) (connecting, flow, error) {
	var c connecting
	err := s.base.Tx(ctx, func(tx *db.Tx) error {
		var err error
		c, err = takeConnecting(ctx, tx, secret.Hash(token), w.person)
		return err
	})
	late := fault.New(fault.Gone, "share.error.connect_late").At("/settings/sharing")
	if errors.Is(err, db.ErrNotFound) {
		return c, flow{}, late
	}
	if err != nil {
		return c, flow{}, err
	}
	if c.stage != stage || string(c.session) != string(w.session) || s.base.Now().After(c.expires) {
		return c, flow{}, late
	}
	return c, s.openFlow(&c, nil), nil
}

// openFlow gives what a row seals; a row that cannot be opened is an empty flow,
// with which nothing succeeds.
func (s *Share) openFlow(c *connecting, f *flow) flow {
	if f == nil {
		f = &flow{}
	}
	text, err := s.keys.Open(c.sealed, connectAAD(*c))
	if err == nil {
		err = json.Unmarshal(text, f)
	}
	if err != nil {
		s.log.Warn("a connection cannot be opened", "error", err)
	}
	return *f
}

// answer is what a remote sent a person back with (RFC 6749 §4.1.2).
type answer struct{ state, code, iss, problem string }

// returned ends the first half of a connection: the code becomes a token, and the
// plugin says whose. It gives the token of the question.
func (s *Share) returned(ctx context.Context, w who, a answer) (string, error) {
	c, f, err := s.recall(ctx, w, a.state, stageOut)
	if err != nil {
		return "", err
	}
	again := "/connect/" + c.target
	if a.problem != "" || a.code == "" {
		key := "share.error.connect"
		if a.problem == "access_denied" {
			key = "share.error.connect_denied"
		}
		return "", fault.New(fault.Conflict, key).At(again)
	}
	t, err := s.oauth.Exchange(ctx, f.Grant.App, f.OAuth, a.code, a.iss)
	if err != nil {
		s.log.Warn("a connection was refused", "target", c.target, "error", err)
		if oauth.Is(err, "invalid_client") {
			if err := s.forgetApp(ctx, c.target, f.Instance); err != nil {
				return "", err
			}
		}
		return "", fault.New(fault.Unavailable, "share.error.connect").At(again).Wrap(err)
	}
	f.Grant.Access, f.Grant.Refresh, f.Expires = t.Access, t.Refresh, t.Expires
	f.OAuth = oauth.Flow{}
	if f.Scopes = strings.Fields(t.Scope); len(f.Scopes) == 0 {
		f.Scopes = f.Grant.App.Scopes
	}
	return s.identify(ctx, w, c.target, f)
}

// identify has the plugin say whose grant it is, and asks the person.
func (s *Share) identify(ctx context.Context, w who, target string, f flow) (string, error) {
	plugin, name, _ := strings.Cut(target, ".")
	settings, err := s.settingsOf(ctx, plugin)
	if err != nil {
		return "", err
	}
	a, err := s.host.Identify(ctx, plugin, name, f.Grant.toHost(Account{Instance: f.server()}), settings)
	if err != nil {
		return "", s.notIdentified(target, w.lang, host.AsFailure(err))
	}
	f.Account = found{ID: a.ID, Name: a.Name, URL: a.URL, Instance: f.server()}
	if a.Instance != "" {
		f.Account.Instance = a.Instance
	}
	token := secret.Token()
	return token, s.remember(ctx, w, connecting{target: target, stage: stageConfirm}, token, f)
}

func (s *Share) notIdentified(target, lang string, f *host.Failure) error {
	if f.Cause != nil && f.Code == host.Retry {
		return f.Cause
	}
	words, _ := s.words(target, lang, Job{Detail: detailOf(f)})
	if words == "" {
		return fault.New(fault.Invalid, "share.error.not_identified").At("/connect/" + target).Wrap(f)
	}
	return fault.New(fault.Invalid, "share.error.not_identified_because").With("detail", words).At("/connect/" + target).Wrap(f)
}

// question shows what a person is asked to confirm, without using it up.
func (s *Share) question(ctx context.Context, w who, token string) (string, found, error) {
	c, err := findConnecting(ctx, s.base.Read(), secret.Hash(token), w.person)
	if errors.Is(err, db.ErrNotFound) || err == nil && (c.stage != stageConfirm || string(c.session) != string(w.session) || s.base.Now().After(c.expires)) {
		return "", found{}, fault.New(fault.Gone, "share.error.connect_late").At("/settings/sharing")
	}
	if err != nil {
		return "", found{}, err
	}
	return c.target, s.openFlow(&c, nil).Account, nil
}

// confirm ends a connection: the account is the person's. It gives the local path
// to go on with. When the answer is no, the grant is given back.
func (s *Share) confirm(ctx context.Context, w who, token string, yes bool) (next string, a Account, err error) {
	c, f, err := s.recall(ctx, w, token, stageConfirm)
	if err != nil {
		return "", a, err
	}
	a = Account{
		Target: c.target, Name: f.Account.Name, URL: f.Account.URL, Instance: f.Account.Instance, Scopes: f.Scopes,
		person: w.person, remoteID: f.Account.ID, expires: f.Expires,
	}
	if !yes {
		if a.sealed, err = s.sealGrant(a, f.Grant); err == nil {
			err = s.leave(ctx, a)
		}
		if err != nil {
			s.log.Warn("a remote did not forget a grant", "target", a.Target, "error", err)
		}
		return f.Next, a, nil
	}
	err = s.base.Tx(ctx, func(tx *db.Tx) error {
		if err := agree(ctx, tx, w.person, c.target); err != nil {
			return err
		}
		return s.keep(ctx, tx, a, f.Grant)
	})
	return f.Next, a, err
}
