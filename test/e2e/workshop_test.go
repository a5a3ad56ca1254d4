package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/osier-passport/osier/test/browser"
	"github.com/osier-passport/osier/test/server"
)

const postsManifest = `id: posts
version: 1.0.0
egress: [api.posts.example]
targets:
  - id: auto
    kind: account
    items: [badge]
    oauth: {authorize: "https://posts.example/authorize", token: "https://api.posts.example/token", scopes: [write]}
    limits: {max_chars: 300}
i18n:
  en: {name: Posts, auto: Post for me, scope.write: Write posts}
  fr: {name: Posts, auto: Publier pour moi, scope.write: Publier}
`

const postsMain = `package main

import (
	"context"
	_ "embed"
	"net/http"
	"strings"

	"github.com/osier-passport/osier/plugins/sdk"
)

//go:embed plugin.yaml
var manifest []byte

func main() {
	sdk.Serve(sdk.Plugin{Manifest: manifest, Targets: []sdk.Target{{ID: "auto", Post: post, Identify: who}}})
}

func who(context.Context, *sdk.Call) (sdk.Account, error) { return sdk.Account{ID: "1", Name: "Ada"}, nil }

func post(ctx context.Context, c *sdk.Call, i sdk.Item) (sdk.Posted, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://api.posts.example/posts", strings.NewReader(i.Title))
	if err != nil {
		return sdk.Posted{}, err
	}
	r.Header.Set("Authorization", "Bearer "+c.Grant.AccessToken)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return sdk.Posted{}, sdk.Failure{Code: sdk.Uncertain, Detail: "cut"}
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusUnauthorized {
		return sdk.Posted{}, sdk.Failure{Code: sdk.Reauth, Detail: "token refused"}
	}
	return sdk.Posted{RemoteID: "VERSION-1", URL: "https://posts.example/1"}, nil
}
`

// workshop runs osier plugin dev.
type workshop struct {
	url string
	out *output
}

var workshopAt = regexp.MustCompile(`the workshop is at (\S+)`)

func startWorkshop(t *testing.T, dir string) *workshop {
	t.Helper()
	w := &output{more: make(chan struct{}, 1)}
	cmd := exec.Command(server.Binary(t), "plugin", "dev", "--listen", server.FreeAddress(t), dir)
	cmd.Stdout, cmd.Stderr = w, w
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("osier plugin dev: %v\n%s", err, w)
		}
	})
	return &workshop{url: w.await(t, workshopAt), out: w}
}

// output is what a process printed so far.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	select {
	case o.more <- struct{}{}:
	default:
	}
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

func (o *output) await(t *testing.T, what *regexp.Regexp) string {
	t.Helper()
	end := time.After(2 * time.Minute)
	for {
		if found := what.FindStringSubmatch(o.String()); found != nil {
			return found[1]
		}
		select {
		case <-o.more:
		case <-end:
			t.Fatalf("%s is not in\n%s", what, o)
		}
	}
}

// TestWorkshop: an author builds, shares, lets the outside answer badly, saves a
// file and sees the new version.
func TestWorkshop(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "posts")
	sums, err := os.ReadFile(filepath.Join(server.Root(), "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	save := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	save("go.mod", "module example.org/posts\n\ngo 1.26.0\n\nrequire github.com/osier-passport/osier v0.0.0\n\nreplace github.com/osier-passport/osier => "+server.Root()+"\n")
	save("go.sum", string(sums))
	save("main.go", postsMain)
	save("plugin.yaml", postsManifest)
	w := startWorkshop(t, dir)
	b := browser.Start(t, shots())
	tab := b.Person(t, w.url)
	tab.Open("/")
	tab.Until(`document.body.innerText.includes("running as process")`, "the plugin runs")
	press := func(button, says string) {
		t.Helper()
		tab.Press(`main form[action="/call/auto/share"] button`, button)
		tab.Until(`document.querySelector("#calls + div, #calls + p").innerText.includes(`+quoteJS(says)+`)`, says)
	}
	press("Share", "posted")
	tab.Reads("POST https://api.posts.example/posts", "200 OK")
	tab.Click("details summary")
	tab.Reads("Bearer a-token-of-the-workshop", "Willow Weaving")
	press("Preview", "characters")
	press("Identify", "Ada (1)")
	tab.Click(`input[name=mood][value="401"]`)
	tab.Press(`main form[action="/remote"] button`)
	press("Share", "reauth: token refused")
	tab.Click(`input[name=mood][value="cut"]`)
	tab.Press(`main form[action="/remote"] button`)
	press("Share", "uncertain: cut")
	axe := readAxe(t)
	for _, dark := range []bool{false, true} {
		for _, width := range []int64{360, 1280} {
			tab.Viewport(width, 900)
			tab.Dark(dark)
			for _, v := range violations(tab, axe, allRules) {
				t.Errorf("%d, dark %v: %s", width, dark, v)
			}
			if wide := browser.Eval[bool](tab, "document.documentElement.scrollWidth > innerWidth"); wide {
				t.Errorf("wider than %d", width)
			}
			tab.Shot("workshop-" + map[bool]string{true: "dark", false: "light"}[dark] + map[int64]string{360: "-phone", 1280: ""}[width])
		}
	}
	save("testdata/remote.yaml", "- {method: POST, path: /posts, status: 201, body: '{}'}\n")
	save("main.go", strings.ReplaceAll(postsMain, "VERSION-1", "VERSION-2"))
	save("plugin.yaml", strings.ReplaceAll(postsManifest, "1.0.0", "2.0.0"))
	tab.Until(`document.querySelector("h1").innerText.includes("2.0.0")`, "the new version")
	tab.Type(`textarea[name=text]`, "Half a thought")
	tab.Click(`main details summary`)
	tab.Click(`input[name=mood][value="script"]`)
	browser.Eval[bool](tab, `window.pressed = document.querySelector('form[action="/remote"] button'), true`)
	before := browser.Eval[int](tab, "newest")
	save("NOTES.md", "Another save while somebody chooses.\n")
	w.out.await(t, regexp.MustCompile(`(?s)(built and started \S+ 2\.0\.0.*built and started \S+ 2\.0\.0)`))
	tab.Until(fmt.Sprintf("drawn > %d && drawn === newest && !drawing", before), "the page to be drawn anew")
	if kept := browser.Eval[string](tab, `[document.querySelector("textarea[name=text]").value, document.activeElement.value, document.activeElement.checked, !!document.querySelector("main details[open]"), window.pressed.isConnected].join()`); kept != "Half a thought,script,true,true,true" {
		t.Errorf("kept while the page was drawn anew: %s", kept)
	}
	tab.Press(`main form[action="/remote"] button`)
	press("Share", "VERSION-2")
	tab.Reads("VERSION-2", "201 Created")
	save("main.go", "package main\n\nfunc main() { nonsense }\n")
	tab.Until(`document.body.innerText.includes("undefined: nonsense")`, "the compiler's words")
	tab.CheckConsole()
}

func quoteJS(s string) string { return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"` }
