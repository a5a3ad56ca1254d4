// Package matrix is a Matrix server with one account and one room (Client-Server
// API v1.11: sending events, redactions, transaction identifiers).
//
// It owns nothing. Its test is the caller.
package matrix

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
)

// The account and the room.
const (
	Token = "syt_s3cret"
	Room  = "!abc:matrix.example"
	Alias = "#badges:matrix.example"
)

// Matrix keeps events.
type Matrix struct {
	mu           sync.Mutex
	transactions map[string]string // event by transaction
	events       map[string]string // text by event; "" when it is redacted
}

// Events gives the texts.
func (m *Matrix) Events() map[string]string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.events
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"errcode":%q,"error":"no"}`, code)
}

// ServeHTTP answers the API.
func (m *Matrix) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	path, ok := strings.CutPrefix(q.URL.EscapedPath(), "/_matrix/client/v3/")
	parts := strings.Split(path, "/")
	for n := range parts {
		parts[n] = unescape(parts[n])
	}
	switch {
	case !ok:
		refuse(w, http.StatusNotFound, "M_UNRECOGNIZED")
	case q.Header.Get("Authorization") != "Bearer "+Token:
		refuse(w, http.StatusUnauthorized, "M_UNKNOWN_TOKEN")
	case q.Method == http.MethodGet && path == "account/whoami":
		_, _ = io.WriteString(w, `{"user_id":"@ada:matrix.example","device_id":"D"}`)
	case q.Method == http.MethodGet && len(parts) == 3 && parts[0] == "directory" && parts[1] == "room":
		m.resolve(w, parts[2])
	case q.Method == http.MethodPut && len(parts) == 5 && parts[0] == "rooms":
		m.put(w, q, parts[1:])
	default:
		refuse(w, http.StatusNotFound, "M_UNRECOGNIZED")
	}
}

func unescape(s string) string {
	return strings.NewReplacer("%21", "!", "%23", "#", "%3A", ":", "%24", "$", "%2F", "/", "%40", "@").Replace(s)
}

func (m *Matrix) resolve(w http.ResponseWriter, alias string) {
	if alias != Alias {
		refuse(w, http.StatusNotFound, "M_NOT_FOUND")
		return
	}
	fmt.Fprintf(w, `{"room_id":%q,"servers":["matrix.example"]}`, Room)
}

// put sends a message or redacts one: room, what, event or its type, transaction.
func (m *Matrix) put(w http.ResponseWriter, q *http.Request, parts []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.events == nil {
		m.events, m.transactions = map[string]string{}, map[string]string{}
	}
	var content struct {
		Type string `json:"msgtype"`
		Body string `json:"body"`
	}
	err := json.NewDecoder(q.Body).Decode(&content)
	transaction := strings.Join(parts[1:], " ")
	_, there := m.events[parts[2]]
	switch {
	case parts[0] != Room:
		refuse(w, http.StatusForbidden, "M_FORBIDDEN")
	case err != nil:
		refuse(w, http.StatusBadRequest, "M_NOT_JSON")
	case m.transactions[transaction] != "":
		fmt.Fprintf(w, `{"event_id":%q}`, m.transactions[transaction])
	case parts[1] == "send" && parts[2] == "m.room.message" && content.Type == "m.text" && content.Body != "":
		m.add(w, transaction, content.Body)
	case parts[1] == "redact" && there:
		m.events[parts[2]] = ""
		m.add(w, transaction, "redacted")
	default:
		refuse(w, http.StatusNotFound, "M_NOT_FOUND")
	}
}

func (m *Matrix) add(w http.ResponseWriter, transaction, text string) {
	id := fmt.Sprintf("$event%d/x", len(m.events)+1)
	m.events[id], m.transactions[transaction] = text, id
	fmt.Fprintf(w, `{"event_id":%q}`, id)
}
