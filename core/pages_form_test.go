package core

import (
	"slices"
	"strings"
	"testing"
)

// TestTheFormsOfBlocks: several badges in each order, side by side or as a list with
// what issuers say, one badge in short, and headings of two sizes.
func TestTheFormsOfBlocks(t *testing.T) {
	p := startPassport(t, options{})
	who, issuer := p.member("ada"), newSigner(t, "School of willows")
	var ids []string
	for _, name := range []string{"Middle", "Zenith", "aleph"} {
		c := issuer.badge(name, "ada@people.test")
		c.Description = "What it says of " + name
		ids = append(ids, who.take(t, issuer, c))
	}
	hidden := issuer.badge("Hidden", "ada@people.test")
	hidden.Description = "What it says of Hidden"
	ids = append(ids, who.take(t, issuer, hidden))
	for i, day := range []int64{2, 3, 1, 9} {
		p.write(`UPDATE badge SET issued_at = $2 WHERE public_id = $1`, ids[i], day*86_400_000_000)
	}
	f := who.folio("In all forms", ids...)
	set := p.texts(`SELECT k.id FROM page_block k JOIN page g ON g.id = k.page WHERE g.title = 'In all forms'`)[0]
	issued := f.add("issuer", "of", p.texts(`SELECT public_id FROM issuer WHERE name = 'School of willows'`)[0])
	one := f.add("badge")
	f.post(f.path+"/blocks/"+one+"/badges", "badge", ids[0], "shown", ids[0]).is(t, 303)
	f.add("heading", "text", "Large")
	f.add("heading", "text", "Small", "form", "sub")
	f.post(f.path+"/sharing", "visibility", "public", "badges", "show", "badge", ids[0], "badge", ids[1], "badge", ids[2]).is(t, 303)
	of := p.texts(`SELECT public_id FROM issuer WHERE name = 'School of willows'`)[0]
	for _, v := range []struct{ form, order, chosen, made string }{
		{"", "", "Middle Zenith aleph", "aleph Zenith Middle"},
		{"list", "name", "aleph Middle Zenith", "aleph Middle Zenith"},
		{"list", "issued", "Zenith Middle aleph", "Zenith Middle aleph"},
		{"sub", "random", "Middle Zenith aleph", "aleph Zenith Middle"}, // neither is of these blocks
	} {
		f.save(set, "kind", "showcase", "form", v.form, "order", v.order).is(t, 303)
		f.save(issued, "kind", "issuer", "of", of, "form", v.form, "order", v.order).is(t, 303)
		a := p.visitor().get(f.view()).is(t, 200)
		for block, want := range map[string]string{set: v.chosen, issued: v.made} {
			var names []string
			for _, n := range a.all(t, "#b-"+block+" h3") {
				names = append(names, strings.TrimSpace(words(n)))
			}
			if got := strings.Join(names, " "); got != want {
				t.Errorf("%s %s: %s, want %s", v.form, v.order, got, want)
			}
			text := words(a.all(t, "#b-"+block)[0])
			if says := strings.Count(text, "What it says of"); says != map[bool]int{true: 3}[v.form == "list"] || strings.Contains(text, "Hidden") {
				t.Errorf("%s %s says %d times what a badge is: %s", v.form, v.order, says, text)
			}
		}
	}
	for form, want := range map[string]bool{"": true, "short": false} {
		f.save(one, "kind", "badge", "form", form).is(t, 303)
		if got := strings.Contains(words(p.visitor().get(f.view()).all(t, "#b-"+one)[0]), "What it says of Middle"); got != want {
			t.Errorf("one badge in the form %q says what it is: %v", form, got)
		}
	}
	a := p.visitor().get(f.view())
	if !slices.Equal([]int{1, 1}, []int{len(a.all(t, ".kind-heading h2")), len(a.all(t, ".kind-heading h3"))}) {
		t.Error("headings are not of two sizes")
	}
	if n := len(who.get(f.path+"/edit").is(t, 200).all(t, `select[name="order"], select[name="form"]`)); n != 7 {
		t.Errorf("%d choices of form and order, want 7", n)
	}
}

// TestTheFrameOfAPage is one of the named ones, is drawn on the page and its copy, and
// goes back with the history.
func TestTheFrameOfAPage(t *testing.T) {
	eachPassport(t, func(t *testing.T, p *passport) {
		f := p.member("ada").folio("Framed")
		head := func(frame, space string) {
			t.Helper()
			rev := p.texts(`SELECT CAST(head_rev AS TEXT) FROM page ORDER BY id`)[0]
			f.post(f.path+"/head", "title", "Framed", "style", "willow", "frame", frame, "space", space, "rev", rev).is(t, 303)
		}
		shown := func(path, selector string) int { return len(f.get(path).is(t, 200).all(t, selector)) }
		head("double", "wide")
		if shown(f.view(), ".folio.frame-double.space-wide") != 1 || shown(f.path+"/edit", `option[value=double][selected]`) != 1 {
			t.Error("the frame is not shown")
		}
		copied := f.post(f.path+"/duplicate").is(t, 303).location()
		if id := strings.Split(copied, "/")[2]; shown("/p/"+id, ".frame-double") != 1 {
			t.Error("the copy has another frame")
		}
		f.post(f.path+"/step", "do", "undo").is(t, 303)
		if shown(f.view(), `[class*="frame-"]`) != 0 {
			t.Error("undo leaves the frame")
		}
		head(`x" onload="evil`, "close")
		if shown(f.view(), `[class*="frame-"]`) != 0 || shown(f.view(), ".space-close") != 1 {
			t.Error("a frame of no name is drawn")
		}
	})
}
