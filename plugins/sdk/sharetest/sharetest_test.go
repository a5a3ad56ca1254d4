package sharetest_test

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/osier-passport/osier/plugins/sdk"
	"github.com/osier-passport/osier/plugins/sdk/sharetest"
)

// TestMain lets the test binary be the plugins that it tries.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 {
		if p, ok := gardenOf(os.Args[1]); ok {
			sdk.Serve(p)
			return
		}
	}
	if len(os.Args) == 2 && plugins[os.Args[1]] != nil {
		p := good()
		plugins[os.Args[1]](&p)
		sdk.Serve(p)
		return
	}
	os.Exit(m.Run())
}

func good() sdk.Plugin {
	return sdk.Plugin{
		ID: "yard", Version: "1.0.0", Name: map[string]string{"en": "Yard"}, Hosts: []string{"yard.example"},
		Targets: []sdk.Target{{ID: "post", Labels: map[string]string{"en": "Post"}, URL: func(i sdk.Item) (string, error) {
			return "https://yard.example/?" + url.Values{"u": {i.URL}, "t": {sdk.Clip(i.Title, 1000, sdk.Escaped)}}.Encode(), nil
		}}},
	}
}

var (
	calls atomic.Int64
	last  atomic.Value
	hoard [][]byte
)

// plugins bend a good plugin; faulty names the demand that it then misses.
var plugins = map[string]func(*sdk.Plugin){
	"good":  func(*sdk.Plugin) {},
	"noisy": func(*sdk.Plugin) { fmt.Println("a greeting that does not belong here") },
	"choosy": func(p *sdk.Plugin) {
		p.Targets[0].URL = func(sdk.Item) (string, error) { return "", errors.New("not this one") }
	},
	"written":   func(p *sdk.Plugin) { *p = sdk.Plugin{Manifest: []byte(manifest)} },
	"lost":      bent(func(sdk.Item) string { return "https://yard.example/" }),
	"elsewhere": bent(func(i sdk.Item) string { return "https://elsewhere.example/?" + url.Values{"u": {i.URL}}.Encode() }),
	"raw":       bent(func(i sdk.Item) string { return "https://yard.example/?u=" + url.QueryEscape(i.URL) + "&t=" + i.Title }),
	"long": bent(func(i sdk.Item) string {
		return "https://yard.example/?" + url.Values{"u": {i.URL}, "t": {i.Title}}.Encode()
	}),
	"fickle": bent(func(i sdk.Item) string {
		return "https://yard.example/?" + url.Values{"u": {i.URL}, "n": {fmt.Sprint(calls.Add(1))}}.Encode()
	}),
	"mixing": bent(func(i sdk.Item) string {
		before := last.Swap(i.URL)
		if s, ok := before.(string); ok && strings.Contains(i.URL, "number-") {
			i.URL = s
		}
		return "https://yard.example/?" + url.Values{"u": {i.URL}}.Encode()
	}),
	"fragile": bent(func(i sdk.Item) string {
		return "https://yard.example/?" + url.Values{"u": {i.URL}, "t": {string(i.URL[0])}}.Encode()
	}),
	"greedy": bent(func(i sdk.Item) string {
		hoard = append(hoard, []byte(strings.Repeat("x", 100<<10)))
		return "https://yard.example/?" + url.Values{"u": {i.URL}}.Encode()
	}),
	"scripted": func(p *sdk.Plugin) {
		p.Icon = []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)
	},
	"stubborn": func(*sdk.Plugin) { signal.Ignore(syscall.SIGTERM) },
}

const manifest = `id: yard
version: 1.0.0
hosts: [yard.example]
targets: [{id: post, url: "https://yard.example/?t={text_url}", max: 300}]
i18n: {en: {name: Yard, post: Post}}
`

func bent(address func(sdk.Item) string) func(*sdk.Plugin) {
	return func(p *sdk.Plugin) {
		p.Targets[0].URL = func(i sdk.Item) (string, error) { return address(i), nil }
	}
}

func self(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestGoodPlugins(t *testing.T) {
	for _, name := range []string{"good", "noisy", "choosy", "written"} {
		t.Run(name, func(t *testing.T) { sharetest.Test(t, self(t), name) })
	}
}

// Each fault is found under its own demand.
func TestFaultyPlugins(t *testing.T) {
	faulty := map[string]string{
		"lost": "lead back", "elsewhere": "own hosts", "raw": "encodes", "long": "encodes", "fickle": "same address", "mixing": "apart",
		"fragile": "missing", "greedy": "64 MB", "scripted": "icons", "stubborn": "when it is told to",
	}
	for name, want := range faulty {
		t.Run(name, func(t *testing.T) {
			if err := sharetest.Meet(t.Context(), want, self(t), name); err != nil {
				t.Error(err)
			}
		})
	}
}

// What is no plugin is told from one, with its own words.
func TestNoPlugin(t *testing.T) {
	for _, want := range []struct {
		command []string
		says    string
	}{
		{nil, ""},
		{[]string{"/nowhere"}, "/nowhere"},
		{[]string{"/bin/sh", "-c", "echo so sorry >&2; exit 1"}, "so sorry"},
		{[]string{"/bin/sh", "-c", "echo main.go"}, "the first line that it prints is no handshake"},
	} {
		if _, err := sharetest.Run(t.Context(), want.command...); err == nil || !strings.Contains(err.Error(), want.says) {
			t.Errorf("%v: got %v", want.command, err)
		}
	}
}

// What is asked of links is not asked of what posts, and the other way round: nothing
// that was not tried counts as met.
func TestOnlyWhatConcernsIt(t *testing.T) {
	t.Parallel()
	for name, foreign := range map[string]string{"written": "posts, with an id where it can take back", "garden": "encodes whatever people type"} {
		results, err := sharetest.Run(t.Context(), self(t), name)
		if err != nil {
			t.Fatal(err)
		}
		asked := func(name string) bool {
			return slices.ContainsFunc(results, func(r sharetest.Result) bool { return r.Name == name })
		}
		if asked(foreign) || !asked("has icons without scripts") {
			t.Errorf("%s: %v", name, results)
		}
	}
}
