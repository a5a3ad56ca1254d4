package kill9

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/test/issuer"
	"github.com/osier-passport/osier/test/server"
)

const (
	packs   = 4  // uploads
	inOne   = 25 // badges of an upload
	pending = 4 * time.Minute
)

// house is a passport that is killed while it works on one person's data.
type house struct {
	e      engine
	s      *server.Server
	o      server.Options
	random *rand.Rand
	cut    int // kills that hit work under way
}

// TestKill9OfData kills the server while an export is made, an account erased and
// an archive taken in: each ends as if nothing had been, nothing twice, nothing half.
func TestKill9OfData(t *testing.T) {
	eachEngine(t, func(t *testing.T, e engine) {
		i := issuer.Start(t)
		h := &house{e: e, random: rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))} //nolint:gosec // moments to kill at
		h.o = server.Options{
			Dir: t.TempDir(), Listen: server.FreeAddress(t), Env: i.Env(),
			Config: e.config + "[fetch]\nallow = [\"" + strings.Join(i.Hosts(), `", "`) + "\"]\n",
		}
		h.s = server.Start(t, h.o)
		c := h.person(t, "leaver", "leaver-mark@example.org")
		for n := range packs {
			var files [][]byte
			for m := range inOne {
				files = append(files, i.Embedded(t, "2.0", fmt.Sprintf("Kept mark %d-%d", n, m), c.address))
			}
			if _, _, err := c.add(t.Context(), "pack.json", true, files...); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.settled(t.Context()); err != nil {
			t.Fatal(err)
		}
		archive := h.export(t, c)
		h.erase(t, c)
		h.bringBack(t, h.person(t, "leaver-again", c.address), archive)
		t.Logf("%d kills hit work under way", h.cut)
		if h.cut < 3 {
			t.Errorf("only %d kills hit work under way: the test proves little", h.cut)
		}
	})
}

// person makes an account from the command line, while nothing serves, and signs it in.
func (h *house) person(t *testing.T, handle, address string) *client {
	t.Helper()
	h.s.Stop(t)
	h.s.Run(t, password+"\n", "user", "create", "--config", h.s.ConfigFile(), "--name", "Mark of "+handle, "--email", address, handle)
	h.s = server.Start(t, h.o)
	c := newClient(t, h.s.URL, handle, address)
	if err := c.signIn(t.Context(), password); err != nil {
		t.Fatal(err)
	}
	return c
}

// killing kills the server some times, each at a moment that nobody knows before,
// and starts it anew. busy counts the rows that say that work is under way.
func (h *house) killing(t *testing.T, busy string) {
	t.Helper()
	d, err := h.e.open(h.s)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for range h.e.kills {
		time.Sleep(time.Duration(h.random.Int64N(int64(60 * time.Millisecond))))
		h.s.Kill(t)
		h.s.CheckLog(t)
		if ask(t, d, busy) > 0 {
			h.cut++
		}
		h.s = server.Start(t, h.o)
	}
}

// await asks until done says so.
func (h *house) await(t *testing.T, what string, done func(ctx context.Context) (bool, error)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), pending)
	defer cancel()
	for {
		ok, err := done(ctx)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if ok {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s has not ended", what)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// export has an archive made over kills, and holds it against its own checksums.
func (h *house) export(t *testing.T, c *client) []byte {
	t.Helper()
	a, err := c.post(t.Context(), "/settings/data/export", url.Values{})
	if err != nil || a.status != http.StatusSeeOther {
		t.Fatalf("export: %d, %v", a.status, err)
	}
	h.killing(t, `SELECT count(*) FROM data_task WHERE kind = 'export' AND state IN ('waiting', 'running')`)
	var data []byte
	h.await(t, "the export", func(ctx context.Context) (bool, error) {
		a, err := c.get(ctx, "/settings/data")
		if err != nil {
			return false, err
		}
		form := exportForm.FindSubmatch(a.body)
		if form == nil {
			return false, nil
		}
		a, err = c.post(ctx, string(form[1]), url.Values{})
		data = a.body
		return true, err
	})
	if n := whole(t, data); n != packs*inOne {
		t.Errorf("%d badges in the export", n)
	}
	return data
}

// whole reads an archive to the end, holds it against its checksums and gives how
// many badges are in it, each once.
func whole(t *testing.T, data []byte) int {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	sums, badges, sheet := map[string]bool{}, map[string]bool{}, ""
	for _, f := range z.File {
		content, err := readFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == "SHA256SUMS" {
			sheet = string(content)
			continue
		}
		line := fmt.Sprintf("%x  %s", sha256.Sum256(content), f.Name)
		if sums[line] {
			t.Errorf("%s is in it twice", f.Name)
		}
		sums[line] = true
		if strings.HasPrefix(f.Name, "badges/received/") {
			badges[string(content)] = true
		}
	}
	if lines := strings.Split(strings.TrimSpace(sheet), "\n"); len(lines) != len(sums) {
		t.Errorf("%d files and %d checksums", len(sums), len(lines))
	} else {
		for _, l := range lines {
			if !sums[l] {
				t.Errorf("no file for %s", l)
			}
		}
	}
	return len(badges)
}

// erase removes an account over kills, and looks for what is left of it.
func (h *house) erase(t *testing.T, c *client) {
	t.Helper()
	a, err := c.post(t.Context(), "/settings/remove", url.Values{"handle": {c.handle}, "password": {password}})
	if err != nil || a.status != http.StatusSeeOther || !strings.HasPrefix(a.location, "/removed/") {
		t.Fatalf("remove: %d %s, %v", a.status, a.location, err)
	}
	h.killing(t, `SELECT count(*) FROM erasure WHERE state <> 'done'`)
	h.await(t, "the erasure", func(ctx context.Context) (bool, error) {
		page, err := c.get(ctx, a.location)
		return err == nil && page.status == http.StatusOK && !bytes.Contains(page.body, []byte("data-live")), err
	})
	h.s.Stop(t)
	d, err := h.e.open(h.s)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if h.e.row == "" {
		searchFolder(t, h.s.Data(), "Kept mark", c.address, "Mark of "+c.handle)
	} else {
		search(t, d, h.e, "Kept mark", c.address, "Mark of "+c.handle)
	}
	for query, want := range map[string]int{
		`SELECT count(*) FROM person`: 0, `SELECT count(*) FROM badge`: 0, `SELECT count(*) FROM blob`: 0, `SELECT count(*) FROM data_part`: 0,
		`SELECT count(*) FROM tombstone`: 1, `SELECT count(*) FROM erasure WHERE state = 'done' AND person = 0`: 1, `SELECT count(*) FROM job WHERE kind = 'mydata.erase'`: 0,
	} {
		if n := ask(t, d, query); n != want {
			t.Errorf("%d, not %d: %s", n, want, query)
		}
	}
	h.s = server.Start(t, h.o)
}

// searchFolder looks at every byte of a folder.
func searchFolder(t *testing.T, dir string, words ...string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		for _, w := range words {
			if bytes.Contains(data, []byte(w)) {
				t.Errorf("%s holds %q", entry.Name(), w)
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// bringBack takes an archive in over kills, while it is read and while it is taken in.
func (h *house) bringBack(t *testing.T, c *client, archive []byte) {
	t.Helper()
	page := c.upload(t, archive)
	h.killing(t, `SELECT count(*) FROM data_task WHERE kind = 'import' AND state = 'reading'`)
	settled := func(ctx context.Context) (bool, error) {
		a, err := c.get(ctx, page)
		return err == nil && a.status == http.StatusOK && !bytes.Contains(a.body, []byte("data-live")), err
	}
	h.await(t, "reading the archive", settled)
	a, err := c.post(t.Context(), page, url.Values{"take": {"badges", "profile", "addresses", "following", "comments"}, "show": {"same"}})
	if err != nil || a.status != http.StatusSeeOther {
		t.Fatalf("choose: %d, %v", a.status, err)
	}
	h.killing(t, `SELECT count(*) FROM data_task WHERE kind = 'import' AND state IN ('waiting', 'running')`)
	h.await(t, "taking the archive in", settled)
	files, _, err := c.held(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != packs*inOne {
		t.Errorf("%d badges came back", len(files))
	}
	for _, n := range files {
		if n != 1 {
			t.Errorf("a badge is there %d times", n)
		}
	}
	d, err := h.e.open(h.s)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if left := list(t, d, `SELECT state FROM data_task WHERE kind = 'import'`); left != "done" {
		t.Errorf("the import is %q", left)
	}
	if n := ask(t, d, `SELECT count(*) FROM data_part p JOIN data_task t ON t.id = p.task WHERE t.kind = 'import'`); n != 0 {
		t.Errorf("%d pieces of the archive are left", n)
	}
}
