package core

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/osier-passport/osier/core/openbadge"
)

// benign has one of everything that Markdown makes.
const benign = "# Title\n\n**bold** *thin* `code` ~~gone~~ [link](https://example.org/)\n\n> quote\n\n- one\n- two\n\n1. first\n\n```\nblock\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n---\n\ntext"

// words shows every text as a comment, as a name and as what people say of
// themselves.
func (s *siege) words(t *testing.T) {
	v := s.someone()
	v.post("/c/"+s.star+"/comments", "text", benign).is(t, 303)
	plain := s.plain(t, "/c/"+s.star, "/@star", "/settings", "/settings/profile", "/explore", "/explore?tab=people", "/@"+v.person.Handle)
	var mu sync.Mutex
	shown := 0
	look := func() {
		reader := s.visitor()
		inert(t, "comments", s.check(t, hostileCase{Surface: "html"}, reader.get("/c/"+s.star)), plain)
		inert(t, "events", s.check(t, hostileCase{Surface: "html"}, reader.get("/explore")), plain)
	}
	for _, surface := range []string{"html", "text"} {
		s.forEach(t, surface, func(c hostileCase) {
			s.say(t, c, plain)
			mu.Lock()
			defer mu.Unlock()
			if shown++; shown%15 == 0 { // a page shows twenty
				look()
			}
		})
	}
	look()
	inert(t, "people", s.visitor().get("/explore?tab=people"), plain)
	keeper := s.administrator("keeper")
	for _, path := range []string{"/admin", "/admin/outbox", "/admin/plugins", "/explore", "/c/" + s.star} {
		inert(t, "administrator", s.check(t, hostileCase{Surface: "html"}, keeper.get(path)).is(t, 200), nil)
	}
}

// feeds are well-formed XML, whatever stands in names (RFC 4287 §2).
func (s *siege) feeds(t *testing.T) {
	for _, handle := range s.texts(`SELECT DISTINCT p.handle FROM person p JOIN badge b ON b.person = p.id WHERE b.visibility = 'public'`) {
		a := s.check(t, hostileCase{Surface: "atom"}, s.visitor().get("/@"+handle+"/feed.atom")).is(t, 200)
		d := xml.NewDecoder(bytes.NewReader(a.body))
		for {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Errorf("%s: %v", a.name, err)
				break
			}
			if e, ok := token.(xml.StartElement); ok && e.Name.Space != "http://www.w3.org/2005/Atom" {
				t.Errorf("%s: an element %s", a.name, e.Name)
			}
		}
	}
}

// plain is the shapes of pages on which nothing hostile stands yet.
func (s *siege) plain(t *testing.T, paths ...string) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	for _, v := range []*visitor{s.visitor(), s.someone()} {
		for _, path := range paths {
			for shape := range shapes(t, v.get(path)) {
				all[shape] = true
			}
		}
	}
	// Forms with errors, and a flash.
	v := s.someone()
	for _, a := range []answer{
		v.post("/settings/profile", "name", ""), v.post("/settings/profile", "name", "x", "about", strings.Repeat("x", 5000)), v.post("/c/"+s.star+"/comments", "text", ""),
	} {
		for shape := range shapes(t, a) {
			all[shape] = true
		}
	}
	v.post("/language", "lang", "en", "next", "/settings").is(t, 303)
	for shape := range shapes(t, v.get("/settings")) {
		all[shape] = true
	}
	return all
}

// say says one text everywhere, and looks at what became of it.
func (s *siege) say(t *testing.T, c hostileCase, plain map[string]bool) {
	t.Helper()
	text := string(c.data(t))
	v := s.alone()
	defer s.giveBack(v)
	h := v.person.Handle
	a := s.check(t, c, v.post("/c/"+s.star+"/comments", "text", text))
	if n := utf8.RuneCountInString(text); a.status == 303 && n > 2000 {
		t.Errorf("%s: a comment of %d characters", c.Name, n)
	}
	if a.status == 422 {
		inert(t, c.Name, a, plain)
	}
	saved := s.check(t, c, v.post("/settings/profile", "name", text, "about", text, "place", text, "organisation", text, "links", text))
	if saved.status == 422 {
		inert(t, c.Name, saved, plain)
		saved = s.check(t, c, v.post("/settings/profile", "name", h, "about", text))
	}
	if saved.status == 400 { // no text at all, such as a zero byte
		inert(t, c.Name, saved, nil)
		return
	}
	if saved.status == 422 {
		inert(t, c.Name, saved, plain)
		return
	}
	if c.Surface == "text" {
		s.kept(t, c, v.get("/settings/profile"), text)
	}
}

// kept: what people say of themselves is there as it was written, but for
// characters without a shape.
func (s *siege) kept(t *testing.T, c hostileCase, a answer, text string) {
	t.Helper()
	s.check(t, c, a)
	boxes := a.all(t, `textarea[name="about"]`)
	if len(boxes) != 1 {
		t.Errorf("%s: %d boxes", c.Name, len(boxes))
		return
	}
	if got, want := visible(words(boxes[0])), visible(text); got != want {
		t.Errorf("%s: %q became %q", c.Name, want, got)
	}
}

// visible is what has a shape in a text.
func visible(s string) string {
	const nonJoiner, joiner = '\u200c', '\u200d'
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r != nonJoiner && r != joiner && unicode.In(r, unicode.C):
			return -1
		}
		return r
	}, norm.NFC.String(strings.ToValidUTF8(s, "")))), " ")
}

// longTexts stand in badges: an issuer may write more than people may.
func (s *siege) longTexts(t *testing.T) {
	for _, surface := range []string{"html", "text"} {
		s.forEach(t, surface, func(c hostileCase) {
			text := string(c.data(t))
			if len(text) <= 2000 {
				return
			}
			b := s.credential("Long " + c.Name)
			b.Description, b.CriteriaText = text, text
			s.showBadge(t, c, s.someone(), b)
		})
	}
}

// links stand in every field of a badge that holds an address.
func (s *siege) links(t *testing.T) {
	v := s.member("link-holder")
	var cases []hostileCase
	for _, c := range append(s.cases["url"], s.cases["ssrf"]...) {
		a := s.check(t, c, s.someone().post("/add", "url", string(c.data(t))))
		if a.status < 400 {
			t.Errorf("%s: taken in: %s", c.Name, a)
		}
		inert(t, c.Name, a, nil)
		if c.Surface == "url" {
			cases = append(cases, c)
		}
	}
	for i := 0; i < len(cases); i += 10 { // as pieces of evidence, ten at once
		b := s.credential("Links " + strconv.Itoa(i))
		for _, c := range cases[i:min(i+10, len(cases))] {
			b.Evidence = append(b.Evidence, openbadge.Evidence{Name: c.Name, Narrative: "[x](" + string(c.data(t)) + ")", ID: "https://evidence.test/"})
		}
		s.showBadge(t, cases[i], v, b)
	}
	s.forEach(t, "url", func(c hostileCase) {
		link := string(c.data(t))
		b := s.credential("Link " + c.Name)
		b.CriteriaID, b.Issuer.URL = link, link
		b.Evidence = []openbadge.Evidence{{Name: "evidence", ID: link}}
		b.Alignments = []openbadge.Alignment{{Name: "alignment", URL: link}}
		s.showBadge(t, c, s.someone(), b)
	})
}

func (s *siege) credential(name string) openbadge.Credential {
	return openbadge.Credential{Name: name, ID: "urn:uuid:" + uuid(), AchievementID: "urn:uuid:" + uuid(), Description: "A badge", CriteriaText: "x"}
}

// showBadge signs what a case put into a credential, takes it in, publishes it
// and looks at all its pages. A refusal is right too.
func (s *siege) showBadge(t *testing.T, c hostileCase, v *visitor, b openbadge.Credential) {
	t.Helper()
	issuer := newSigner(t, "Siege issuer")
	base := issuer.badge(b.Name, v.person.Handle+"@people.test")
	b.Version, b.VCVersion, b.Recipient, b.IssuedOn = base.Version, base.VCVersion, base.Recipient, base.IssuedOn
	b.Issuer.ID, b.Issuer.Name = base.Issuer.ID, base.Issuer.Name
	signed, err := issuer.try(b)
	if err != nil {
		return // nobody can sign that
	}
	a := s.check(t, c, v.upload("/add", "file", "b.json", signed))
	for tries := 0; tries < 1000 && strings.HasPrefix(a.location(), "/add/"); tries++ { // not finished yet
		if a = s.check(t, c, v.get(a.location())); a.status == 200 {
			a.header.Set("Location", strings.TrimPrefix(a.name, "GET "))
		}
	}
	if a.status != 303 {
		inert(t, c.Name, a, nil)
		return
	}
	path, _, _ := strings.Cut(a.location(), "?")
	if !strings.HasPrefix(path, "/b/") {
		t.Errorf("%s: %s", c.Name, a)
		return
	}
	v.post(path+"/visibility", "visibility", "public").is(t, 303)
	class := s.texts(`SELECT '/c/' || c.public_id FROM badge b JOIN badge_class c ON c.id = b.class WHERE b.public_id = $1
		UNION ALL SELECT '/i/' || i.public_id FROM badge b JOIN badge_class c ON c.id = b.class JOIN issuer i ON i.id = c.issuer WHERE b.public_id = $1`,
		strings.TrimPrefix(path, "/b/"))
	reader := s.visitor()
	for _, p := range append(class, path, path+"/verify") {
		inert(t, c.Name, s.check(t, c, reader.get(p)).is(t, 200), nil)
	}
	inert(t, c.Name, s.check(t, c, v.get(path)), nil)
}
