package core

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/fetch"
)

// remote is another people's service as the tests play it: an OAuth server with
// rotating refresh tokens, a list of posts and a way to make each answer go wrong.
type remote struct {
	t      testing.TB
	server *httptest.Server
	dir    string

	mu      sync.Mutex
	client  string                // our registration
	codes   map[string]url.Values // by code: what was asked for
	access  map[string]bool       // those that are good
	refresh map[string]bool
	tokens  int
	revoked []string
	posts   map[string]string // text by id
	keys    map[string]string // id by idempotency key
	images  []string          // sizes of pictures
	tries   int               // posts that were asked for
	next    []string          // what goes wrong with the next posts: see post
	forms   []url.Values      // all token requests
	auth    []string          // what posts were authorised by
	slow    time.Duration     // how long a post takes, before and after it is kept
	waiting chan struct{}     // closed at the next post; nil when nobody waits
	keeps   string            // words of a post that it does not delete
	cut     bool              // the next refresh is done and its answer cut
	crowd   int               // how many of them are still to come before any of them is answered
	met     chan struct{}     // closed when they are there
	inside  map[string]int    // posts that are under way, by their first word
	most    map[string]int    // and the most at once
}

const remoteHost = "fake.example.com"

func newRemote(t testing.TB) *remote {
	t.Helper()
	r := &remote{t: t, dir: t.TempDir(), client: "the-client", codes: map[string]url.Values{}, access: map[string]bool{}, refresh: map[string]bool{}, posts: map[string]string{}, keys: map[string]string{}, inside: map[string]int{}, most: map[string]int{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /register", r.register)
	mux.HandleFunc("POST /token", r.token)
	mux.HandleFunc("POST /revoke", r.revoke)
	mux.HandleFunc("GET /me", r.me)
	mux.HandleFunc("POST /posts", r.post)
	mux.HandleFunc("GET /posts", r.find)
	mux.HandleFunc("DELETE /posts/{id}", r.remove)
	r.server = httptest.NewTLSServer(mux)
	t.Cleanup(r.server.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: r.server.Certificate().Raw})
	if err := os.WriteFile(filepath.Join(r.dir, "ca.pem"), ca, 0o600); err != nil {
		t.Fatal(err)
	}
	return r
}

// options lead every host to the remote, for us and for plugins.
func (r *remote) options() options {
	roots := x509.NewCertPool()
	roots.AddCert(r.server.Certificate())
	return options{
		fetch: fetch.Options{Roots: roots, Connect: func(ctx context.Context, network, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, network, r.server.Listener.Addr().String())
		}},
		pluginEnv: []string{"SSL_CERT_FILE=" + filepath.Join(r.dir, "ca.pem")},
	}
}

// withFake puts the test plugin, which is this binary under another name, into the
// plugins folder.
func withFake(t testing.TB) func(*config.Config) {
	return func(c *config.Config) {
		dir := filepath.Join(c.Data, "plugins", "fake")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(self)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "plugin.yaml"), []byte("id: fake\nversion: 1.0.0\nhosts: [fake.example.com]\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "fake"), text, 0o700); err != nil {
			t.Fatal(err)
		}
	}
}

// grant is what the person's consent at the remote gives: the address that they
// are sent back to. away is where they were sent.
func (r *remote) grant(away string) string {
	r.t.Helper()
	u, err := url.Parse(away)
	if err != nil || u.Host != remoteHost || u.Path != "/authorize" {
		r.t.Fatalf("sent to %q: %v", away, err)
	}
	q := u.Query()
	for _, name := range []string{"state", "code_challenge", "redirect_uri", "client_id"} {
		if q.Get(name) == "" {
			r.t.Fatalf("%s is missing in %s", name, away)
		}
	}
	if q.Get("code_challenge_method") != "S256" {
		r.t.Fatalf("no PKCE in %s", away)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	code := fmt.Sprintf("code-%d-of-the-remote", len(r.codes))
	r.codes[code] = q
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil {
		r.t.Fatal(err)
	}
	return back.Path + "?" + url.Values{"code": {code}, "state": {q.Get("state")}, "iss": {"https://" + remoteHost}}.Encode()
}

// forget ends our registration, as servers do that clean up.
func (r *remote) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.client += "-again"
}

func (r *remote) register(w http.ResponseWriter, _ *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	answerJSON(w, 200, map[string]string{"client_id": r.client, "client_secret": "the-secret-of-the-client"})
}

func (r *remote) token(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	_ = req.ParseForm()
	f := req.PostForm
	r.forms = append(r.forms, f)
	refuse := func(code string) { answerJSON(w, 400, map[string]string{"error": code}) }
	if f.Get("client_id") != r.client || f.Get("client_secret") != "the-secret-of-the-client" {
		answerJSON(w, 401, map[string]string{"error": "invalid_client"})
		return
	}
	switch f.Get("grant_type") {
	case "authorization_code":
		q, known := r.codes[f.Get("code")]
		if !known || challengeOf(f.Get("code_verifier")) != q.Get("code_challenge") || f.Get("redirect_uri") != q.Get("redirect_uri") {
			refuse("invalid_grant")
			return
		}
		delete(r.codes, f.Get("code"))
	case "refresh_token":
		if !r.refresh[f.Get("refresh_token")] {
			refuse("invalid_grant")
			return
		}
		delete(r.refresh, f.Get("refresh_token")) // good once
	}
	r.tokens++
	access, refresh := fmt.Sprintf("ACCESSTOKEN-%d-f00d", r.tokens), fmt.Sprintf("REFRESHTOKEN-%d-f00d", r.tokens)
	r.access[access], r.refresh[refresh] = true, true
	if r.cut && f.Get("grant_type") == "refresh_token" {
		r.cut = false
		panic(http.ErrAbortHandler)
	}
	answerJSON(w, 200, map[string]any{"access_token": access, "refresh_token": refresh, "token_type": "Bearer", "expires_in": 3600, "scope": "write:posts read:me"})
}

func (r *remote) revoke(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	_ = req.ParseForm()
	r.revoked = append(r.revoked, req.PostForm.Get("token"))
	w.WriteHeader(200)
}

// good tells whether a request has a token that is good, or a password.
func (r *remote) good(req *http.Request) bool {
	token := strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer ")
	return r.access[token] || token == "a-typed-password"
}

func (r *remote) me(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.good(req) {
		w.WriteHeader(401)
		return
	}
	answerJSON(w, 200, map[string]string{"id": "42", "name": "@ada@" + remoteHost})
}

// post keeps a text. What goes wrong: "limit" (429), "blocked" (403), "lost" (kept,
// and the connection cut), "crash" (kept, and the plugin told to die), "nothing"
// (500, not kept), "hold" (kept after the test let go).
func (r *remote) post(w http.ResponseWriter, req *http.Request) {
	_ = req.ParseForm()
	r.mu.Lock()
	defer r.mu.Unlock()
	leave := r.enter(req.PostForm.Get("text"))
	r.pause()
	defer leave()
	defer r.pause()
	r.tries++
	r.images = append(r.images, req.PostForm.Get("image"))
	r.auth = append(r.auth, req.Header.Get("Authorization"))
	wrong := ""
	if len(r.next) > 0 {
		wrong, r.next = r.next[0], r.next[1:]
	}
	switch {
	case !r.good(req):
		w.WriteHeader(401)
		return
	case wrong == "limit":
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(429)
		return
	case wrong == "blocked":
		w.WriteHeader(403)
		return
	case wrong == "nothing":
		w.WriteHeader(500)
		return
	}
	key := req.Header.Get("Idempotency-Key")
	id, known := r.keys[key]
	if !known {
		id = fmt.Sprintf("post-%d", len(r.posts)+1)
		r.posts[id], r.keys[key] = req.PostForm.Get("text"), id
	}
	switch wrong {
	case "lost":
		panic(http.ErrAbortHandler)
	case "crash":
		w.Header().Set("X-Crash", "1")
	}
	answerJSON(w, 200, map[string]string{"id": id, "url": "https://" + remoteHost + "/" + id})
}

// enter counts a post by the first word of its text until leave.
func (r *remote) enter(text string) (leave func()) {
	word, _, _ := strings.Cut(text, " ")
	r.inside[word]++
	r.most[word] = max(r.most[word], r.inside[word])
	return func() { r.inside[word]-- }
}

// gather has the next n requests with a dead token wait for each other, so that all of
// them learn of it before anybody asks for a new one. A request waits three seconds at
// most, which is less than its caller does.
func (r *remote) gather(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.crowd, r.met = n, make(chan struct{})
}

// missing is how many never came.
func (r *remote) missing() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return max(r.crowd, 0)
}

// refuse lets a request with a dead token wait for the others.
func (r *remote) refuse() {
	met := r.met
	if r.crowd--; r.crowd == 0 && met != nil {
		close(met)
	}
	if r.crowd <= 0 {
		return
	}
	r.mu.Unlock()
	defer r.mu.Lock()
	select {
	case <-met:
	case <-time.After(3 * time.Second):
	}
}

// pause takes its time, in which others are served, and says that it was asked.
func (r *remote) pause() {
	if r.waiting != nil {
		close(r.waiting)
		r.waiting = nil
	}
	if r.slow > 0 {
		d := r.slow
		r.mu.Unlock()
		<-time.After(d)
		r.mu.Lock()
	}
}

// asked is closed when the next post arrives.
func (r *remote) asked() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting = make(chan struct{})
	return r.waiting
}

// find answers whether a text is there, as a person's own timeline does.
func (r *remote) find(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, text := range r.posts {
		if text == req.URL.Query().Get("text") {
			answerJSON(w, 200, map[string]string{"id": id, "url": "https://" + remoteHost + "/" + id})
			return
		}
	}
	w.WriteHeader(404)
}

func (r *remote) remove(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.good(req) {
		r.refuse()
		w.WriteHeader(401)
		return
	}
	if text := r.posts[req.PathValue("id")]; r.keeps != "" && strings.Contains(text, r.keeps) {
		w.WriteHeader(500)
		return
	}
	delete(r.posts, req.PathValue("id"))
	w.WriteHeader(200)
}

// goWrong says what goes wrong with the next posts.
func (r *remote) goWrong(list ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next = list
}

// expire ends the access tokens that are good.
func (r *remote) expire() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.access)
}

func (r *remote) count() (posts, tries int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.posts), r.tries
}

func answerJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func challengeOf(verifier string) string {
	sum := hashOf(verifier)
	return base64.RawURLEncoding.EncodeToString(sum)
}
