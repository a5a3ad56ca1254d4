package remotes

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Client is a registration at an [OAuth] server.
type Client struct {
	ID, Secret string // a public client has no secret
	Redirects  []string
	Scopes     []string
}

// Token is a live grant.
type Token struct {
	Client, Person string
	Scopes         []string
	Expires        time.Time // zero: never
}

// OAuth is an authorization server: codes with PKCE (RFC 6749 §4.1, RFC 7636), for a
// person who says yes at once, or no while Deny is set.
type OAuth struct {
	Person    string // who is signed in
	Deny      bool
	Life      time.Duration // of an access token; 0: it never ends and has no refresh token
	NeedsPKCE bool

	mu      sync.Mutex
	clients map[string]Client
	codes   map[string]code
	tokens  map[string]Token
	refresh map[string]Token
}

type code struct {
	client, redirect, challenge string
	scopes                      []string
}

// Register takes a client in.
func (o *OAuth) Register(c Client) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.clients == nil {
		o.clients, o.codes, o.tokens, o.refresh = map[string]Client{}, map[string]code{}, map[string]Token{}, map[string]Token{}
	}
	o.clients[c.ID] = c
}

// Authorize is the authorization endpoint.
func (o *OAuth) Authorize(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	q := r.URL.Query()
	c, ok := o.clients[q.Get("client_id")]
	if !ok || !slices.Contains(c.Redirects, q.Get("redirect_uri")) {
		Refuse(w, http.StatusBadRequest, "invalid_client or redirect_uri") // never leads back (RFC 6749 §4.1.2.1)
		return
	}
	back := url.Values{"state": {q.Get("state")}}
	scopes := strings.Fields(q.Get("scope"))
	pkce := q.Get("code_challenge") != "" && q.Get("code_challenge_method") == "S256"
	switch {
	case o.Deny:
		back.Set("error", "access_denied")
	case q.Get("response_type") != "code", o.NeedsPKCE && !pkce, q.Get("state") == "":
		back.Set("error", "invalid_request")
	case slices.ContainsFunc(scopes, func(s string) bool { return !slices.Contains(c.Scopes, s) }):
		back.Set("error", "invalid_scope")
	default:
		id := rand.Text()
		o.codes[id] = code{client: c.ID, redirect: q.Get("redirect_uri"), challenge: q.Get("code_challenge"), scopes: scopes}
		back.Set("code", id)
	}
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+back.Encode(), http.StatusFound) //nolint:gosec // G710: one of the client's own
}

// Token is the token endpoint.
func (o *OAuth) Token(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	c, ok := o.authenticate(r)
	if !ok {
		Refuse(w, http.StatusUnauthorized, "invalid_client")
		return
	}
	switch r.PostFormValue("grant_type") {
	case "authorization_code":
		o.byCode(w, r, c)
	case "refresh_token":
		o.byRefresh(w, r, c)
	default:
		Refuse(w, http.StatusBadRequest, "unsupported_grant_type")
	}
}

// authenticate takes client_secret_post and client_secret_basic.
func (o *OAuth) authenticate(r *http.Request) (Client, bool) {
	id, secret := r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	if name, password, ok := r.BasicAuth(); ok {
		id, _ = url.QueryUnescape(name)
		secret, _ = url.QueryUnescape(password)
	}
	c, ok := o.clients[id]
	return c, ok && c.Secret == secret
}

func (o *OAuth) byCode(w http.ResponseWriter, r *http.Request, c Client) {
	given, ok := o.codes[r.PostFormValue("code")]
	delete(o.codes, r.PostFormValue("code"))
	hash := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	proven := given.challenge == "" || given.challenge == base64.RawURLEncoding.EncodeToString(hash[:])
	if !ok || given.client != c.ID || given.redirect != r.PostFormValue("redirect_uri") || !proven {
		Refuse(w, http.StatusBadRequest, "invalid_grant")
		return
	}
	o.issue(w, Token{Client: c.ID, Person: o.Person, Scopes: given.scopes})
}

// byRefresh gives a new pair and ends the old refresh token.
func (o *OAuth) byRefresh(w http.ResponseWriter, r *http.Request, c Client) {
	old, ok := o.refresh[r.PostFormValue("refresh_token")]
	delete(o.refresh, r.PostFormValue("refresh_token"))
	if !ok || old.Client != c.ID {
		Refuse(w, http.StatusBadRequest, "invalid_grant")
		return
	}
	o.issue(w, old)
}

func (o *OAuth) issue(w http.ResponseWriter, t Token) {
	access := "access-" + rand.Text()
	answer := map[string]any{"access_token": access, "token_type": "Bearer", "scope": strings.Join(t.Scopes, " "), "created_at": time.Now().Unix()}
	if o.Life > 0 {
		t.Expires = time.Now().Add(o.Life)
		refresh := "refresh-" + rand.Text()
		o.refresh[refresh] = t
		answer["expires_in"], answer["refresh_token"] = int(o.Life/time.Second), refresh
	}
	o.tokens[access] = t
	Answer(w, http.StatusOK, answer)
}

// Give makes a token without the way of a browser.
func (o *OAuth) Give(token string, t Token) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.tokens[token] = t
}

// End ends a token, as time or the person does.
func (o *OAuth) End(token string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.tokens, token)
}

// Live gives the grant of a token.
func (o *OAuth) Live(token string) (Token, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	t, ok := o.tokens[token]
	return t, ok && (t.Expires.IsZero() || time.Now().Before(t.Expires))
}

// Bearer gives the grant of a request's token, or answers 401, or 403 without scope.
func (o *OAuth) Bearer(w http.ResponseWriter, r *http.Request, scope string) (Token, bool) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	t, ok := o.Live(token)
	switch {
	case !ok:
		Refuse(w, http.StatusUnauthorized, "The access token is invalid")
	case !slices.Contains(t.Scopes, scope):
		ok = false
		Refuse(w, http.StatusForbidden, "This action is outside the authorized scopes")
	}
	return t, ok
}

// Revoke is the revocation endpoint (RFC 7009). A token of another client is refused.
func (o *OAuth) Revoke(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	c, ok := o.authenticate(r)
	t, known := o.tokens[r.PostFormValue("token")]
	if !ok || known && t.Client != c.ID {
		Refuse(w, http.StatusForbidden, "unauthorized_client")
		return
	}
	delete(o.tokens, r.PostFormValue("token"))
	Answer(w, http.StatusOK, struct{}{})
}
