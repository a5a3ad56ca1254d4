// Package remotes is what the fake services of its folders share: an OAuth server,
// faults on demand, and the way of a plugin process to them.
//
// The fakes enforce what the services document, so that a plugin that passes
// against them asks for what the real ones take. Tests of plugins and of the whole
// passport are the callers.
package remotes

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
)

// Fault is what becomes of a request instead of an answer.
type Fault struct {
	Status int               // answered without doing anything; 0 with none of the below: none
	Header map[string]string // with Status
	Body   string            // with Status; {auth} is replaced by the request's Authorization
	Cut    bool              // the connection ends before anything is done
	Lose   bool              // all is done, and the connection ends instead of the answer
}

// Faults are those that wait for a request. The zero value has none.
type Faults struct {
	mu    sync.Mutex
	queue map[string][]Fault
	seen  []string
}

// Next has the next request whose method and path begin with which ("POST /api/v1")
// meet with f. Several for the same queue up.
func (f *Faults) Next(which string, fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.queue == nil {
		f.queue = map[string][]Fault{}
	}
	f.queue[which] = append(f.queue[which], fault)
}

// Seen lists method and path of each request since the last question.
func (f *Faults) Seen() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	seen := f.seen
	f.seen = nil
	return seen
}

// Before puts the faults before a service.
func (f *Faults) Before(service http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fault := f.take(r.Method + " " + r.URL.Path)
		switch {
		case fault.Cut:
			panic(http.ErrAbortHandler)
		case fault.Lose:
			service.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		case fault.Status != 0:
			for name, value := range fault.Header {
				w.Header().Set(name, value)
			}
			w.WriteHeader(fault.Status)
			_, _ = w.Write([]byte(strings.ReplaceAll(fault.Body, "{auth}", r.Header.Get("Authorization")))) //nolint:gosec // G705: for a plugin, in a test
		default:
			service.ServeHTTP(w, r)
		}
	})
}

func (f *Faults) take(request string) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen = append(f.seen, request)
	for which, queue := range f.queue {
		if strings.HasPrefix(request, which) && len(queue) > 0 {
			f.queue[which] = queue[1:]
			return queue[0]
		}
	}
	return Fault{}
}

// Answer writes v as JSON.
func Answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // who is gone reads nothing
}

// Refuse writes an error as most services do.
func Refuse(w http.ResponseWriter, status int, words string) {
	Answer(w, status, map[string]string{"error": words})
}
