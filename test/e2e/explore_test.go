package e2e

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/osier-passport/osier/test/browser"
)

// exploreWithoutScript walks through what the community shows as a visitor whose
// browser runs no script: by tabs, filters, orders, words, skills and the map.
func exploreWithoutScript(t *testing.T, p *passport) {
	tab := p.person(t)
	tab.NoScript()
	tab.Open("/explore")
	tab.Press(`.tabs a[href="/explore?tab=pages"]`)
	all := tab.Count(".folio-tile")
	if all < 2 {
		t.Errorf("%d pages to explore", all)
	}
	tab.Press(`.facet a[href*="tag=maps"]`)
	if n := tab.Count(".folio-tile"); n != 1 {
		t.Errorf("%d pages about maps", n)
	}
	tab.Press(".chosen a")
	if n := tab.Count(".folio-tile"); n != all {
		t.Errorf("%d pages without the filter, were %d", n, all)
	}
	tab.Fill("q", "mapps")
	tab.Press("main form[role=search] button")
	tab.Reads("What I know about maps")
	tab.Press(".folio-tile-name a")
	tab.At("/p/")
	tab.Press(".folio-owner a")
	tab.At("/@priya")
	tab.Press(`main nav a[href^="/p/"]`)
	tab.At("/p/")

	tab.Open("/explore?tab=badges")
	tab.Press(`.sorts a[href*="newest"]`)
	tab.Press(`.facets a[href*="country="]`)
	tab.Press(".explore-found .badge-grid a")
	tab.At("/c/")
	tab.Reads("Who shows it")
	tab.Press(`main a[href^="/i/"]`)
	tab.Reads("About the issuer")
	tab.Open("/skills")
	tab.Press(`main a[href^="/skills/"]`)
	tab.Press(`main a[href^="/c/"]`)
	tab.Open("/map")
	tab.Press(`main a[href*="tab=people"]`)
	if n := tab.Count(".person"); n < 1 {
		t.Error("nobody where the map shows somebody")
	}
	lockedPage(tab)
}

// lockedPage opens the page with a password that the demo tells of.
func lockedPage(tab *browser.Tab) {
	tab.Open("/demo")
	word := tab.Value("#demo-password", "value")
	tab.Allow("401", "422")
	tab.Press(`section[aria-labelledby=locked] a`)
	tab.At("/p/")
	tab.Lacks("For the rescue team")
	tab.Fill("password", "not this one")
	tab.Press("main form button")
	tab.Lacks("For the rescue team")
	tab.Fill("password", word)
	tab.Press("main form button")
	tab.Reads("For the rescue team")
}

var (
	mediaBox = regexp.MustCompile(`/MediaBox\s*\[\s*0 0 ([0-9.]+) ([0-9.]+)`)
	papers   = map[string]browser.Paper{"595 842": browser.A4, "612 792": browser.Letter}
)

// printedPages prints a page on both papers: each as large as the paper, on at most
// two sheets, with the code of its address and without what is for the screen.
func printedPages(tab *browser.Tab, path string) {
	tab.Open(path)
	onPaper(tab)
	tab.Print(true)
	seen := browser.Eval[[]string](tab, `Array.from(document.querySelectorAll(".folio-foot .qr, .folio-foot .certificate-link, .topbar, .bottombar, .folio-bar"))
		.filter((e) => e.getClientRects().length).map((e) => e.className)`)
	tab.Print(false)
	if got := strings.Join(seen, " "); got != "qr certificate-link" {
		tab.T.Errorf("on paper there are %q", got)
	}
}

// onPaper prints what is open on both papers: each sheet as large as the paper, at most
// two of them.
func onPaper(tab *browser.Tab) {
	for size, paper := range papers {
		pdf := tab.PDF(paper)
		sheets := mediaBox.FindAllSubmatch(pdf, -1)
		if !bytes.HasPrefix(pdf, []byte("%PDF-")) || len(sheets) < 1 || len(sheets) > 2 {
			tab.T.Errorf("%s: %d sheets in %d bytes", size, len(sheets), len(pdf))
		}
		for _, s := range sheets {
			if got := round(s[1]) + " " + round(s[2]); got != size {
				tab.T.Errorf("a sheet of %s, want %s", got, size)
			}
		}
	}
}

// round cuts the fraction of a number of points.
func round(number []byte) string {
	whole, rest, _ := strings.Cut(string(number), ".")
	if whole == "594" && strings.HasPrefix(rest, "9") {
		return "595"
	}
	if whole == "841" {
		return "842"
	}
	return whole
}

// rightToLeft looks at screens as they stand for readers of Arabic or Hebrew.
func rightToLeft(tab *browser.Tab, paths ...string) {
	for _, path := range paths {
		tab.Viewport(360, 800)
		tab.Open(path)
		browser.Eval[bool](tab, `document.documentElement.dir = "rtl"; true`)
		for _, width := range []int64{360, 1280} {
			tab.Viewport(width, 800)
			if wide := browser.Eval[[]string](tab, overflow); len(wide) > 0 {
				tab.T.Errorf("from right to left %s is too wide at %d: %q", path, width, wide)
			}
			if width == 1280 {
				tab.Shot("rtl" + strings.NewReplacer("/", "-", "?", "-", "=", "-", "@", "").Replace(path))
			}
		}
	}
}
