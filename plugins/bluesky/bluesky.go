// Package bluesky shares to Bluesky: by its intent link, and as a post with a card
// in the person's account (AT Protocol), by OAuth or by an application password.
//
// It owns nothing; `osier plugin serve bluesky` runs it through plugins.Serve.
package bluesky

import (
	"cmp"
	"context"
	_ "embed"
	"net/url"
	"strings"

	"github.com/osier-passport/osier/plugins/sdk"
)

//go:embed plugin.yaml
var manifest []byte

// Plugin is what this package offers.
func Plugin() sdk.Plugin {
	return sdk.Plugin{Manifest: manifest, Targets: []sdk.Target{
		{ID: "auto", Post: with(byGrant, post), Resume: lookWith(byGrant), Identify: identifyGrant, Retract: retractWith(byGrant), Provision: provision},
		{ID: "app", Post: with(byPassword, post), Resume: lookWith(byPassword), Identify: identifyPassword, Retract: retractWith(byPassword)},
	}}
}

// repo is the account's store of records at its server.
type repo struct {
	http        *sdk.Client
	did, server string // server is https://host
}

// xrpc is the address of a method (AT Protocol, HTTP API).
func (r repo) xrpc(method string) string { return r.server + "/xrpc/" + method }

// opener opens the repo that a call is for.
type opener func(ctx context.Context, c *sdk.Call) (repo, error)

func byGrant(_ context.Context, c *sdk.Call) (repo, error) {
	return repo{http: c.HTTP, did: c.Grant.AccountID, server: "https://" + c.Grant.Instance}, nil
}

// session is what getSession and createSession answer.
type session struct {
	DID, Handle, AccessJWT string
	DIDDoc                 document
}

// document is a DID document as far as it names the account's server.
type document struct {
	Service []struct{ ID, ServiceEndpoint string }
}

// host gives the server that keeps the account, "" when the document names none.
func (d document) host() string {
	for _, s := range d.Service {
		if u, err := url.Parse(s.ServiceEndpoint); err == nil && strings.HasSuffix(s.ID, "#atproto_pds") && u.Scheme == "https" {
			return u.Host
		}
	}
	return ""
}

// logIn trades the application password for a session of this call alone.
func logIn(ctx context.Context, c *sdk.Call) (session, error) {
	var s session
	in := map[string]string{"identifier": strings.TrimPrefix(c.Grant.Fields["handle"], "@"), "password": c.Grant.Fields["app_password"]}
	err := c.HTTP.JSON(ctx, "POST", server(c)+"/xrpc/com.atproto.server.createSession", in, &s)
	return s, sdk.NotPosted(err)
}

func server(c *sdk.Call) string { return strings.TrimSuffix(c.Grant.Fields["server"], "/") }

func byPassword(ctx context.Context, c *sdk.Call) (repo, error) {
	s, err := logIn(ctx, c)
	if err != nil {
		return repo{}, err
	}
	c.HTTP.Bearer(s.AccessJWT)
	return repo{http: c.HTTP, did: s.DID, server: server(c)}, nil
}

func identifyPassword(ctx context.Context, c *sdk.Call) (sdk.Account, error) {
	s, err := logIn(ctx, c)
	return s.account(), err
}

func identifyGrant(ctx context.Context, c *sdk.Call) (sdk.Account, error) {
	var s session
	err := c.HTTP.JSON(ctx, "GET", "https://"+c.Grant.Instance+"/xrpc/com.atproto.server.getSession", nil, &s)
	a := s.account()
	a.Instance = cmp.Or(s.DIDDoc.host(), c.Grant.Instance)
	return a, err
}

func (s session) account() sdk.Account {
	return sdk.Account{ID: s.DID, Name: "@" + s.Handle, URL: "https://bsky.app/profile/" + url.PathEscape(s.DID)}
}
