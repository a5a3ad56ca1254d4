package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/osier-passport/osier/test/server"
)

// TestPluginOfAnAuthor: a new plugin is written and tried by the binary itself.
func TestPluginOfAnAuthor(t *testing.T) {
	osier := server.Binary(t)
	dir := t.TempDir()
	for _, args := range [][]string{{"plugin", "new", "orchard"}, {"plugin", "test", "orchard"}} {
		cmd := exec.CommandContext(t.Context(), osier, args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("osier %v: %v\n%s", args, err, out)
		}
	}
}

const pluginMain = `package main

import (
	_ "embed"
	"net/url"

	"github.com/osier-passport/osier/plugins/sdk"
)

//go:embed plugin.yaml
var manifest []byte

func main() {
	sdk.Serve(sdk.Plugin{Manifest: manifest, Targets: []sdk.Target{{ID: "note", URL: note}}})
}

func note(i sdk.Item) (string, error) {
	return "https://board.example/new?" + url.Values{"title": {i.Title}, "link": {i.URL}}.Encode(), nil
}
`

const pluginManifest = `id: board
version: 1.0.0
hosts: [board.example]
targets:
  - {id: note, kind: link, items: [badge]}
i18n:
  en: {name: Notice Board, note: Pin to the notice board}
  fr: {name: Tableau, note: Épingler au tableau}
`

// installPlugin puts a community plugin into the folder. It is built in a module
// of its own that imports nothing of the passport but plugins/sdk.
func installPlugin(t *testing.T, folder string) {
	t.Helper()
	built, err := buildPlugin()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(folder, "board")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	binary, err := os.ReadFile(built)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "board"), binary, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "plugin.yaml"), []byte(pluginManifest), 0o644); err != nil {
		t.Fatal(err)
	}
}

var buildPlugin = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "osier-plugin-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	sums, err := os.ReadFile(filepath.Join(server.Root(), "go.sum"))
	if err != nil {
		return "", err
	}
	module := "module example.org/board\n\ngo 1.26.0\n\nrequire github.com/osier-passport/osier v0.0.0\n\n" +
		"replace github.com/osier-passport/osier => " + server.Root() + "\n"
	for name, text := range map[string]string{"go.mod": module, "go.sum": string(sums), "main.go": pluginMain, "plugin.yaml": pluginManifest} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return "", err
		}
	}
	return server.Build(dir, "board", "GOFLAGS=-mod=mod", "GOWORK=off")
})
