// Package wordpress is a WordPress site: the part of its REST API that makes, finds
// and deletes posts, with application passwords.
//
// It owns nothing. Its test is the caller.
package wordpress

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// The one account.
const (
	User     = "ada"
	Password = "abcd EFGH ijkl MNOP qrst UVWX"
)

// Post is a post.
type Post struct {
	ID                           int
	Title, Content, Status, Slug string
}

// Site is a WordPress.
type Site struct {
	Plain    bool // its addresses are plain: the API is at ?rest_route= alone
	Stripped bool // its server takes the Authorization header away
	Reader   bool // the account may not write
	NoBin    bool // deleting is for good, and asks for force

	mu    sync.Mutex
	posts []*Post
}

// Posts gives the posts, those in the bin among them.
func (s *Site) Posts() []*Post {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.posts
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"code":%q,"message":"Sorry.","data":{"status":%d}}`, code, status)
}

// ServeHTTP answers the API, and for everything else a page.
func (s *Site) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	path, ok := strings.CutPrefix(q.URL.Path, "/wp-json/wp/v2/")
	if s.Plain {
		path, ok = strings.CutPrefix(q.URL.Query().Get("rest_route"), "/wp/v2/")
		ok = ok && q.URL.Path == "/"
	}
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, "<!doctype html><title>Not found</title>")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	user, password, given := q.BasicAuth()
	given = given && !s.Stripped
	if given && (user != User || password != Password) {
		refuse(w, http.StatusUnauthorized, "incorrect_password")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	number, isPost := strings.CutPrefix(path, "posts/")
	switch {
	case path == "users/me" && !given:
		refuse(w, http.StatusUnauthorized, "rest_not_logged_in")
	case path == "users/me":
		fmt.Fprintf(w, `{"id":7,"name":"Ada","link":"https://%s/author/ada/"}`, q.Host)
	case path == "posts" && q.Method == http.MethodPost:
		s.create(w, q, given)
	case path == "posts" && q.Method == http.MethodGet:
		s.list(w, q, given)
	case isPost && q.Method == http.MethodDelete:
		s.remove(w, q, number, given)
	default:
		refuse(w, http.StatusNotFound, "rest_no_route")
	}
}

func (s *Site) create(w http.ResponseWriter, q *http.Request, given bool) {
	p := &Post{}
	err := json.NewDecoder(q.Body).Decode(p)
	switch {
	case !given:
		refuse(w, http.StatusUnauthorized, "rest_cannot_create")
	case s.Reader:
		refuse(w, http.StatusForbidden, "rest_cannot_create")
	case err != nil || q.Header.Get("Content-Type") != "application/json":
		refuse(w, http.StatusBadRequest, "rest_invalid_json")
	case !slices.Contains([]string{"publish", "draft", "private", "pending", "future"}, p.Status):
		refuse(w, http.StatusBadRequest, "rest_invalid_param")
	default:
		p.ID = 100 + len(s.posts)
		s.posts = append(s.posts, p)
		w.WriteHeader(http.StatusCreated)
		answer(w, q.Host, p)
	}
}

func answer(w io.Writer, host string, p *Post) {
	fmt.Fprintf(w, `{"id":%d,"link":"https://%s/%s/","status":%q}`, p.ID, host, p.Slug, p.Status)
}

func (s *Site) list(w http.ResponseWriter, q *http.Request, given bool) {
	statuses := strings.Split(q.URL.Query().Get("status"), ",")
	if !given && (len(statuses) > 1 || q.URL.Query().Get("context") == "edit") {
		refuse(w, http.StatusUnauthorized, "rest_forbidden_context")
		return
	}
	_, _ = io.WriteString(w, "[")
	found := 0
	for _, p := range s.posts {
		if p.Slug == q.URL.Query().Get("slug") && slices.Contains(statuses, p.Status) {
			if found++; found > 1 {
				_, _ = io.WriteString(w, ",")
			}
			answer(w, q.Host, p)
		}
	}
	_, _ = io.WriteString(w, "]")
}

func (s *Site) remove(w http.ResponseWriter, q *http.Request, number string, given bool) {
	id, err := strconv.Atoi(number)
	at := slices.IndexFunc(s.posts, func(p *Post) bool { return err == nil && p.ID == id })
	force := q.URL.Query().Get("force") == "true"
	switch {
	case !given:
		refuse(w, http.StatusUnauthorized, "rest_cannot_delete")
	case at < 0:
		refuse(w, http.StatusNotFound, "rest_post_invalid_id")
	case force:
		p := s.posts[at]
		s.posts = slices.Delete(s.posts, at, at+1)
		fmt.Fprintf(w, `{"deleted":true,"previous":{"id":%d}}`, p.ID)
	case s.NoBin:
		refuse(w, http.StatusNotImplemented, "rest_trash_not_supported")
	case s.posts[at].Status == "trash":
		refuse(w, http.StatusGone, "rest_already_trashed")
	default:
		s.posts[at].Status = "trash"
		answer(w, q.Host, s.posts[at])
	}
}
