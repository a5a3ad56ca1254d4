// Package webhook is a receiver of docs/webhook.md: it takes a signed message once
// for each key.
//
// It owns nothing. Its test is the caller.
package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Receiver takes messages at one address.
type Receiver struct {
	Secret string

	mu       sync.Mutex
	messages map[string]map[string]any // by key
}

// Messages gives what was taken, by key.
func (r *Receiver) Messages() map[string]map[string]any {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.messages
}

// ServeHTTP takes one message.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(io.LimitReader(q.Body, 1<<20))
	if err != nil || q.Method != http.MethodPost || q.Header.Get("Content-Type") != "application/json" {
		http.Error(w, "POST JSON", http.StatusBadRequest)
		return
	}
	if !r.signed(q.Header.Get("X-Osier-Signature"), body) {
		http.Error(w, "the signature does not hold", http.StatusUnauthorized)
		return
	}
	var message map[string]any
	key := q.Header.Get("Idempotency-Key")
	if json.Unmarshal(body, &message) != nil || key == "" || message["id"] != key || message["version"] != 1.0 {
		http.Error(w, "not a message of version 1 under its key", http.StatusUnprocessableEntity)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.messages == nil {
		r.messages = map[string]map[string]any{}
	}
	r.messages[key] = message
	fmt.Fprintf(w, `{"id":%d,"url":"https://receiver.example/seen/%d"}`, len(r.messages), len(r.messages))
}

// signed checks "t=SECONDS,v1=HEX"; a message is taken for five minutes.
func (r *Receiver) signed(header string, body []byte) bool {
	if r.Secret == "" {
		return header == ""
	}
	at, signature, ok := strings.Cut(header, ",v1=")
	seconds, err := strconv.ParseInt(strings.TrimPrefix(at, "t="), 10, 64)
	if !ok || err != nil || time.Since(time.Unix(seconds, 0)).Abs() > 5*time.Minute {
		return false
	}
	mac := hmac.New(sha256.New, []byte(r.Secret))
	fmt.Fprintf(mac, "%d.%s", seconds, body)
	return hmac.Equal([]byte(signature), []byte(hex.EncodeToString(mac.Sum(nil))))
}
