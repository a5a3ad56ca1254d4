package sdk

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// maxScopes bounds what a target asks for.
const maxScopes = 32

// scope is one scope-token (RFC 6749 §3.3).

// The ways in which the host shows the token endpoint who it is.
const (
	AuthPost  = "post"  // client_secret_post (RFC 6749 §2.3.1)
	AuthBasic = "basic" // client_secret_basic
	AuthNone  = "none"  // a public client
)

// OAuth is how the host gets a grant for the person's account: a code with PKCE
// (RFC 6749 §4.1, RFC 7636). The client's id and secret are the plugin's settings
// "client_id" and "client_secret", or come from [Target.Provision]. In addresses
// {instance} stands for the person's server. All of it is the host's work: a
// plugin never sees a code or a refresh token.
type OAuth struct {
	AuthorizeURL   string   `json:"authorize,omitempty" yaml:"authorize"`
	TokenURL       string   `json:"token,omitempty" yaml:"token"`
	RevokeURL      string   `json:"revoke,omitempty" yaml:"revoke"`                   // RFC 7009; empty: Target.Disconnect does it, or nobody
	Scopes         []string `json:"scopes,omitempty" yaml:"scopes"`                   // the text "scope.NAME" says each in words
	ClientAuth     string   `json:"client_auth,omitempty" yaml:"client_auth"`         // AuthPost (also when empty), AuthBasic or AuthNone
	PARURL         string   `json:"par,omitempty" yaml:"par"`                         // not empty: the request is pushed (RFC 9126)
	DPoP           bool     `json:"dpop,omitempty" yaml:"dpop"`                       // tokens are bound to a key (RFC 9449), Grant.DPoPJWK
	ClientMetadata bool     `json:"client_metadata,omitempty" yaml:"client_metadata"` // the client's id is the address of a document that the host serves
	Provision      bool     `json:"provision,omitempty" yaml:"provision"`             // Target.Provision is asked for each server
}

// OAuthApp is a registration with one server, the answer of [Target.Provision].
// What is empty stands as in [OAuth].
type OAuthApp struct {
	ClientID     string
	ClientSecret string
	AuthorizeURL string
	TokenURL     string
	RevokeURL    string
	PARURL       string
	Issuer       string // what the answer's iss must be, when not empty (RFC 9207)
}

// Registration is what [Target.Provision] is asked with.
type Registration struct {
	Instance    string // host name, or the account's handle where a handle leads to a server
	RedirectURI string
	ClientName  string // of the passport
	Website     string
}

func (o *OAuth) check(t TargetInfo) error {
	var faults []error
	bad := func(format string, args ...any) { faults = append(faults, fmt.Errorf("oauth: "+format, args...)) }
	for name, address := range map[string]string{"authorize": o.AuthorizeURL, "token": o.TokenURL, "revoke": o.RevokeURL, "par": o.PARURL} {
		if address != "" && !o.endpoint(address, t.NeedsInstance) {
			bad("%s is not an https address without query; {instance} stands for a host and needs instance: true", name)
		}
	}
	if (o.AuthorizeURL == "" || o.TokenURL == "") && !o.Provision {
		bad("authorize and token are needed where nothing is provisioned")
	}
	if o.Provision && !t.NeedsInstance {
		bad("provision needs instance: true")
	}
	if len(o.Scopes) > maxScopes || slices.ContainsFunc(o.Scopes, func(s string) bool { return !validScope(s) }) {
		bad("at most %d scopes, of the characters of RFC 6749 §3.3", maxScopes)
	}
	if !slices.Contains([]string{AuthPost, AuthBasic, AuthNone}, o.ClientAuth) {
		bad("client_auth %q is not known", o.ClientAuth)
	}
	return errors.Join(faults...)
}

// endpoint tells whether address is one that a host may ask for tokens. {instance}
// stands for the whole host or is not there.
func (o *OAuth) endpoint(address string, instance bool) bool {
	rest, named := strings.CutPrefix(address, "https://{instance}")
	if named {
		address = "https://instance.example" + rest
	}
	if named && !instance || strings.ContainsAny(address, "{}") || len(address) > 500 {
		return false
	}
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.User == nil && u.RawQuery == "" && u.Fragment == "" && ValidHost(u.Host)
}

// clone gives o with the client authentication that stands for none filled in.
func (o *OAuth) clone() *OAuth {
	if o == nil {
		return nil
	}
	c := *o
	c.ClientAuth, c.Scopes = first(c.ClientAuth, AuthPost), slices.Clone(c.Scopes)
	return &c
}
