package host

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/osier-passport/osier/core/fault"
)

// A plugin that misbehaves gets its own error in time, and another plugin of the
// same host works before, meanwhile and after.
func TestHostilePlugins(t *testing.T) {
	tests := []struct {
		id, key string
		detail  string // that the error carries
	}{
		{"exit", "start", "exit status 1"},
		{"garbage", "handshake", `no handshake in the first 16 lines, printed first: "garbage"`},
		{"bigline", "handshake", "more than 8192 bytes before the end of the handshake"},
		{"metadata", "start", "only a unix socket in its own folder"},
		{"loopback", "start", "only a unix socket in its own folder"},
		{"socket", "start", "only a unix socket in its own folder"},
		{"version", "start", "incompatible API version"},
		{"netrpc", "start", ""},
		{"silent", "start_timeout", "printed nothing"},
		{"closed", "start", "connection refused"},
		{"deaf", "start_timeout", ""},
		{"plaintext", "start", ""},
		{"panics", "answer", "panic in the plugin"},
		{"exits", "crashed", "exit status 7"},
		{"killed", "crashed", "signal: killed"},
		{"stopped", "timeout", ""},
		{"slow", "timeout", ""},
		{"spins", "timeout", ""},
		{"refuses", "refused", "not[31m today"},
		{"script", "answer", `scheme "javascript"`},
		{"local", "answer", `"127.0.0.1", which is not among its hosts`},
		{"other", "answer", "not among its hosts"},
		{"userinfo", "answer", "with a user"},
		{"crlf", "answer", "need encoding"},
		{"endless", "answer", "an address of 9021 bytes"},
		{"huge", "answer", "larger than max"},
		{"nothing", "answer", "an address of 0 bytes"},
		{"misnomer", "answer", `it calls itself "good"`},
		{"items", "answer", "20000 targets"},
		{"fills", "refused", "file too large"},
	}
	ids := []string{"good"}
	for _, tt := range tests {
		ids = append(ids, tt.id)
	}
	h := newHost(t, Options{Bundled: bundled(ids...), StartTimeout: 2 * time.Second, CallTimeout: 3 * time.Second})
	good := func(t *testing.T) {
		t.Helper()
		got, err := h.Share(t.Context(), "good", Request{Target: "post", Item: badge()})
		if err != nil || got.URL != "https://good.example/?ok=1" {
			t.Fatalf("the good plugin: %v, %v", got, err)
		}
	}
	good(t)
	for _, tt := range tests {
		t.Run(tt.id, func(t *testing.T) {
			start := time.Now()
			_, err := h.Share(t.Context(), tt.id, Request{Target: "post", Item: badge()})
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
			f := wantKey(t, err, tt.key)
			if !strings.Contains(f.Args["detail"], tt.detail) {
				t.Errorf("got detail %q, want %q in it", f.Args["detail"], tt.detail)
			}
			if f.Args["plugin"] != tt.id {
				t.Errorf("the error names plugin %q", f.Args["plugin"])
			}
			good(t)
		})
	}
}

// A process that cannot answer any more is ended and counted as crashed; one
// that is only slow gets three chances.
func TestHungProcess(t *testing.T) {
	h := newHost(t, Options{Bundled: bundled("stopped", "slow"), CallTimeout: 3 * time.Second})
	_, err := h.Share(t.Context(), "stopped", Request{Target: "post", Item: badge()})
	wantKey(t, err, "timeout")
	s := statusOf(t, h, "stopped")
	if s.State != Backoff || s.PID != 0 {
		t.Errorf("stopped plugin: state %s, pid %d", s.State, s.PID)
	}
	for n := range hangLimit {
		_, err := h.Share(t.Context(), "slow", Request{Target: "post", Item: badge()})
		wantKey(t, err, "timeout")
		s := statusOf(t, h, "slow")
		if alive := s.PID != 0; alive != (n+1 < hangLimit) {
			t.Errorf("after %d calls: pid %d, state %s", n+1, s.PID, s.State)
		}
	}
}

// A plugin sees nothing of the passport: no environment, no input, no file.
func TestNothingOfTheHost(t *testing.T) {
	t.Setenv("OSIER_SECRET_KEY", "marker-of-a-secret")
	h := newHost(t, Options{Bundled: bundled("env")})
	if _, err := h.Share(t.Context(), "env", Request{Target: "post", Item: badge()}); err != nil {
		t.Fatal(err)
	}
	var seen string
	eventually(t, "three lines", func() bool {
		seen = strings.Join(statusOf(t, h, "env").LastLogs, "\n")
		return strings.Contains(seen, "FILES")
	})
	if strings.Contains(seen, "marker-of-a-secret") {
		t.Errorf("the environment came through:\n%s", seen)
	}
	allowed := map[string]bool{
		"PATH": true, "LANG": true, "TZ": true, "GOMEMLIMIT": true, "HOME": true, "TMPDIR": true, "OSIER_PLUGIN": true,
		"PLUGIN_MIN_PORT": true, "PLUGIN_MAX_PORT": true, "PLUGIN_PROTOCOL_VERSIONS": true, "PLUGIN_CLIENT_CERT": true,
		"PLUGIN_UNIX_SOCKET_DIR": true,
	}
	for line := range strings.Lines(seen) {
		env, ok := strings.CutPrefix(line, "ENV ")
		if !ok {
			continue
		}
		for _, entry := range strings.Split(env, " ; ") {
			name, _, ok := strings.Cut(entry, "=")
			if ok && !allowed[name] && len(name) < 40 {
				t.Errorf("environment holds %q", name)
			}
		}
	}
	if !strings.Contains(seen, "STDIN 0") {
		t.Errorf("standard input can be read:\n%s", seen)
	}
	for line := range strings.Lines(seen) {
		files, ok := strings.CutPrefix(line, "FILES ")
		if !ok {
			continue
		}
		for _, f := range strings.Split(strings.TrimSpace(files), " ; ") {
			own := strings.HasPrefix(f, "pipe:") || strings.HasPrefix(f, "socket:") || strings.HasPrefix(f, "anon_inode:") ||
				f == "/dev/null" || strings.HasPrefix(f, "/proc/") || strings.Contains(f, "cgroup") || strings.HasPrefix(f, "/sys/fs/")
			if !own {
				t.Errorf("open file %q", f)
			}
		}
	}
}

// What a plugin prints is bounded, cannot break the log or its reader and does
// not stop the plugin from being used.
func TestOutput(t *testing.T) {
	h := newHost(t, Options{Bundled: bundled("logs", "stray", "floodout", "flooderr")})
	for _, id := range []string{"logs", "stray"} {
		if _, err := h.Share(t.Context(), id, Request{Target: "post", Item: badge()}); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		`{"@message":1,"@level":[],"@timestamp":{}}`, "from hclog", "colour [31mred[0m gnp.exe", "to stdout",
	}
	eventually(t, "all lines", func() bool {
		seen := statusOf(t, h, "logs").LastLogs
		for _, line := range want {
			if !contains(seen, line) {
				return false
			}
		}
		return true
	})
	for _, line := range statusOf(t, h, "logs").LastLogs {
		if len(line) > maxLine+len("…") {
			t.Errorf("a line of %d bytes", len(line))
		}
	}
	if seen := statusOf(t, h, "stray").LastLogs; !contains(seen, "printed before the handshake: welcome to my plugin") || !contains(seen, "loading") {
		t.Errorf("got lines %q", seen)
	}
	for _, id := range []string{"floodout", "flooderr"} {
		for range 3 {
			if _, err := h.Share(t.Context(), id, Request{Target: "post", Item: badge()}); err != nil {
				t.Errorf("%s: %v", id, err)
			}
		}
		if n := len(statusOf(t, h, id).LastLogs); n > keptLines {
			t.Errorf("%s: %d lines kept", id, n)
		}
	}
}

func contains(lines []string, line string) bool {
	for _, l := range lines {
		if l == line {
			return true
		}
	}
	return false
}

// A plugin that eats memory is ended by its limit, not by the machine's.
func TestMemoryLimit(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector needs more memory than a plugin may have")
	}
	h := newHost(t, Options{Bundled: bundled("memory", "leaks")})
	_, err := h.Share(t.Context(), "memory", Request{Target: "post", Item: badge()})
	wantKey(t, err, "crashed")
	for range 5 {
		if _, err := h.Share(t.Context(), "leaks", Request{Target: "post", Item: badge()}); err != nil {
			t.Error(err)
		}
	}
}

// A process that a plugin left behind in a session of its own ends with it.
func TestEscapedProcess(t *testing.T) {
	dir := t.TempDir()
	h := newHost(t, Options{Bundled: bundled("escapes"), PrivateDir: dir})
	if _, err := h.Share(t.Context(), "escapes", Request{Target: "post", Item: badge()}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "plugin and sleep run", func() bool { return len(processes(t, dir)) == 2 })
	start := time.Now()
	h.units["escapes"].proc.stop(stopGrace)
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("stop took %v", took)
	}
	eventually(t, "both gone", func() bool { return len(processes(t, dir)) == 0 })
}

// A descriptor of a later version is taken as far as it is understood.
func TestFutureDescriptor(t *testing.T) {
	folder, id := communityFolder(t, "future")
	h := newHost(t, Options{Dir: folder})
	d, err := h.Describe(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Targets) != 1 || d.Targets[0].ID != "post" || d.Targets[0].Icon != "" || len(d.Targets[0].Items) != 1 {
		t.Errorf("got targets %+v", d.Targets)
	}
	if d.Version != "9.9beta" || d.Name["en"] != "<b>Future</b>" || d.Name["fr"] != "" {
		t.Errorf("got version %q, name %q", d.Version, d.Name)
	}
	if got := d.Targets[0].Labels; len([]rune(got["en"])) > 80 || got["fr"] != "Publier" {
		t.Errorf("got labels %q", got)
	}
	if _, err := h.Share(t.Context(), id, Request{Target: "post", Item: badge()}); err != nil {
		t.Error(err)
	}
	_, err = h.Share(t.Context(), id, Request{Target: "auto", Item: badge()})
	if diff := cmp.Diff(fault.NotFound, wantKey(t, err, "target").Kind); diff != "" {
		t.Error(diff)
	}
}
