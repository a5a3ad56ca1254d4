package host

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// communityFolder makes a plugins folder with the test binary as executable id.
func communityFolder(t *testing.T, id string) (folder, same string) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "plugins")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	copyBinary(t, filepath.Join(folder, id))
	return folder, id
}

func copyBinary(t *testing.T, to string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(self)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(out, in)
	if err := errors.Join(err, out.Chmod(0o755), out.Close()); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

// Files that others could change, or that are not what they seem, are named with
// what mends them and never started; the good one beside them is.
func TestFolderFaults(t *testing.T) {
	folder, _ := communityFolder(t, "good")
	at := func(name string) string { return filepath.Join(folder, name) }
	write(t, at("plain"), "#!/bin/sh\n", 0o644)
	write(t, at("open"), "#!/bin/sh\n", 0o775)
	write(t, at("setid"), "#!/bin/sh\n", 0o755)
	write(t, at("linkedin"), "#!/bin/sh\n", 0o755)
	write(t, at("Bad Name"), "#!/bin/sh\n", 0o755)
	write(t, at("README.md"), "notes", 0o644)
	write(t, at(".hidden"), "#!/bin/sh\n", 0o755)
	for _, err := range []error{
		os.Chmod(at("setid"), 0o755|os.ModeSetuid),
		os.Symlink(at("good"), at("link")),
		os.Mkdir(at("nomanifest"), 0o755),
		os.Mkdir(at("liar"), 0o755),
		os.Mkdir(at("outside"), 0o755),
		os.Mkdir(at("shared"), 0o777), os.Chmod(at("shared"), 0o777),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	write(t, at("liar/plugin.yaml"), "id: good\nversion: 1\nhosts: [good.example]\n", 0o644)
	write(t, at("outside/plugin.yaml"), "id: outside\nversion: 1\nhosts: [good.example]\nbinary: ../good\n", 0o644)
	write(t, at("shared/plugin.yaml"), "id: shared\nversion: 1\nhosts: [good.example]\n", 0o644)
	h := newHost(t, Options{Dir: folder, Bundled: bundled("linkedin")})
	want := map[string]string{ // key, and the words of the mending
		"good": "", "linkedin": "",
		"plain":                             "not_executable chmod 755 " + at("plain"),
		"open":                              "writable chmod go-w " + at("open"),
		"setid":                             "setid chmod ug-s " + at("setid"),
		"link":                              "symlink",
		"Bad Name":                          "name",
		"nomanifest":                        "missing",
		"liar":                              "manifest",
		"outside":                           "manifest",
		"shared":                            "writable chmod go-w " + at("shared"),
		"linkedin (" + at("linkedin") + ")": "duplicate",
	}
	for _, s := range h.List() {
		got := ""
		if s.Reason != nil {
			got = strings.TrimSpace(strings.TrimPrefix(s.Reason.Key, "plugin.error.") + " " + s.Reason.Args["fix"])
		}
		if w, ok := want[s.ID]; !ok || got != w || (got == "") != (s.State == OK) {
			t.Errorf("%q: %s, got reason %q, want %q", s.ID, s.State, got, w)
		}
		delete(want, s.ID)
	}
	if len(want) > 0 {
		t.Errorf("not listed: %v", want)
	}
	if _, err := h.Share(t.Context(), "good", Request{Target: "post", Item: badge()}); err != nil {
		t.Error(err)
	}
	for _, id := range []string{"open", "link", "plain"} {
		if _, err := h.Share(t.Context(), id, Request{Target: "post", Item: badge()}); err == nil {
			t.Errorf("%s was used", id)
		}
	}
	for _, id := range []string{"../../x", "", "nowhere", "Bad Name/.."} {
		_, err := h.Share(t.Context(), id, Request{Target: "post", Item: badge()})
		wantKey(t, err, "unknown")
	}
}

func TestWorldWritableFolder(t *testing.T) {
	folder, _ := communityFolder(t, "good")
	if err := os.Chmod(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	h := newHost(t, Options{Dir: folder})
	_, err := h.Share(t.Context(), "good", Request{Target: "post", Item: badge()})
	if fix := wantBarred(t, err, "writable").Args["fix"]; fix != "chmod go-w "+folder {
		t.Errorf("got fix %q", fix)
	}
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if s := statusOf(t, h, "good"); s.State != OK {
		t.Errorf("after the mending: %s, %v", s.State, s.Reason)
	}
}

func TestForeignOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file away")
	}
	folder, _ := communityFolder(t, "good")
	if err := os.Chown(filepath.Join(folder, "good"), 12345, 12345); err != nil {
		t.Fatal(err)
	}
	h := newHost(t, Options{Dir: folder})
	_, err := h.Share(t.Context(), "good", Request{Target: "post", Item: badge()})
	if fix := wantBarred(t, err, "owner").Args["fix"]; fix != "chown 0 "+filepath.Join(folder, "good") {
		t.Errorf("got fix %q", fix)
	}
}

// The first sight of a plugin is its acceptance; a change of the file disables
// it until it is accepted again, in this process or another, and a process that
// runs from the old file is ended.
func TestChangedPlugin(t *testing.T) {
	folder, id := communityFolder(t, "good")
	private := t.TempDir()
	h := newHost(t, Options{Dir: folder, PrivateDir: private})
	if _, err := h.Share(t.Context(), id, Request{Target: "post", Item: badge()}); err != nil {
		t.Fatal(err)
	}
	lock, err := os.ReadFile(filepath.Join(private, "plugins.lock"))
	if err != nil || !strings.Contains(string(lock), "\ngood ") {
		t.Errorf("lock %q, %v", lock, err)
	}
	path := filepath.Join(folder, id)
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("one byte more"); err != nil {
		t.Fatal(err)
	}
	f.Close()
	s := statusOf(t, h, id)
	if s.State != Disabled || s.Reason.Key != "plugin.error.changed" || s.PID == 0 {
		t.Errorf("after the change: %s, %v, pid %d", s.State, s.Reason, s.PID)
	}
	_, err = h.Share(t.Context(), id, Request{Target: "post", Item: badge()})
	wantBarred(t, err, "changed")
	h.reap()
	if s := statusOf(t, h, id); s.PID != 0 {
		t.Errorf("the old process still runs: pid %d", s.PID)
	}

	other, err := New(Options{Dir: folder, PrivateDir: private})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(other.Accept(id), other.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
	if s := statusOf(t, h, id); s.State != OK {
		t.Errorf("after the acceptance: %s, %v", s.State, s.Reason)
	}
	if _, err := h.Share(t.Context(), id, Request{Target: "post", Item: badge()}); err != nil {
		t.Error(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if s := statusOf(t, h, id); s.State != Disabled || s.Reason.Key != "plugin.error.missing" {
		t.Errorf("after the removal: %s, %v", s.State, s.Reason)
	}
}

// A file that changes between the look and the copy is not started: only the
// copy runs, and only with the accepted hash.
func TestChangedBehindTheLook(t *testing.T) {
	folder, id := communityFolder(t, "good")
	h := newHost(t, Options{Dir: folder})
	path := filepath.Join(folder, id)
	if err := os.WriteFile(path, []byte("#!/bin/sh\necho pwned\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := h.Share(t.Context(), id, Request{Target: "post", Item: badge()})
	wantKey(t, err, "changed")

	u := h.units[id]
	s, why := h.prepare(source{id: "x", from: Community, path: path, sum: strings.Repeat("0", 64)})
	if why == nil || why.Key != "plugin.error.changed" {
		t.Errorf("a copy with another hash: %+v, %v", s, why)
	}
	r := newRun(spec{path: path, args: []string{"x"}, sum: strings.Repeat("0", 64), dir: folder}, u.logs)
	if err := r.Start(t.Context()); err == nil || !strings.Contains(err.Error(), "checksums did not match") {
		t.Errorf("a start with another hash: %v", err)
	}
}

func TestDamagedLock(t *testing.T) {
	folder, id := communityFolder(t, "good")
	private := t.TempDir()
	write(t, filepath.Join(private, "plugins.lock"), "good nonsense\n", 0o600)
	h := newHost(t, Options{Dir: folder, PrivateDir: private})
	_, err := h.Share(t.Context(), id, Request{Target: "post", Item: badge()})
	wantBarred(t, err, "lock")
}
