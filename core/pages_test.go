package core

import (
	"archive/zip"
	"bytes"
	"io"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/osier-passport/osier/core/openbadge/bake"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// folio is a page under work: its owner and its address in the editor.
type folio struct {
	*visitor

	path string // /pages/<id>
}

// folio makes a private page with badges.
func (v *visitor) folio(title string, badges ...string) folio {
	pairs := []string{"title", title, "do", "draft"}
	for _, b := range badges {
		pairs = append(pairs, "badge", b)
	}
	return folio{v, strings.TrimSuffix(v.post("/pages", pairs...).is(v.p.t, 303).location(), "/edit")}
}

func (f folio) view() string { return "/p/" + strings.TrimPrefix(f.path, "/pages/") }

// add adds a block and fills it in.
func (f folio) add(kind string, pairs ...string) string {
	a := f.post(f.path+"/blocks", "kind", kind).is(f.p.t, 303)
	_, id, _ := strings.Cut(a.location(), "#block-")
	if id == "" { // on to the choice of badges
		id = strings.TrimSuffix(strings.TrimPrefix(a.location(), f.path+"/blocks/"), "/badges")
	}
	if len(pairs) > 0 {
		f.save(id, append([]string{"kind", kind}, pairs...)...).is(f.p.t, 303)
	}
	return id
}

func (f folio) save(block string, pairs ...string) answer {
	rev := f.p.texts(`SELECT CAST(rev AS TEXT) FROM page_block WHERE id = $1`, block)[0]
	return f.post(f.path+"/blocks/"+block, append(pairs, "rev", rev)...)
}

// order is the kinds of the blocks as the page has them.
func (f folio) order() string {
	return strings.Join(f.p.texts(`SELECT k.kind FROM page_block k JOIN page g ON g.id = k.page WHERE g.public_id = $1 ORDER BY k.place`, f.path[len("/pages/"):]), " ")
}

// TestNothingBecomesPublicByAPage: publishing asks about badges that others do not
// see, shows those alone that were named, and a badge that is hidden later is gone.
func TestNothingBecomesPublicByAPage(t *testing.T) {
	onBoth(t, func(t *testing.T, p *passport) {
		who, anon, member := p.member("ada"), p.visitor(), p.member("reader")
		issuer := newSigner(t, "School")
		take := func(name, visibility string) string {
			id := who.take(t, issuer, issuer.badge(name, "ada@people.test"))
			who.post("/b/"+id+"/visibility", "visibility", visibility).is(t, 303)
			return id
		}
		public, members, private, secret := take("Open one", "public"), take("For members", "members"), take("Hidden one", "private"), take("Kept one", "private")
		f := who.folio("My work", public, members, private, secret)
		sees := func(v *visitor, want ...string) {
			t.Helper()
			a := v.get(f.view()).is(t, 200)
			for _, name := range []string{"Open one", "For members", "Hidden one", "Kept one"} {
				if got := bytes.Contains(a.body, []byte(name)); got != slices.Contains(want, name) {
					t.Errorf("%s: %v", name, got)
				}
			}
		}
		anon.get(f.view()).is(t, 404)
		ask := f.post(f.path+"/sharing", "visibility", "public").is(t, 303).location()
		if ask != f.path+"/sharing?to=public" {
			t.Fatalf("no question: %s", ask)
		}
		question := f.get(ask).is(t, 200)
		for name, named := range map[string]bool{"Open one": false, "For members": true, "Hidden one": true, "Kept one": true} {
			if got := bytes.Contains(question.body, []byte(name)); got != named {
				t.Errorf("the question names %s: %v", name, got)
			}
		}
		anon.get(f.view()).is(t, 404) // nothing is shown before the answer
		f.post(f.path+"/sharing", "visibility", "public", "badges", "leave").is(t, 303)
		sees(anon, "Open one")
		sees(member, "Open one", "For members")
		sees(who, "Open one", "For members", "Hidden one", "Kept one")
		f.post(f.path+"/sharing", "visibility", "public", "badges", "show", "badge", private).is(t, 303)
		sees(anon, "Open one", "Hidden one")
		if v := p.texts(`SELECT visibility FROM badge WHERE public_id = $1`, secret)[0]; v != "private" {
			t.Errorf("a badge that was not named is %s", v)
		}
		who.post("/b/"+private+"/visibility", "visibility", "private").is(t, 303)
		sees(anon, "Open one")
		member.post(f.path+"/sharing", "visibility", "private").is(t, 404)
		f.post(f.path+"/sharing", "visibility", "private").is(t, 303)
		anon.get(f.view()).is(t, 404)
	})
}

// TestWhoOpensAPage: link, password, end.
func TestWhoOpensAPage(t *testing.T) {
	p := startPassport(t, options{})
	who, anon := p.member("ada"), p.visitor()
	f := who.folio("A quiet title")
	f.add("text", "text", "The words of it")
	f.post(f.path+"/sharing", "visibility", "link").is(t, 303)
	key := p.texts(`SELECT link_secret FROM page`)[0]
	anon.get(f.view()).is(t, 404)
	anon.get(f.view()+"?key=x").is(t, 404)
	link := f.view() + "?key=" + url.QueryEscape(key)
	anon.get(link).is(t, 200)

	f.post(f.path+"/sharing", "visibility", "link", "password", "short").is(t, 422)
	f.post(f.path+"/sharing", "visibility", "link", "password", "open sesame").is(t, 303)
	if stored := p.texts(`SELECT password FROM page`)[0]; !strings.HasPrefix(stored, "$argon2id$") {
		t.Errorf("stored as %q", stored)
	}
	shut := anon.get(link).is(t, 401)
	if bytes.Contains(shut.body, []byte("quiet title")) || bytes.Contains(shut.body, []byte("ada")) {
		t.Errorf("the closed page says something: %s", words(shut.all(t, "main")[0]))
	}
	enter := shut.attribute(t, "form.form", "action")
	anon.post(enter, "password", "wrong").is(t, 422)
	anon.post(enter, "password", "open sesame").is(t, 303)
	if a := anon.get(link).is(t, 200); !bytes.Contains(a.body, []byte("The words of it")) {
		t.Errorf("%s", a)
	}
	other := who.folio("Another")
	other.post(other.path+"/sharing", "visibility", "public", "password", "open sesame").is(t, 303)
	anon.get(other.view()).is(t, 401)                                                          // the key of one page opens no other
	f.post(f.path+"/sharing", "visibility", "link", "password", "another password").is(t, 303) // and a new password shuts it again
	anon.get(link).is(t, 401)
	thief := p.visitor()
	for range 10 {
		thief.post(enter, "password", "guess")
	}
	thief.post(enter, "password", "another password").is(t, 429)

	f.post(f.path+"/sharing", "visibility", "link", "no_password", "1", "until", "2001-01-01").is(t, 422)
	f.post(f.path+"/sharing", "visibility", "link", "no_password", "1", "until", p.base.Now().AddDate(0, 1, 0).Format("2006-01-02")).is(t, 303)
	anon.get(link).is(t, 200)
	p.write(`UPDATE page SET until = 1 WHERE title = 'A quiet title'`)
	anon.get(link).is(t, 404)
	who.get(f.view()).is(t, 200)
}

// TestAPublishedPageIsNews to who follows its owner, once, as long as they may see it.
func TestAPublishedPageIsNews(t *testing.T) {
	p := startPassport(t, options{})
	who, follower := p.member("ada"), p.member("follower")
	follower.post("/@ada/follow", "action", "follow").is(t, 303)
	f := who.folio("A page to tell of")
	told := func(want int) {
		t.Helper()
		for _, a := range []answer{follower.get("/feed").is(t, 200), p.visitor().get("/@ada/feed.atom").is(t, 200)} {
			if got := bytes.Count(a.body, []byte(`"`+p.url+f.view())) + len(a.all(t, `.event-line a[href="`+f.view()+`"]`)); got != want {
				t.Errorf("%s tells %d times of the page, want %d", a.name, got, want)
			}
		}
	}
	f.post(f.path+"/sharing", "visibility", "link").is(t, 303)
	told(0)
	f.post(f.path+"/sharing", "visibility", "public").is(t, 303)
	told(1)
	f.post(f.path+"/sharing", "visibility", "public", "password", "a secret of ours").is(t, 303)
	told(0)
	f.post(f.path+"/sharing", "visibility", "private", "no_password", "1").is(t, 303)
	told(0)
	f.post(f.path+"/sharing", "visibility", "public").is(t, 303)
	told(1)
	f.post(f.path+"/delete").is(t, 303)
	told(0)
	p.write(`UPDATE page SET removed_at = 1`)
	if err := p.pages.Sweep(t.Context()); err != nil {
		t.Error(err)
	}
	if n := p.count(`SELECT count(*) FROM event WHERE verb = 'arranged'`) + p.count(`SELECT count(*) FROM page_version`); n != 0 {
		t.Errorf("%d rows of a page that is gone for good", n)
	}
}

// TestBlocksWithoutScripts: every kind, moved, changed, undone and brought back.
func TestBlocksWithoutScripts(t *testing.T) {
	onBoth(t, func(t *testing.T, p *passport) {
		who := p.member("ada")
		issuer := newSigner(t, "School of willows")
		badge := who.take(t, issuer, issuer.badge("Weaving", "ada@people.test"))
		who.post("/b/"+badge+"/tags", "tags", "Craft")
		who.upload("/files", "file", "photo.png", picture(t)).is(t, 303)
		who.upload("/files", "file", "report.txt", []byte("words")).is(t, 303)
		f := who.folio("Everything")
		f.add("heading", "text", "A heading")
		f.add("text", "text", "Some **bold** words")
		f.add("link", "url", "example.org/x?a=1", "text", "A link")
		f.add("video", "url", "https://video.test/watch", "text", "A film")
		f.add("contact", "mail", "ada@people.test", "more", "Write to me")
		f.add("profile", "field", "name", "field", "about")
		f.add("image", "file", p.fileNamed("photo.png"), "text", "What it shows")
		f.add("file", "file", p.fileNamed("report.txt"))
		f.add("issuer", "of", p.texts(`SELECT public_id FROM issuer WHERE name = 'School of willows'`)[0])
		f.add("tag", "of", "craft")
		f.add("collection")
		one := f.add("badge")
		f.post(f.path+"/blocks/"+one+"/badges", "badge", badge, "shown", badge).is(t, 303)
		f.post(f.path+"/sharing", "visibility", "public", "badges", "show", "badge", badge).is(t, 303)
		a := p.visitor().get(f.view()).is(t, 200)
		text := words(a.all(t, "article.folio")[0])
		for _, want := range []string{"A heading", "Some bold words", "A link", "A film", "Video at video.test", "Write to me", "ada", "Weaving", "report.txt"} {
			if !strings.Contains(text, want) {
				t.Errorf("%q is missing: %s", want, text)
			}
		}
		if n := len(a.all(t, `article iframe, article script, article video, article img[src^="http"]`)); n != 0 {
			t.Errorf("%d things of others run in the page", n)
		}
		for _, img := range a.all(t, "article figure img") {
			p.visitor().get(attr(img, "src")).is(t, 200)
		}
		if got := attr(a.all(t, `a[href="https://example.org/x?a=1"]`)[0], "rel"); !strings.Contains(got, "nofollow") {
			t.Errorf("rel %q", got)
		}
		f.save(one, "kind", "badge", "more", strings.Repeat("x", 10_001)).is(t, 422)
		link := f.add("link")
		f.save(link, "kind", "link", "url", "javascript:alert(1)").is(t, 422)
		mail := f.add("contact")
		f.save(mail, "kind", "contact", "mail", "a@b.test?cc=x@y.test").is(t, 422)
		f.post(f.path+"/blocks", "kind", "script").is(t, 400)

		before := f.order()
		f.post(f.path+"/blocks/"+one+"/move", "by", "up").is(t, 303)
		f.post(f.path+"/blocks/"+mail+"/move", "to", "0").is(t, 303)
		f.post(f.path+"/blocks/"+link+"/delete").is(t, 303)
		if got := f.order(); !strings.HasPrefix(got, "contact heading text link video contact") || got == before {
			t.Errorf("order %s", got)
		}
		for range 3 {
			f.post(f.path+"/step", "do", "undo").is(t, 303)
		}
		if got := f.order(); got != before {
			t.Errorf("undone: %s\nwant %s", got, before)
		}
		f.post(f.path+"/step", "do", "redo").is(t, 303)
		f.post(f.path+"/step", "do", "redo").is(t, 303)
		if got := f.order(); !strings.HasPrefix(got, "contact heading") {
			t.Errorf("redone: %s", got)
		}
		if n := len(f.get(f.path+"/history?show=3").is(t, 200).all(t, `form[action$="/history"] button`)); n < 10 {
			t.Errorf("%d states to go back to", n)
		}
		f.post(f.path+"/history", "number", "1").is(t, 303)
		if got := f.order(); got != "" {
			t.Errorf("the first state has %s", got)
		}
		f.post(f.path+"/duplicate").is(t, 303)
		f.post(f.path+"/delete").is(t, 303)
		p.visitor().get(f.view()).is(t, 404)
		who.get(f.view()).is(t, 404)
		f.post(f.path+"/back").is(t, 303)
		p.visitor().get(f.view()).is(t, 200)
	})
}

// TestTheSiteOfAPageStillVerifies: no script, no address outside but links, and
// each badge as its issuer made it.
func TestTheSiteOfAPageStillVerifies(t *testing.T) {
	p := startPassport(t, options{})
	who := p.member("ada")
	issuer := newSigner(t, "School")
	first := who.take(t, issuer, issuer.badge("First", "ada@people.test"))
	who.upload("/add", "file", "b.png", baked(t, issuer.sign(t, issuer.badge("Second", "ada@people.test")))).is(t, 303)
	hidden := who.take(t, issuer, issuer.badge("Hidden", "ada@people.test"))
	second := p.texts(`SELECT b.public_id FROM badge b JOIN badge_class c ON c.id = b.class WHERE c.name = 'Second'`)[0]
	who.upload("/files", "file", "photo.png", picture(t)).is(t, 303)
	f := who.folio("My site", first, second, hidden)
	f.add("text", "text", "Words and a [link](https://example.org/)")
	f.add("image", "file", p.fileNamed("photo.png"), "text", "A photo")
	f.add("profile", "field", "name", "field", "picture")
	f.post(f.path+"/sharing", "visibility", "public", "badges", "show", "badge", first, "badge", second).is(t, 303)
	who.get(f.path+"/export").is(t, 200)
	a := who.get(f.path+"/site.zip").is(t, 200)
	files := map[string][]byte{}
	z, err := zip.NewReader(bytes.NewReader(a.body), int64(len(a.body)))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range z.File {
		r, err := e.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[e.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	verified := 0
	for name, data := range files {
		if bytes.Contains(data, []byte("Hidden")) {
			t.Errorf("%s holds a badge that others do not see", name)
		}
		if !strings.HasPrefix(name, "badges/") {
			continue
		}
		found, err := bake.Extract(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if r := p.badges.Look(t.Context(), found.Payload); r.Verdict != verify.Valid {
			t.Errorf("%s is %s", name, r.Verdict)
		}
		verified++
	}
	if verified != 2 {
		t.Errorf("%d badges verify, of %d files", verified, len(files))
	}
	doc, err := html.Parse(bytes.NewReader(files["index.html"]))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if slices.Contains([]string{"script", "form", "iframe", "object", "base", "style"}, n.Data) {
			t.Errorf("a %s in the site", n.Data)
		}
		for _, at := range n.Attr {
			local := at.Key == "src" || at.Key == "href" && n.Data == "link"
			if at.Key == "href" && n.Data == "a" && !strings.HasPrefix(at.Val, "https://example.org/") && !strings.HasPrefix(at.Val, p.url+"/p/") {
				local = true
			}
			if local && files[at.Val] == nil {
				t.Errorf("<%s %s=%q> leads to nothing in the site", n.Data, at.Key, at.Val)
			}
			if strings.HasPrefix(at.Key, "on") || at.Key == "style" {
				t.Errorf("an attribute %s", at.Key)
			}
		}
	}
}
