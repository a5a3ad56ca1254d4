package e2e

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/osier-passport/osier/test/server"
)

const orchardManifest = `id: orchard
version: %s
hosts: [orchard.example]
targets:
  - {id: post, url: "https://orchard.example/share?v=%[1]s&text={text_url}"}
i18n:
  en: {name: Orchard, post: Share as a post}
  fr: {name: Verger, post: Partager}
`

// osier runs a command beside the server and gives its exit code and what it printed.
func osier(t *testing.T, s *server.Server, stdin string, args ...string) (int, string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), server.Binary(t), append(args, "--config", s.ConfigFile())...)
	cmd.Dir, cmd.Stdin = s.Dir, strings.NewReader(stdin)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.Dir, "TMPDIR=" + os.TempDir()} // OSIER_… would be settings
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// must fails the test unless the command ends with code and prints each of says.
func must(t *testing.T, s *server.Server, code int, says []string, args ...string) string {
	t.Helper()
	got, out := osier(t, s, "", args...)
	if got != code {
		t.Fatalf("osier %v: exit code %d, want %d\n%s", args, got, code, out)
	}
	for _, text := range says {
		if !strings.Contains(out, text) {
			t.Errorf("osier %v: %q is not in\n%s", args, text, out)
		}
	}
	return out
}

func writePlugin(t *testing.T, version string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "orchard.yaml")
	if err := os.WriteFile(path, fmt.Appendf(nil, orchardManifest, version), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestPluginLifeByCommand takes a plugin through its whole life while the passport
// runs, which learns of each step.
func TestPluginLifeByCommand(t *testing.T) {
	t.Parallel()
	s := server.Start(t, server.Options{})
	if code, out := osier(t, s, "n\n", "plugin", "install", writePlugin(t, "1.0.0")); code != 1 || !strings.Contains(out, "nothing was installed") {
		t.Errorf("%d: %s", code, out)
	}
	must(t, s, 1, []string{"nobody to ask"}, "plugin", "install", writePlugin(t, "1.0.0"))
	must(t, s, 0, []string{"sha256 ", "orchard.example", "connects to nothing", "takes badge", "code     none", "orchard 1.0.0 is installed"}, "plugin", "install", "--yes", writePlugin(t, "1.0.0"))
	must(t, s, 1, []string{"osier plugin update orchard"}, "plugin", "install", "--yes", writePlugin(t, "2.0.0"))
	must(t, s, 0, []string{"https://orchard.example/share?v=1.0.0"}, "plugin", "send", "orchard", "post")
	if line := pluginOf(t, s, "orchard"); line.State != "ok" || line.Version != "1.0.0" || len(line.Targets) != 1 {
		t.Errorf("%+v", line)
	}
	must(t, s, 0, []string{"2.0.0 is installed"}, "plugin", "update", "--yes", "orchard", writePlugin(t, "2.0.0"))
	must(t, s, 0, []string{"v=2.0.0"}, "plugin", "send", "orchard", "post")
	must(t, s, 0, []string{"v=2.0.0"}, "plugin", "send", "--dry-run", "orchard", "post")
	must(t, s, 1, []string{"no target nowhere"}, "plugin", "send", "orchard", "nowhere")
	must(t, s, 1, nil, "plugin", "send", "--badge", "nothing", "orchard", "post")
	must(t, s, 0, []string{"Willow Weaving"}, "plugin", "send", "--dry-run", "mastodon", "auto")
	must(t, s, 1, []string{"somebody's name"}, "plugin", "send", "mastodon", "auto")
	must(t, s, 0, []string{"JOB"}, "plugin", "retry")
	must(t, s, 1, nil, "plugin", "retry", "nothing")
	must(t, s, 0, []string{`"version": "2.0.0"`}, "plugin", "describe", "orchard")

	must(t, s, 0, []string{"disabled orchard"}, "plugin", "disable", "orchard")
	if line := pluginOf(t, s, "orchard"); line.State != "off" {
		t.Errorf("%+v", line)
	}
	must(t, s, 1, []string{"switched off", "fix     osier plugin enable orchard"}, "plugin", "doctor", "orchard")
	must(t, s, 0, nil, "plugin", "enable", "orchard")
	must(t, s, 0, nil, "plugin", "enable", "links.xing")
	if line := pluginOf(t, s, "links"); !line.has("links.xing", false) {
		t.Errorf("%+v", line)
	}
	must(t, s, 0, []string{"offers orchard.post"}, "plugin", "doctor", "orchard")
	must(t, s, 1, []string{"no share plugin named nobody"}, "plugin", "disable", "nobody")
	must(t, s, 1, []string{"links has no target named nothing"}, "plugin", "disable", "links.nothing")

	must(t, s, 1, []string{"part of Osier"}, "plugin", "remove", "twitter")
	must(t, s, 0, []string{"orchard is removed"}, "plugin", "remove", "orchard")
	must(t, s, 1, []string{"no share plugin named orchard"}, "plugin", "remove", "orchard")
	if line := pluginOf(t, s, "orchard"); line.ID != "" {
		t.Errorf("still there: %+v", line)
	}
	s.Stop(t)
	must(t, s, 0, []string{"1.0.0 is installed"}, "plugin", "install", "--yes", writePlugin(t, "1.0.0"))
	must(t, s, 0, []string{"disabled orchard.post"}, "plugin", "disable", "orchard.post")
	must(t, s, 1, []string{"no passport runs", "doctor"}, "plugin", "logs", "orchard")
}

type pluginLine struct {
	ID, Version, State string
	Targets            []struct {
		ID  string
		Off bool
	}
}

func (l pluginLine) has(target string, off bool) bool {
	for _, t := range l.Targets {
		if t.ID == target {
			return t.Off == off
		}
	}
	return false
}

func pluginOf(t *testing.T, s *server.Server, id string) pluginLine {
	t.Helper()
	var list []pluginLine
	if err := json.Unmarshal([]byte(must(t, s, 0, nil, "plugin", "list", "--json")), &list); err != nil {
		t.Fatal(err)
	}
	for _, l := range list {
		if l.ID == id {
			return l
		}
	}
	return pluginLine{}
}

// TestPluginInstallFromAnAddress: only the file that was meant is taken, and only
// from where the guard lets us go.
func TestPluginInstallFromAnAddress(t *testing.T) {
	t.Parallel()
	var archive bytes.Buffer
	z := gzip.NewWriter(&archive)
	w := tar.NewWriter(z)
	text := fmt.Sprintf(orchardManifest, "3.0.0")
	err := w.WriteHeader(&tar.Header{Name: "orchard-3/plugin.yaml", Mode: 0o644, Size: int64(len(text))})
	if err == nil {
		_, err = w.Write([]byte(text))
	}
	if err = errors.Join(err, w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/orchard.tar.gz" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(archive.Bytes())
	}))
	t.Cleanup(web.Close)
	sum := sha256.Sum256(archive.Bytes())
	right, wrong := hex.EncodeToString(sum[:]), strings.Repeat("0", 64)
	address := web.URL + "/orchard.tar.gz"

	closed := server.Start(t, server.Options{})
	must(t, closed, 1, []string{"needs --sha256"}, "plugin", "install", "--yes", address)
	must(t, closed, 1, []string{"only https://"}, "plugin", "install", "--yes", "--sha256", right, address)
	must(t, closed, 1, []string{"fetch the plugin"}, "plugin", "install", "--yes", "--sha256", right, strings.Replace(address, "http:", "https:", 1))

	s := server.Start(t, server.Options{Config: fmt.Sprintf("fetch.allow = [%q]\n", strings.TrimPrefix(web.URL, "http://"))})
	must(t, s, 1, []string{"64 hexadecimal digits"}, "plugin", "install", "--yes", "--sha256", "abc", address)
	must(t, s, 1, []string{"not the file that was meant"}, "plugin", "install", "--yes", "--sha256", wrong, address)
	must(t, s, 1, []string{"404"}, "plugin", "install", "--yes", "--sha256", right, web.URL+"/gone")
	must(t, s, 0, []string{right, "orchard 3.0.0 is installed"}, "plugin", "install", "--yes", "--sha256", right, address)
}

// TestPluginDoctor names what is wrong with a program, and the line that mends it.
func TestPluginDoctor(t *testing.T) {
	t.Parallel()
	built, err := buildPlugin()
	if err != nil {
		t.Fatal(err)
	}
	s := server.Start(t, server.Options{})
	folder := filepath.Join(s.Data(), "plugins")
	dir := filepath.Join(t.TempDir(), "board")
	installPlugin(t, filepath.Dir(dir))
	must(t, s, 0, []string{"a program that runs as the user", "board 1.0.0 is installed"}, "plugin", "install", "--yes", dir)
	must(t, s, 0, []string{`"id": "board"`}, "plugin", "describe", built)
	must(t, s, 0, []string{"it starts", "offers board.note"}, "plugin", "doctor", "board")
	must(t, s, 1, []string{"no share plugin named nobody"}, "plugin", "doctor", "nobody")
	must(t, s, 0, []string{"note    what connects an account waits for its settings: client_id, client_secret"}, "plugin", "doctor", "linkedin")

	binary := filepath.Join(folder, "board", "board")
	chmod := func(mode os.FileMode) {
		if err := os.Chmod(binary, mode); err != nil {
			t.Fatal(err)
		}
	}
	chmod(0o777)
	must(t, s, 1, []string{"fix     chmod go-w " + binary}, "plugin", "doctor", "board")
	chmod(0o644)
	must(t, s, 1, []string{"fix     chmod 755 " + binary}, "plugin", "doctor", "board")
	chmod(0o755)
	script := func(text string) {
		if err := os.WriteFile(binary, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	script("#!/bin/sh\necho hello\nexec sleep 60\n")
	must(t, s, 1, []string{"has changed", "fix     osier plugin accept board"}, "plugin", "doctor", "board")
	must(t, s, 0, nil, "plugin", "accept", "board")
	must(t, s, 1, []string{"hello", "fix "}, "plugin", "doctor", "board")
	script("#!/bin/sh\necho out of willow >&2\nexit 3\n")
	must(t, s, 0, nil, "plugin", "accept", "board")
	must(t, s, 1, []string{`exit status 3, printed nothing, logged last: "out of willow"`, "log     out of willow"}, "plugin", "doctor", "board")
	if runtime.GOOS == "linux" {
		script("\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 9) + "\x02\x00\xf3\x00\x01" + strings.Repeat("\x00", 43))
		must(t, s, 0, nil, "plugin", "accept", "board")
		must(t, s, 1, []string{"it is built for linux/riscv64"}, "plugin", "doctor", "board")
	}
	if err := os.RemoveAll(filepath.Join(folder, "board")); err != nil {
		t.Fatal(err)
	}
	must(t, s, 1, []string{"no share plugin named board"}, "plugin", "doctor", "board")
}
