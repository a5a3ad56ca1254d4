package sharetest

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// seen is one request that arrived.
type seen struct {
	host, method, path string
	safe               bool
	all                string // headers and body
}

// script is the remote of all hosts: it answers as a service where all is well,
// but for the one request that a demand wants answered otherwise.
type script struct {
	well http.Handler

	mu    sync.Mutex
	log   []seen
	at    int // which unsafe request meets the fault; -1: every request
	count int // unsafe requests so far
	fault http.HandlerFunc
}

// begin forgets what was seen. The fault waits for the unsafe request number at
// (from 0), or is for all with -1. A nil fault is none.
func (s *script) begin(at int, fault http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log, s.at, s.count, s.fault = nil, at, 0, fault
}

func (s *script) requests() []seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

// unsafe counts the requests that may have changed something.
func (s *script) unsafe() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}

// ServeHTTP notes the request and answers it.
func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 4<<20)) // what is cut off is told by what is missing
	r.Body = io.NopCloser(bytes.NewReader(body))
	if fault := s.note(r, body); fault != nil {
		fault(w, r)
		return
	}
	s.well.ServeHTTP(w, r)
}

func (s *script) note(r *http.Request, body []byte) http.HandlerFunc {
	var head bytes.Buffer
	_ = r.Header.Write(&head) // into memory
	s.mu.Lock()
	defer s.mu.Unlock()
	safe := r.Method == http.MethodGet || r.Method == http.MethodHead
	s.log = append(s.log, seen{host: hostOf(r.Host), method: r.Method, path: r.URL.Path, safe: safe, all: r.URL.String() + "\n" + head.String() + string(body)})
	meets := s.at < 0 || !safe && s.count == s.at
	if !safe {
		s.count++
	}
	if meets {
		return s.fault
	}
	return nil
}

func hostOf(address string) string {
	host, _, _ := strings.Cut(address, ":")
	return host
}

// madeUp is an answer in which many a plugin finds what its own service answers.
func madeUp(w http.ResponseWriter, r *http.Request) {
	here := "https://" + r.Host
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Restli-Id", "urn:li:share:4711")
	w.Header().Set("Location", here+"/4711")
	if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/statuses") {
		_, _ = io.WriteString(w, "[]")
		return
	}
	_, _ = io.WriteString(w, strings.ReplaceAll(strings.ReplaceAll(template, "{here}", here), "{now}", time.Now().UTC().Format(time.RFC3339))) //nolint:gosec // G705: JSON for a plugin, in a test
}

const template = `{"ok":true,"id":"4711","sub":"4711","did":"did:plc:kit4711","user_id":"4711","username":"ada","name":"Ada","handle":"ada.example",
"acct":"ada","slug":"ada","url":"{here}/4711","link":"{here}/4711","uri":"at://did:plc:kit4711/app.bsky.feed.post/3kkit4711aaa2",
"cid":"bafyreikit","event_id":"4711","channel_id":"12","created_at":"{now}","accessJwt":"kit-session","refreshJwt":"kit-refresh","access_token":"kit-session",
"client_id":"kit","client_secret":"kit-client","value":{"uploadUrl":"{here}/upload","image":"urn:li:image:4711"},
"blob":{"$type":"blob","ref":{"$link":"bafkreikit"},"mimeType":"image/png","size":9},"data":{"id":"4711","username":"ada","name":"Ada"}}`

// The faults of a remote.

func answers(status int, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for n := 0; n+1 < len(headers); n += 2 {
			w.Header().Set(headers[n], headers[n+1])
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"error":"refused","message":"`+echo(r)+`","error_description":"`+echo(r)+`"}`)
	}
}

// echo is the request's headers in a text of JSON: a careless service sends them back.
func echo(r *http.Request) string {
	var text strings.Builder
	for name, values := range r.Header {
		text.WriteString(name + ": " + strings.Join(values, ", ") + "; ")
	}
	return strings.NewReplacer(`\`, "", `"`, "", "\n", " ").Replace(text.String())
}

func cuts(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func floods(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	block := bytes.Repeat([]byte(" "), 1<<20)
	for range 50 {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
	_, _ = io.WriteString(w, `{"id":"4711"}`)
}
