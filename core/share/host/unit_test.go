package host

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/plugins"
)

func TestBundledTargets(t *testing.T) {
	h := newHost(t, Options{Bundled: plugins.Bundled()})
	for _, s := range h.List() {
		if s.PID != 0 || s.State != OK || s.Version == "" {
			t.Errorf("before any share: %+v", s)
		}
	}
	item := badge()
	item.IssuerIDs["linkedin"] = "1035"
	got, err := h.Share(t.Context(), "linkedin", Request{Target: "profile", Item: item})
	want := "https://www.linkedin.com/profile/add?certId=urn%3Auuid%3A1&certUrl=https%3A%2F%2Fpassport.example%2Fb%2F7Kx" +
		"&issueMonth=1&issueYear=2026&name=Data+%E2%80%9CSteward%E2%80%9D+%26+C%2B%2B+%C3%A9&organizationId=1035&startTask=CERTIFICATION_NAME"
	if err != nil || got.URL != want {
		t.Errorf("got %q, %v\nwant %q", got.URL, err, want)
	}
	if _, err := h.Share(t.Context(), "twitter", Request{Target: "post", Item: item}); err != nil {
		t.Error(err)
	}
	d, err := h.Describe(t.Context(), "linkedin")
	if err != nil || len(d.Targets) != 3 {
		t.Errorf("got %+v, %v", d, err)
	}
	if s := statusOf(t, h, "linkedin"); s.PID == 0 || s.Restarts != 0 {
		t.Errorf("after a share: %+v", s)
	}
}

// Back-off of 1, 2, 4 and 8 seconds, then disabled, one more try after 30
// minutes, and forgiven when that works.
func TestCrashes(t *testing.T) {
	c, private := newClock(), t.TempDir()
	h := newHost(t, Options{Bundled: bundled("flaky"), PrivateDir: private, Clock: c.Now})
	share := func() error {
		_, err := h.Share(t.Context(), "flaky", Request{Target: "post", Item: badge()})
		return err
	}
	for _, pause := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second} {
		wantKey(t, share(), "start")
		f := wantKey(t, share(), "backoff")
		if f.RetryAfter != pause {
			t.Errorf("got pause %v, want %v", f.RetryAfter, pause)
		}
		if s := statusOf(t, h, "flaky"); s.State != Backoff || !strings.Contains(s.Reason.Args["detail"], "exit status 1") {
			t.Errorf("got %s, %v", s.State, s.Reason)
		}
		c.Add(pause)
	}
	wantKey(t, share(), "start")
	f := wantKey(t, share(), "crash_loop")
	if f.Kind != fault.Unavailable || f.RetryAfter != halfOpenAfter {
		t.Errorf("got %v, %v", f.Kind, f.RetryAfter)
	}
	if s := statusOf(t, h, "flaky"); s.State != Disabled || s.Restarts != 4 {
		t.Errorf("got %s after %d restarts", s.State, s.Restarts)
	}
	c.Add(halfOpenAfter)
	wantKey(t, share(), "start") // half open, and still broken
	wantKey(t, share(), "crash_loop")
	write(t, filepath.Join(private, "mended"), "", 0o600)
	wantKey(t, share(), "crash_loop")
	c.Add(halfOpenAfter)
	if err := share(); err != nil {
		t.Fatal(err)
	}
	if s := statusOf(t, h, "flaky"); s.State != OK || s.Reason != nil {
		t.Errorf("after the mending: %s, %v", s.State, s.Reason)
	}
}

// Who mended a plugin need not wait: begun anew, it is offered at once, and so is one
// that runs, in a new process.
func TestRestart(t *testing.T) {
	c, private := newClock(), t.TempDir()
	h := newHost(t, Options{Bundled: bundled("flaky"), PrivateDir: private, Clock: c.Now})
	share := func() error {
		_, err := h.Share(t.Context(), "flaky", Request{Target: "post", Item: badge()})
		return err
	}
	for range crashLimit {
		wantKey(t, share(), "start")
		c.Add(16 * time.Second)
	}
	wantKey(t, share(), "crash_loop")
	write(t, filepath.Join(private, "mended"), "", 0o600)
	wantKey(t, share(), "crash_loop")
	var pids []int
	for range 2 {
		if err := h.Restart("flaky"); err != nil {
			t.Fatal(err)
		}
		if err := share(); err != nil {
			t.Fatal(err)
		}
		pids = append(pids, statusOf(t, h, "flaky").PID)
	}
	if s := statusOf(t, h, "flaky"); s.State != OK || s.Restarts != crashLimit+1 || pids[0] == pids[1] {
		t.Errorf("got %+v, processes %v", s, pids)
	}
	wantKey(t, h.Restart("nowhere"), "unknown")
}

// Crashes that are far apart never disable.
func TestRareCrashes(t *testing.T) {
	c := newClock()
	h := newHost(t, Options{Bundled: bundled("exits"), Clock: c.Now})
	for range 7 {
		_, err := h.Share(t.Context(), "exits", Request{Target: "post", Item: badge()})
		wantKey(t, err, "crashed")
		c.Add(3 * time.Minute)
	}
}

// A process that is killed while nobody uses it is started again after its pause.
func TestKilledBetweenCalls(t *testing.T) {
	c := newClock()
	h := newHost(t, Options{Bundled: bundled("good"), Clock: c.Now})
	share := func() error {
		_, err := h.Share(t.Context(), "good", Request{Target: "post", Item: badge()})
		return err
	}
	if err := share(); err != nil {
		t.Fatal(err)
	}
	old := statusOf(t, h, "good").PID
	if err := syscall.Kill(old, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "noticed", func() bool { return statusOf(t, h, "good").State == Backoff })
	wantKey(t, share(), "backoff")
	c.Add(time.Second)
	if err := share(); err != nil {
		t.Fatal(err)
	}
	if s := statusOf(t, h, "good"); s.PID == old || s.Restarts != 1 {
		t.Errorf("got %+v", s)
	}
}

func TestIdleStop(t *testing.T) {
	c := newClock()
	h := newHost(t, Options{Bundled: bundled("good"), Clock: c.Now})
	if _, err := h.Share(t.Context(), "good", Request{Target: "post", Item: badge()}); err != nil {
		t.Fatal(err)
	}
	c.Add(4 * time.Minute)
	h.reap()
	if s := statusOf(t, h, "good"); s.PID == 0 {
		t.Error("stopped too early")
	}
	c.Add(time.Minute)
	h.reap()
	if s := statusOf(t, h, "good"); s.PID != 0 || s.State != OK {
		t.Errorf("after 5 minutes: %+v", s)
	}
	if _, err := h.Share(t.Context(), "good", Request{Target: "post", Item: badge()}); err != nil {
		t.Errorf("after the idle stop: %v", err)
	}
}

// Callers share one start, at most four calls run, the fifth is told so, and
// Close ends calls that still run.
func TestManyCallers(t *testing.T) {
	h := newHost(t, Options{Bundled: bundled("good", "slow"), CallTimeout: 2 * time.Minute})
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			if _, err := h.Share(t.Context(), "good", Request{Target: "post", Item: badge()}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if s := statusOf(t, h, "good"); s.Restarts != 0 {
		t.Errorf("%d restarts", s.Restarts)
	}
	ended := make(chan error, callsAtOnce)
	for range callsAtOnce {
		go func() {
			_, err := h.Share(t.Context(), "slow", Request{Target: "post", Item: badge()})
			ended <- err
		}()
	}
	eventually(t, "four calls run", func() bool {
		u := h.units["slow"]
		u.mu.Lock()
		defer u.mu.Unlock()
		return u.inFlight == callsAtOnce
	})
	_, err := h.Share(t.Context(), "slow", Request{Target: "post", Item: badge()})
	wantKey(t, err, "busy")
	start := time.Now()
	if err := h.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if took := time.Since(start); took > patience {
		t.Errorf("Close took %v", took)
	}
	for range callsAtOnce {
		if err := <-ended; err == nil {
			t.Error("a call outlived its plugin")
		}
	}
	_, err = h.Share(t.Context(), "good", Request{Target: "post", Item: badge()})
	wantKey(t, err, "closed")
}

// A caller who goes away neither harms the plugin nor the start others wait for.
func TestCallerGoesAway(t *testing.T) {
	h := newHost(t, Options{Bundled: bundled("good")})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Share(ctx, "good", Request{Target: "post", Item: badge()}); err == nil {
		t.Error("a share for nobody")
	}
	if _, err := h.Share(t.Context(), "good", Request{Target: "post", Item: badge()}); err != nil {
		t.Error(err)
	}
}

// The passport is killed: its plugins end with it, and the next one removes what
// it left on disk.
func TestKilledPassport(t *testing.T) {
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), "OSIER_TEST_CORE="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || line != "ready\n" {
		t.Errorf("core said %q, %v", line, err)
	}
	eventually(t, "plugin and what it started run", func() bool { return len(processes(t, "PLUGIN_UNIX_SOCKET_DIR="+dir)) == 2 })
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("core ended well")
	}
	eventually(t, "plugin gone, only what escaped stays", func() bool { return len(processes(t, "PLUGIN_UNIX_SOCKET_DIR="+dir)) == 1 })
	newHost(t, Options{PrivateDir: dir})
	eventually(t, "all gone", func() bool { return len(processes(t, "PLUGIN_UNIX_SOCKET_DIR="+dir)) == 0 })
	if left, err := filepath.Glob(filepath.Join(dir, "run-*")); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// coreThatIsKilled is the other process of TestKilledPassport.
func coreThatIsKilled(dir string) {
	h, err := New(Options{PrivateDir: dir, Bundled: bundled("escapes"), Memory: -1})
	if err == nil {
		_, err = h.Share(context.Background(), "escapes", Request{Target: "post", Item: badge()})
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("ready")
	select {}
}

// Folders deeper than a socket's path may be are no hindrance.
func TestDeepPrivateFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("deep/", 30))
	h := newHost(t, Options{Bundled: bundled("good"), PrivateDir: dir})
	if _, err := h.Share(t.Context(), "good", Request{Target: "post", Item: badge()}); err != nil {
		t.Fatal(err)
	}
	sockets := h.run.sockets
	if strings.HasPrefix(sockets, dir) {
		t.Errorf("sockets in %q", sockets)
	}
	if err := h.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(sockets); err == nil {
		t.Errorf("%s stays", sockets)
	}
}
