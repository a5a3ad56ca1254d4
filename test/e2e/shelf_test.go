package e2e

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/osier-passport/osier/test/browser"
)

// shelf brings badges in within the budgets of clicks, does something to many at
// once and takes it back, with and without JavaScript.
func (p *passport) shelf(t *testing.T) {
	eve := person{"Eve Many", "eve", "eve@example.org"}
	tab := p.person(t)
	p.aside(t, "many badges at once", func() {
		tab.Open("/signup")
		tab.Fill("name", eve.name)
		tab.Fill("handle", eve.handle)
		tab.Fill("address", eve.address)
		tab.Fill("password", password)
		tab.Press("main form button[type=submit]")
		p.confirm(tab, eve.address)

		p.drop(tab, "one.jwt", p.issuer.Token(tab.T, "Dropped", eve.address), addOne)
		p.arrive(tab, "Dropped")
		p.drop(tab, "fifty.zip", p.fifty(tab.T, eve.address), addFifty)
		p.goAway(tab)
		p.shot(tab, "batch")
		p.tryAgain(tab)

		for _, script := range []bool{true, false} {
			if !script {
				tab.NoScript()
			}
			p.tagMany(tab, fmt.Sprintf("with script %v", script))
		}
		p.arrangeWithoutScript(tab)
	})
	p.aside(t, "the pages of many badges", func() {
		axe := readAxe(t)
		for _, page := range []string{"/badges?view=rows&sort=name", "/badges?state=valid&expiring=90", "/badges/collections", "/badges/calendar", "/badges/export"} {
			p.look(p.ada, page, "person", axe)
		}
	})
}

// goAway leaves the page of an import while it runs: it goes on, and the page that is
// opened again shows what became of each file.
func (p *passport) goAway(tab *browser.Tab) {
	at := tab.Path()
	tab.Open("/feed")
	tab.Open(at)
	tab.Until(`document.querySelectorAll(".batch-entry").length === 51 && !document.querySelector("[data-live]")`, "the end of fifty imports")
	if n := tab.Count(".batch-entry a[href^='/b/']"); n != 50 {
		tab.T.Errorf("%d of 50 badges were added", n)
	}
	tab.Reads("1 not added")
}

// tryAgain has what was refused tried again, and reads why it was in a table.
func (p *passport) tryAgain(tab *browser.Tab) {
	if table := string(tab.Download(`main a[href$="/errors.csv"]`)); strings.Count(table, "\n") != 2 || !strings.Contains(table, "elsewhere.jwt") {
		tab.T.Errorf("the table of errors: %q", table)
	}
	tab.Press(`main form button[value=retry]`)
	tab.Until(`document.querySelectorAll(".batch-entry").length === 51 && !document.querySelector("[data-live]")`, "the end of another try")
	tab.Reads("1 not added")
}

// arrangeWithoutScript reads and arranges the badges where no script runs: filters that
// combine, an order, pages one after the other, a list, a collection.
func (p *passport) arrangeWithoutScript(tab *browser.Tab) {
	tab.Open("/badges")
	tab.Fill("q", "step")
	tab.Press(`.shelf-filter button[type=submit].btn-icon`)
	tab.Click(`.shelf-filters > summary`)
	browser.Eval[string](tab, `document.querySelector("#f-visibility").value = "private"`)
	tab.Press(`.shelf-selects button`)
	tab.Reads("50 badges fit")
	if n := tab.Count(".shelf-bar .chip"); n != 2 {
		tab.T.Errorf("%d filters are set", n)
	}
	tab.Open("/badges?q=step&visibility=private&sort=name")
	tab.Press(`.pager a[rel=next]`)
	tab.Press(`.pager a[rel=next]`)
	if n := tab.Count(".badge-card"); n != 2 || tab.Count(`.pager a[rel=next]`) != 0 {
		tab.T.Errorf("%d badges on the last of three pages of 50", n)
	}
	tab.Press(`.segments a:not([aria-current])`)
	tab.Reads("Step")
	tab.Press(`.shelf-bar .chip`)
	tab.Open("/badges/collections")
	tab.Fill("name", "For the job")
	tab.Press(`main form button.btn-primary`)
	tab.Reads("This collection is empty")
}

// drop adds a file from the feed, and holds the way to its clicks: the choice of the
// file counts as one.
func (p *passport) drop(tab *browser.Tab, name string, data []byte, way journey) {
	tab.Open("/feed")
	tab.Clicks = 0
	tab.Press(`header a[href="/add"]`)
	tab.Go(func() { tab.Choose("#f-file", p.file(tab.T, name, data)) })
	took(tab, way, 1)
}

// fifty packs fifty badges, and one that was issued to somebody else.
func (p *passport) fifty(t testing.TB, address string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i := range 50 {
		f, err := z.Create(fmt.Sprintf("badge-%d.jwt", i))
		if err == nil {
			_, err = f.Write(p.issuer.Token(t, fmt.Sprintf("Step %d", i), address))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	f, err := z.Create("elsewhere.jwt")
	if err == nil {
		_, err = f.Write(p.issuer.Token(t, "Elsewhere", "somebody@example.org"))
	}
	if err := errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// tagMany tags all badges that a search finds, and takes it back.
func (p *passport) tagMany(tab *browser.Tab, tag string) {
	tab.Open("/badges?q=step")
	tab.Click(".shelf-pick")
	tab.Click(".bulk-all")
	p.shot(tab, "badges-chosen")
	tab.Press(".bulk-bar button[value=tag]")
	tab.Reads("Tag 50 badges")
	tab.Fill("value", tag)
	tab.Press("main form .btn-primary")
	tab.Reads("50 badges tagged: " + tag)
	p.shot(tab, "badges-undo")
	tab.Press(`form[action="/badges/undo"] button:not([value])`)
	tab.Lacks("50 badges tagged")
}
