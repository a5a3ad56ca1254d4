package host

import (
	"path/filepath"
	"strings"
	"testing"
)

// An administrator sees how often a plugin was asked, and what went wrong, each
// mishap once.
func TestStatusCounts(t *testing.T) {
	c := newClock()
	h := newHost(t, Options{Bundled: bundled("good", "other", "exits"), Clock: c.Now})
	for range 3 {
		if _, err := h.Share(t.Context(), "good", Request{Target: "post", Item: badge()}); err != nil {
			t.Fatal(err)
		}
	}
	for range keptMishaps + 2 {
		if _, err := h.Share(t.Context(), "other", Request{Target: "post", Item: badge()}); err == nil {
			t.Fatal("taken")
		}
	}
	if _, err := h.Share(t.Context(), "exits", Request{Target: "post", Item: badge()}); err == nil {
		t.Fatal("taken")
	}
	for id, want := range map[string]struct {
		calls, failures, kept int
		key                   string
	}{
		"good": {3, 0, 0, ""}, "other": {keptMishaps + 2, keptMishaps + 2, keptMishaps, "answer"}, "exits": {1, 1, 1, "crashed"},
	} {
		s := statusOf(t, h, id)
		if s.Calls != want.calls || s.Failures != want.failures || len(s.Errors) != want.kept {
			t.Errorf("%s: %d calls, %d failures, %v", id, s.Calls, s.Failures, s.Errors)
		}
		if n := len(s.Errors); n > 0 && s.Errors[n-1].Why.Key != "plugin.error."+want.key {
			t.Errorf("%s: %v", id, s.Errors[n-1].Why)
		}
	}
	if s := statusOf(t, h, "good"); s.Memory < 1<<20 && memoryOf(s.PID) != 0 {
		t.Errorf("memory of %d bytes", s.Memory)
	}
}

// Probe hears a program that is in no folder, under the name that it gives itself.
func TestProbe(t *testing.T) {
	h := newHost(t, Options{})
	dir, _ := communityFolder(t, "good")
	path := filepath.Join(dir, "good")
	sum, err := Sum(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.Probe(t.Context(), path, strings.Repeat("0", 64))
	wantKey(t, err, "changed")
	d, err := h.Probe(t.Context(), path, sum)
	if err != nil || d.ID != "good" || len(d.Targets) != 1 {
		t.Errorf("%+v, %v", d, err)
	}
	if len(h.List()) != 0 {
		t.Errorf("it is kept: %+v", h.List())
	}
}
