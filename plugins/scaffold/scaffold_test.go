package scaffold_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/osier-passport/osier/plugins/scaffold"
)

// A new plugin in Go builds, and its own tests pass, the conformance kit among them.
func TestGo(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a module")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "orchard")
	if err := scaffold.Write(dir, scaffold.Options{ID: "orchard", Lang: "go", Version: "0.0.0", Osier: root}); err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
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
}

func TestRefused(t *testing.T) {
	dir := t.TempDir()
	for _, o := range []scaffold.Options{{ID: "../x", Lang: "go"}, {ID: "X", Lang: "go"}, {ID: "", Lang: "go"}, {ID: "x", Lang: "cobol"}, {ID: "x", Lang: ".."}} {
		if err := scaffold.Write(filepath.Join(dir, "new"), o); err == nil {
			t.Errorf("%+v: written", o)
		}
	}
	if err := scaffold.Write(dir, scaffold.Options{ID: "x", Lang: "yaml"}); err == nil {
		t.Error("a folder that is there was written to")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
