package host

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/plugins"
	"github.com/osier-passport/osier/plugins/sdk"
	"github.com/osier-passport/osier/plugins/sdk/wire"
)

// TestMain makes the test binary serve plugins as the real one does, so that
// every test runs real processes: bundled plugins as `plugin serve ID`,
// community plugins under the name of their file.
func TestMain(m *testing.M) {
	if serve(os.Args) {
		return
	}
	if list := os.Getenv(attempted); list != "" {
		_ = json.NewEncoder(os.Stdout).Encode(try(strings.Split(list, "\n")))
		return
	}
	if order := os.Getenv(strangerCalls); order != "" {
		if err := callAsStranger(order); err != nil {
			panic(err)
		}
		return
	}
	if dir := os.Getenv("OSIER_TEST_CORE"); dir != "" {
		coreThatIsKilled(dir)
		return
	}
	os.Exit(m.Run())
}

func serve(args []string) bool {
	h := wire.Handshake()
	if os.Getenv(h.MagicCookieKey) == "" {
		return false
	}
	if len(args) == 6 && args[4] == "--manifest" {
		if err := plugins.ServeFile(args[5]); err != nil {
			os.Exit(3)
		}
		return true
	}
	id := filepath.Base(args[0])
	if len(args) == 4 && args[1] == "plugin" && args[2] == "serve" {
		id = args[3]
	}
	if id == "asked" {
		doAsked()
		return true
	}
	if _, ok := misdeeds[id]; ok {
		servesBadly(id)
	} else if b, ok := behaviours[id]; ok {
		b()
	} else if err := plugins.Serve(id); err != nil {
		os.Exit(3)
	}
	return true
}

// newHost makes a host whose end is checked: no goroutine, process or file of it
// may stay.
func newHost(t *testing.T, o Options) *Host {
	t.Helper()
	before := runtime.NumGoroutine()
	if o.PrivateDir == "" {
		o.PrivateDir = filepath.Join(t.TempDir(), "private")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.StartTimeout == 0 {
		o.StartTimeout = patience // a busy machine is no fault of a plugin's
	}
	if raceEnabled {
		o.Memory = -1
	}
	h, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		start := time.Now()
		if err := h.Close(context.Background()); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took > patience {
			t.Errorf("Close took %v", took)
		}
		left, err := filepath.Glob(filepath.Join(o.PrivateDir, "run-*"))
		if err != nil || len(left) > 0 {
			t.Errorf("left in the private folder: %v, %v", left, err)
		}
		eventually(t, "no process left", func() bool { return len(processes(t, o.PrivateDir)) == 0 })
		if !reached(func() bool { return runtime.NumGoroutine() <= before }) {
			t.Errorf("%d goroutines before, %d after", before, runtime.NumGoroutine())
			if err := pprof.Lookup("goroutine").WriteTo(os.Stderr, 1); err != nil {
				t.Log(err)
			}
		}
	})
	return h
}

// patience is how long anything may take that a test waits for, and what is over when
// it would take a minute otherwise: the machine may have much else to do.
const patience = 30 * time.Second

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	if !reached(ok) {
		t.Errorf("never: %s", what)
	}
}

func reached(ok func() bool) bool {
	end := time.After(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-end:
			return false
		}
	}
	return true
}

// processes lists the living processes that have text in their environment.
func processes(t *testing.T, text string) []string {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	// The youngest first, without a look at anything else: those may end at any moment.
	slices.SortFunc(entries, func(a, b os.DirEntry) int {
		return cmp.Or(len(b.Name())-len(a.Name()), strings.Compare(b.Name(), a.Name()))
	})
	var all []string
	for _, e := range entries {
		path := filepath.Join("/proc", e.Name(), "environ")
		if env, err := os.ReadFile(path); err == nil && strings.Contains(string(env), text) {
			all = append(all, path)
		}
	}
	return all
}

func statusOf(t *testing.T, h *Host, id string) Status {
	t.Helper()
	for _, s := range h.List() {
		if s.ID == id {
			return s
		}
	}
	t.Fatalf("no plugin %q in the list", id)
	return Status{}
}

func wantKey(t *testing.T, err error, key string) *fault.Error {
	t.Helper()
	f, ok := fault.As(err)
	if !ok || f.Key != "plugin.error."+key {
		t.Fatalf("got error %v, want plugin.error.%s", err, key)
	}
	return f
}

// wantBarred is for a plugin that may not run: people are told no more than that.
func wantBarred(t *testing.T, err error, key string) *fault.Error {
	t.Helper()
	return wantKey(t, wantKey(t, err, "disabled").Err, key)
}

// clock is a clock that tests set.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func badge() sdk.Item {
	return sdk.Item{
		Type: sdk.ItemBadge, URL: "https://passport.example/b/7Kx", Title: "Data “Steward” & C++ é",
		IssuerName: "Open School", CredentialID: "urn:uuid:1", IssuerIDs: map[string]string{},
		Issued: time.Date(2026, 1, 9, 0, 0, 0, 0, time.UTC),
	}
}

// bundled offers behaviours as bundled plugins.
func bundled(ids ...string) []sdk.Plugin {
	all := make([]sdk.Plugin, 0, len(ids))
	for _, id := range ids {
		all = append(all, offer(id, answer("https://good.example/?ok=1")))
	}
	return all
}

func offer(id string, url func(sdk.Item) (string, error)) sdk.Plugin {
	return sdk.Plugin{
		ID: id, Version: "1.0.0", Name: map[string]string{"en": "Test"}, Hosts: []string{"good.example"},
		Targets: []sdk.Target{{ID: "post", Labels: map[string]string{"en": "Post"}, URL: url}},
	}
}

func answer(address string) func(sdk.Item) (string, error) {
	return func(sdk.Item) (string, error) { return address, nil }
}
