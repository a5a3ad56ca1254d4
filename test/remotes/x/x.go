// Package x is a fake X that enforces the documented API v2 of posts: scopes, 280
// weighted characters, no post twice, limits with their reset, tokens of two hours.
//
// Source: docs.x.com, manage posts, rate limits, OAuth 2.0 authorization code with PKCE.
package x

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/osier-passport/osier/test/remotes"
)

const (
	maxWeight  = 280
	perAddress = 23
	perWindow  = 300
	window     = 3 * time.Hour
)

// Post is one post.
type Post struct{ ID, Person, Text string }

// Service is X.
type Service struct {
	remotes.Faults
	remotes.OAuth

	mu    sync.Mutex
	posts []Post
	made  []time.Time
}

// New gives a service without posts where ada is signed in.
func New() *Service {
	s := &Service{}
	s.Person, s.Life, s.NeedsPKCE = "ada", 2*time.Hour, true
	return s
}

// Handler answers as api.x.com and x.com.
func (s *Service) Handler() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET /i/oauth2/authorize", s.Authorize)
	m.HandleFunc("POST /2/oauth2/token", s.Token)
	m.HandleFunc("POST /2/oauth2/revoke", s.Revoke)
	m.HandleFunc("GET /2/users/me", s.who)
	m.HandleFunc("POST /2/tweets", s.post)
	m.HandleFunc("DELETE /2/tweets/{id}", s.remove)
	return s.Before(m)
}

// Posts lists those that are there.
func (s *Service) Posts() []Post {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.posts)
}

func refuse(w http.ResponseWriter, status int, title, detail string) {
	remotes.Answer(w, status, map[string]any{"title": title, "detail": detail, "type": "about:blank", "status": status})
}

func (s *Service) who(w http.ResponseWriter, r *http.Request) {
	if t, ok := s.Bearer(w, r, "users.read"); ok {
		remotes.Answer(w, http.StatusOK, map[string]any{"data": map[string]string{"id": "id-" + t.Person, "username": t.Person, "name": "Ada"}})
	}
}

var link = regexp.MustCompile(`https?://\S+`)

// weight counts as X does, as far as the tests need it: Latin one, all else two.
func weight(text string) int {
	n := perAddress * len(link.FindAllString(text, -1))
	for _, r := range link.ReplaceAllString(text, "") {
		n++
		if r > 4351 && (r < 8192 || r > 8223) {
			n++
		}
	}
	return n
}

func (s *Service) post(w http.ResponseWriter, r *http.Request) {
	t, ok := s.Bearer(w, r, "tweet.write")
	if !ok {
		return
	}
	var in struct{ Text string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Text == "" {
		refuse(w, http.StatusBadRequest, "Invalid Request", "One or more parameters to your request was invalid.")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made = slices.DeleteFunc(s.made, func(at time.Time) bool { return time.Since(at) > window })
	switch {
	case len(s.made) >= perWindow:
		w.Header().Set("X-Rate-Limit-Reset", strconv.FormatInt(s.made[0].Add(window).Unix(), 10))
		refuse(w, http.StatusTooManyRequests, "Too Many Requests", "Too Many Requests")
	case weight(in.Text) > maxWeight:
		refuse(w, http.StatusForbidden, "Forbidden", "Your Tweet text is too long.")
	case slices.ContainsFunc(s.posts, func(p Post) bool { return p.Person == t.Person && p.Text == in.Text }):
		refuse(w, http.StatusForbidden, "Forbidden", "You are not allowed to create a Tweet with duplicate content.")
	default:
		s.made = append(s.made, time.Now())
		p := Post{ID: strconv.Itoa(9000 + len(s.made)), Person: t.Person, Text: in.Text}
		s.posts = append(s.posts, p)
		remotes.Answer(w, http.StatusCreated, map[string]any{"data": map[string]string{"id": p.ID, "text": p.Text}})
	}
}

func (s *Service) remove(w http.ResponseWriter, r *http.Request) {
	t, ok := s.Bearer(w, r, "tweet.write")
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	at := slices.IndexFunc(s.posts, func(p Post) bool { return p.ID == r.PathValue("id") && p.Person == t.Person })
	if at < 0 {
		refuse(w, http.StatusNotFound, "Not Found Error", "Could not find tweet")
		return
	}
	s.posts = slices.Delete(s.posts, at, at+1)
	remotes.Answer(w, http.StatusOK, map[string]any{"data": map[string]bool{"deleted": true}})
}
