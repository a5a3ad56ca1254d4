// Package slack is an incoming webhook of Slack, as its documentation describes it.
//
// It owns nothing. Its test is the caller.
package slack

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
)

// Path is that of the one webhook there is.
const Path = "/services/T0123/B0456/s3cretS3cret"

// Slack takes messages.
type Slack struct {
	mu    sync.Mutex
	texts []string
}

// Texts gives what was said.
func (s *Slack) Texts() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.texts
}

// ServeHTTP takes one message and answers "ok", which is no JSON.
func (s *Slack) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	var message struct {
		Text   string           `json:"text"`
		Blocks []map[string]any `json:"blocks"`
	}
	switch err := json.NewDecoder(q.Body).Decode(&message); {
	case q.URL.Path != Path:
		http.Error(w, "no_service", http.StatusNotFound)
	case q.Method != http.MethodPost || q.Header.Get("Content-Type") != "application/json" || err != nil:
		http.Error(w, "invalid_payload", http.StatusBadRequest)
	case message.Text == "" && len(message.Blocks) == 0:
		http.Error(w, "no_text", http.StatusBadRequest)
	case strings.ContainsAny(message.Text, "<>"): // would be a link or a mention
		http.Error(w, "invalid_payload", http.StatusBadRequest)
	default:
		s.mu.Lock()
		defer s.mu.Unlock()
		s.texts = append(s.texts, message.Text)
		_, _ = io.WriteString(w, "ok")
	}
}
