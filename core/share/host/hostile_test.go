package host

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/plugins/sdk/wire"
)

// misbehaviour is what a plugin does and what comes of it.
type misbehaviour struct {
	id, key string
	detail  string // that the error carries
}

// A plugin that misbehaves gets its own error, and another plugin of the same
// host works before and after.
func TestHostilePlugins(t *testing.T) {
	tests := []misbehaviour{
		{"exit", "start", `exit status 1, printed nothing, logged last: "no licence found"`},
		{"garbage", "handshake", `no handshake in the first 16 lines, printed first: "garbage"`},
		{"bigline", "handshake", "more than 8192 bytes before the end of the handshake"},
		{"metadata", "start", "only a unix socket in its own folder"},
		{"loopback", "start", "only a unix socket in its own folder"},
		{"socket", "start", "only a unix socket in its own folder"},
		{"version", "start", "incompatible API version"},
		{"netrpc", "start", ""},
		{"closed", "start", "connection refused"},
		{"panics", "answer", "panic in the plugin"},
		{"exits", "crashed", "exit status 7"},
		{"killed", "crashed", "signal: killed"},
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
	h := newHost(t, Options{Bundled: bundled(append(ids(tests), "good")...)})
	works(t, h)
	for _, tt := range tests {
		t.Run(tt.id, func(t *testing.T) { tt.check(t, h) })
	}
	works(t, h)
}

// A plugin that does not answer gets its error when its time is over, and another
// plugin of the same host works meanwhile.
func TestSilentPlugins(t *testing.T) {
	tests := []misbehaviour{
		{"silent", "start_timeout", "printed nothing"},
		{"deaf", "start_timeout", ""},
		{"stopped", "timeout", ""},
		{"slow", "timeout", ""},
		{"spins", "timeout", ""},
	}
	h := newHost(t, Options{Bundled: bundled(append(ids(tests), "good")...), StartTimeout: 4 * time.Second, CallTimeout: 5 * time.Second})
	settled(t, h)
	t.Run("all", func(t *testing.T) {
		for _, tt := range tests {
			t.Run(tt.id, func(t *testing.T) {
				t.Parallel()
				start := time.Now()
				tt.check(t, h)
				if took := time.Since(start); took > patience {
					t.Errorf("took %v", took)
				}
			})
		}
		works(t, h)
	})
	works(t, h)
}

func ids(tests []misbehaviour) []string {
	all := make([]string, 0, len(tests))
	for _, tt := range tests {
		all = append(all, tt.id)
	}
	return all
}

func (m misbehaviour) check(t *testing.T, h *Host) {
	t.Helper()
	_, err := h.Share(t.Context(), m.id, Request{Target: "post", Item: badge()})
	f := wantKey(t, err, m.key)
	if !strings.Contains(f.Args["detail"], m.detail) {
		t.Errorf("got detail %q, want %q in it", f.Args["detail"], m.detail)
	}
	if f.Args["plugin"] != m.id {
		t.Errorf("the error names plugin %q", f.Args["plugin"])
	}
}

// settled starts the good plugin where it has but seconds for it: a busy machine may be
// late more than once.
func settled(t *testing.T, h *Host) {
	t.Helper()
	eventually(t, "the good plugin runs", func() bool {
		_, err := h.Share(t.Context(), "good", Request{Target: "post", Item: badge()})
		return err == nil
	})
}

func works(t *testing.T, h *Host) {
	t.Helper()
	got, err := h.Share(t.Context(), "good", Request{Target: "post", Item: badge()})
	if err != nil || got.URL != "https://good.example/?ok=1" {
		t.Errorf("the good plugin: %v, %v", got, err)
	}
}

// A process that gives no sign of life is ended and counted as crashed; one that
// is only slow ends after its calls, and the third time counts as a crash.
func TestHungProcess(t *testing.T) {
	h := newHost(t, Options{Bundled: bundled("stopped", "slow"), CallTimeout: 4 * time.Second})
	share := func(id string) {
		t.Helper()
		_, err := h.Share(t.Context(), id, Request{Target: "post", Item: badge()})
		wantKey(t, err, "timeout")
	}
	share("stopped")
	if s := statusOf(t, h, "stopped"); s.State != Backoff || s.PID != 0 || s.Reason.Args["detail"] != "no answer in time" {
		t.Errorf("stopped plugin: %+v", s)
	}
	share("slow")
	if s := statusOf(t, h, "slow"); s.State != OK || s.PID != 0 {
		t.Errorf("slow plugin: %+v", s)
	}
	u := h.units["slow"]
	u.mu.Lock()
	u.hangs = hangLimit - 1
	u.mu.Unlock()
	share("slow")
	if s := statusOf(t, h, "slow"); s.State != Backoff || s.PID != 0 {
		t.Errorf("slow plugin, third time: %+v", s)
	}
}

// A plugin sees nothing of the passport: no environment, no input, no file.
func TestNothingOfTheHost(t *testing.T) {
	t.Setenv("OSIER_SECRET_KEY", "marker-of-a-secret")
	if confinement().Files { // what the passport itself was started with
		f, err := os.Open(os.Args[0])
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		inherited, err := syscall.Dup(int(f.Fd()))
		if err != nil {
			t.Fatal(err)
		}
		defer syscall.Close(inherited)
	}
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
		"PATH": true, "LANG": true, "TZ": true, "GOMEMLIMIT": true, "GOGC": true, "HOME": true, "TMPDIR": true, "OSIER_PLUGIN": true,
		"PLUGIN_MIN_PORT": true, "PLUGIN_MAX_PORT": true, "PLUGIN_PROTOCOL_VERSIONS": true, "PLUGIN_CLIENT_CERT": true,
		"PLUGIN_UNIX_SOCKET_DIR": true, "GOMAXPROCS": true, wire.HostPID: true,
	}
	for line := range strings.Lines(seen) {
		env, ok := strings.CutPrefix(line, "ENV ")
		if !ok {
			continue
		}
		for entry := range strings.SplitSeq(env, " ; ") {
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
		for f := range strings.SplitSeq(strings.TrimSpace(files), " ; ") {
			own := strings.HasPrefix(f, "pipe:") || strings.HasPrefix(f, "socket:") || strings.HasPrefix(f, "anon_inode:") ||
				strings.TrimSuffix(f, " (deleted)") == "/dev/null" || strings.HasPrefix(f, "/proc/") || strings.Contains(f, "cgroup") || strings.HasPrefix(f, "/sys/fs/")
			if !own {
				t.Errorf("open file %q", f)
			}
		}
	}
}

// Nobody but the host can talk to a plugin: its socket is in a folder of ours alone, an
// installed one wants the host's certificate, and our own binary the host's process.
func TestForeignCaller(t *testing.T) {
	t.Run("bundled", func(t *testing.T) { refusesStrangers(t, newHost(t, Options{Bundled: bundled("good")})) })
	t.Run("installed", func(t *testing.T) {
		folder := filepath.Join(t.TempDir(), "plugins")
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		copyBinary(t, filepath.Join(folder, "good"))
		refusesStrangers(t, newHost(t, Options{Dir: folder}))
	})
}

func refusesStrangers(t *testing.T, h *Host) {
	t.Helper()
	works(t, h)
	address := h.units["good"].proc.client.ReattachConfig().Addr.String()
	info, err := os.Stat(filepath.Dir(address))
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder of the socket: %v, %v", info.Mode(), err)
	}
	for how := range strangers {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), strangerCalls+"="+how+" "+address)
		out, err := cmd.CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != codes.Unavailable.String() {
			t.Errorf("%s: got %v, %s", how, err, got)
		}
	}
	works(t, h)
}

// An installed Go plugin has to speak TLS.
func TestNoTLS(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "plugins")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	copyBinary(t, filepath.Join(folder, "plaintext"))
	h := newHost(t, Options{Dir: folder, Bundled: bundled("good")})
	works(t, h)
	misbehaviour{"plaintext", "start", ""}.check(t, h)
	works(t, h)
}

// strangerCalls is the entry of the environment that makes the test binary call a
// plugin in one of the ways of strangers, and print the code of the answer.
const strangerCalls = "OSIER_TEST_STRANGER"

var strangers = map[string]credentials.TransportCredentials{
	"plain": insecure.NewCredentials(),
	"TLS":   credentials.NewTLS(&tls.Config{InsecureSkipVerify: true}),
}

func callAsStranger(order string) error {
	how, address, _ := strings.Cut(order, " ")
	conn, err := grpc.NewClient("unix://"+address, grpc.WithTransportCredentials(strangers[how]))
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = wire.NewShareTargetClient(conn).Describe(context.Background(), &wire.DescribeRequest{})
	fmt.Println(status.Code(err))
	return nil
}

// One plugin is not taken for another whose socket it says is its own; a program in
// another language may have a process that it started listen.
func TestForeignListener(t *testing.T) {
	if !wire.NamesPeers {
		t.Skip("this system does not name processes")
	}
	t.Run("of another", func(t *testing.T) {
		h := newHost(t, Options{Bundled: bundled("good", "refuses")})
		works(t, h)
		_, _ = h.Share(t.Context(), "refuses", Request{Target: "post", Item: badge()}) // which starts it
		there := h.units["refuses"].proc
		for of, want := range map[string]codes.Code{"good": codes.Unavailable, "refuses": codes.OK} {
			conn, err := grpc.NewClient("unix://"+there.client.ReattachConfig().Addr.String(),
				grpc.WithTransportCredentials(wire.Peer(h.units[of].proc.run.answers)))
			if err != nil {
				t.Fatal(err)
			}
			_, err = wire.NewShareTargetClient(conn).Describe(t.Context(), &wire.DescribeRequest{})
			if status.Code(err) != want || want == codes.Unavailable && !strings.Contains(err.Error(), "listens at the socket") {
				t.Errorf("as %s: got %v", of, err)
			}
			if err := conn.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("of the host", func(t *testing.T) {
		h := newHost(t, Options{Bundled: bundled("good", "lent"), StartTimeout: 5 * time.Second})
		settled(t, h)
		good := h.units["good"].proc.run
		lent := make(chan net.Listener, 1)
		listen := func() bool {
			folders, _ := filepath.Glob(filepath.Join(good.spec.sockets, "plugin-dir*"))
			for _, folder := range folders {
				if folder == good.sockets {
					continue
				}
				if l, err := net.Listen("unix", filepath.Join(folder, "lent")); err == nil {
					lent <- l
					return true
				}
			}
			return false
		}
		go func() {
			defer close(lent)
			reached(listen)
		}()
		misbehaviour{"lent", "start", "listens at the socket"}.check(t, h)
		works(t, h)
		if l := <-lent; l != nil {
			_ = l.Close()
		}
	})
	t.Run("of a child", func(t *testing.T) {
		folder, dir := folderPlugin(t)
		write(t, filepath.Join(dir, "start"), "#!/bin/sh\n./good\n", 0o755)
		write(t, filepath.Join(dir, "plugin.yaml"), treeManifest+"entry: [start]\n", 0o644)
		works(t, newHost(t, Options{Dir: folder}))
	})
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
			if !slices.Contains(seen, line) {
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
	if seen := statusOf(t, h, "stray").LastLogs; !slices.Contains(seen, "printed before the handshake: welcome to my plugin") || !slices.Contains(seen, "loading") {
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
	if took := time.Since(start); took > patience {
		t.Errorf("stop took %v", took)
	}
	eventually(t, "both gone", func() bool { return len(processes(t, dir)) == 0 })
}

// A process that a plugin left behind ends with it, though it tried to leave its group
// and has nothing of its environment: no mark of either tells whose it is.
func TestVanishedProcess(t *testing.T) {
	if !groupsHold() {
		t.Skip("nothing keeps processes in their group here")
	}
	h := newHost(t, Options{Bundled: bundled("vanishes")})
	i := badge()
	i.Text = fmt.Sprintf("86399.%d", os.Getpid())
	if _, err := h.Share(t.Context(), "vanishes", Request{Target: "post", Item: i}); err != nil {
		t.Fatal(err)
	}
	there := func() bool {
		lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(lines, func(path string) bool {
			line, err := os.ReadFile(path)
			return err == nil && strings.Contains(string(line), i.Text)
		})
	}
	if !there() {
		t.Fatal("it left nothing behind")
	}
	h.units["vanishes"].proc.stop(stopGrace)
	eventually(t, "it is gone", func() bool { return !there() })
}

// groupsHold reports whether a plugin's processes cannot leave their group.
func groupsHold() bool {
	return ConfinementHere().Files && (runtime.GOARCH == "amd64" || runtime.GOARCH == "arm64")
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
