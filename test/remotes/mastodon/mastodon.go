// Package mastodon is a fake Mastodon server that enforces the documented API of
// 4.3: registration of applications, scopes, idempotency keys for an hour, media
// that take a while, 500 characters and rate limits.
//
// Source: github.com/mastodon/documentation, methods/{apps,oauth,accounts,media,statuses}.md, api/rate-limits.md.
package mastodon

import (
	"crypto/rand"
	"fmt"
	"html"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/osier-passport/osier/test/remotes"
)

// Limits of a real server.
const (
	maxChars    = 500
	perAddress  = 23
	keyLife     = time.Hour
	window      = 30 * time.Minute
	perWindow   = 30 // uploads, and deletions
	callWindow  = 5 * time.Minute
	callsWindow = 300
)

// Status is one post.
type Status struct {
	ID, Person, Text, Visibility, Language string
	Media                                  []string
	Created                                time.Time
}

// Media is one upload.
type Media struct {
	Alt   string
	Bytes int
	polls int // questions until it is ready
}

// Server is one instance.
type Server struct {
	remotes.Faults
	remotes.OAuth

	Host      string
	SlowMedia int // questions until an upload is ready; 0: at once
	Now       func() time.Time

	mu       sync.Mutex
	statuses []Status
	media    map[string]*Media
	keys     map[string]keyed
	calls    map[string][]time.Time
}

type keyed struct {
	id string
	at time.Time
}

// New gives a server without posts where ada is signed in.
func New(host string) *Server {
	s := &Server{Host: host, Now: time.Now, media: map[string]*Media{}, keys: map[string]keyed{}, calls: map[string][]time.Time{}}
	s.Person, s.NeedsPKCE = "ada", true
	return s
}

// Handler answers as the server.
func (s *Server) Handler() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("POST /api/v1/apps", s.apps)
	m.HandleFunc("GET /oauth/authorize", s.Authorize)
	m.HandleFunc("POST /oauth/token", s.Token)
	m.HandleFunc("POST /oauth/revoke", s.Revoke)
	m.HandleFunc("GET /api/v1/accounts/verify_credentials", s.who)
	m.HandleFunc("GET /api/v1/accounts/{id}/statuses", s.list)
	m.HandleFunc("POST /api/v2/media", s.upload)
	m.HandleFunc("GET /api/v1/media/{id}", s.ready)
	m.HandleFunc("POST /api/v1/statuses", s.post)
	m.HandleFunc("DELETE /api/v1/statuses/{id}", s.remove)
	return s.Before(m)
}

// Statuses lists the posts that are there.
func (s *Server) Statuses() []Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.statuses)
}

// Uploaded gives an upload.
func (s *Server) Uploaded(id string) Media {
	s.mu.Lock()
	defer s.mu.Unlock()
	return *s.media[id]
}

func (s *Server) apps(w http.ResponseWriter, r *http.Request) {
	known := []string{"read", "profile", "write", "write:statuses", "write:media", "read:accounts", "read:statuses"}
	scopes := strings.Fields(r.PostFormValue("scopes"))
	switch {
	case r.PostFormValue("client_name") == "" || len(r.PostFormValue("client_name")) > 60:
		remotes.Refuse(w, http.StatusUnprocessableEntity, "Validation failed: Application name is not valid")
		return
	case !strings.HasPrefix(r.PostFormValue("redirect_uris"), "http"):
		remotes.Refuse(w, http.StatusUnprocessableEntity, "Validation failed: Redirect URI must be an absolute URI.")
		return
	case slices.ContainsFunc(scopes, func(x string) bool { return !slices.Contains(known, x) }):
		remotes.Refuse(w, http.StatusUnprocessableEntity, "Validation failed: Scopes doesn't match configured on the server.")
		return
	}
	c := remotes.Client{ID: rand.Text(), Secret: rand.Text(), Redirects: strings.Fields(r.PostFormValue("redirect_uris")), Scopes: scopes}
	s.Register(c)
	remotes.Answer(w, http.StatusOK, map[string]any{
		"id": "1", "name": r.PostFormValue("client_name"), "website": r.PostFormValue("website"), "scopes": scopes,
		"redirect_uris": c.Redirects, "client_id": c.ID, "client_secret": c.Secret, "client_secret_expires_at": 0,
	})
}

func (s *Server) who(w http.ResponseWriter, r *http.Request) {
	t, ok := s.Bearer(w, r, "profile")
	if !ok {
		return
	}
	remotes.Answer(w, http.StatusOK, map[string]any{
		"id": "id-" + t.Person, "username": t.Person, "acct": t.Person, "display_name": "Ada", "url": "https://" + s.Host + "/@" + t.Person,
	})
}

// limited answers 429 once who did what more than often in a window.
func (s *Server) limited(w http.ResponseWriter, who, what string, often int, in time.Duration) bool {
	now, key := s.Now(), who+" "+what
	s.calls[key] = slices.DeleteFunc(s.calls[key], func(at time.Time) bool { return now.Sub(at) >= in })
	if len(s.calls[key]) >= often {
		w.Header().Set("X-RateLimit-Limit", strconv.Itoa(often))
		w.Header().Set("X-RateLimit-Remaining", "0")
		w.Header().Set("X-RateLimit-Reset", s.calls[key][0].Add(in).UTC().Format(time.RFC3339Nano))
		remotes.Refuse(w, http.StatusTooManyRequests, "Too many requests")
		return true
	}
	s.calls[key] = append(s.calls[key], now)
	return false
}

func (s *Server) upload(w http.ResponseWriter, r *http.Request) {
	t, ok := s.Bearer(w, r, "write:media")
	s.mu.Lock()
	defer s.mu.Unlock()
	if !ok || s.limited(w, t.Person, "upload", perWindow, window) {
		return
	}
	file, head, err := r.FormFile("file")
	if err != nil || head.Size == 0 || utf8.RuneCountInString(r.FormValue("description")) > 1500 {
		remotes.Refuse(w, http.StatusUnprocessableEntity, "Validation failed: File can't be blank, or description is too long")
		return
	}
	defer func() { _ = file.Close() }()
	id := "media-" + strconv.Itoa(len(s.media)+1)
	s.media[id] = &Media{Alt: r.FormValue("description"), Bytes: int(head.Size), polls: s.SlowMedia}
	if s.SlowMedia > 0 {
		remotes.Answer(w, http.StatusAccepted, map[string]any{"id": id, "url": nil})
		return
	}
	remotes.Answer(w, http.StatusOK, map[string]any{"id": id, "url": "https://" + s.Host + "/media/" + id})
}

func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	_, ok := s.Bearer(w, r, "write:media")
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.media[r.PathValue("id")]
	switch {
	case !ok:
	case m == nil:
		remotes.Refuse(w, http.StatusNotFound, "Record not found")
	case m.polls > 1:
		m.polls--
		remotes.Answer(w, http.StatusPartialContent, map[string]any{"id": r.PathValue("id"), "url": nil})
	default:
		m.polls = 0
		remotes.Answer(w, http.StatusOK, map[string]any{"id": r.PathValue("id"), "url": "https://" + s.Host + "/media/1"})
	}
}

func (s *Server) render(st Status) map[string]any {
	content := link.ReplaceAllStringFunc(html.EscapeString(st.Text), func(a string) string {
		return `<a href="` + a + `" rel="nofollow">` + a + `</a>`
	})
	return map[string]any{
		"id": st.ID, "url": "https://" + s.Host + "/@" + st.Person + "/" + st.ID, "visibility": st.Visibility, "language": st.Language,
		"created_at": st.Created.UTC().Format(time.RFC3339), "content": "<p>" + content + "</p>",
	}
}

var link = regexp.MustCompile(`https?://\S+`)

func chars(text string) int {
	return utf8.RuneCountInString(link.ReplaceAllString(text, strings.Repeat("x", perAddress)))
}

func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	limit, err := strconv.Atoi(r.URL.Query().Get("limit"))
	if err != nil || limit < 1 || limit > 40 {
		limit = 20
	}
	found := []map[string]any{}
	for _, st := range slices.Backward(s.statuses) {
		if "id-"+st.Person == r.PathValue("id") && st.Visibility != "private" && len(found) < limit {
			found = append(found, s.render(st))
		}
	}
	remotes.Answer(w, http.StatusOK, found)
}

var errWords = map[string]string{
	"blank": "Validation failed: Text can't be blank",
	"long":  fmt.Sprintf("Validation failed: Text character limit of %d exceeded", maxChars),
	"media": "Cannot attach files that have not finished processing. Try again in a moment!",
	"who":   "Validation failed: Visibility is not included in the list",
}
