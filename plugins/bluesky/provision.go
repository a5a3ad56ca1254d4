package bluesky

import (
	"context"
	"net/url"
	"strings"

	"github.com/osier-passport/osier/plugins/sdk"
)

// entryway is where accounts that Bluesky itself keeps sign in.
const entryway = "bsky.social"

// provision finds the authorization server of what the person named: bsky.social,
// a server of their own, or a handle. There is nothing to register: the client is
// the document that the passport serves (atproto OAuth).
func provision(ctx context.Context, c *sdk.Call, r sdk.Registration) (sdk.OAuthApp, error) {
	host, err := home(ctx, c, r.Instance)
	if err != nil {
		return sdk.OAuthApp{}, err
	}
	if host != entryway {
		if host, err = authorizer(ctx, c, host); err != nil {
			return sdk.OAuthApp{}, err
		}
	}
	var m struct {
		Issuer    string `json:"issuer"`
		Authorize string `json:"authorization_endpoint"`
		Token     string `json:"token_endpoint"`
		Revoke    string `json:"revocation_endpoint"`
		PAR       string `json:"pushed_authorization_request_endpoint"`
	}
	if err := c.HTTP.JSON(ctx, "GET", "https://"+host+"/.well-known/oauth-authorization-server", nil, &m); err != nil {
		return sdk.OAuthApp{}, err
	}
	if m.Issuer != "https://"+host || m.PAR == "" { // RFC 8414 §3.3
		return sdk.OAuthApp{}, sdk.Failure{Code: sdk.Rejected, Key: "no-server"}
	}
	return sdk.OAuthApp{AuthorizeURL: m.Authorize, TokenURL: m.Token, RevokeURL: m.Revoke, PARURL: m.PAR, Issuer: m.Issuer}, nil
}

// home gives the server of a handle, and takes for a server what is no handle.
func home(ctx context.Context, c *sdk.Call, name string) (string, error) {
	if name == entryway || strings.HasSuffix(name, "."+entryway) {
		return entryway, nil
	}
	var who struct{ DID string }
	if err := c.HTTP.JSON(ctx, "GET", "https://public.api.bsky.app/xrpc/com.atproto.identity.resolveHandle?handle="+url.QueryEscape(name), nil, &who); err != nil {
		if sdk.CodeOf(err) == sdk.Rejected {
			return name, nil // no handle: a server
		}
		return "", err
	}
	if !strings.HasPrefix(who.DID, "did:plc:") {
		return "", sdk.Failure{Code: sdk.Rejected, Key: "name-server"}
	}
	var d document
	if err := c.HTTP.JSON(ctx, "GET", "https://plc.directory/"+url.PathEscape(who.DID), nil, &d); err != nil {
		return "", err
	}
	switch host := d.host(); {
	case strings.HasSuffix(host, ".host.bsky.network"):
		return entryway, nil
	case host == name:
		return host, nil
	}
	return "", sdk.Failure{Code: sdk.Rejected, Key: "name-server"} // which the passport lets nobody connect to unasked
}

// authorizer asks a server for its authorization server (RFC 9728 §3).
func authorizer(ctx context.Context, c *sdk.Call, host string) (string, error) {
	var m struct {
		Servers []string `json:"authorization_servers"`
	}
	if err := c.HTTP.JSON(ctx, "GET", "https://"+host+"/.well-known/oauth-protected-resource", nil, &m); err != nil {
		return "", err
	}
	if len(m.Servers) != 1 {
		return "", sdk.Failure{Code: sdk.Rejected, Key: "no-server"}
	}
	u, err := url.Parse(m.Servers[0])
	if err != nil || u.Scheme != "https" || u.Host != host && u.Host != entryway {
		return "", sdk.Failure{Code: sdk.Rejected, Key: "no-server"}
	}
	return u.Host, nil
}
