// Package linkedin is a fake LinkedIn that enforces the documented API of posts:
// versions, protocol, escaped text, uploads of pictures, tokens that end.
//
// Source: learn.microsoft.com/linkedin, Sign In with OpenID Connect, Posts API,
// Images API, "little text" format.
package linkedin

import (
	"encoding/json"
	"fmt"
	"io"
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

const (
	maxChars = 3000
	perDay   = 150
)

// Post is one post.
type Post struct{ URN, Author, Commentary, Source, Thumbnail string }

// Service is LinkedIn.
type Service struct {
	remotes.Faults
	remotes.OAuth

	Versions []string // those that are not sunset

	mu      sync.Mutex
	posts   []Post
	made    int
	uploads map[string][]byte
}

// New gives a service without posts where ada is signed in.
func New() *Service {
	s := &Service{Versions: []string{"202510", "202601"}, uploads: map[string][]byte{}}
	s.Person, s.Life, s.Lasting = "ada", 60*24*time.Hour, true
	return s
}

// Handler answers as api.linkedin.com and www.linkedin.com.
func (s *Service) Handler() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET /oauth/v2/authorization", s.Authorize)
	m.HandleFunc("POST /oauth/v2/accessToken", s.Token)
	m.HandleFunc("POST /oauth/v2/revoke", s.Revoke)
	m.HandleFunc("GET /v2/userinfo", s.who)
	m.HandleFunc("POST /rest/images", s.initialize)
	m.HandleFunc("PUT /dms-uploads/{id}", s.upload)
	m.HandleFunc("POST /rest/posts", s.post)
	m.HandleFunc("DELETE /rest/posts/{urn}", s.remove)
	return s.Before(m)
}

// Posts lists those that are there.
func (s *Service) Posts() []Post {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.posts)
}

func refuse(w http.ResponseWriter, status int, code, words string) {
	remotes.Answer(w, status, map[string]any{"status": status, "code": code, "message": words})
}

func (s *Service) who(w http.ResponseWriter, r *http.Request) {
	if t, ok := s.bearer(w, r, "openid"); ok {
		remotes.Answer(w, http.StatusOK, map[string]any{"sub": "sub-" + t.Person, "name": "Ada Weaver", "locale": map[string]string{"language": "en"}})
	}
}

// bearer answers as LinkedIn does where OAuth would as Mastodon.
func (s *Service) bearer(w http.ResponseWriter, r *http.Request, scope string) (remotes.Token, bool) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	t, ok := s.Live(token)
	switch {
	case !ok:
		refuse(w, http.StatusUnauthorized, "EXPIRED_ACCESS_TOKEN", "The token used in the request has expired")
	case !slices.Contains(t.Scopes, scope):
		ok = false
		refuse(w, http.StatusForbidden, "ACCESS_DENIED", "Not enough permissions to access")
	}
	return t, ok
}

// versioned checks what each call of /rest needs.
func (s *Service) versioned(w http.ResponseWriter, r *http.Request) (remotes.Token, bool) {
	t, ok := s.bearer(w, r, "w_member_social")
	switch v := r.Header.Get("LinkedIn-Version"); {
	case !ok:
		return t, false
	case r.Header.Get("X-Restli-Protocol-Version") != "2.0.0":
		refuse(w, http.StatusBadRequest, "ILLEGAL_ARGUMENT", "Protocol version 2.0.0 is needed")
		return t, false
	case !slices.Contains(s.Versions, v):
		refuse(w, http.StatusUpgradeRequired, "NONEXISTENT_VERSION", fmt.Sprintf("Requested version %s is not active", v))
		return t, false
	}
	return t, true
}

func (s *Service) initialize(w http.ResponseWriter, r *http.Request) {
	t, ok := s.versioned(w, r)
	if !ok {
		return
	}
	var in struct {
		Ask struct{ Owner string } `json:"initializeUploadRequest"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || r.URL.Query().Get("action") != "initializeUpload" || in.Ask.Owner != author(t) {
		refuse(w, http.StatusBadRequest, "INVALID", "owner")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	id := "C" + strconv.Itoa(len(s.uploads)+1)
	s.uploads[id] = nil
	remotes.Answer(w, http.StatusOK, map[string]any{"value": map[string]any{
		"uploadUrl": "https://www.linkedin.com/dms-uploads/" + id, "image": "urn:li:image:" + id, "uploadUrlExpiresAt": time.Now().Add(time.Hour).UnixMilli(),
	}})
}

func (s *Service) upload(w http.ResponseWriter, r *http.Request) {
	if _, ok := s.bearer(w, r, "w_member_social"); !ok {
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 8<<20))
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.uploads[r.PathValue("id")]; err != nil || !known || len(body) == 0 {
		refuse(w, http.StatusBadRequest, "INVALID", "no such upload")
		return
	}
	s.uploads[r.PathValue("id")] = body
	w.WriteHeader(http.StatusCreated)
}

func author(t remotes.Token) string { return "urn:li:person:sub-" + t.Person }

// bare is a reserved character of "little text" that is not escaped.
var bare = regexp.MustCompile(`(^|[^\\])(\\\\)*[|{}@\[\]()<>#*_~]`)

type incoming struct {
	Author, Commentary, Visibility, LifecycleState string
	Distribution                                   struct{ FeedDistribution string }
	Content                                        struct {
		Article struct{ Source, Title, Description, Thumbnail string }
	}
}

func (s *Service) post(w http.ResponseWriter, r *http.Request) {
	t, ok := s.versioned(w, r)
	if !ok {
		return
	}
	var in incoming
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		refuse(w, http.StatusBadRequest, "INVALID", "not JSON")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if words := s.fault(in, t); words != "" {
		refuse(w, http.StatusUnprocessableEntity, "INVALID", words)
		return
	}
	if s.made >= perDay {
		refuse(w, http.StatusTooManyRequests, "TOO_MANY_REQUESTS", "Resource level throttle limit reached") // without Retry-After
		return
	}
	s.made++
	p := Post{
		URN: "urn:li:share:" + strconv.Itoa(7000+s.made), Author: in.Author, Commentary: in.Commentary,
		Source: in.Content.Article.Source, Thumbnail: in.Content.Article.Thumbnail,
	}
	s.posts = append(s.posts, p)
	w.Header().Set("X-RestLi-Id", p.URN)
	w.WriteHeader(http.StatusCreated)
}

func (s *Service) fault(in incoming, t remotes.Token) string {
	thumb, a := strings.TrimPrefix(in.Content.Article.Thumbnail, "urn:li:image:"), in.Content.Article
	switch {
	case in.Author != author(t):
		return "author is not the member"
	case in.Visibility != "PUBLIC" && in.Visibility != "CONNECTIONS", in.LifecycleState != "PUBLISHED", in.Distribution.FeedDistribution != "MAIN_FEED":
		return "visibility, lifecycleState and distribution are needed"
	case in.Commentary == "" || utf8.RuneCountInString(in.Commentary) > maxChars+200:
		return "commentary length"
	case bare.MatchString(in.Commentary):
		return "commentary has reserved characters that are not escaped"
	case a.Source == "" || a.Title == "" || utf8.RuneCountInString(a.Title) > 400 || utf8.RuneCountInString(a.Description) > 4086:
		return "article needs source and title"
	case thumb != "" && len(s.uploads[thumb]) == 0:
		return "thumbnail is not uploaded"
	}
	return ""
}

func (s *Service) remove(w http.ResponseWriter, r *http.Request) {
	t, ok := s.versioned(w, r)
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	at := slices.IndexFunc(s.posts, func(p Post) bool { return p.URN == r.PathValue("urn") && p.Author == author(t) })
	if at < 0 {
		refuse(w, http.StatusNotFound, "NOT_FOUND", "No such post")
		return
	}
	s.posts = slices.Delete(s.posts, at, at+1)
	w.WriteHeader(http.StatusNoContent)
}
