// Package discord is a webhook of Discord, as its documentation describes it.
//
// It owns nothing. Its test is the caller.
package discord

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"unicode/utf16"
)

// Path is that of the one webhook there is.
const Path = "/api/webhooks/1100/s3cret-t0ken"

// Discord keeps messages by number.
type Discord struct {
	mu       sync.Mutex
	last     int
	messages map[string]string
}

// Messages gives what is there.
func (d *Discord) Messages() map[string]string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.messages
}

func refuse(w http.ResponseWriter, status, code int, message string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"code":%d,"message":%q}`, code, message)
}

// ServeHTTP answers for the webhook and its messages.
func (d *Discord) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	number, isMessage := strings.CutPrefix(q.URL.Path, Path+"/messages/")
	switch {
	case q.URL.Path == Path && q.Method == http.MethodGet:
		_, _ = io.WriteString(w, `{"id":"1100","type":1,"name":"Badges","channel_id":"1200","guild_id":"1300","token":"s3cret-t0ken"}`)
	case q.URL.Path == Path && q.Method == http.MethodPost:
		d.post(w, q)
	case isMessage && q.Method == http.MethodDelete:
		d.remove(w, number)
	default:
		refuse(w, http.StatusNotFound, 10015, "Unknown Webhook")
	}
}

func (d *Discord) post(w http.ResponseWriter, q *http.Request) {
	var message struct {
		Content  string `json:"content"`
		Mentions *struct {
			Parse []string `json:"parse"`
		} `json:"allowed_mentions"`
	}
	err := json.NewDecoder(q.Body).Decode(&message)
	switch {
	case err != nil || q.Header.Get("Content-Type") != "application/json":
		refuse(w, http.StatusBadRequest, 50109, "The request body contains invalid JSON.")
		return
	case message.Content == "" || len(utf16.Encode([]rune(message.Content))) > 2000:
		refuse(w, http.StatusBadRequest, 50035, "Invalid Form Body")
		return
	case message.Mentions == nil || len(message.Mentions.Parse) > 0: // Discord would call people
		refuse(w, http.StatusBadRequest, 50035, "mentions are allowed")
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last++
	if d.messages == nil {
		d.messages = map[string]string{}
	}
	number := fmt.Sprint(9000 + d.last)
	d.messages[number] = message.Content
	if q.URL.Query().Get("wait") != "true" {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	fmt.Fprintf(w, `{"id":%q,"channel_id":"1200"}`, number)
}

func (d *Discord) remove(w http.ResponseWriter, number string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, ok := d.messages[number]; !ok {
		refuse(w, http.StatusNotFound, 10008, "Unknown Message")
		return
	}
	delete(d.messages, number)
	w.WriteHeader(http.StatusNoContent)
}
