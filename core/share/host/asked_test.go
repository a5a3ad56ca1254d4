package host

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/osier-passport/osier/plugins/sdk"
	"github.com/osier-passport/osier/plugins/sdk/wire"
)

// askedOf is the environment variable that tells the plugin "asked" in words what to do.
const askedOf = "OSIER_TEST_ASKED"

// deed is a kind of behaviour that can be asked for in words.
type deed struct {
	words string // regular expression over the words, small letters; groups are parameters
	keys  string // of the errors that may come of it, separated by spaces; empty: none
	says  string // that the error's detail has
	// do is what the plugin does. Nil: the case is no behaviour of a process, and scenes
	// hold it.
	do     func(args []string)
	scenes []func(*testing.T)
	look   func(*testing.T, *Host) // at what else came of it; may be nil
}

// deeds in the order in which they are tried on the words.
func deeds() []deed {
	link := func(f func(sdk.Item) (string, error)) func([]string) {
		return func([]string) { sdk.Serve(offer("asked", f)) }
	}
	url := func(address string) func([]string) { return link(answer(address)) }
	return []deed{
		{words: `(?:exits|ends) at (?:the )?start.*?(\d+)`, keys: "start", says: "exit status", do: func(a []string) { os.Exit(number(a[1])) }},
		{words: `garbage.*handshake`, keys: "handshake", says: "garbage", do: func([]string) { behaviours["garbage"]() }},
		{words: `handshake line.*?(\d+) ?([kmg]?b)`, keys: "handshake", says: "bytes before the end", do: func(a []string) { printBytes(size(a[1], a[2])); select {} }},
		{words: `handshake (?:points|leads) to (\S+:\d+)`, keys: "start", says: "only a unix socket", do: func(a []string) { fmt.Fprintf(stdout, "1|1|tcp|%s|grpc\n", a[1]); select {} }},
		{words: `handshake (?:points|leads) to`, keys: "start", says: "only a unix socket", do: func([]string) { behaviours["loopback"]() }},
		{words: `(?:never|no).*handshake`, keys: "start_timeout", says: "printed nothing", do: func([]string) { select {} }},
		{words: `handshake (?:then|and) closes`, keys: "start", do: func([]string) { closedListener() }},
		{words: `after (?:the )?checksum|toctou`, scenes: []func(*testing.T){TestChangedBehindTheLook}},
		{words: `checksum`, scenes: []func(*testing.T){TestChangedPlugin}},
		{words: `executable|missing|symlink|same name|named`, scenes: []func(*testing.T){TestFolderFaults, TestTreeFaults}},
		{words: `writable`, scenes: []func(*testing.T){TestWorldWritableFolder}},
		{words: `owner`, scenes: []func(*testing.T){TestForeignOwner}},
		{words: `without m?tls`, scenes: []func(*testing.T){TestNoTLS}},
		{words: `(?:protocol|version)`, keys: "start", says: "incompatible", do: func([]string) { behaviours["version"]() }},
		{words: `dials the`, scenes: []func(*testing.T){TestForeignCaller}},
		{words: `answers after (\d+) ?(m?s)`, keys: "timeout", do: func(a []string) {
			link(func(sdk.Item) (string, error) {
				<-time.After(time.Duration(size(a[1], "")) * map[string]time.Duration{"s": time.Second, "ms": time.Millisecond}[a[2]])
				return "https://good.example/", nil
			})(nil)
		}},
		{words: `never answers`, keys: "timeout", do: link(func(sdk.Item) (string, error) { select {} })},
		{words: `panic`, keys: "answer", says: "panic in the plugin", do: link(func(sdk.Item) (string, error) { panic("oh") })},
		{words: `exit(?:s|\b).*(?:call)`, keys: "crashed", says: "exit status", do: link(func(sdk.Item) (string, error) { os.Exit(7); return "", nil })},
		{words: `sigkill`, keys: "crashed", says: "killed", do: link(signalled(syscall.SIGKILL))},
		{words: `sigstop|stops itself`, keys: "timeout", do: link(signalled(syscall.SIGSTOP))},
		{words: `sigsegv|sigabrt`, keys: "crashed", do: link(signalled(syscall.SIGABRT))},
		{words: `answers (?:a |an )?(\d+) ?([kmg]b)`, keys: "answer crashed", do: func(a []string) {
			serveRaw(&late{raw{}, func() *wire.ShareResponse { return openURL(strings.Repeat("a", size(a[1], a[2]))) }})
		}},
		{words: `url.*?([a-z]+):(?:\s|$)`, keys: "answer", says: "scheme", do: func(a []string) { url(a[1] + ":alert(1)")(nil) }},
		{words: `url to (?:the )?(?:metadata|link)`, keys: "answer", says: "not among its hosts", do: url("https://169.254.169.254/latest")},
		{words: `url to`, keys: "answer", says: "not among its hosts", do: url("https://127.0.0.1/admin")},
		{words: `html in`, do: func([]string) { serveRaw(&raw{describe: marked(), share: openURL("https://good.example/")}) }, look: plainLabels},
		{words: `answers ([\d ]+) (?:items|targets)`, keys: "answer start", do: func(a []string) { serveRaw(&raw{describe: targets(size(a[1], ""))}) }},
		{words: `hangs|blocks|deadlock|sleeps`, keys: "timeout", do: link(func(sdk.Item) (string, error) { select {} })},
		{words: `utf-8|control characters|line breaks`, keys: "answer", do: url("https://good.example/\xff\r\n")},
		{words: `(?:invalid|malformed|empty).*(?:message|protobuf|answer)`, keys: "answer", do: func([]string) { serveRaw(&raw{share: &wire.ShareResponse{}}) }},
		{words: `floods stderr`, do: link(flood(func() *os.File { return os.NewFile(2, "stderr") })), look: fewLines},
		{words: `floods`, do: link(flood(func() *os.File { return os.Stdout })), look: fewLines},
		{words: `log line`, do: func([]string) { sdk.Serve(telling(badge().Title)) }, look: cleanLog},
		{words: `logs|token`, do: func([]string) { sdk.Serve(posting()) }, look: noToken},
		{words: `leaks|goroutines|threads`, do: link(leak)},
		{words: `memory`, keys: "crashed", do: link(eat)},
		{words: `database|stdin|environment|/proc|key file|other users?`, do: link(dump), look: nothingSeen},
		{words: `metadata|connects|dns|private address`, do: link(dial)},
		{words: `cpu`, keys: "timeout", do: link(func(sdk.Item) (string, error) { return spin() })},
		{words: `disk|tmpdir`, keys: "refused", says: "file too large", do: link(fill)},
		{words: `descriptors|opens \d+`, do: link(openMany), look: fewFiles},
		{words: `fork|child|process`, do: link(escape)},
		{words: `asks for`, do: func([]string) { serveRaw(&asking{}) }},
		{words: `replays`, do: link(replay())},
		{words: `refresh|rotation`, do: link(answer("https://good.example/"))}, // tokens are the host's: TestARefreshThatIsCut in core
		{words: `update`, scenes: []func(*testing.T){TestUpgradeDuringCalls}},
		{words: `core (?:stops|ends|is killed|dies)|orphan`, scenes: []func(*testing.T){TestKilledPassport}},
		{words: `rate.?limit|429`, keys: "refused", says: "slower", do: link(func(sdk.Item) (string, error) {
			return "", sdk.Failure{Code: sdk.Retry, Detail: "slower", After: time.Minute}
		})},
	}
}

// deedOf finds the deed for words, and its parameters.
func deedOf(words string) (deed, []string, bool) {
	for _, d := range deeds() {
		if args := regexp.MustCompile(d.words).FindStringSubmatch(strings.ToLower(words)); args != nil {
			return d, args, true
		}
	}
	return deed{}, nil, false
}

// doAsked is the main of the plugin "asked".
func doAsked() {
	d, args, ok := deedOf(os.Getenv(askedOf))
	if !ok || d.do == nil {
		os.Exit(9)
	}
	d.do(args)
}

// ours are what is asked where no other list lies beside the repository.
var ours = []string{
	"ends at the start with status 3", "garbage in place of a handshake", "handshake line of 64 kB that never ends",
	"handshake leads to 203.0.113.7:443", "handshake leads to the passport itself", "no handshake at all", "handshake and closes its socket",
	"another file after the checksum", "another checksum", "two of the same name", "a writable folder", "another owner", "speaks without TLS", "another version",
	"somebody dials the socket", "answers after 45 s", "never answers", "panics", "exits in a call", "SIGKILL while it answers", "SIGSTOP while it answers",
	"answers a 3 MB string", "answers a URL file:", "URL to the metadata service", "URL to this machine", "HTML in its name", "answers 70000 targets",
	"an empty answer", "floods its output", "floods stderr", "log line in colours", "leaks in each call", "eats memory", "looks for the database",
	"connects to a host that is not its own", "takes the CPU", "fills the disk", "opens 5000 descriptors", "leaves a child behind",
	"asks for what is not shared", "replays an answer", "an update while it answers", "core is killed", "a remote with a rate limit",
}

// listed are the behaviours that ../shared/hostile asks for, where it is there, else ours.
func listed(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "shared", "hostile", "cases.jsonl"))
	if err != nil {
		return ours
	}
	var all []string
	for line := range strings.Lines(string(text)) {
		var c struct {
			Surface string
			Value   any // words for a plugin, other things for others
		}
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		if words, ok := c.Value.(string); ok && c.Surface == "plugin" {
			all = append(all, words)
		}
	}
	return all
}

// TestAskedBehaviours has a plugin do whatever is listed, in words. Each time the host
// gives the error that belongs to it, within its time, another plugin works before and
// after, and no process stays.
func TestAskedBehaviours(t *testing.T) {
	if raceEnabled {
		t.Skip("plugins have no bound of memory here; make unit runs it without the race detector")
	}
	all := listed(t)
	scenes := map[string]bool{} // those that ran
	unknown := 0
	for n, words := range all {
		d, _, ok := deedOf(words)
		if !ok {
			t.Logf("%q: nobody knows how to do that", words)
			unknown++
			continue
		}
		t.Run(fmt.Sprint(n), func(t *testing.T) { // the name is part of paths, of which sockets bear short ones alone
			t.Log(words)
			for _, scene := range d.scenes {
				if name := fmt.Sprintf("%p", scene); !scenes[name] {
					scenes[name] = true
					scene(t)
				}
			}
			if d.do != nil {
				d.check(t, words)
			}
		})
	}
	if t.Logf("%d behaviours, %d of them not understood", len(all), unknown); unknown > len(all)/10 {
		t.Error("too many are not understood")
	}
}

func (d deed) check(t *testing.T, words string) {
	t.Helper()
	o := Options{Bundled: bundled("asked", "good"), Env: []string{askedOf + "=" + words}, Dial: (&outside{}).dial, CallTimeout: 20 * time.Second}
	switch {
	case strings.Contains(d.keys, "start_timeout"):
		o.StartTimeout = 4 * time.Second
	case strings.Contains(d.keys, "timeout"):
		o.CallTimeout = 5 * time.Second
	}
	h := newHost(t, o)
	settled(t, h)
	_, err := h.Share(t.Context(), "asked", Request{Target: "post", Item: badge(), Grant: Grant{AccessToken: marker}})
	f := AsFailure(err)
	switch {
	case err == nil && d.keys != "", err != nil && !anyKey(f.Cause.Key, d.keys):
		t.Errorf("got %v, want one of %q", err, d.keys)
	case err != nil && !strings.Contains(f.Cause.Args["detail"], d.says):
		t.Errorf("got detail %q, want %q in it", f.Cause.Args["detail"], d.says)
	}
	if d.look != nil {
		d.look(t, h)
	}
	works(t, h)
	if err != nil && anyKey(f.Cause.Key, "crashed start handshake start_timeout") && statusOf(t, h, "asked").State != Backoff {
		t.Errorf("after a crash: %+v", statusOf(t, h, "asked"))
	}
}

func anyKey(got, want string) bool {
	for key := range strings.FieldsSeq(want) {
		if got == "plugin.error."+key {
			return true
		}
	}
	return false
}

// marker is a token that must be nowhere.
const marker = "a-token-that-nobody-reads"

func number(text string) int {
	n, err := strconv.Atoi(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		os.Exit(9)
	}
	return n
}

// size reads "2", "gb".
func size(text, unit string) int {
	return number(text) << map[string]int{"": 0, "b": 0, "kb": 10, "mb": 20, "gb": 30}[unit]
}

func printBytes(n int) {
	part := strings.Repeat("x", 4<<10)
	for ; n > 0; n -= len(part) {
		fmt.Fprint(stdout, part)
	}
}

// late makes its answer when it is asked.
type late struct {
	raw
	make func() *wire.ShareResponse
}

// GRPCServer registers late in place of raw.
func (l *late) GRPCServer(_ *plugin.GRPCBroker, s *grpc.Server) error {
	wire.RegisterShareTargetServer(s, l)
	return nil
}

// Share answers.
func (l *late) Share(context.Context, *wire.ShareRequest) (*wire.ShareResponse, error) {
	return l.make(), nil
}

// asking tries to reach back into the host by go-plugin's broker.
type asking struct {
	raw
	broker *plugin.GRPCBroker
}

// GRPCServer keeps the broker.
func (a *asking) GRPCServer(b *plugin.GRPCBroker, s *grpc.Server) error {
	a.broker = b
	wire.RegisterShareTargetServer(s, a)
	return nil
}

// Share answers an address only when nobody was there to be asked.
func (a *asking) Share(context.Context, *wire.ShareRequest) (*wire.ShareResponse, error) {
	reached := make(chan bool, 1)
	go func() {
		_, err := a.broker.Dial(1)
		reached <- err == nil
	}()
	select {
	case yes := <-reached:
		if yes {
			return openURL("javascript:reached"), nil
		}
	case <-time.After(time.Second):
	}
	return openURL("https://good.example/"), nil
}

func targets(n int) *wire.Descriptor {
	d := &wire.Descriptor{Id: "asked", Version: "1", Hosts: []string{"good.example"}}
	for i := range n {
		d.Targets = append(d.Targets, &wire.Target{Id: fmt.Sprintf("t%d", i), Kind: wire.Kind_KIND_LINK})
	}
	return d
}

// marked has markup, and characters that mislead, wherever there is text.
func marked() *wire.Descriptor {
	bad := "<script>alert(1)</script>\u202e\x1b[31m\r\n"
	return &wire.Descriptor{
		Id: "asked", Version: bad, Hosts: []string{"good.example"}, I18N: map[string]*wire.Strings{"en": {Text: map[string]string{"name": bad, "post": bad}}},
		Targets: []*wire.Target{{Id: "post", Kind: wire.Kind_KIND_LINK, Items: badgesOnly, IconSvg: []byte(bad), Service: bad}},
	}
}

var badgesOnly = []wire.ItemType{wire.ItemType_ITEM_TYPE_BADGE}

// plainLabels: markup stays text, which templates encode, and nothing misleads.
func plainLabels(t *testing.T, h *Host) {
	t.Helper()
	p, err := h.Try(t.Context(), "asked")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{p.Version, sdk.Label(p.Name, "en", ""), sdk.Label(p.Targets[0].Labels, "en", ""), p.Targets[0].Service} {
		if text != sdk.Plain(text) || len([]rune(text)) > sdk.MaxLabel {
			t.Errorf("text %q", text)
		}
	}
}

func fewLines(t *testing.T, h *Host) {
	t.Helper()
	if n := len(statusOf(t, h, "asked").LastLogs); n > keptLines {
		t.Errorf("%d lines are kept", n)
	}
}

// telling logs lines that could mislead a reader.
func telling(title string) sdk.Plugin {
	return offer("asked", func(sdk.Item) (string, error) {
		fmt.Fprintln(os.Stderr, "\x1b[2Jcleared\u202e "+title)
		fmt.Fprintln(os.Stderr, strings.Repeat("long ", 100_000))
		fmt.Fprintln(os.Stderr, "told")
		return "https://good.example/", nil
	})
}

// posting also has a target that logs the token that it is given.
func posting() sdk.Plugin {
	p := telling("")
	p.Targets = append(p.Targets, sdk.Target{
		ID: "send", Kind: sdk.KindDirect, Labels: map[string]string{"en": "Send"}, Connect: []sdk.Field{{Key: "room", Type: sdk.FieldText}},
		Post: func(_ context.Context, c *sdk.Call, _ sdk.Item) (sdk.Posted, error) {
			fmt.Fprintln(os.Stderr, "the token is", c.Grant.AccessToken)
			fmt.Fprintln(os.Stderr, "told")
			return sdk.Posted{RemoteID: "1"}, nil
		},
	})
	p.Texts = map[string]map[string]string{"en": {"field.room": "Room"}}
	return p
}

func noToken(t *testing.T, h *Host) {
	t.Helper()
	if _, err := h.Submit(t.Context(), "asked", Request{Target: "send", Item: badge(), Grant: Grant{AccessToken: marker}}); err != nil {
		t.Fatal(err)
	}
	said := func() string { return strings.Join(statusOf(t, h, "asked").LastLogs, "\n") }
	eventually(t, "the line about the token", func() bool { return strings.Contains(said(), "the token is") })
	if strings.Contains(said(), marker) {
		t.Errorf("the log is\n%s", said())
	}
}

func cleanLog(t *testing.T, h *Host) {
	t.Helper()
	eventually(t, "the last line", func() bool { return strings.Contains(strings.Join(statusOf(t, h, "asked").LastLogs, "\n"), "told") })
	for _, line := range statusOf(t, h, "asked").LastLogs {
		if line != sdk.Plain(line) || len(line) > maxLine+len("…") {
			t.Errorf("line %q", line)
		}
	}
}

// nothingSeen: neither the environment, nor an input, nor an open file leads to the
// passport. Its files are those of the same user: see docs/plugins-host.md.
func nothingSeen(t *testing.T, h *Host) {
	t.Helper()
	var seen string
	eventually(t, "what it saw", func() bool {
		seen = strings.Join(statusOf(t, h, "asked").LastLogs, "\n")
		return strings.Contains(seen, "FILES")
	})
	for _, trace := range []string{"passport.db", "osier.key", "OSIER_SECRET", "config.toml"} {
		if strings.Contains(seen, trace) {
			t.Errorf("%s is in\n%s", trace, seen)
		}
	}
	if !strings.Contains(seen, "STDIN 0") {
		t.Errorf("standard input can be read:\n%s", seen)
	}
}

// dial answers an address only when the way out leads nowhere else.
func dial(sdk.Item) (string, error) {
	client := &http.Client{Timeout: 15 * time.Second, Transport: &http.Transport{Proxy: http.ProxyFromEnvironment}}
	for _, address := range []string{"https://169.254.169.254/latest/meta-data", "https://elsewhere.example/"} {
		answer, err := client.Get(address)
		if err == nil {
			_ = answer.Body.Close()
			return "", fmt.Errorf("%s answers", address)
		}
		if !strings.Contains(err.Error(), "Forbidden") && !strings.Contains(err.Error(), "proxy") {
			return "", fmt.Errorf("%s: %w", address, err)
		}
	}
	return "https://good.example/", nil
}

// openMany opens as many files as it may and says how many.
func openMany(sdk.Item) (string, error) {
	var held []*os.File
	for range 5000 {
		f, err := os.Open("/dev/null")
		if err != nil {
			break
		}
		held = append(held, f)
	}
	n := len(held)
	for _, f := range held {
		_ = f.Close()
	}
	fmt.Fprintf(os.NewFile(2, "stderr"), "OPENED %d\n", n)
	return "https://good.example/", nil
}

func fewFiles(t *testing.T, h *Host) {
	t.Helper()
	n := 0
	eventually(t, "a count", func() bool {
		for _, line := range h.List()[0].LastLogs {
			if _, err := fmt.Sscanf(line, "OPENED %d", &n); err == nil {
				return true
			}
		}
		return false
	})
	if n < 100 || n >= maxFiles {
		t.Errorf("%d files at once", n)
	}
}

// replay answers each time what it answered first.
func replay() func(sdk.Item) (string, error) {
	first := ""
	return func(i sdk.Item) (string, error) {
		if first == "" {
			first = "https://good.example/?for=" + i.CredentialID[:3]
		}
		return first, nil
	}
}
