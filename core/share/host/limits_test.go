package host

import (
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// A process may have few files open at once, and lives on when it has tried more.
func TestFewFiles(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the bound is Linux's")
	}
	h := newHost(t, Options{Bundled: bundled("files", "good")})
	for range 2 {
		if _, err := h.Share(t.Context(), "files", Request{Target: "post", Item: badge()}); err != nil {
			t.Fatal(err)
		}
	}
	fewFiles(t, h)
	works(t, h)
}

// A plugin cannot start processes until the machine has no more, where the passport does
// not run as root; what it started and left does not outrun its end.
func TestFewProcesses(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the bound is Linux's")
	}
	dir := t.TempDir()
	h := newHost(t, Options{Bundled: bundled("relay"), PrivateDir: dir})
	if _, err := h.Share(t.Context(), "relay", Request{Target: "post", Item: badge()}); err != nil {
		t.Fatal(err)
	}
	p := h.units["relay"].proc
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", p.run.pid()))
	if err != nil {
		t.Fatal(err)
	}
	var soft, hard int
	at := strings.Index(string(text), "Max processes")
	if _, err := fmt.Sscanf(string(text[max(at, 0):]), "Max processes %d %d", &soft, &hard); err != nil || soft != hard || hard > 1<<16 {
		t.Errorf("%d to %d processes: %v", soft, hard, err)
	}
	eventually(t, "a child that left its group", func() bool { return len(processes(t, dir)) > 1 })
	p.stop(stopGrace)
	eventually(t, "none is left", func() bool { return len(processes(t, dir)) == 0 }) // one that is killed takes a moment
}

// words is a log that a test reads.
type words struct {
	mu   sync.Mutex
	text strings.Builder
}

func (w *words) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

func (w *words) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// Of what a plugin writes in a second 100 lines are taken, of which the last 50 are
// kept; the log says how many were dropped.
func TestLogRate(t *testing.T) {
	c, log := newClock(), &words{}
	h := newHost(t, Options{Bundled: bundled("chatty"), Clock: c.Now, Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if _, err := h.Describe(t.Context(), "chatty"); err != nil {
		t.Fatal(err)
	}
	share := func() {
		t.Helper()
		if _, err := h.Share(t.Context(), "chatty", Request{Target: "post", Item: badge()}); err != nil {
			t.Fatal(err)
		}
	}
	said := h.units["chatty"].logs
	heard := func(lines int) { // in this second; the start wrote some too
		t.Helper()
		eventually(t, fmt.Sprint(lines, " lines"), func() bool {
			said.mu.Lock()
			defer said.mu.Unlock()
			return said.count >= lines
		})
	}
	for n := range 3 {
		share()
		heard(300)
		if told := strings.Count(log.String(), "plugin prints too much"); told != n { // each second tells of the last
			t.Errorf("%d words of dropped lines after %d seconds", told, n)
		}
		c.Add(time.Second)
	}
	kept := statusOf(t, h, "chatty").LastLogs
	if len(kept) != keptLines || slices.Contains(kept, "line 300") {
		t.Errorf("%d lines are kept, to %q", len(kept), kept[len(kept)-1])
	}
}
