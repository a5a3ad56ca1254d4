package core

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/openbadge/bake"
)

// vector is a small drawing of an issuer.
const vector = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><circle cx="5" cy="5" r="4" fill="#284"/></svg>`

// downloads are the forms that a badge's page offers.
func downloads(t *testing.T, page answer) []string {
	t.Helper()
	var out []string
	for _, n := range page.all(t, "a[download]") {
		path := attr(n, "href")
		out = append(out, path[strings.LastIndex(path, "/")+1:])
	}
	return out
}

// TestABadgeLeavesAsItCameAndBaked: what was received byte for byte, and the same
// credential in a picture, in a drawing and alone.
func TestABadgeLeavesAsItCameAndBaked(t *testing.T) {
	p := startPassport(t, options{})
	holder, other := p.member("holder"), p.visitor()
	issuer := newSigner(t, "issuer")
	drawn := issuer.badge("Drawn", "holder@people.test")
	drawn.Image = "data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString([]byte(vector))
	credential := issuer.sign(t, issuer.badge("Plain", "holder@people.test"))
	withArt := issuer.sign(t, drawn)
	svg, err := bake.SVG([]byte(vector), "3.0", issuer.sign(t, issuer.badge("In a drawing", "holder@people.test")), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		file  []byte
		forms []string
	}{
		{"as.json", credential, []string{"png", "received", "pdf"}},
		{"drawn.json", withArt, []string{"png", "svg", "received", "pdf"}},
		{"in.png", baked(t, issuer.sign(t, issuer.badge("In a picture", "holder@people.test"))), []string{"png", "credential", "received", "pdf"}},
		{"in.svg", svg, []string{"png", "credential", "received", "pdf"}},
	} {
		a := holder.upload("/add", "file", c.name, c.file).is(t, 303)
		path, _, _ := strings.Cut(a.location(), "?")
		if got := downloads(t, holder.get(path)); !slices.Equal(got, c.forms) {
			t.Errorf("%s: offers %q, want %q", c.name, got, c.forms)
		}
		if got := holder.get(path+"/download/received").is(t, 200); !bytes.Equal(got.body, c.file) {
			t.Errorf("%s: not what was received", c.name)
		}
		want, err := bake.Extract(c.file)
		if err != nil {
			t.Fatal(err)
		}
		for _, form := range append([]string{"credential"}, c.forms...) {
			a := holder.get(path+"/download/"+form).is(t, 200)
			got, err := bake.Extract(a.body)
			if err != nil || !bytes.Equal(got.Payload, want.Payload) {
				t.Errorf("%s as %s: another credential, %v", c.name, form, err)
			}
			if csp := a.header.Get("Content-Security-Policy"); !strings.Contains(csp, "sandbox") || !strings.HasPrefix(a.header.Get("Content-Disposition"), "attachment") {
				t.Errorf("%s as %s: %v", c.name, form, a.header)
			}
			other.get(path+"/download/"+form).is(t, 404)
		}
		if !slices.Contains(c.forms, "svg") && c.name != "in.svg" {
			holder.get(path+"/download/svg").is(t, 404)
		}
	}
}

// TestTheRecordOfABadgeIsItsHoldersAlone: it names the other badges too.
func TestTheRecordOfABadgeIsItsHoldersAlone(t *testing.T) {
	p := startPassport(t, options{})
	holder, other := p.member("holder"), p.member("other")
	issuer := newSigner(t, "issuer")
	secret := marker("secret")
	record := issuer.recordFor(t, "holder@people.test", issuer.badge("Shown", "holder@people.test"), issuer.badge(secret, "holder@people.test"))
	a := holder.upload("/add", "file", "clr.json", record).is(t, 200)
	links := a.all(t, ".batch-name a")
	if len(links) != 2 {
		t.Fatalf("badges of the record: %s", a)
	}
	path := attr(links[0], "href")
	holder.post(path+"/visibility", "visibility", "public").is(t, 303)
	if got := holder.get(path+"/download/record").is(t, 200); !bytes.Equal(got.body, record) {
		t.Error("the record is not what was received")
	}
	if !slices.Contains(downloads(t, holder.get(path)), "record") || slices.Contains(downloads(t, other.get(path)), "record") {
		t.Error("the record is offered to the wrong person")
	}
	for _, v := range []*visitor{other, p.visitor()} {
		for _, form := range []string{"", "/verify", "/download/received", "/download/credential", "/download/png", "/download/record"} {
			if a := v.get(path + form); strings.Contains(string(a.body), secret) {
				t.Errorf("%s names another badge of the record", a.name)
			}
		}
		v.get(path+"/download/record").is(t, 303, 404)
	}
	again := holder.upload("/add", "file", "clr.json", record).is(t, 200)
	if n := strings.Count(string(again.body), "Yours already"); n != 2 {
		t.Errorf("%d of 2 are known: %s", n, again)
	}
}

// TestAnArchiveIsShownEntryByEntry: with the state and the reason of each.
func TestAnArchiveIsShownEntryByEntry(t *testing.T) {
	p := startPassport(t, options{})
	holder := p.member("holder")
	issuer := newSigner(t, "issuer")
	mine, others := issuer.sign(t, issuer.badge("Mine", "holder@people.test")), issuer.sign(t, issuer.badge("Another's", "bob@people.test"))
	a := holder.upload("/add", "file", "all.zip", zipped(t, "mine.json", mine, "other.json", others, "letter.txt", []byte("x"))).is(t, 200)
	if got := len(a.all(t, ".batch-entry")); got != 3 {
		t.Fatalf("%d entries: %s", got, a)
	}
	if last := words(a.all(t, ".batch-entry")[2]); !strings.Contains(last, "Mine") {
		t.Errorf("what was taken in stands before what was not: %s", last)
	}
	for _, want := range []string{"letter.txt", "hides which", "not a badge file", "1 added", "2 not added"} {
		if !strings.Contains(string(a.body), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	p.member("someone").get(strings.TrimPrefix(a.name, "GET ")).is(t, 404)
	if a := holder.upload("/add", "file", "none.zip", zipped(t, "a.txt", []byte("x"), "b.json", []byte("{}"))); a.status != 422 || len(a.all(t, ".batch-entry")) != 2 {
		t.Errorf("an archive without badges: %s", a)
	}
	if a := holder.upload("/add", "file", "others.zip", zipped(t, "o.json", others)); a.status != 422 {
		t.Errorf("an archive of somebody else: %s", a)
	}
	checkExport(t, holder, p)
}

// checkExport: the person's export holds the badge of the archive as it was there.
func checkExport(t *testing.T, holder *visitor, p *passport) {
	t.Helper()
	var found bool
	err := p.badges.Export(t.Context(), holder.person.ID, func(name string, _ []byte) error {
		found = found || strings.HasPrefix(name, "badges/received/")
		return nil
	})
	if err != nil || !found {
		t.Errorf("%v, %v", found, err)
	}
}
