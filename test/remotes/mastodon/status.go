package mastodon

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"github.com/osier-passport/osier/test/remotes"
)

func (s *Server) post(w http.ResponseWriter, r *http.Request) {
	t, ok := s.Bearer(w, r, "write:statuses")
	s.mu.Lock()
	defer s.mu.Unlock()
	if !ok || s.limited(w, t.Person, "post", callsWindow, callWindow) {
		return
	}
	key := t.Client + " " + t.Person + " " + r.Header.Get("Idempotency-Key")
	if k, known := s.keys[key]; known && r.Header.Get("Idempotency-Key") != "" && s.Now().Sub(k.at) < keyLife {
		if at := s.index(k.id); at >= 0 {
			remotes.Answer(w, http.StatusOK, s.render(s.statuses[at]))
			return
		}
	}
	var in struct {
		Status, Visibility, Language string
		Media                        []string `json:"media_ids"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		remotes.Refuse(w, http.StatusBadRequest, "There was a problem in the JSON you submitted")
		return
	}
	if fault := s.fault(in.Status, in.Visibility, in.Media); fault != "" {
		remotes.Refuse(w, http.StatusUnprocessableEntity, errWords[fault])
		return
	}
	st := Status{
		ID: strconv.Itoa(1000 + len(s.keys)), Person: t.Person, Text: in.Status, Visibility: in.Visibility, Language: in.Language,
		Media: in.Media, Created: s.Now(),
	}
	s.statuses = append(s.statuses, st)
	s.keys[key] = keyed{st.ID, s.Now()}
	remotes.Answer(w, http.StatusOK, s.render(st))
}

func (s *Server) fault(text, visibility string, media []string) string {
	switch {
	case text == "" && len(media) == 0:
		return "blank"
	case chars(text) > maxChars:
		return "long"
	case !slices.Contains([]string{"", "public", "unlisted", "private", "direct"}, visibility):
		return "who"
	case slices.ContainsFunc(media, func(id string) bool { return s.media[id] == nil || s.media[id].polls > 0 }):
		return "media"
	}
	return ""
}

func (s *Server) remove(w http.ResponseWriter, r *http.Request) {
	t, ok := s.Bearer(w, r, "write:statuses")
	s.mu.Lock()
	defer s.mu.Unlock()
	if !ok || s.limited(w, t.Person, "delete", perWindow, window) {
		return
	}
	at := s.index(r.PathValue("id"))
	if at < 0 || s.statuses[at].Person != t.Person {
		remotes.Refuse(w, http.StatusNotFound, "Record not found")
		return
	}
	gone := s.statuses[at]
	s.statuses = slices.Delete(s.statuses, at, at+1)
	remotes.Answer(w, http.StatusOK, s.render(gone))
}

func (s *Server) index(id string) int {
	return slices.IndexFunc(s.statuses, func(st Status) bool { return st.ID == id })
}
