package remotes

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
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
	Key            string    // thumbprint of the key that it is bound to; "" with Proofs: of the first proof's
}

// OAuth is an authorization server: codes with PKCE (RFC 6749 §4.1, RFC 7636), for a
// person who says yes at once, or no while Deny is set. With Proofs tokens are bound
// to a key (DPoP, RFC 9449); with Pushed requests come by the back door alone (RFC 9126).
type OAuth struct {
	Person    string // who is signed in
	Deny      bool
	Life      time.Duration // of an access token; 0: it never ends
	Lasting   bool          // a token that ends has no refresh token
	NeedsPKCE bool
	Proofs    *Proofs
	Pushed    bool
	Issuer    string                          // goes back as iss (RFC 9207); "" does not
	Lookup    func(id string) (Client, error) // reads the document of an unknown client; nil: there are none
	Extra     map[string]string               // more for the answer of the token endpoint

	mu      sync.Mutex
	clients map[string]Client
	codes   map[string]code
	pushes  map[string]push
	tokens  map[string]Token
	refresh map[string]Token
}

type code struct {
	client, redirect, challenge, key string
	scopes                           []string
}

// push is a request that came by the back door, with the key of its proof.
type push struct {
	query url.Values
	key   string
}

// Register takes a client in.
func (o *OAuth) Register(c Client) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.open()
	o.clients[c.ID] = c
}

func (o *OAuth) open() {
	if o.clients == nil {
		o.clients, o.codes, o.pushes = map[string]Client{}, map[string]code{}, map[string]push{}
		o.tokens, o.refresh = map[string]Token{}, map[string]Token{}
	}
}

// Forget ends all registrations, as servers do that clean up; tokens stay.
func (o *OAuth) Forget() {
	o.mu.Lock()
	defer o.mu.Unlock()
	clear(o.clients)
}

// client finds a registration, by its document where those are taken.
func (o *OAuth) client(id string) (Client, bool) {
	o.open()
	c, ok := o.clients[id]
	if !ok && o.Lookup != nil {
		var err error
		if c, err = o.Lookup(id); err == nil {
			ok, o.clients[id] = true, c
		}
	}
	return c, ok
}

// proof checks the proof of a request to an endpoint of this server, where proofs
// are wanted, and gives the thumbprint of its key. It has answered when ok is false.
func (o *OAuth) proof(w http.ResponseWriter, r *http.Request) (key string, ok bool) {
	if o.Proofs == nil {
		return "", true
	}
	w.Header().Set("DPoP-Nonce", Nonce)
	key, err := o.Proofs.Check(r, "")
	if err != nil {
		Refuse(w, http.StatusBadRequest, err.Error())
	}
	return key, err == nil
}

// Push is the pushed authorization request endpoint (RFC 9126 §2).
func (o *OAuth) Push(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	key, ok := o.proof(w, r)
	if !ok {
		return
	}
	if _, ok := o.authenticate(r); !ok || r.PostFormValue("request_uri") != "" {
		Refuse(w, http.StatusUnauthorized, "invalid_client")
		return
	}
	id := "urn:ietf:params:oauth:request_uri:" + rand.Text()
	o.pushes[id] = push{r.PostForm, key}
	Answer(w, http.StatusCreated, map[string]any{"request_uri": id, "expires_in": 60})
}

// asked gives what a person was sent with: the query, or what was pushed, once.
func (o *OAuth) asked(r *http.Request) push {
	q := r.URL.Query()
	id := q.Get("request_uri")
	if id == "" && !o.Pushed {
		return push{query: q}
	}
	p := o.pushes[id]
	delete(o.pushes, id)
	if p.query.Get("client_id") != q.Get("client_id") {
		return push{}
	}
	return p
}

// Authorize is the authorization endpoint.
func (o *OAuth) Authorize(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	asked := o.asked(r)
	q := asked.query
	c, ok := o.client(q.Get("client_id"))
	if !ok || !slices.Contains(c.Redirects, q.Get("redirect_uri")) {
		Refuse(w, http.StatusBadRequest, "invalid_client or redirect_uri") // never leads back (RFC 6749 §4.1.2.1)
		return
	}
	back := url.Values{"state": {q.Get("state")}}
	if o.Issuer != "" {
		back.Set("iss", o.Issuer)
	}
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
		o.codes[id] = code{client: c.ID, redirect: q.Get("redirect_uri"), challenge: q.Get("code_challenge"), key: asked.key, scopes: scopes}
		back.Set("code", id)
	}
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+back.Encode(), http.StatusFound) //nolint:gosec // G710: one of the client's own
}

// Token is the token endpoint.
func (o *OAuth) Token(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	key, ok := o.proof(w, r)
	if !ok {
		return
	}
	c, ok := o.authenticate(r)
	if !ok {
		Refuse(w, http.StatusUnauthorized, "invalid_client")
		return
	}
	switch r.PostFormValue("grant_type") {
	case "authorization_code":
		o.byCode(w, r, c, key)
	case "refresh_token":
		o.byRefresh(w, r, c, key)
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
	c, ok := o.client(id)
	return c, ok && c.Secret == secret
}

func (o *OAuth) byCode(w http.ResponseWriter, r *http.Request, c Client, key string) {
	given, ok := o.codes[r.PostFormValue("code")]
	delete(o.codes, r.PostFormValue("code"))
	hash := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	proven := given.challenge == "" || given.challenge == base64.RawURLEncoding.EncodeToString(hash[:])
	if !ok || given.client != c.ID || given.key != key || given.redirect != r.PostFormValue("redirect_uri") || !proven {
		Refuse(w, http.StatusBadRequest, "invalid_grant")
		return
	}
	o.issue(w, Token{Client: c.ID, Person: o.Person, Scopes: given.scopes, Key: key})
}

// byRefresh gives a new pair and ends the old refresh token.
func (o *OAuth) byRefresh(w http.ResponseWriter, r *http.Request, c Client, key string) {
	old, ok := o.refresh[r.PostFormValue("refresh_token")]
	delete(o.refresh, r.PostFormValue("refresh_token"))
	if !ok || old.Client != c.ID || old.Key != key {
		Refuse(w, http.StatusBadRequest, "invalid_grant")
		return
	}
	o.issue(w, old)
}

func (o *OAuth) issue(w http.ResponseWriter, t Token) {
	access := "access-" + rand.Text()
	answer := map[string]any{"access_token": access, "token_type": "Bearer", "scope": strings.Join(t.Scopes, " "), "created_at": time.Now().Unix()}
	if o.Proofs != nil {
		answer["token_type"] = "DPoP"
	}
	for name, value := range o.Extra {
		answer[name] = value
	}
	if o.Life > 0 {
		t.Expires = time.Now().Add(o.Life)
		answer["expires_in"] = int(o.Life / time.Second)
	}
	if o.Life > 0 && !o.Lasting {
		refresh := "refresh-" + rand.Text()
		o.refresh[refresh] = t
		answer["refresh_token"] = refresh
	}
	o.tokens[access] = t
	Answer(w, http.StatusOK, answer)
}

// Give makes a token without the way of a browser.
func (o *OAuth) Give(token string, t Token) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.open()
	o.tokens[token] = t
}

// End ends a token, as time or the person does.
func (o *OAuth) End(token string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.tokens, token)
}

// EndAll ends all tokens, and with refreshes what would give new ones.
func (o *OAuth) EndAll(refreshes bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	clear(o.tokens)
	if refreshes {
		clear(o.refresh)
	}
}

// Tokens counts what is good for calls and what would give new tokens.
func (o *OAuth) Tokens() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.tokens) + len(o.refresh)
}

// Bound gives the grant of a token that is bound to the key of a request's proof. The
// error's text is the code for the answer (RFC 9449 §7.1).
func (o *OAuth) Bound(r *http.Request, token string) (Token, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	t, ok := o.tokens[token]
	if !ok || !t.Expires.IsZero() && time.Now().After(t.Expires) {
		return t, errors.New("invalid_token")
	}
	key, err := o.Proofs.Check(r, token)
	if err != nil {
		return t, err
	}
	if t.Key != "" && t.Key != key {
		return t, errors.New("invalid_token")
	}
	t.Key = key
	o.tokens[token] = t
	return t, nil
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
	if _, ok := o.proof(w, r); !ok {
		return
	}
	c, ok := o.authenticate(r)
	token := r.PostFormValue("token")
	for _, kind := range []map[string]Token{o.tokens, o.refresh} {
		if t, known := kind[token]; !ok || known && t.Client != c.ID {
			Refuse(w, http.StatusForbidden, "unauthorized_client")
			return
		}
		delete(kind, token)
	}
	Answer(w, http.StatusOK, struct{}{})
}
