package host

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// folderPlugin makes a plugins folder with the plugin good, which is its whole
// folder: the test binary, served without TLS, and a file beside it.
func folderPlugin(t *testing.T) (folder, dir string) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "plugins")
	dir = filepath.Join(folder, "good")
	if err := os.MkdirAll(filepath.Join(dir, "lib"), 0o755); err != nil {
		t.Fatal(err)
	}
	copyBinary(t, filepath.Join(dir, "good"))
	write(t, filepath.Join(dir, "lib", "words"), "hello", 0o644)
	write(t, filepath.Join(dir, "plugin.yaml"), treeManifest, 0o644)
	return folder, dir
}

const treeManifest = `id: good
version: 1.0.0
runtime: exec
hosts: [good.example]
targets:
  - {id: post, kind: link, items: [badge]}
i18n:
  en: {name: Good, post: Post}
`

// A plugin in another language runs from a private copy of its folder; whatever
// changes in the folder, a file that is new among it, shuts it off until it is
// accepted. What is made anew while one writes does not count.
func TestTree(t *testing.T) {
	folder, dir := folderPlugin(t)
	h := newHost(t, Options{Dir: folder})
	share := func() error {
		_, err := h.Share(t.Context(), "good", Request{Target: "post", Item: badge()})
		return err
	}
	if err := share(); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "lib", "__pycache__"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "lib", "__pycache__", "x.pyc"), "x", 0o644)
	if s := statusOf(t, h, "good"); s.State != OK || s.PID == 0 || s.Version != "1.0.0" {
		t.Errorf("got %+v", s)
	}
	changes := map[string]func() error{
		"other words":    func() error { return os.WriteFile(filepath.Join(dir, "lib", "words"), []byte("jello"), 0o600) },
		"a new file":     func() error { return os.WriteFile(filepath.Join(dir, "lib", "new"), nil, 0o600) },
		"one more right": func() error { return os.Chmod(filepath.Join(dir, "lib", "words"), 0o755) },
		"a link":         func() error { return os.Symlink("words", filepath.Join(dir, "lib", "also")) },
		"a manifest": func() error {
			return os.WriteFile(filepath.Join(dir, "plugin.yaml"), []byte(treeManifest+"# more\n"), 0o600)
		},
	}
	for what, change := range changes {
		if err := change(); err != nil {
			t.Fatal(err)
		}
		h.Scan()
		wantBarred(t, share(), "changed")
		if err := h.Accept("good"); err != nil {
			t.Fatal(err)
		}
		if err := share(); err != nil {
			t.Errorf("%s, accepted: %v", what, err)
		}
	}
}

// The copy that runs is the accepted one, even when something wrote into it.
func TestTreeCopyIsMended(t *testing.T) {
	folder, _ := folderPlugin(t)
	h := newHost(t, Options{Dir: folder})
	if _, err := h.Describe(t.Context(), "good"); err != nil {
		t.Fatal(err)
	}
	copied, err := filepath.Glob(filepath.Join(h.run.path, "bin", "good-*", "lib", "words"))
	if err != nil || len(copied) != 1 {
		t.Fatalf("%v, %v", copied, err)
	}
	if err := os.Remove(copied[0]); err != nil {
		t.Fatal(err)
	}
	write(t, copied[0], "evil", 0o400)
	u, err := h.unit("good")
	if err != nil {
		t.Fatal(err)
	}
	if _, why := h.prepare(u.src); why != nil {
		t.Fatal(why)
	}
	if text, err := os.ReadFile(copied[0]); err != nil || string(text) != "hello" {
		t.Errorf("got %q, %v", text, err)
	}
	if err := os.WriteFile(filepath.Join(folder, "good", "lib", "words"), []byte("later"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(copied[0], "../..")); err != nil {
		t.Fatal(err)
	}
	if _, why := h.prepare(u.src); why == nil || why.Key != "plugin.error.changed" {
		t.Errorf("a folder that changed after the look was taken: %v", why)
	}
}

// What others could change, what leads out of the folder and what cannot be run is
// named.
func TestTreeFaults(t *testing.T) {
	tests := map[string]struct {
		bend func(dir string) error
		want string
	}{
		"writable": {func(dir string) error { return os.Chmod(filepath.Join(dir, "lib", "words"), 0o666) }, "writable"},
		"folder":   {func(dir string) error { return os.Chmod(filepath.Join(dir, "lib"), 0o777) }, "writable"},
		"outside":  {func(dir string) error { return os.Symlink("../../..", filepath.Join(dir, "lib", "up")) }, "symlink"},
		"absolute": {func(dir string) error { return os.Symlink("/etc/passwd", filepath.Join(dir, "lib", "pw")) }, "symlink"},
		"no entry": {func(dir string) error { return os.Remove(filepath.Join(dir, "good")) }, "program"},
		"runtime":  {bentManifest("runtime: exec", "runtime: cobol"), "manifest"},
		"entry":    {bentManifest("runtime: exec", "runtime: exec\nentry: [../good]"), "manifest"},
		"empty":    {bentManifest("runtime: exec", `entry: ["", x]`+"\nruntime: python"), "manifest"},
		"both":     {bentManifest("runtime: exec", "runtime: node\nbinary: x"), "manifest"},
		"no node":  {bentManifest("runtime: exec", "runtime: node\nentry: [no-such-program]"), "program"},
		"go":       {bentManifest("runtime: exec", "entry: [good]"), "manifest"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			folder, dir := folderPlugin(t)
			if err := test.bend(dir); err != nil {
				t.Fatal(err)
			}
			h := newHost(t, Options{Dir: folder})
			_, err := h.Share(t.Context(), "good", Request{Target: "post", Item: badge()})
			wantBarred(t, err, test.want)
		})
	}
}

func bentManifest(from, to string) func(dir string) error {
	return func(dir string) error {
		return os.WriteFile(filepath.Join(dir, "plugin.yaml"), []byte(strings.Replace(treeManifest, from, to, 1)), 0o600)
	}
}
