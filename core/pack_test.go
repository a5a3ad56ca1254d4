package core

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/openbadge/bake"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// unpacked reads all files of an archive.
func unpacked(t *testing.T, a answer) map[string][]byte {
	t.Helper()
	if !strings.HasPrefix(a.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("no download: %v", a.header)
	}
	r, err := zip.NewReader(bytes.NewReader(a.body), int64(len(a.body)))
	if err != nil {
		t.Fatalf("%v: %.80q", err, a.body)
	}
	files := map[string][]byte{}
	for _, f := range r.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(in); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// TestBadgesLeaveInEveryForm: what came in goes out byte for byte, each image and
// certificate carries the same credential, and no cell of the table is a formula.
func TestBadgesLeaveInEveryForm(t *testing.T) {
	p := startPassport(t, options{})
	ada, bob, issuer := p.member("ada"), p.member("bob"), newSigner(t, "School")
	c := issuer.badge(`=HYPERLINK("x")`, "ada@people.test")
	first := issuer.sign(t, c)
	ids := []string{strings.TrimSuffix(strings.TrimPrefix(ada.upload("/add", "file", "one.json", first).is(t, 303).location(), "/b/"), "?new=1")}
	second := issuer.sign(t, issuer.badge("Second", "ada@people.test"))
	picture := baked(t, second)
	ids = append(ids, strings.TrimSuffix(strings.TrimPrefix(ada.upload("/add", "file", "two.png", picture).is(t, 303).location(), "/b/"), "?new=1"))
	foreign := bob.take(t, issuer, issuer.badge("Bob's", "bob@people.test"))
	ada.post("/b/"+ids[1]+"/tags", "tags", "work").is(t, 303)
	ada.post("/b/"+ids[1]+"/visibility", "visibility", "public").is(t, 303)

	for form, want := range map[string][]string{
		"received":   {"badges.csv", "hyperlink-x.json", "second.png"},
		"images":     {"badges.csv", "hyperlink-x.png", "second.png"},
		"credential": {"badges.csv", "hyperlink-x.json", "second.json"},
		"pdf":        {"badges.csv", "hyperlink-x.pdf", "second.pdf"},
		"europass":   {"README.txt", "badges.csv", "certificates/hyperlink-x.pdf", "certificates/second.pdf", "credentials/hyperlink-x.json", "credentials/second.json"},
	} {
		files := unpacked(t, ada.post("/badges/export", "form", form, "badge", ids[0], "badge", ids[1], "badge", foreign).is(t, 200))
		var names []string
		for name, data := range files {
			if names = append(names, name); strings.HasSuffix(name, ".csv") || strings.HasSuffix(name, ".txt") {
				continue
			}
			found, err := bake.Extract(data)
			if credential := map[bool][]byte{true: first, false: second}[strings.Contains(name, "hyperlink")]; err != nil || !bytes.Equal(found.Payload, credential) {
				t.Errorf("%s: %s carries something else: %v", form, name, err)
			}
		}
		if slices.Sort(names); !slices.Equal(names, want) {
			t.Errorf("%s: %q, want %q", form, names, want)
		}
		rows, err := csv.NewReader(bytes.NewReader(files["badges.csv"])).ReadAll()
		if err != nil || len(rows) != 3 || rows[1][1] != `'=HYPERLINK("x")` || rows[1][6] != "" || !strings.HasSuffix(rows[2][6], "/b/"+ids[1]) {
			t.Errorf("%s: the table is %q, %v", form, rows, err)
		}
	}
	all := unpacked(t, ada.post("/badges/export", "form", "all", "all", "1", "tag", "work").is(t, 200))
	if len(all) != 4 || !bytes.Equal(all["received/second.png"], picture) {
		t.Errorf("everything of a tag: %d files", len(all))
	}
	one := ada.post("/badges/export", "form", "pdf", "badge", ids[1], "paper", "Letter").is(t, 200)
	if found, err := bake.Extract(one.body); err != nil || !bytes.Equal(found.Payload, second) {
		t.Errorf("the certificate: %v", err)
	}
	record := ada.post("/badges/export", "form", "clr", "all", "1").is(t, 200).body
	if r := p.badges.Look(t.Context(), record); r.Verdict != verify.Valid || !strings.Contains(string(record), "Badges of ada") {
		t.Errorf("the record is %s: %+v", r.Verdict, r.Checks)
	}
	if inside, err := badge.Contained(t.Context(), record); err != nil || len(inside) != 2 {
		t.Errorf("%d badges in the record, %v", len(inside), err)
	}
	ada.get("/b/"+ids[1]+"/download/pdf?paper=A4").is(t, 200)
	bob.get("/b/"+ids[0]+"/download/pdf").is(t, 404)
	ada.post("/badges/export", "form", "unheard of", "badge", ids[0]).is(t, 400)
	ada.post("/badges/export", "form", "all").is(t, 422)
	ada.post("/badges/export", "form", "all", "badge", foreign).is(t, 422)
	if page := ada.post("/badges/bulk", "do", "export", "badge", ids[0]).is(t, 200); len(page.all(t, `input[name="badge"]`)) != 1 {
		t.Error("the chosen badge is not carried on")
	}
}

// TestJSONResume holds the document to the parts of its schema that it uses.
func TestJSONResume(t *testing.T) {
	p := startPassport(t, options{})
	ada, issuer := p.member("ada"), newSigner(t, "School")
	id := ada.take(t, issuer, issuer.badge("First", "ada@people.test"))
	ada.post("/b/"+id+"/visibility", "visibility", "public").is(t, 303)
	ada.take(t, issuer, issuer.badge("Private", "ada@people.test"))
	var doc struct {
		Schema string `json:"$schema"`
		Basics struct{ Name, URL string }
		Meta   struct{ Version string }

		Certificates []struct{ Name, Date, Issuer, URL string }
	}
	a := ada.post("/badges/export", "form", "resume", "all", "1").is(t, 200)
	if err := json.Unmarshal(a.body, &doc); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(doc.Schema, "/v1.0.0/schema.json") || doc.Basics.URL != p.url+"/@ada" || len(doc.Certificates) != 2 {
		t.Fatalf("%+v", doc)
	}
	private, public := doc.Certificates[0], doc.Certificates[1]
	if public.Name != "First" || public.Issuer != "School" || public.URL != p.url+"/b/"+id || len(public.Date) != len("2026-11-28") || private.URL != "" {
		t.Errorf("%+v", doc.Certificates)
	}
}
