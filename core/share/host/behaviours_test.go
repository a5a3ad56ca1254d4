package host

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/osier-passport/osier/plugins/sdk"
	"github.com/osier-passport/osier/plugins/sdk/wire"
)

// stdout is the real one: the SDK leads os.Stdout to standard error.
var stdout = os.NewFile(1, "stdout")

// behaviours are plugin processes that misbehave, by id.
var behaviours = map[string]func(){
	"good":     func() { sdk.Serve(offer("good", answer("https://good.example/?ok=1"))) },
	"exit":     func() { fmt.Fprintln(os.Stderr, "no licence found"); os.Exit(1) },
	"garbage":  func() { fmt.Fprintln(stdout, strings.Repeat("garbage\n", 40)); select {} },
	"bigline":  bigLine,
	"metadata": func() { fmt.Fprintln(stdout, "1|1|tcp|169.254.169.254:80|grpc"); select {} },
	"loopback": func() { fmt.Fprintln(stdout, "1|1|tcp|127.0.0.1:8080|grpc"); select {} },
	"socket":   func() { fmt.Fprintln(stdout, "1|1|unix|/var/run/docker.sock|grpc"); select {} },
	"version":  func() { fmt.Fprintln(stdout, "1|99|unix|/x|grpc"); select {} },
	"netrpc":   func() { fmt.Fprintf(stdout, "1|1|unix|%s/x|netrpc\n", os.Getenv("PLUGIN_UNIX_SOCKET_DIR")); select {} },
	"silent":   func() { select {} },
	"closed":   closedListener,
	"deaf":     deafListener,
	"lent":     lentListener,
	"plaintext": func() {
		os.Unsetenv("PLUGIN_CLIENT_CERT")
		sdk.Serve(offer("plaintext", answer("https://good.example/")))
	},
	"stray": func() {
		fmt.Fprintln(stdout, "welcome to my plugin")
		fmt.Println("loading")
		sdk.Serve(offer("stray", answer("https://good.example/")))
	},
	"flaky":   flaky,
	"panics":  func() { sdk.Serve(offer("panics", func(sdk.Item) (string, error) { panic("oh") })) },
	"exits":   func() { sdk.Serve(offer("exits", func(sdk.Item) (string, error) { os.Exit(7); return "", nil })) },
	"killed":  func() { sdk.Serve(offer("killed", signalled(syscall.SIGKILL))) },
	"stopped": func() { sdk.Serve(offer("stopped", signalled(syscall.SIGSTOP))) },
	"slow": func() {
		sdk.Serve(offer("slow", func(sdk.Item) (string, error) { <-time.After(5 * time.Minute); return "", nil }))
	},
	"spins": func() { sdk.Serve(offer("spins", func(sdk.Item) (string, error) { return spin() })) },
	"refuses": func() {
		sdk.Serve(offer("refuses", func(sdk.Item) (string, error) { return "", fmt.Errorf("not\x1b[31m today") }))
	},
	"script": func() { sdk.Serve(offer("script", answer("javascript:alert(1)"))) },
	"local":  func() { sdk.Serve(offer("local", answer("https://127.0.0.1/admin"))) },
	"other":  func() { sdk.Serve(offer("other", answer("https://evil.example/?https://good.example/"))) },
	"userinfo": func() {
		sdk.Serve(offer("userinfo", answer("https://good.example@evil.example/")))
	},
	"crlf":    func() { sdk.Serve(offer("crlf", answer("https://good.example/\r\nSet-Cookie: a=b"))) },
	"endless": func() { sdk.Serve(offer("endless", answer("https://good.example/"+strings.Repeat("a", 9000)))) },
	"huge":    func() { serveRaw(&raw{share: openURL(strings.Repeat("a", 4<<20))}) },
	"nothing": func() { serveRaw(&raw{share: &wire.ShareResponse{}}) },
	"items":   func() { serveRaw(&raw{describe: manyTargets()}) },
	"misnomer": func() {
		serveRaw(&raw{describe: &wire.Descriptor{Id: "good", Version: "1", Hosts: []string{"good.example"}}})
	},
	"future":       func() { serveRaw(&raw{describe: futureDescriptor(), share: openURL("https://good.example/")}) },
	"floodout":     func() { sdk.Serve(offer("floodout", flood(func() *os.File { return os.Stdout }))) },
	"flooderr":     func() { sdk.Serve(offer("flooderr", flood(func() *os.File { return os.NewFile(2, "stderr") }))) },
	"logs":         func() { sdk.Serve(offer("logs", logs)) },
	"env":          func() { sdk.Serve(offer("env", dump)) },
	"relay":        func() { sdk.Serve(offer("relay", relay)) },
	"vanishes":     func() { sdk.Serve(offer("vanishes", vanish)) },
	"escapes":      func() { sdk.Serve(offer("escapes", escape)) },
	"files":        func() { sdk.Serve(offer("files", openMany)) },
	"chatty":       func() { sdk.Serve(offer("chatty", chat)) },
	"leaks":        func() { sdk.Serve(offer("leaks", leak)) },
	"memory":       func() { sdk.Serve(offer("memory", eat)) },
	"burglar":      func() { sdk.Serve(burglar("burglar")) },
	"bare-burglar": func() { sdk.Serve(burglar("bare-burglar")) },
	"fills":        func() { sdk.Serve(offer("fills", fill)) },
}

func bigLine() {
	for range 10 << 20 / 1024 {
		fmt.Fprint(stdout, strings.Repeat("x", 1024))
	}
	select {}
}

func closedListener() {
	path := filepath.Join(os.Getenv("PLUGIN_UNIX_SOCKET_DIR"), "x")
	l, err := net.Listen("unix", path)
	if err != nil {
		os.Exit(4)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	l.Close()
	fmt.Fprintf(stdout, "1|1|unix|%s|grpc\n", path)
	select {}
}

// deafListener takes connections and never says a word.
func deafListener() {
	path := filepath.Join(os.Getenv("PLUGIN_UNIX_SOCKET_DIR"), "x")
	l, err := net.Listen("unix", path)
	if err != nil {
		os.Exit(4)
	}
	fmt.Fprintf(stdout, "1|1|unix|%s|grpc\n", path)
	for {
		if _, err := l.Accept(); err != nil {
			return
		}
	}
}

// lentListener says that the socket is its own at which somebody else listens.
func lentListener() {
	path := filepath.Join(os.Getenv("PLUGIN_UNIX_SOCKET_DIR"), "lent")
	reached(func() bool {
		_, err := os.Stat(path)
		return err == nil
	})
	fmt.Fprintf(stdout, "1|1|unix|%s|grpc\n", path)
	select {}
}

// flaky works once a file "mended" lies in the private folder.
func flaky() {
	if _, err := os.Stat(filepath.Join(os.Getenv("HOME"), "..", "..", "mended")); err != nil {
		os.Exit(1)
	}
	sdk.Serve(offer("flaky", answer("https://good.example/")))
}

func signalled(s syscall.Signal) func(sdk.Item) (string, error) {
	return func(sdk.Item) (string, error) {
		if err := syscall.Kill(os.Getpid(), s); err != nil {
			return "", err
		}
		select {}
	}
}

// chat writes 300 lines at once, and one that says that it is done.
func chat(sdk.Item) (string, error) {
	var all strings.Builder
	for n := range 300 {
		fmt.Fprintf(&all, "line %d\n", n+1)
	}
	fmt.Fprint(os.NewFile(2, "stderr"), all.String())
	return "https://good.example/", nil
}

func spin() (string, error) {
	for n := 0; ; n++ {
		if n < 0 {
			return "", nil
		}
	}
}

func flood(to func() *os.File) func(sdk.Item) (string, error) {
	return func(sdk.Item) (string, error) {
		go func() {
			for {
				fmt.Fprintln(to(), strings.Repeat("noise ", 1000))
			}
		}()
		return "https://good.example/?ok=1", nil
	}
}

// logs prints lines that a log or its reader could stumble over.
func logs(i sdk.Item) (string, error) {
	stderr := os.NewFile(2, "stderr")
	fmt.Fprintln(stderr, `{"@message":1,"@level":[],"@timestamp":{}}`)
	fmt.Fprintln(stderr, `{"@message":"from hclog","@level":"warn"}`)
	fmt.Fprintln(stderr, "colour \x1b[31mred\x1b[0m \u202egnp.exe")
	fmt.Fprintln(stderr, strings.Repeat("long ", 4000))
	fmt.Println("to stdout")
	fmt.Fprintln(stderr, i.Text)
	return "https://good.example/", nil
}

// dump tells what a plugin can see of the host.
func dump(sdk.Item) (string, error) {
	in := make([]byte, 16)
	n, _ := os.Stdin.Read(in)
	fds, _ := filepath.Glob("/proc/self/fd/*")
	var open []string
	for _, fd := range fds {
		if to, err := os.Readlink(fd); err == nil {
			open = append(open, to)
		}
	}
	fmt.Fprintf(os.NewFile(2, "stderr"), "ENV %s\n", strings.Join(os.Environ(), " ; "))
	fmt.Fprintf(os.NewFile(2, "stderr"), "STDIN %d %q\n", n, in[:n])
	fmt.Fprintf(os.NewFile(2, "stderr"), "FILES %s\n", strings.Join(open, " ; "))
	return "https://good.example/", nil
}

// apart starts a command in a session of its own, or in the plugin's where that is
// refused.
func apart(cmd exec.Cmd) (string, error) {
	again := cmd
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	err := cmd.Start()
	if errors.Is(err, syscall.EPERM) {
		err = again.Start()
	}
	return "https://good.example/", err
}

// escape leaves a process behind that is in a session of its own and holds the
// plugin's outputs.
func escape(sdk.Item) (string, error) {
	return apart(exec.Cmd{Path: "/bin/sleep", Args: []string{"sleep", "300"}, Stdout: stdout, Stderr: os.NewFile(2, "stderr")})
}

// vanish leaves a process behind that is in a session of its own and has nothing of
// the plugin's environment. The text of the person says how long it sleeps.
func vanish(i sdk.Item) (string, error) {
	return apart(exec.Cmd{Path: "/bin/sleep", Args: []string{"sleep", i.Text}, Env: []string{"A=b"}})
}

// relay starts a process that starts the next and ends, many times, each in a session of
// its own.
func relay(sdk.Item) (string, error) {
	return apart(exec.Cmd{
		Path: "/bin/sh", Args: []string{"sh", "-c", `eval "$HOP"`},
		Env: append(os.Environ(), "N=0", `HOP=N=$((N+1)); sleep 0.005; [ $N -gt 3000 ] || { setsid /bin/sh -c "$HOP" || /bin/sh -c "$HOP"; } 2>/dev/null &`),
	})
}

func leak(sdk.Item) (string, error) {
	for range 1000 {
		go func() { select {} }()
	}
	return "https://good.example/", nil
}

func eat(sdk.Item) (string, error) {
	var held [][]byte
	for range 2048 {
		b := make([]byte, 1<<20)
		for i := range b {
			b[i] = 1
		}
		held = append(held, b)
	}
	return fmt.Sprintf("https://good.example/?%d", len(held)), nil
}

func fill(sdk.Item) (string, error) {
	f, err := os.Create(filepath.Join(os.TempDir(), "big"))
	if err != nil {
		return "", err
	}
	defer f.Close()
	for range 64 {
		if _, err := f.Write(make([]byte, 1<<20)); err != nil {
			return "", err
		}
	}
	return "https://good.example/", nil
}

// raw is a service below the SDK, for answers that the SDK would not let out.
type raw struct {
	plugin.NetRPCUnsupportedPlugin
	wire.UnimplementedShareTargetServer
	describe *wire.Descriptor
	share    *wire.ShareResponse
}

func (r *raw) GRPCServer(_ *plugin.GRPCBroker, s *grpc.Server) error {
	wire.RegisterShareTargetServer(s, r)
	return nil
}

func (r *raw) GRPCClient(context.Context, *plugin.GRPCBroker, *grpc.ClientConn) (any, error) {
	return nil, nil
}

func (r *raw) Describe(context.Context, *wire.DescribeRequest) (*wire.Descriptor, error) {
	if r.describe != nil {
		return r.describe, nil
	}
	id := filepath.Base(os.Args[0])
	if len(os.Args) == 4 {
		id = os.Args[3]
	}
	return &wire.Descriptor{
		Id: id, Version: "1", Hosts: []string{"good.example"},
		Targets: []*wire.Target{{Id: "post", Kind: wire.Kind_KIND_LINK, Items: []wire.ItemType{wire.ItemType_ITEM_TYPE_BADGE}}},
	}, nil
}

func (r *raw) Share(context.Context, *wire.ShareRequest) (*wire.ShareResponse, error) {
	return r.share, nil
}

func serveRaw(r plugin.Plugin) {
	os.Stdout = stdout
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig:  wire.Handshake(),
		VersionedPlugins: map[int]plugin.PluginSet{wire.Major: {wire.Name: r}},
		GRPCServer:       plugin.DefaultGRPCServer,
	})
}

func openURL(address string) *wire.ShareResponse {
	return &wire.ShareResponse{Result: &wire.ShareResponse_OpenUrl{OpenUrl: address}}
}

func manyTargets() *wire.Descriptor {
	d := &wire.Descriptor{Id: "items", Version: "1", Hosts: []string{"good.example"}}
	for n := range 20_000 {
		d.Targets = append(d.Targets, &wire.Target{Id: fmt.Sprintf("t%d", n), Kind: wire.Kind_KIND_LINK})
	}
	return d
}

// futureDescriptor is one of a later minor version.
func futureDescriptor() *wire.Descriptor {
	return &wire.Descriptor{
		Id: "future", Version: "9.9 \x07beta", ApiMinor: 7, Hosts: []string{"good.example"},
		I18N: map[string]*wire.Strings{
			"en": {Text: map[string]string{"name": "<b>Future</b>\u202e", "post": strings.Repeat("long ", 100)}},
			"fr": {Text: map[string]string{"post": "Publier"}},
		},
		Targets: []*wire.Target{
			{Id: "post", Kind: wire.Kind_KIND_LINK, Items: []wire.ItemType{wire.ItemType_ITEM_TYPE_BADGE, 44}, IconSvg: make([]byte, sdk.MaxIcon+1)},
			{Id: "auto", Kind: 2, Items: []wire.ItemType{wire.ItemType_ITEM_TYPE_BADGE}},
			{Id: "hologram", Kind: wire.Kind_KIND_LINK, Items: []wire.ItemType{44}},
		},
	}
}
