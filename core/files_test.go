package core

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/blob"
	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/file"
)

// fileNamed is the public id of a file.
func (p *passport) fileNamed(name string) string {
	p.t.Helper()
	list := p.texts(`SELECT public_id FROM file WHERE name = $1`, name)
	if len(list) != 1 {
		p.t.Fatalf("%d files are called %s", len(list), name)
	}
	return list[0]
}

// TestAFileIsItsOwners from the upload to the deletion.
func TestAFileIsItsOwners(t *testing.T) {
	onBoth(t, func(t *testing.T, p *passport) {
		who, other := p.member("ada"), p.member("other")
		page := who.get("/files").is(t, 200)
		if len(page.all(t, `form[action="/files"] input[type="file"]`)) != 1 {
			t.Errorf("no form: %s", page)
		}
		who.upload("/files", "file", "Report 1.html", []byte("plain words")).is(t, 303)
		who.upload("/files", "file", "photo.png", picture(t)).is(t, 303)
		text, photo := p.fileNamed("Report 1.html.txt"), p.fileNamed("photo.png")
		a := who.get("/files/"+text+"/download").is(t, 200)
		for header, want := range map[string]string{
			"Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
			"Content-Disposition": `attachment; filename="Report 1.html.txt"; filename*=UTF-8''Report%201.html.txt`,
		} {
			if got := a.header.Get(header); got != want {
				t.Errorf("%s: %q", header, got)
			}
		}
		if csp := a.header.Get("Content-Security-Policy"); !strings.Contains(csp, "sandbox") || !strings.Contains(csp, "default-src 'none'") {
			t.Errorf("policy %q", csp)
		}
		if string(a.body) != "plain words" {
			t.Errorf("%s", a)
		}
		for _, v := range []*visitor{other, p.visitor()} {
			for _, id := range []string{text, photo, "none"} {
				v.get("/files/"+id+"/download").is(t, 404)
				v.get("/files/"+id+"/thumbnail").is(t, 404)
			}
		}
		other.get("/files/"+text).is(t, 404)
		other.post("/files/"+text, "name", "mine").is(t, 404)
		other.post("/files/"+text+"/delete").is(t, 404)

		who.post("/files/"+text, "name", "Über Éole", "tags", "Work, work, #Été").is(t, 303)
		for _, q := range []string{"?q=uber+EOLE", "?tag=ete", "?q=work"} {
			if a := who.get("/files" + q); !bytes.Contains(a.body, []byte("Über Éole.txt")) || bytes.Contains(a.body, []byte("photo.png")) {
				t.Errorf("%s: %s", q, words(a.all(t, "main")[0]))
			}
		}
		who.post("/files/"+text, "name", "", "tags", "").is(t, 422)
		who.post("/files/"+text, "name", "x", "tags", strings.Repeat("x", 41)).is(t, 422)

		hash := p.texts(`SELECT blob FROM file WHERE public_id = $1`, photo)[0]
		who.get("/files/"+photo+"/delete").is(t, 200)
		who.post("/files/"+photo+"/delete").is(t, 303)
		who.get("/files/"+photo+"/download").is(t, 404)
		if n := p.count(`SELECT count(*) FROM blob WHERE hash = $1`, hash); n != 0 {
			t.Error("the bytes are left")
		}
	})
}

// TestWhatIsTakenInAsAFile: by its bytes, within the limits, and each once.
func TestWhatIsTakenInAsAFile(t *testing.T) {
	p := startPassport(t, options{}, func(c *config.Config) { c.Files = config.Files{MaxMB: 1, QuotaMB: 1} })
	who := p.member("ada")
	for name, data := range map[string][]byte{
		"page.txt": []byte("<!doctype html><script>alert(1)</script>"), "drawing.png": []byte("<svg xmlns='http://www.w3.org/2000/svg'/>"),
		"photo.png": append([]byte("\x89PNG\r\n\x1a\n"), "broken"...), "program.pdf": []byte("MZ\x00\x01"), "nothing.txt": {},
		"large.txt": bytes.Repeat([]byte("a"), 1<<20+1),
	} {
		a := who.upload("/files", "file", name, data).is(t, 422)
		if len(a.all(t, ".error-summary li")) != 1 {
			t.Errorf("%s: %s", name, a)
		}
	}
	who.post("/files").is(t, 422)
	who.upload("/files", "file", "a.txt", bytes.Repeat([]byte("a"), 700<<10)).is(t, 303)
	who.upload("/files", "file", "b.txt", bytes.Repeat([]byte("a"), 700<<10)).is(t, 303) // the same: it takes no place
	if a := who.upload("/files", "file", "c.txt", bytes.Repeat([]byte("c"), 700<<10)).is(t, 422); !bytes.Contains(a.body, []byte("space of 1 MB is full")) {
		t.Errorf("%s", a)
	}
	if n := p.count(`SELECT count(*) FROM file`); n != 1 {
		t.Errorf("%d files", n)
	}
	if n := p.count(`SELECT count(*) FROM blob WHERE hash = $1`, blob.Hash(bytes.Repeat([]byte("c"), 700<<10))); n != 0 {
		t.Error("bytes past the quota are kept")
	}
}

// carrier is a feature that carries one file and shows it to one person.
type carrier struct{ viewer, file int64 }

func (c carrier) ShowsFile(_ context.Context, _ db.DB, viewer, id int64) (bool, error) {
	return viewer == c.viewer && id == c.file, nil
}

func (carrier) FileUses(context.Context, db.DB, int64) ([]file.Use, error) {
	return []file.Use{{Title: "The thing that carries it", URL: "/thing"}}, nil
}

// TestAFileIsSeenThroughWhatCarriesIt, by those who may see that, and nobody else.
func TestAFileIsSeenThroughWhatCarriesIt(t *testing.T) {
	p := startPassport(t, options{})
	who, friend, other := p.member("ada"), p.member("friend"), p.member("other")
	who.upload("/files", "file", "a.txt", []byte("words")).is(t, 303)
	id := p.fileNamed("a.txt")
	path := "/files/" + id + "/download"
	friend.get(path).is(t, 404)
	p.files.CarriedBy(carrier{friend.person.ID, int64(p.count(`SELECT id FROM file`))})
	friend.get(path).is(t, 200)
	other.get(path).is(t, 404)
	p.visitor().get(path).is(t, 404)
	for _, page := range []string{"/files/" + id, "/files/" + id + "/delete"} {
		if a := who.get(page).is(t, 200); len(a.all(t, `a[href="/thing"]`)) != 1 {
			t.Errorf("%s does not say where the file is used", page)
		}
	}
}
