package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/osier-passport/osier/test/server"
)

// searchPath is that of the passport's plugins, so that the same Python and Node run
// in the author's tests.
const searchPath = "/usr/local/bin:/usr/bin:/bin"

// languages are those other than Go that there is a beginning in: what must be on
// the machine, and how an author runs the tests of a new plugin.
var languages = map[string]struct {
	needs []string
	tests []string
	made  string // by which a change is noticed
}{
	"python": {
		needs: []string{"python3", "-c", "import grpc, yaml, google.protobuf"},
		tests: []string{"python3", "-m", "unittest"}, made: "main.py",
	},
	"node": {
		needs: []string{"node", "--version"},
		tests: []string{"node", "--test"}, made: "main.js",
	},
}

// A plugin of each kind in each language is written by the binary, passes its own
// tests and all demands of the kit.
func TestPluginsInOtherLanguages(t *testing.T) {
	osier := server.Binary(t)
	for lang := range languages {
		for _, kind := range []string{"link", "account", "direct"} {
			t.Run(lang+" "+kind, func(t *testing.T) {
				t.Parallel() // the kit waits for remotes that are silent
				dir := newPlugin(t, osier, lang, kind)
				inFolder(t, dir, languages[lang].tests...)
				if out := inFolder(t, dir, osier, "plugin", "test", "."); strings.Count(out, "ok    ") < 10 {
					t.Errorf("tried too little: %s", out)
				}
			})
		}
	}
}

// A passport runs them from the plugins folder, and no more when a file of theirs
// has changed.
func TestPluginInOtherLanguageIsHosted(t *testing.T) {
	osier := server.Binary(t)
	for lang, l := range languages {
		t.Run(lang, func(t *testing.T) {
			dir := newPlugin(t, osier, lang, "link")
			folder := t.TempDir()
			config := "listen = \"localhost:0\"\ndata = \"data\"\n"
			if err := os.WriteFile(filepath.Join(folder, "config.toml"), []byte(config), 0o600); err != nil {
				t.Fatal(err)
			}
			home := filepath.Join(folder, "data", "plugins", "orchard")
			if out := inFolder(t, folder, osier, "plugin", "install", "--yes", dir); !strings.Contains(out, "orchard 0.1.0 is installed") {
				t.Errorf("got %s", out)
			}
			if out := inFolder(t, folder, osier, "plugin", "describe", "orchard"); !strings.Contains(out, `"Post on Orchard"`) {
				t.Errorf("got %s", out)
			}
			main := filepath.Join(home, l.made)
			text, err := os.ReadFile(main)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(main, append(text, '\n'), 0o600); err != nil {
				t.Fatal(err)
			}
			if out := inFolder(t, folder, osier, "plugin", "list"); !strings.Contains(out, "has changed since it was accepted") {
				t.Errorf("got %s", out)
			}
		})
	}
}

// newPlugin writes one, with its libraries where the language keeps them beside it.
func newPlugin(t *testing.T, osier, lang, kind string) string {
	t.Helper()
	if out, err := command(t, t.TempDir(), languages[lang].needs...); err != nil {
		t.Skipf("%s, or what its plugins need, is not installed (test/prepare does it): %s", lang, out)
	}
	dir := t.TempDir()
	inFolder(t, dir, osier, "plugin", "new", "--lang", lang, "--kind", kind, "orchard")
	dir = filepath.Join(dir, "orchard")
	if lang == "node" {
		libraries, err := filepath.Abs("../.node/node_modules")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(libraries); err != nil {
			t.Skip("the libraries of plugins in JavaScript are not installed (test/prepare does it, with npm)")
		}
		if err := os.CopyFS(filepath.Join(dir, "node_modules"), os.DirFS(libraries)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func inFolder(t *testing.T, dir string, words ...string) string {
	t.Helper()
	out, err := command(t, dir, words...)
	if err != nil {
		t.Fatalf("%v: %v\n%s", words, err, out)
	}
	return out
}

func command(t *testing.T, dir string, words ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "/usr/bin/env", words...)
	cmd.Dir, cmd.Env = dir, []string{"PATH=" + searchPath, "HOME=" + t.TempDir(), "LANG=C.UTF-8", "PYTHONDONTWRITEBYTECODE=1"}
	out, err := cmd.CombinedOutput()
	return string(out), err
}
