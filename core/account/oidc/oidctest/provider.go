// Package oidctest plays an OpenID Connect provider in tests: an honest one, or
// one that misbehaves where its hooks say so.
//
// It owns nothing. Tests of core/account and below call it.
package oidctest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"
)

// The client that the provider knows.
const (
	ClientID     = "passport-client"
	ClientSecret = "client-secret"
)

// JSON is an object on its way out.
type JSON = map[string]any

// Provider is a running provider. Set hooks before the sign-in that they spoil;
// nil hooks are honest.
type Provider struct {
	Issuer string
	Person JSON // claims of who signs in: sub, name, email …

	Discovery func(JSON)                  // changes the discovery document
	Claims    func(JSON)                  // changes the claims before they are signed
	Sign      func(claims JSON) string    // makes the id token
	Token     func(answer JSON)           // changes the token endpoint's answer
	Keys      func() any                  // makes the key set
	UserInfo  func(w http.ResponseWriter) // answers the user info endpoint
	Handle    map[string]http.HandlerFunc // replaces whole endpoints, by path
	Now       func() time.Time            // nil: time.Now

	host   string
	key    *ecdsa.PrivateKey
	mu     sync.Mutex
	codes  map[string]grant
	counts map[string]int
}

type grant struct{ nonce, challenge, redirect string }

// New starts a provider for the length of the test.
func New(t testing.TB) *Provider {
	t.Helper()
	p := &Provider{
		Person: JSON{"sub": "subject-1", "name": "Ada Lovelace", "email": "ada@example.org", "email_verified": true},
		key:    NewKey(t), codes: map[string]grant{}, counts: map[string]int{}, Handle: map[string]http.HandlerFunc{},
	}
	server := httptest.NewServer(http.HandlerFunc(p.serve))
	t.Cleanup(server.Close)
	p.Issuer, p.host = server.URL, server.Listener.Addr().String()
	return p
}

// NewKey makes a signing key.
func NewKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// Host is host:port of the provider, for fetch.Options.Allow.
func (p *Provider) Host() string { return p.host }

// Behind makes the provider go by another issuer, such as one with TLS, and gives
// the client for which that issuer's host is this provider.
func (p *Provider) Behind(issuer string) *http.Client {
	p.Issuer = issuer
	return &http.Client{Transport: detour(p.host)}
}

// detour is a transport on which all requests end at one host, in the clear.
type detour string

// RoundTrip implements http.RoundTripper.
func (d detour) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.URL.Scheme, req.URL.Host = "http", string(d)
	return http.DefaultTransport.RoundTrip(req)
}

// Count tells how often an endpoint was asked.
func (p *Provider) Count(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.counts[path]
}

// Approve plays the person who agrees at authURL and gives the query that the
// browser brings back.
func (p *Provider) Approve(t testing.TB, authURL string) url.Values {
	t.Helper()
	u, err := url.Parse(authURL)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if q.Get("code_challenge_method") != "S256" || q.Get("state") == "" || q.Get("client_id") != ClientID {
		t.Fatalf("not a request for a code with PKCE: %s", authURL)
	}
	code := rand.Text()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.codes[code] = grant{q.Get("nonce"), q.Get("code_challenge"), q.Get("redirect_uri")}
	return url.Values{"code": {code}, "state": {q.Get("state")}, "iss": {p.Issuer}}
}

func (p *Provider) serve(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.counts[r.URL.Path]++
	p.mu.Unlock()
	if h := p.Handle[r.URL.Path]; h != nil {
		h(w, r)
		return
	}
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		reply(w, http.StatusOK, p.discovery())
	case "/keys":
		reply(w, http.StatusOK, p.keys())
	case "/token":
		p.token(w, r)
	case "/userinfo":
		p.userInfo(w)
	default:
		http.NotFound(w, r)
	}
}

func (p *Provider) discovery() JSON {
	d := JSON{
		"issuer": p.Issuer, "authorization_endpoint": p.Issuer + "/authorize", "token_endpoint": p.Issuer + "/token",
		"jwks_uri": p.Issuer + "/keys", "userinfo_endpoint": p.Issuer + "/userinfo",
		"end_session_endpoint":                           p.Issuer + "/logout",
		"id_token_signing_alg_values_supported":          []string{"ES256", "RS256"},
		"authorization_response_iss_parameter_supported": true,
	}
	if p.Discovery != nil {
		p.Discovery(d)
	}
	return d
}

func (p *Provider) keys() any {
	if p.Keys != nil {
		return p.Keys()
	}
	return JSON{"keys": []any{PublicKey(p.key, "k")}}
}

func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	g, known := p.codes[r.PostFormValue("code")]
	delete(p.codes, r.PostFormValue("code"))
	p.mu.Unlock()
	id, secret, _ := r.BasicAuth()
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !known || id != ClientID || secret != ClientSecret || r.PostFormValue("redirect_uri") != g.redirect ||
		base64.RawURLEncoding.EncodeToString(sum[:]) != g.challenge {
		reply(w, http.StatusBadRequest, JSON{"error": "invalid_grant"})
		return
	}
	claims := p.claims(g.nonce)
	answer := JSON{"access_token": "access", "token_type": "Bearer", "expires_in": 300, "refresh_token": "refresh"}
	if p.Sign != nil {
		answer["id_token"] = p.Sign(claims)
	} else {
		answer["id_token"] = Sign(p.key, JSON{"kid": "k", "typ": "JWT"}, claims)
	}
	if p.Token != nil {
		p.Token(answer)
	}
	reply(w, http.StatusOK, answer)
}

func (p *Provider) claims(nonce string) JSON {
	now := time.Now()
	if p.Now != nil {
		now = p.Now()
	}
	c := JSON{
		"iss": p.Issuer, "aud": ClientID, "nonce": nonce,
		"iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), "auth_time": now.Unix(), "sid": "session-1",
	}
	maps.Copy(c, p.Person)
	if p.Claims != nil {
		p.Claims(c)
	}
	return c
}

func (p *Provider) userInfo(w http.ResponseWriter) {
	if p.UserInfo != nil {
		p.UserInfo(w)
		return
	}
	reply(w, http.StatusOK, p.Person)
}

// LogoutToken makes the message that the person's session has ended (OpenID
// Connect Back-Channel Logout 1.0 §2.4); change, if any, spoils header and claims.
func (p *Provider) LogoutToken(change func(header, claims JSON)) string {
	now := time.Now()
	if p.Now != nil {
		now = p.Now()
	}
	h := JSON{"kid": "k", "typ": "logout+jwt"}
	c := JSON{
		"iss": p.Issuer, "aud": ClientID, "iat": now.Unix(), "exp": now.Add(2 * time.Minute).Unix(), "jti": rand.Text(),
		"sub": p.Person["sub"], "sid": "session-1", "events": JSON{"http://schemas.openid.net/event/backchannel-logout": JSON{}},
	}
	if change != nil {
		change(h, c)
	}
	return Sign(p.key, h, c)
}

// Key is the provider's signing key.
func (p *Provider) Key() *ecdsa.PrivateKey { return p.key }

// PublicKey is the public part of a key as a key set shows it (RFC 7517).
func PublicKey(key *ecdsa.PrivateKey, id string) JSON {
	public, err := key.PublicKey.Bytes()
	if err != nil {
		panic(err)
	}
	return JSON{
		"kty": "EC", "crv": "P-256", "kid": id, "alg": "ES256", "use": "sig",
		"x": segment(public[1:33]), "y": segment(public[33:]),
	}
}

// Sign makes a compact ES256 token of any header and claims; claims may be raw JSON.
func Sign(key *ecdsa.PrivateKey, header JSON, claims any) string {
	h := JSON{"alg": "ES256"}
	maps.Copy(h, header)
	payload, isRaw := claims.(string)
	if !isRaw {
		payload = string(marshal(claims))
	}
	text := segment(marshal(h)) + "." + segment([]byte(payload))
	sum := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
	if err != nil {
		panic(err)
	}
	sig := make([]byte, 64)
	r.FillBytes(sig[:32])
	s.FillBytes(sig[32:])
	return text + "." + segment(sig)
}

func segment(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func marshal(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(marshal(v))
}
