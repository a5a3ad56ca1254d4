// Package teams is a workflow of Microsoft Teams that waits for a webhook request
// and takes one Adaptive Card.
//
// It owns nothing. Its test is the caller.
package teams

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// Path is that of the one workflow there is; its signature is in the query.
const Path = "/workflows/0a1b/triggers/manual/paths/invoke"

// maxBody is the largest message, in bytes.
const maxBody = 28 << 10

// Teams keeps the texts of cards.
type Teams struct {
	mu    sync.Mutex
	cards []string
}

// Cards gives the lines of each card.
func (s *Teams) Cards() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cards
}

type card struct {
	Type    string `json:"type"`
	Version string `json:"version"`
	Body    []struct {
		Type    string `json:"type"`
		URL     string `json:"url"`
		Inlines []struct {
			Type string `json:"type"`
			Text string `json:"text"`
		} `json:"inlines"`
	} `json:"body"`
	Actions []struct {
		Type  string `json:"type"`
		Title string `json:"title"`
		URL   string `json:"url"`
	} `json:"actions"`
}

// lines gives the texts, false for a card that Teams would not draw.
func (c card) lines() (string, bool) {
	if c.Type != "AdaptiveCard" || !slices.Contains([]string{"1.2", "1.3", "1.4", "1.5"}, c.Version) || len(c.Body) == 0 {
		return "", false
	}
	var all []string
	for _, element := range c.Body {
		switch element.Type {
		case "RichTextBlock":
			for _, run := range element.Inlines {
				if run.Type != "TextRun" || run.Text == "" {
					return "", false
				}
				all = append(all, run.Text)
			}
		case "Image":
			all = append(all, element.URL)
		default:
			return "", false
		}
	}
	for _, a := range c.Actions {
		if a.Type != "Action.OpenUrl" || a.Title == "" || !strings.HasPrefix(a.URL, "https://") {
			return "", false
		}
		all = append(all, a.Title+": "+a.URL)
	}
	return strings.Join(all, "\n"), true
}

// ServeHTTP takes one message and answers 202 without a body.
func (s *Teams) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	var message struct {
		Type        string `json:"type"`
		Attachments []struct {
			ContentType string          `json:"contentType"`
			ContentURL  json.RawMessage `json:"contentUrl"`
			Content     card            `json:"content"`
		} `json:"attachments"`
	}
	body, err := io.ReadAll(io.LimitReader(q.Body, 1<<20))
	switch {
	case q.URL.Path != Path:
		http.Error(w, `{"error":{"code":"WorkflowNotFound"}}`, http.StatusNotFound)
		return
	case q.URL.Query().Get("sig") != "s3cretSignature":
		http.Error(w, `{"error":{"code":"AuthorizationFailed"}}`, http.StatusUnauthorized)
		return
	case err != nil || len(body) > maxBody:
		http.Error(w, `{"error":{"code":"RequestEntityTooLarge"}}`, http.StatusRequestEntityTooLarge)
		return
	case q.Method != http.MethodPost || json.Unmarshal(body, &message) != nil || message.Type != "message" || len(message.Attachments) != 1:
		http.Error(w, `{"error":{"code":"InvalidRequestContent"}}`, http.StatusBadRequest)
		return
	}
	a := message.Attachments[0]
	lines, ok := a.Content.lines()
	if a.ContentType != "application/vnd.microsoft.card.adaptive" || string(a.ContentURL) != "null" || !ok {
		http.Error(w, `{"error":{"code":"InvalidCard"}}`, http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cards = append(s.cards, lines)
	w.WriteHeader(http.StatusAccepted)
}
