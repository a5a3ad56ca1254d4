// Package oidc signs people in with OpenID Connect providers: authorization code
// flow with PKCE, state and nonce (OpenID Connect Core 1.0 §3.1, RFC 7636,
// RFC 9700).
//
// It owns no table and no event. A provider's discovery document and keys are
// fetched when they are first needed and kept, so that a dead provider stops
// nobody but those who choose it. What go-oidc leaves to its caller is checked in
// token.go. Package account keeps the state between Begin and Finish and decides
// who the claims belong to; it is the only caller.
package oidc

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/fetch"
)

// Options are what providers are made of.
type Options struct {
	Providers []config.OIDC
	Client    *http.Client           // the guarded client of core/fetch; nil: no provider can be reached
	Callback  func(id string) string // absolute redirect URI of a provider
	SignedOut func(id string) string // absolute address to come back to from a sign-out
	Now       func() time.Time       // nil: time.Now
}

// Providers are the configured ones, in the order of the configuration.
type Providers struct{ list []*Provider }

// New makes the providers without asking any of them.
func New(o Options) *Providers {
	if o.Now == nil {
		o.Now = time.Now
	}
	ps := &Providers{}
	for _, c := range o.Providers {
		name := c.Name
		if name == "" {
			name = c.ID
		}
		ps.list = append(ps.list, &Provider{
			ID: c.ID, Name: name, Issuer: c.Issuer, conf: c,
			Logout: c.Logout, client: narrow(o.Client), callback: o.Callback, signedOut: o.SignedOut, now: o.Now,
		})
	}
	return ps
}

// List gives all providers.
func (ps *Providers) List() []*Provider { return ps.list }

// Get finds a provider by its id; a fault NotFound when there is none.
func (ps *Providers) Get(id string) (*Provider, error) {
	for _, p := range ps.list {
		if p.ID == id {
			return p, nil
		}
	}
	return nil, fault.New(fault.NotFound, "account.error.oidc.unknown")
}

// Request is the start of a sign-in, made of fresh random values.
type Request struct {
	State, Nonce, Verifier string
	Again                  bool // ask for the person's proof even when the provider knows them
}

// Answer is what the browser brought back, with the values of its Request.
type Answer struct {
	Code, Issuer    string // of the query: code, iss (RFC 9207)
	Nonce, Verifier string
	Since           time.Time // of a Request with Again: its time, else zero
}

// Claims are what a provider says about a person. Issuer and Subject are the
// identity; the rest is text of strangers. Address is "" unless it is one
// string, and counts only when Verified.
type Claims struct {
	Issuer, Subject string
	Name, Username  string
	Address         string
	Verified        bool
	Domain          string    // of the claim that the configuration names
	Groups          []string  // nil when nothing was said about them
	Role, RoleGroup string    // that the groups give, and the group that does; or ""
	Session         string    // sid: of the session at the provider, or ""
	ProvedAt        time.Time // auth_time: when the provider last asked for a proof; zero when not said
	Token           string    // the id token, for a sign-out
}

// Begin gives the address at the provider where the person signs in. It returns
// a fault Unavailable when the provider cannot be reached or is not fit.
func (p *Provider) Begin(ctx context.Context, r Request) (string, error) {
	m, err := p.metadata(ctx)
	if err != nil {
		return "", err
	}
	o := []oauth2.AuthCodeOption{
		oauth2.SetAuthURLParam("nonce", r.Nonce),
		oauth2.S256ChallengeOption(r.Verifier),
	}
	if r.Again {
		// max_age makes auth_time required in the answer (OpenID Connect Core 1.0 §3.1.2.1).
		o = append(o, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	return p.oauth(m).AuthCodeURL(r.State, o...), nil
}

// Finish exchanges the code and checks all that comes with it. It returns a
// fault Forbidden for an answer that proves nothing (its cause is for the log), or
// for a person whom the configuration does not let in, and Unavailable when the
// provider does not answer.
func (p *Provider) Finish(ctx context.Context, a Answer) (Claims, error) {
	m, err := p.metadata(ctx)
	if err != nil {
		return Claims{}, err
	}
	if err := m.checkIssuer(a.Issuer); err != nil {
		return Claims{}, p.refused(err)
	}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, p.client)
	tok, err := p.oauth(m).Exchange(ctx, a.Code, oauth2.VerifierOption(a.Verifier))
	if err != nil {
		return Claims{}, p.exchangeFailed(err)
	}
	if !strings.EqualFold(tok.Type(), "Bearer") {
		return Claims{}, p.refused(fmt.Errorf("token type %q", tok.Type()))
	}
	raw, ok := tok.Extra("id_token").(string)
	if !ok {
		return Claims{}, p.refused(errors.New("no id token"))
	}
	claims, err := p.verifier(m).verify(ctx, raw, a.Nonce, tok.AccessToken)
	if err != nil {
		return Claims{}, p.tokenFailed(err)
	}
	if claims, err = p.addUserInfo(ctx, m, tok, claims); err != nil {
		return Claims{}, p.refused(err)
	}
	if err := p.checkProof(claims, a.Since); err != nil {
		return Claims{}, err
	}
	claims.Token = raw
	claims.Role, claims.RoleGroup = p.role(claims)
	return claims, p.admit(claims)
}

func (p *Provider) verifier(m *metadata) verifier {
	return verifier{metadata: m, clientID: p.conf.ClientID, now: p.now, groups: p.groupsClaim(), domain: p.conf.DomainClaim}
}

// checkIssuer holds the iss parameter of the answer against the provider
// (RFC 9207 §2.4), so that providers cannot be mixed up.
func (m *metadata) checkIssuer(iss string) error {
	if iss == "" && !m.sendsIssuer {
		return nil
	}
	if subtle.ConstantTimeCompare([]byte(iss), []byte(m.issuer)) == 1 {
		return nil
	}
	return errors.New("the answer names another issuer")
}

func (p *Provider) oauth(m *metadata) *oauth2.Config {
	style := oauth2.AuthStyleInHeader
	if m.secretInBody || p.conf.ClientSecret == "" {
		style = oauth2.AuthStyleInParams
	}
	return &oauth2.Config{
		ClientID: p.conf.ClientID, ClientSecret: p.conf.ClientSecret, Scopes: p.conf.Scopes,
		RedirectURL: p.callback(p.ID),
		Endpoint:    oauth2.Endpoint{AuthURL: m.authURL, TokenURL: m.tokenURL, AuthStyle: style},
	}
}

func (p *Provider) refused(err error) error {
	return fault.New(fault.Forbidden, "account.error.oidc.refused").With("provider", p.Name).Wrap(err).At("/login")
}

func (p *Provider) unavailable(err error) error {
	return fault.New(fault.Unavailable, "account.error.oidc.unavailable").With("provider", p.Name).Wrap(err).At("/login")
}

// Blocked gives the host and port of a provider that our own guard keeps us from,
// when that is why Begin or Finish failed: fetch.allow opens it.
func Blocked(err error) (string, bool) {
	if !fetch.Blocked(err) {
		return "", false
	}
	e, ok := errors.AsType[*url.Error](err)
	if !ok {
		return "", false
	}
	u, perr := url.Parse(e.URL)
	if perr != nil {
		return "", false
	}
	return u.Host, true
}

// exchangeFailed tells a code that the provider does not take from a provider
// that does not work.
func (p *Provider) exchangeFailed(err error) error {
	answer, ok := errors.AsType[*oauth2.RetrieveError](err)
	if ok && answer.Response != nil && answer.Response.StatusCode >= 400 && answer.Response.StatusCode < 500 {
		return p.refused(fmt.Errorf("token endpoint: status %d, %.60q", answer.Response.StatusCode, answer.ErrorCode))
	}
	if ok {
		return p.unavailable(errors.New("token endpoint: unusable answer"))
	}
	return p.unavailable(fmt.Errorf("token endpoint: %w", err))
}

func (p *Provider) tokenFailed(err error) error {
	if errors.Is(err, errKeys) {
		return p.unavailable(err)
	}
	return p.refused(err)
}
