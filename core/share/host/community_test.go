package host

import (
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/osier-passport/osier/plugins/sdk"
)

const communityMain = `package main

import (
	_ "embed"
	"fmt"
	"net/url"

	"github.com/osier-passport/osier/plugins/sdk"
)

//go:embed plugin.yaml
var manifest []byte

func main() {
	fmt.Println("a greeting that does not belong here")
	sdk.Serve(sdk.Plugin{
		Manifest: manifest,
		Targets:  []sdk.Target{{ID: "toot", URL: toot}},
	})
}

func toot(i sdk.Item) (string, error) {
	return "https://toots.example/share?" + url.Values{"text": {i.Title + " " + i.URL}}.Encode(), nil
}
`

const communityManifest = `id: toots
version: 1.2.3
hosts: [toots.example]
targets:
  - {id: toot, kind: link, items: [badge, profile]}
i18n:
  en: {name: Toots, toot: Toot it}
  fr: {name: Toots, toot: Pouetter}
`

// buildCommunity builds a plugin in a module of its own that imports plugins/sdk
// alone, as its author would, and gives the folder that holds it as toots.
func buildCommunity(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "go.mod"), "module example.org/toots\n\ngo 1.26.0\n\n"+
		"require github.com/osier-passport/osier v0.0.0\n\nreplace github.com/osier-passport/osier => "+root+"\n", 0o644)
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "go.sum"), string(sums), 0o644)
	write(t, filepath.Join(dir, "main.go"), communityMain, 0o644)
	write(t, filepath.Join(dir, "plugin.yaml"), communityManifest, 0o644)
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", "toots", ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	if err := os.Chmod(filepath.Join(dir, "toots"), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// The way of a plugin's author: build, run it by hand, drop it into the folder of
// a running passport, share.
func TestCommunityPlugin(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a module")
	}
	built := buildCommunity(t)
	binary := filepath.Join(built, "toots")
	out, err := exec.CommandContext(t.Context(), binary).Output()
	if err != nil || !strings.Contains(string(out), `"fr": "Pouetter"`) {
		t.Errorf("by hand it says:\n%s%v", out, err)
	}

	folder := filepath.Join(t.TempDir(), "plugins")
	h := newHost(t, Options{Dir: folder})
	if got := h.List(); len(got) != 0 {
		t.Errorf("before: %+v", got)
	}
	share := func(t *testing.T) {
		t.Helper()
		d, err := h.Describe(t.Context(), "toots")
		if err != nil {
			t.Fatal(err)
		}
		if len(d.Targets) != 1 || sdk.Label(d.Targets[0].Labels, "fr-CA", "") != "Pouetter" || d.Version != "1.2.3" {
			t.Errorf("got %+v", d)
		}
		got, err := h.Share(t.Context(), "toots", Request{Target: "toot", Item: badge()})
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(got.URL)
		if err != nil || u.Host != "toots.example" || u.Query().Get("text") != badge().Title+" "+badge().URL {
			t.Errorf("got %q, %v", got.URL, err)
		}
	}
	install := func(t *testing.T, from, to string, mode os.FileMode) {
		t.Helper()
		data, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, to, string(data), mode)
	}
	t.Run("as a file", func(t *testing.T) {
		install(t, binary, filepath.Join(folder, "toots"), 0o755)
		share(t)
	})
	t.Run("as a folder", func(t *testing.T) {
		if err := os.Remove(filepath.Join(folder, "toots")); err != nil {
			t.Fatal(err)
		}
		install(t, binary, filepath.Join(folder, "toots", "toots"), 0o755)
		install(t, filepath.Join(built, "plugin.yaml"), filepath.Join(folder, "toots", "plugin.yaml"), 0o644)
		h.List()
		_, err := h.Describe(t.Context(), "toots")
		wantBarred(t, err, "changed") // the same binary, but now plugin.yaml decides on the hosts
		if err := h.Accept("toots"); err != nil {
			t.Fatal(err)
		}
		share(t)
	})
	t.Run("hosts of the file beside it", func(t *testing.T) {
		path := filepath.Join(folder, "toots", "plugin.yaml")
		write(t, path, strings.ReplaceAll(communityManifest, "toots.example", "other.example"), 0o644)
		if err := h.Accept("toots"); err != nil {
			t.Fatal(err)
		}
		_, err := h.Share(t.Context(), "toots", Request{Target: "toot", Item: badge()})
		wantKey(t, err, "answer")
	})
}

func BenchmarkShare(b *testing.B) {
	h := benchHost(b)
	for b.Loop() {
		if _, err := h.Share(b.Context(), "good", Request{Target: "post", Item: badge()}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkColdStart is from nothing to the first answer, and the end of it.
func BenchmarkColdStart(b *testing.B) {
	h := benchHost(b)
	for b.Loop() {
		if _, err := h.Share(b.Context(), "good", Request{Target: "post", Item: badge()}); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		u := h.units["good"]
		u.mu.Lock()
		p := u.proc
		u.proc = nil
		u.mu.Unlock()
		p.stop(stopGrace)
		b.StartTimer()
	}
}

func benchHost(b *testing.B) *Host {
	b.Helper()
	h, err := New(Options{PrivateDir: b.TempDir(), Bundled: bundled("good"), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := h.Close(b.Context()); err != nil {
			b.Log(err)
		}
	})
	return h
}
