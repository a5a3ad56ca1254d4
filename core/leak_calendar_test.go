package core

import (
	"strings"
	"testing"
)

// keepCalendars gives the holder and those who will be gone the secret address of
// their calendar, and the follower one that ends.
func (s *scene) keepCalendars() {
	s.calendars = map[string]string{}
	all := map[string]*visitor{"holder": s.holder, "follower": s.follower, "disabled": s.people["disabled"], "erased": s.people["erased"]}
	for handle, v := range all {
		v.post("/badges/calendar", "action", "make").is(s.t, 303)
		at := v.get("/badges/calendar").is(s.t, 200).attribute(s.t, "input[readonly]", "value")
		s.calendars[handle] = strings.TrimPrefix(at, s.url)
	}
	s.follower.post("/badges/calendar", "action", "end").is(s.t, 303)
}

func calendarPaths(s *scene) []string {
	list := []string{"/calendar/none", "/calendar/none.ics"}
	for _, path := range s.calendars {
		list = append(list, path)
	}
	return list
}

// lookAtCalendars: a secret address is its holder's own view, without what they threw
// away; it ends with the person, and with itself.
func (s *scene) lookAtCalendars(t *testing.T, a answer, text string) {
	t.Helper()
	path, ok := strings.CutPrefix(a.name, "GET /calendar/")
	if !ok {
		return
	}
	for _, handle := range []string{"follower", "disabled", "erased"} {
		if s.calendars[handle] == "/calendar/"+path && a.status != 404 {
			t.Errorf("the calendar of %s: %s", handle, a)
		}
	}
	for _, b := range s.badges {
		mine := s.calendars[b.holder.person.Handle] == "/calendar/"+path
		if (b.state == "removed-in-bulk" || b.state == "deleted" || b.state == "unclaimed") && strings.Contains(text, b.marker) {
			t.Errorf("a calendar names the %s badge", b.state)
		}
		if mine && (b.state == "private" || b.state == "link-ended") && !strings.Contains(text, b.marker) {
			t.Errorf("the calendar lacks the %s badge", b.state)
		}
	}
}
