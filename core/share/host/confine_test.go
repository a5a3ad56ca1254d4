package host

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/osier-passport/osier/plugins/sdk"
)

// attempted is the environment variable that has the test binary try what is listed
// there, without a host, and print what came of it.
const attempted = "OSIER_TEST_ATTEMPTS"

// attempts are what the plugin burglar can try, by name, each on one argument.
var attempts = map[string]func(string) error{
	"read":   func(path string) error { _, err := os.ReadFile(path); return err },
	"list":   func(path string) error { _, err := os.ReadDir(path); return err },
	"create": func(path string) error { return os.WriteFile(path, []byte("burgled"), 0o600) },
	"change": func(path string) error {
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			return err
		}
		return f.Close()
	},
	"empty":  func(path string) error { return os.Truncate(path, 0) },
	"remove": os.Remove,
	"make":   func(path string) error { return os.Mkdir(path, 0o700) },
	"link":   func(path string) error { return os.Link(path, filepath.Join(os.TempDir(), "linked")) },
	"follow": func(path string) error {
		link := filepath.Join(os.TempDir(), "followed")
		if err := os.Symlink(path, link); err != nil {
			return fmt.Errorf("the link itself: %v", err) //nolint:errorlint // to be told from a refusal
		}
		defer os.Remove(link)
		_, err := os.ReadFile(link)
		return err
	},
	"cat": func(path string) error { return exec.Command("/bin/cat", path).Run() },
	"run": runCopy,
	"leave": func(what string) error {
		cmd := exec.Command("/bin/true")
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: what == "session", Setpgid: what == "group"}
		return cmd.Run()
	},
	"signal":  func(pid string) error { return syscall.Kill(number(pid), 0) },
	"connect": func(address string) error { return hangUp(net.Dial("tcp", address)) },
	"whisper": func(name string) error { return hangUp(net.Dial("unix", name)) },
	"hasten":  hasten,
	"tunnel":  tunnel,

	"speak": speak(connect, say), "speak-near": speak(connectNear, say), "speak-racing": speak(connectRacing, say), "speak-child": speakOfChild,
	"speak-urgent": speak(connect, sayUrgently), "speak-rights": speak(connect, sayWithRights), "speak-spliced": speak(connect, saySpliced),
	"packet": packet, "letter": letter, "letter-pair": letterOfPair, "ring": ring, "hoard": hoard, "seize": seize,
	"pair": pairs, "socket-flags": socketFlags, "socket-wrong": socketWrong,

	"listen": func(address string) error { return hangUp(net.Listen("tcp", address)) },
	"ask":    func(address string) error { return hangUp(net.Dial("udp", address)) },
	"privileged": func(string) error {
		status, err := os.ReadFile("/proc/self/status")
		if err == nil && strings.Contains(string(status), "CapEff:\t0000000000000000") {
			err = os.ErrPermission
		}
		return err
	},
}

// runCopy puts the file that it is given into the plugin's own folder and runs it.
func runCopy(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("the copy itself: %v", err) //nolint:errorlint // to be told from a refusal
	}
	to := filepath.Join(os.TempDir(), "copied")
	if err := os.WriteFile(to, data, 0o700); err != nil {
		return fmt.Errorf("the copy itself: %v", err) //nolint:errorlint // as above
	}
	defer os.Remove(to)
	return exec.Command(to).Run()
}

// hasten connects to an address by its first data (RFC 7413 §4.1), with no call of connect.
func hasten(address string) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	const fastOpen = 0x20000000 // MSG_FASTOPEN of Linux
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	defer unix.Close(s)
	return unix.Sendto(s, []byte("hello"), fastOpen, &unix.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()})
}

// tunnel asks the way out of this process for a way to an address.
func tunnel(address string) error {
	proxy, err := url.Parse(os.Getenv("HTTPS_PROXY"))
	if err != nil {
		return err
	}
	conn, err := net.Dial("tcp", proxy.Host)
	if err != nil {
		return err
	}
	defer conn.Close()
	head := base64.StdEncoding.EncodeToString([]byte(proxy.User.String()))
	if _, err := fmt.Fprintf(conn, "CONNECT %s HTTP/1.1\r\nHost: %[1]s\r\nProxy-Authorization: Basic %s\r\n\r\n", address, head); err != nil {
		return err
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && !strings.Contains(answer, " 200 ") {
		err = errors.New(answer)
	}
	return err
}

func hangUp[C io.Closer](c C, err error) error {
	if err != nil {
		return err
	}
	return c.Close()
}

// try gives what came of each attempt: empty for a success, "refused" for what the
// system forbids, "gone" for a thread that has ended meanwhile, else the error.
func try(list []string) []string {
	var all []string
	for _, one := range list {
		what, argument, _ := strings.Cut(one, " ")
		err := attempts[what](argument)
		var ended *exec.ExitError
		switch {
		case err == nil:
			all = append(all, "")
		case errors.Is(err, syscall.ESRCH):
			all = append(all, "gone")
		case errors.Is(err, os.ErrPermission), errors.As(err, &ended), errors.Is(err, syscall.EXDEV):
			all = append(all, "refused")
		default:
			all = append(all, err.Error())
		}
	}
	return all
}

// burgle tries what the text of the person says, one attempt a line.
func burgle(i sdk.Item) (string, error) {
	came, err := json.Marshal(try(strings.Split(i.Text, "\n")))
	return "https://good.example/?" + url.Values{"came": {string(came)}}.Encode(), err
}

func burglar(id string) sdk.Plugin {
	p := offer(id, burgle)
	p.Egress = []string{"api.good.example"}
	return p
}

// unconfined tries the same in a process that nobody shut in.
func unconfined(t *testing.T, list []string) []string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), attempted+"="+strings.Join(list, "\n"), "TMPDIR="+t.TempDir())
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var came []string
	if err := json.Unmarshal(out, &came); err != nil {
		t.Fatal(err)
	}
	return came
}

const burglarManifest = `id: burglar
version: 1.0.0
hosts: [good.example]
egress: [api.good.example]
targets:
  - {id: post, kind: link, items: [badge]}
i18n:
  en: {name: Test, post: Post}
`

// house is a passport's folder as a burglar finds it.
type house struct {
	data, plugins string
	listener      string // a TCP address where somebody listens
	abstract      string // and a name of an abstract socket
}

func newHouse(t *testing.T) house {
	t.Helper()
	root := t.TempDir()
	h := house{data: filepath.Join(root, "data"), plugins: filepath.Join(root, "plugins"), abstract: "@osier-test-" + strconv.Itoa(os.Getpid())}
	for _, dir := range []string{h.data, filepath.Join(h.plugins, "other")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{h.data + "/osier.db", h.data + "/secret.key", root + "/config.toml", h.plugins + "/other/notes"} {
		write(t, file, "marker", 0o644)
	}
	copyBinary(t, filepath.Join(h.plugins, "bare-burglar"))
	if err := os.Mkdir(filepath.Join(h.plugins, "burglar"), 0o755); err != nil {
		t.Fatal(err)
	}
	copyBinary(t, filepath.Join(h.plugins, "burglar", "burglar"))
	write(t, filepath.Join(h.plugins, "burglar", "plugin.yaml"), burglarManifest, 0o644)
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tcp.Close() })
	h.listener = tcp.Addr().String()
	unix, err := net.Listen("unix", h.abstract)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close() })
	h.listen(t)
	return h
}

// breakIns lists what a burglar must not be able to do, and anybody else of the same
// user can.
func (h house) breakIns(t *testing.T, own string) []string {
	t.Helper()
	proc := "/proc/" + strconv.Itoa(os.Getpid())
	list := []string{
		"read " + h.data + "/osier.db", "read " + h.data + "/secret.key", "read " + h.data + "/../config.toml",
		"list " + h.data, "list " + h.plugins, "read " + h.plugins + "/other/notes", "list " + filepath.Dir(own), "read " + own + "/good/notes",
		"list /", "list /proc", "read " + proc + "/environ", "read " + proc + "/cmdline", "read " + proc + "/maps", "list " + proc + "/root" + h.data,
		"list " + proc + "/fd", "follow " + h.data + "/osier.db", "link " + h.data + "/osier.db", "cat " + h.data + "/osier.db", "run /bin/true",
		"change " + h.data + "/osier.db", "create " + h.data + "/new", "make " + h.data + "/folder", "create " + os.TempDir() + "/osier-test-burgled",
		"empty " + h.data + "/osier.db", "remove " + h.data + "/osier.db",
		"signal " + strconv.Itoa(os.Getpid()), "whisper " + h.abstract,
		"connect " + h.listener, "hasten " + h.listener, "listen 127.0.0.1:0", "ask 127.0.0.1:53",
	}
	if ConfinementHere().Sockets {
		list = append(list, h.conversations()...)
	}
	if groupsHold() {
		list = append(list, "leave session", "leave group")
	}
	if os.Geteuid() == 0 {
		list = append(list, "privileged x")
	}
	threads, err := os.ReadDir(proc + "/task")
	if err != nil {
		t.Fatal(err)
	}
	for _, thread := range threads {
		list = append(list, "signal "+thread.Name())
	}
	return list
}

// A plugin reads, writes, signals and reaches nothing that is not its own, though all
// of it is open to a process of the same user that is not shut in.
func TestBurglar(t *testing.T) {
	if !ConfinementHere().Whole() {
		t.Skip("the kernel has no Landlock, or an old one")
	}
	there := newHouse(t)
	t.Cleanup(func() { _ = os.Remove(os.TempDir() + "/osier-test-burgled") })
	for name, o := range map[string]Options{
		"bundled":   {Bundled: bundled("burglar", "good")},
		"community": {Dir: there.plugins, Bundled: bundled("good")},
	} {
		t.Run(name, func(t *testing.T) {
			o.PrivateDir, o.Dial = filepath.Join(there.data, "plugin-host-"+name), (&outside{}).dial
			h := newHost(t, o)
			works(t, h)
			good := h.units["good"].proc.run.spec.dir
			write(t, filepath.Join(good, "notes"), "marker", 0o644)
			list := there.breakIns(t, filepath.Dir(good))
			for n := range list {
				list[n] = strings.ReplaceAll(list[n], "/good/notes", "/"+filepath.Base(good)+"/notes")
			}
			came := burgled(t, h, "burglar", list)
			for n, got := range came {
				if got != "refused" && got != "gone" {
					t.Errorf("%s: got %q, want a refusal", list[n], got)
				}
			}
			for n, got := range unconfined(t, list) {
				if got != "" && got != "gone" {
					t.Errorf("%s: to others it is %q, which proves nothing", list[n], got)
				}
			}
			write(t, there.data+"/osier.db", "marker", 0o644)
			_ = os.Remove(there.data + "/new")
			_ = os.Remove(there.data + "/folder")
		})
	}
}

func burgled(t *testing.T, h *Host, id string, list []string) []string {
	t.Helper()
	i := badge()
	i.Text = strings.Join(list, "\n")
	got, err := h.Share(t.Context(), id, Request{Target: "post", Item: i})
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(got.URL)
	if err != nil {
		t.Fatal(err)
	}
	var came []string
	if err := json.Unmarshal([]byte(u.Query().Get("came")), &came); err != nil || len(came) != len(list) {
		t.Fatalf("got %d answers to %d: %v", len(came), len(list), err)
	}
	return came
}

// A plugin that the passport's proxy lets out gets out, confined as it is.
func TestWayOutWhileConfined(t *testing.T) {
	out := &outside{}
	h := newHost(t, Options{Bundled: bundled("burglar"), Dial: out.dial})
	list := []string{"tunnel api.good.example:443", "tunnel elsewhere.example:443"}
	came := burgled(t, h, "burglar", list)
	if came[0] != "" || !strings.Contains(came[1], "403") || len(out.asked) != 1 {
		t.Errorf("got %q, dialled %q", came, out.asked)
	}
}

// What a plugin declares before it runs is what it is held to. One that is an executable
// alone declares nothing, and one that says that it connects by itself is let: both
// connect, and read no more than others. The status tells.
func TestAnywhere(t *testing.T) {
	if !ConfinementHere().Whole() {
		t.Skip("the kernel has no Landlock, or an old one")
	}
	there := newHouse(t)
	path := filepath.Join(there.plugins, "burglar", "plugin.yaml")
	list := []string{"connect " + there.listener, "ask 127.0.0.1:53", "read " + there.data + "/osier.db", "signal " + strconv.Itoa(os.Getpid())}
	neither := ",refused,refused"
	if ConfinementHere().Sockets {
		list, neither = append(list, "speak "+filepath.Join(there.data, services["unix"])), neither+",refused"
	}
	for _, step := range []struct {
		id, manifest string
		anywhere     bool
	}{{"burglar", burglarManifest, false}, {"burglar", burglarManifest + "anywhere: true\n", true}, {"bare-burglar", burglarManifest, true}} {
		write(t, path, step.manifest, 0o644)
		h := newHost(t, Options{Dir: there.plugins, PrivateDir: filepath.Join(t.TempDir(), "host"), Dial: (&outside{}).dial})
		got := strings.Join(burgled(t, h, step.id, list), ",")
		want := map[bool]string{true: ",", false: "refused,refused"}[step.anywhere] + neither
		if got != want {
			t.Errorf("%s, %v: got %q, want %q", step.id, step.anywhere, got, want)
		}
		if s := statusOf(t, h, step.id); s.Anywhere != step.anywhere {
			t.Errorf("%s: the status says %v", step.id, s.Anywhere)
		}
	}
}

// What is hidden stays so where it lies in a folder that all may read; what is beside
// it can be read.
func TestHiddenBelowPrograms(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"bin/node", "osier/osier", "osier/data/key", "osier/lib/x"} {
		path := filepath.Join(root, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, path, "x", 0o644)
	}
	if err := os.Symlink(root, root+"-link"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Remove(root + "-link") })
	if err := os.Symlink("/home", root+"/osier/astray"); err != nil {
		t.Fatal(err)
	}
	hidden := resolved([]string{root + "-link/osier/data", root + "/missing"})
	var got []string
	for _, g := range around(grant{root + "-link", mayRun}, hidden) {
		got = append(got, strings.TrimPrefix(g.path, root))
	}
	if want := []string{"/bin", "/osier/lib", "/osier/osier"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := around(grant{root + "/osier/data/key", mayRead}, hidden); got != nil {
		t.Errorf("inside: got %v", got)
	}
	if got := around(grant{root + "/bin", mayRead}, hidden); len(got) != 1 {
		t.Errorf("beside: got %v", got)
	}
}
