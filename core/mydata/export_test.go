package mydata

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/i18n"
	"github.com/osier-passport/osier/core/jobs"
	"github.com/osier-passport/osier/core/mail"
	"github.com/osier-passport/osier/core/secret"
	"github.com/osier-passport/osier/core/web"
)

// house stands for the features: one person with files, whose export is cut
// short a few times.
type house struct {
	files map[string][]byte
	cuts  int // errors that are still to come, one each quarter of the files
	calls int
	sent  []mail.Message
}

func (h *house) OwnerName() string     { return "badges" }
func (h *house) OwnerTables() []string { return nil }

func (h *house) Returns() []archive.Return { return nil }

func (h *house) Export(_ context.Context, _ int64, put func(string, []byte) error) error {
	h.calls++
	for i := range len(h.files) {
		if h.cuts > 0 && i == len(h.files)*(4-h.cuts)/4 {
			h.cuts--
			return errors.New("the process was killed")
		}
		name := fmt.Sprintf("badges/received/%d.png", i)
		if err := put(name, h.files[name]); err != nil {
			return err
		}
	}
	return put("badges/badges.json", []byte(`[{"id":"1","name":"A <b> badge","issuer":"I","verdict":"valid","received":"badges/received/1.png","image":"badges/images/x.png"}]`))
}

func (h *house) Counts(context.Context, int64) (map[string]int, error) {
	return map[string]int{"badges/badges.json": len(h.files)}, nil
}
func (h *house) Erase(context.Context, *db.Tx, int64) error { return nil }
func (h *house) About(context.Context, db.DB, int64) (account.About, error) {
	return account.About{PublicID: "p", Handle: "ada", Name: "Ada", Language: "fr", Address: "ada@people.test"}, nil
}
func (h *house) IsThere(context.Context, db.DB, string) (bool, error) { return false, nil }

func (h *house) Close(context.Context, *db.Tx, int64) error { return nil }
func (h *house) Farewell(context.Context, db.DB, int64, account.FarewellMail) (func(), error) {
	return nil, nil
}

func (h *house) Tombstone(context.Context, db.DB, string) (account.Tombstone, error) {
	return account.Tombstone{}, nil
}
func (h *house) Tombstones(context.Context, db.DB) ([]account.Tombstone, error) { return nil, nil }
func (h *house) AddTombstone(context.Context, *db.Tx, account.Tombstone) error  { return nil }
func (h *house) Risen(context.Context, db.DB) ([]int64, error)                  { return nil, nil }
func (h *house) Mail(_ context.Context, _ *db.Tx, m mail.Message) error {
	h.sent = append(h.sent, m)
	return nil
}

func newHouse(t *testing.T, b *db.Base, files int) (*house, *Data, *jobs.Queue) {
	t.Helper()
	h := &house{files: map[string][]byte{}}
	r := rand.New(rand.NewPCG(1, 2)) // repeatable bytes
	for i := range files {
		data := make([]byte, 100_000+r.IntN(100_000))
		for j := range data {
			data[j] = byte(r.Uint32())
		}
		h.files[fmt.Sprintf("badges/received/%d.png", i)] = data
	}
	keys, err := secret.RandomKeys()
	if err != nil {
		t.Fatal(err)
	}
	cat, err := i18n.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	q := jobs.New(b, nil)
	d := New(Deps{
		Bus: event.New(slog.New(slog.DiscardHandler)), Base: b, Queue: q, Keys: keys, Doors: h, Letters: h, Catalogue: cat, Log: slog.New(slog.DiscardHandler),
		Site: func(context.Context) (web.Site, error) { return web.Site{Name: "River"}, nil }, URL: func(p string) string { return "https://river.test" + p },
		Tombstones: filepath.Join(t.TempDir(), "tombstones"),
	}, h)
	err = b.Tx(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO person (id, public_id, handle, name, created_at) VALUES (1, 'p', 'ada', 'Ada', 1)`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return h, d, q
}

// unpack reads a ZIP with another reader than what wrote it, and holds it
// against its checksums.
func unpack(t *testing.T, r io.ReaderAt, size int64) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(r, size)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(in)
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		if files[f.Name] != nil {
			t.Errorf("%s is there twice", f.Name)
		}
		files[f.Name] = data
	}
	sums := 0
	for line := range strings.Lines(string(files[sumsName])) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		if got := fmt.Sprintf("%x", sha256.Sum256(files[name])); got != sum {
			t.Errorf("%s has the sum %s, listed is %s", name, got, sum)
		}
		sums++
	}
	if sums != len(files)-1 {
		t.Errorf("%d sums of %d files", sums, len(files)-1)
	}
	return files
}

// TestAnExportGoesOnWhereItStopped: it is cut short three times, and each file is
// in it once; the bytes in the database say nothing without the key.
func TestAnExportGoesOnWhereItStopped(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		h, d, q := newHouse(t, b, 40)
		h.cuts = 3
		task, err := d.BeginExport(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := d.BeginExport(t.Context(), 1); err != nil || again.ID != task.ID {
			t.Errorf("a second export: %+v, %v", again, err)
		}
		kept := 0
		for range 3 {
			if err := q.Drain(t.Context()); err == nil {
				t.Fatal("no error")
			}
			var n int
			if err := b.Read().QueryRow(t.Context(), `SELECT count(*) FROM data_part`).Scan(&n); err != nil || n < kept {
				t.Errorf("%d pieces after %d, %v", n, kept, err)
			}
			kept = n
			err := b.Tx(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(t.Context(), `UPDATE job SET run_at = 0`); return err })
			if err != nil {
				t.Fatal(err)
			}
		}
		if kept == 0 {
			t.Fatal("nothing was kept")
		}
		if err := q.Drain(t.Context()); err != nil || h.calls != 4 {
			t.Fatalf("%d runs, %v", h.calls, err)
		}
		checkFetch(t, h, d, task)
		if err := d.Forget(t.Context(), 1, task.PublicID); err != nil {
			t.Fatal(err)
		}
		if _, _, err := d.Fetch(t.Context(), 1, task.PublicID, ""); !fault.Is(err, fault.NotFound) {
			t.Errorf("after it was deleted: %v", err)
		}
	})
}

func checkFetch(t *testing.T, h *house, d *Data, task Task) {
	t.Helper()
	ready, in, err := d.Fetch(t.Context(), 1, task.PublicID, "")
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	all, err := io.ReadAll(in)
	if err != nil || int64(len(all)) != ready.Size {
		t.Fatalf("%d bytes of %d, %v", len(all), ready.Size, err)
	}
	files := unpack(t, bytes.NewReader(all), ready.Size)
	for name, want := range h.files {
		if !bytes.Equal(files[name], want) {
			t.Errorf("%s is not what it was", name)
		}
	}
	index := string(files["index.html"])
	if !strings.Contains(index, "A &lt;b&gt; badge") || !strings.Contains(index, `href="pages/badges.html#1"`) || !strings.Contains(index, `lang="fr"`) || strings.Contains(index, "mydata.") {
		t.Errorf("index.html: %s", index)
	}
	if len(h.sent) != 1 {
		t.Fatalf("%d mails", len(h.sent))
	}
	_, link, _ := strings.Cut(h.sent[0].Data.(ReadyLetter).URL, "key=")
	for i, want := range []bool{true, false} {
		_, in, err := d.Fetch(t.Context(), 1, task.PublicID, link)
		if (err == nil) != want || !want && !fault.Is(err, fault.Gone) {
			t.Errorf("the link, time %d: %v", i+1, err)
		}
		if in != nil {
			in.Close()
		}
	}
	if _, _, err := d.Fetch(t.Context(), 2, task.PublicID, ""); !fault.Is(err, fault.NotFound) {
		t.Errorf("somebody else: %v", err)
	}
	sealed, err := getPart(t.Context(), d.base.Read(), task.ID, 0)
	if err != nil || bytes.Contains(sealed, h.files["badges/received/0.png"][:64]) {
		t.Errorf("the bytes lie open, %v", err)
	}
}

// TestLargeOffsets: what lies behind 4 GiB stands in the ZIP64 field.
func TestLargeOffsets(t *testing.T) {
	const before = 5 << 30
	var out bytes.Buffer
	p := packer{out: &out, offset: before}
	e, err := p.add("late.txt", []byte("far behind"))
	if err != nil {
		t.Fatal(err)
	}
	p.finish([]packedEntry{e})
	z, err := zip.NewReader(sparse{out.Bytes(), before}, before+int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	in, err := z.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	if data, err := io.ReadAll(in); err != nil || string(data) != "far behind" {
		t.Errorf("%q, %v", data, err)
	}
}

// TestLongNames: a name that its header cannot hold is refused and leaves nothing behind.
func TestLongNames(t *testing.T) {
	p := packer{out: &bytes.Buffer{}}
	if _, err := p.add(strings.Repeat("n", many), nil); !errors.Is(err, errTooLarge) || p.out.Len() != 0 {
		t.Errorf("%v, %d bytes", err, p.out.Len())
	}
	if _, err := p.add(strings.Repeat("n", many-1), nil); err != nil {
		t.Error(err)
	}
}

// sparse is a file that begins with many zeros.
type sparse struct {
	data  []byte
	start int64
}

func (s sparse) ReadAt(b []byte, at int64) (int, error) {
	clear(b)
	if gap := s.start - at; gap > 0 {
		if gap >= int64(len(b)) {
			return len(b), nil
		}
		n, err := bytes.NewReader(s.data).ReadAt(b[gap:], 0)
		return int(gap) + n, err
	}
	return bytes.NewReader(s.data).ReadAt(b, at-s.start)
}
