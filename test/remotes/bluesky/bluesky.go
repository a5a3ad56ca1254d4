// Package bluesky is a fake Bluesky: a server of accounts (PDS) that enforces the
// documented AT Protocol: sessions by application password and their limit, tokens
// bound to a key with nonces, record keys, links by bytes, pictures that are
// uploaded, 300 characters.
//
// Source: docs.bsky.app (posts, OAuth client, rate limits), lexicons
// com.atproto.repo.*, com.atproto.server.*, app.bsky.feed.post.
package bluesky

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/osier-passport/osier/test/remotes"
)

// The account that is there.
const (
	DID         = "did:plc:ada4711"
	Handle      = "ada.bsky.social"
	AppPassword = "abcd-efgh-ijkl-mnop"
)

const (
	maxChars       = 300
	loginsPerFive  = 30
	loginWindow    = 5 * time.Minute
	maxThumb       = 1000000 // bytes
	postCollection = "app.bsky.feed.post"
)

// Record is a post.
type Record struct {
	Text, CreatedAt string
	Langs           []string
	Facets          []struct {
		Index    struct{ ByteStart, ByteEnd int }
		Features []struct {
			Type string `json:"$type"`
			URI  string
		}
	}
	Embed struct {
		Type     string `json:"$type"`
		External struct {
			URI, Title, Description string
			Thumb                   *Blob
		}
	}
}

// Blob is an upload.
type Blob struct {
	Type string            `json:"$type"`
	Ref  map[string]string `json:"ref"`
	Mime string            `json:"mimeType"`
	Size int               `json:"size"`
}

// Server is a PDS with its authorization server.
type Server struct {
	remotes.Faults
	remotes.OAuth

	Host string

	mu       sync.Mutex
	sessions map[string]bool // by application password
	records  map[string]Record
	blobs    map[string]int
	logins   []time.Time
}

// New gives a server without records.
func New(host string) *Server {
	s := &Server{Host: host, sessions: map[string]bool{}, records: map[string]Record{}, blobs: map[string]int{}}
	s.OAuth = remotes.OAuth{
		Person: DID, Life: 15 * time.Minute, NeedsPKCE: true, Proofs: &remotes.Proofs{}, Pushed: true, Issuer: "https://" + host,
		Extra: map[string]string{"sub": DID},
	}
	return s
}

// Records gives the posts by key.
func (s *Server) Records() map[string]Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.records)
}

// Handler answers as the server, as its authorization server, as the directory of
// DIDs and as the public API.
func (s *Server) Handler() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("POST /xrpc/com.atproto.server.createSession", s.logIn)
	m.HandleFunc("GET /xrpc/com.atproto.server.getSession", s.session)
	m.HandleFunc("POST /xrpc/com.atproto.repo.uploadBlob", s.upload)
	m.HandleFunc("POST /xrpc/com.atproto.repo.createRecord", s.create)
	m.HandleFunc("GET /xrpc/com.atproto.repo.getRecord", s.get)
	m.HandleFunc("POST /xrpc/com.atproto.repo.deleteRecord", s.remove)
	m.HandleFunc("GET /xrpc/com.atproto.identity.resolveHandle", s.resolve)
	m.HandleFunc("GET /"+DID, s.document)
	m.HandleFunc("GET /.well-known/oauth-protected-resource", s.resource)
	m.HandleFunc("GET /.well-known/oauth-authorization-server", s.metadata)
	m.HandleFunc("POST /oauth/par", s.Push)
	m.HandleFunc("GET /oauth/authorize", s.Authorize)
	m.HandleFunc("POST /oauth/token", s.Token)
	m.HandleFunc("POST /oauth/revoke", s.Revoke)
	return s.Before(m)
}

func refuse(w http.ResponseWriter, status int, name, words string) {
	remotes.Answer(w, status, map[string]string{"error": name, "message": words})
}

func (s *Server) logIn(w http.ResponseWriter, r *http.Request) {
	var in struct{ Identifier, Password string }
	s.mu.Lock()
	defer s.mu.Unlock()
	s.logins = slices.DeleteFunc(s.logins, func(at time.Time) bool { return time.Since(at) > loginWindow })
	if len(s.logins) >= loginsPerFive {
		w.Header().Set("RateLimit-Reset", strconv.FormatInt(s.logins[0].Add(loginWindow).Unix(), 10))
		refuse(w, http.StatusTooManyRequests, "RateLimitExceeded", "Rate Limit Exceeded")
		return
	}
	s.logins = append(s.logins, time.Now())
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Identifier != Handle && in.Identifier != DID || in.Password != AppPassword {
		refuse(w, http.StatusUnauthorized, "AuthenticationRequired", "Invalid identifier or password")
		return
	}
	token := "session-" + rand.Text()
	s.sessions[token] = true
	remotes.Answer(w, http.StatusOK, map[string]any{"did": DID, "handle": Handle, "accessJwt": token, "refreshJwt": "refresh-" + rand.Text(), "didDoc": s.doc(), "active": true})
}

func (s *Server) doc() map[string]any {
	return map[string]any{"id": DID, "alsoKnownAs": []string{"at://" + Handle}, "service": []map[string]string{
		{"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": "https://" + s.Host},
	}}
}

// who tells whether a request is ada's: by a session, or by a bound token with a proof.
func (s *Server) who(w http.ResponseWriter, r *http.Request) bool {
	kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if kind == "Bearer" && s.sessions[token] {
		return true
	}
	if kind != "DPoP" {
		refuse(w, http.StatusUnauthorized, "InvalidToken", "The token is not taken")
		return false
	}
	w.Header().Set("DPoP-Nonce", remotes.Nonce)
	t, err := s.Bound(r, token)
	if err == nil && !slices.Contains(t.Scopes, "transition:generic") {
		err = errors.New("insufficient_scope")
	}
	if err != nil {
		w.Header().Set("WWW-Authenticate", `DPoP error="`+err.Error()+`"`)
		refuse(w, http.StatusUnauthorized, err.Error(), "The token or its proof is not taken")
		return false
	}
	return true
}

func (s *Server) session(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.who(w, r) {
		remotes.Answer(w, http.StatusOK, map[string]any{"did": DID, "handle": Handle, "didDoc": s.doc(), "active": true})
	}
}

func (s *Server) upload(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.who(w, r) {
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 50<<20))
	if err != nil || len(body) == 0 || !strings.HasPrefix(r.Header.Get("Content-Type"), "image/") {
		refuse(w, http.StatusBadRequest, "InvalidRequest", "no picture")
		return
	}
	ref := "bafkrei" + strconv.Itoa(len(s.blobs)+1)
	s.blobs[ref] = len(body)
	remotes.Answer(w, http.StatusOK, map[string]any{"blob": Blob{Type: "blob", Ref: map[string]string{"$link": ref}, Mime: r.Header.Get("Content-Type"), Size: len(body)}})
}

var tid = regexp.MustCompile(`^[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}$`)

func (s *Server) create(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.who(w, r) {
		return
	}
	var in struct {
		Repo, Collection, Rkey string
		Record                 Record
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Repo != DID || in.Collection != postCollection || !tid.MatchString(in.Rkey) {
		refuse(w, http.StatusBadRequest, "InvalidRequest", "repo, collection or rkey")
		return
	}
	if words := s.fault(in.Record); words != "" {
		refuse(w, http.StatusBadRequest, "InvalidRequest", words)
		return
	}
	if _, there := s.records[in.Rkey]; there {
		refuse(w, http.StatusBadRequest, "InvalidRequest", "Record already exists")
		return
	}
	s.records[in.Rkey] = in.Record
	remotes.Answer(w, http.StatusOK, map[string]string{"uri": uri(in.Rkey), "cid": "bafyrei1"})
}

func uri(key string) string { return "at://" + DID + "/" + postCollection + "/" + key }

// fault tells what is wrong with a post.
func (s *Server) fault(r Record) string {
	if _, err := time.Parse(time.RFC3339, r.CreatedAt); err != nil {
		return "createdAt"
	}
	if len([]rune(r.Text)) > maxChars { // the tests' texts have no joined characters beyond that
		return "Record/text must not be longer than 300 graphemes"
	}
	for _, f := range r.Facets {
		at := f.Index
		if at.ByteStart < 0 || at.ByteEnd <= at.ByteStart || at.ByteEnd > len(r.Text) || f.Features[0].Type != "app.bsky.richtext.facet#link" || r.Text[at.ByteStart:at.ByteEnd] != f.Features[0].URI {
			return "a facet is not about its link"
		}
	}
	e := r.Embed.External
	switch {
	case r.Embed.Type != "app.bsky.embed.external" || e.URI == "" || e.Title == "":
		return "embed"
	case e.Thumb != nil && (s.blobs[e.Thumb.Ref["$link"]] == 0 || e.Thumb.Size > maxThumb):
		return "Could not find blob"
	}
	return ""
}

func (s *Server) get(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := r.URL.Query()
	record, there := s.records[q.Get("rkey")]
	if !there || q.Get("repo") != DID {
		refuse(w, http.StatusBadRequest, "RecordNotFound", "Could not locate record")
		return
	}
	remotes.Answer(w, http.StatusOK, map[string]any{"uri": uri(q.Get("rkey")), "cid": "bafyrei1", "value": record})
}

// remove is no error for what is not there.
func (s *Server) remove(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.who(w, r) {
		return
	}
	var in struct{ Repo, Collection, Rkey string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Repo != DID || in.Collection != postCollection {
		refuse(w, http.StatusBadRequest, "InvalidRequest", "repo or collection")
		return
	}
	delete(s.records, in.Rkey)
	remotes.Answer(w, http.StatusOK, struct{}{})
}

func (s *Server) resolve(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("handle") != "ada.example" {
		refuse(w, http.StatusBadRequest, "InvalidRequest", "Unable to resolve handle")
		return
	}
	remotes.Answer(w, http.StatusOK, map[string]string{"did": DID})
}

func (s *Server) document(w http.ResponseWriter, _ *http.Request) {
	remotes.Answer(w, http.StatusOK, s.doc())
}

func (s *Server) resource(w http.ResponseWriter, r *http.Request) {
	remotes.Answer(w, http.StatusOK, map[string]any{"resource": "https://" + r.Host, "authorization_servers": []string{"https://" + r.Host}})
}

// client reads the document that a client's id leads to (atproto OAuth, Clients).
func client(get *http.Client, id string) (remotes.Client, error) {
	u, err := url.Parse(id)
	if err != nil || u.Scheme != "https" || u.Path == "" {
		return remotes.Client{}, errors.New("a client is the https address of its document")
	}
	resp, err := get.Get(id) //nolint:noctx // of a fake
	if err != nil {
		return remotes.Client{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	var d struct {
		ID        string   `json:"client_id"`
		Redirects []string `json:"redirect_uris"`
		Grants    []string `json:"grant_types"`
		Responses []string `json:"response_types"`
		Scope     string   `json:"scope"`
		Method    string   `json:"token_endpoint_auth_method"`
		Bound     bool     `json:"dpop_bound_access_tokens"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&d); err != nil {
		return remotes.Client{}, err
	}
	refreshes := slices.Contains(d.Grants, "authorization_code") && slices.Contains(d.Grants, "refresh_token")
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") == "" || d.ID != id || !refreshes || !slices.Contains(d.Responses, "code") || d.Method != "none" || !d.Bound ||
		!slices.Contains(strings.Fields(d.Scope), "atproto") {
		return remotes.Client{}, errors.New("the document of the client is not as it must be")
	}
	return remotes.Client{ID: id, Redirects: d.Redirects, Scopes: strings.Fields(d.Scope)}, nil
}

// Reach has the authorization server read the documents of clients by get.
func (s *Server) Reach(get *http.Client) {
	s.Lookup = func(id string) (remotes.Client, error) { return client(get, id) }
}

func (s *Server) metadata(w http.ResponseWriter, r *http.Request) {
	here := "https://" + r.Host
	remotes.Answer(w, http.StatusOK, map[string]any{
		"issuer": here, "authorization_endpoint": here + "/oauth/authorize", "token_endpoint": here + "/oauth/token", "revocation_endpoint": here + "/oauth/revoke",
		"pushed_authorization_request_endpoint": here + "/oauth/par", "require_pushed_authorization_requests": true,
		"authorization_response_iss_parameter_supported": true, "dpop_signing_alg_values_supported": []string{"ES256"}, "client_id_metadata_document_supported": true, "scopes_supported": []string{"atproto", "transition:generic"},
	})
}
