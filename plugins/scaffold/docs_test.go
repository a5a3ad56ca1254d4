package scaffold_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/osier-passport/osier/plugins/sdk/sharetest"
)

var fence = regexp.MustCompile("(?s)```(\\w+)\n(.*?)```")

// block gives the n-th block of a language after a heading of docs/plugins.md.
func block(t *testing.T, heading, lang string, n int) string {
	t.Helper()
	docs, err := os.ReadFile("../../docs/plugins.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(docs), "\n## "+heading+"\n")
	if !ok {
		t.Fatalf("no heading %q", heading)
	}
	for _, m := range fence.FindAllStringSubmatch(rest, -1) {
		if m[1] == lang {
			if n--; n < 0 {
				return m[2]
			}
		}
	}
	t.Fatalf("no such block under %q", heading)
	return ""
}

// The plugins of docs/plugins.md build as they stand there and pass the kit.
func TestDocumentedPlugins(t *testing.T) {
	if testing.Short() {
		t.Skip("builds modules")
	}
	link := map[string]string{"main.go": block(t, "Write one in Go", "go", 0), "plugin.yaml": block(t, "Write one in Go", "yaml", 0)}
	serve, functions, _ := strings.Cut(block(t, "Post for a person", "go", 0), "\n")
	account := map[string]string{
		"plugin.yaml": block(t, "Post for a person", "yaml", 0),
		"main.go": "package main\n\nimport (\n\t\"context\"\n\t_ \"embed\"\n\t\"net/url\"\n\n\t\"github.com/osier-passport/osier/plugins/sdk\"\n)\n\n" +
			"//go:embed plugin.yaml\nvar manifest []byte\n\nfunc main() {\n\t" + serve + "\n}\n" + functions,
	}
	for name, files := range map[string]map[string]string{"link": link, "account": account} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sharetest.Test(t, built(t, files))
		})
	}
}

// built builds a module of the files with this Osier and gives the executable.
func built(t *testing.T, files map[string]string) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "go.sum"), sums, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"mod", "init", "example.org/social"},
		{"mod", "edit", "-replace", "github.com/osier-passport/osier=" + root},
		{"build", "-mod=mod", "-o", "plugin", "."},
	} {
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOWORK=off", "GOFLAGS=")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %v: %v\n%s", args, err, out)
		}
	}
	return filepath.Join(dir, "plugin")
}
