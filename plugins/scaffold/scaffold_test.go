package scaffold_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/osier-passport/osier/plugins/scaffold"
	"github.com/osier-passport/osier/plugins/sdk"
)

// A new plugin in Go builds, and its own tests pass, the conformance kit among them.
func TestGo(t *testing.T) {
	if testing.Short() {
		t.Skip("builds modules")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range scaffold.Kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel() // the kit waits for remotes that are silent
			dir := written(t, scaffold.Options{ID: "orchard", Kind: kind, Lang: "go", Version: "0.0.0", Osier: root})
			if err := os.WriteFile(filepath.Join(dir, "go.sum"), sums, 0o600); err != nil {
				t.Fatal(err)
			}
			for _, args := range [][]string{{"vet", "./..."}, {"test", "./..."}} {
				cmd := exec.CommandContext(t.Context(), "go", args...)
				cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Errorf("go %v: %v\n%s", args, err, out)
				}
			}
			if out, err := exec.CommandContext(t.Context(), "gofmt", "-l", dir).CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("gofmt: %v %s", err, out)
			}
		})
	}
}

func written(t *testing.T, o scaffold.Options) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), o.ID)
	if err := scaffold.Write(dir, o); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Every beginning has a plugin.yaml that holds together, a licence, a way to a
// release, and tests.
func TestEveryBeginning(t *testing.T) {
	tests := map[string]string{"go": "main_test.go", "node": "main.test.js", "python": "test_main.py", "yaml": "plugin.yaml"}
	for _, lang := range scaffold.Langs {
		for _, kind := range scaffold.Kinds {
			if lang == "yaml" && kind != "link" {
				continue
			}
			dir := written(t, scaffold.Options{ID: "two-words", Kind: kind, Lang: lang, Version: "1.2.3"})
			for _, name := range []string{"README.md", "LICENSE", ".github/workflows/release.yml", tests[lang]} {
				if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
					t.Error(err)
				}
			}
			if _, err := os.Stat(filepath.Join(dir, "testdata")); lang != "yaml" && err != nil {
				t.Error(err)
			}
			data, err := os.ReadFile(filepath.Join(dir, "plugin.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			m, err := sdk.ParseManifest(data)
			if err != nil {
				t.Fatal(err)
			}
			if err := m.Descriptor().Check(); err != nil {
				t.Errorf("%s %s: %v", lang, kind, err)
			}
			if entry, err := m.Command(); err != nil || (entry != nil) != slices.Contains([]string{"node", "python"}, lang) {
				t.Errorf("%s %s: started by %v, %v", lang, kind, entry, err)
			}
		}
	}
}

func TestRefused(t *testing.T) {
	dir := t.TempDir()
	for _, o := range []scaffold.Options{
		{ID: "../x", Kind: "link", Lang: "go"},
		{ID: "X", Kind: "link", Lang: "go"},
		{ID: "", Kind: "link", Lang: "go"},
		{ID: "x", Kind: "link", Lang: "cobol"},
		{ID: "x", Kind: "link", Lang: ".."},
		{ID: "x", Kind: "..", Lang: "go"},
		{ID: "x", Kind: "account", Lang: "yaml"},
		{ID: "x", Kind: "direct", Lang: "yaml"},
	} {
		if err := scaffold.Write(filepath.Join(dir, "new"), o); err == nil {
			t.Errorf("%+v: written", o)
		}
	}
	if err := scaffold.Write(dir, scaffold.Options{ID: "x", Kind: "link", Lang: "yaml"}); err == nil {
		t.Error("a folder that is there was written to")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
