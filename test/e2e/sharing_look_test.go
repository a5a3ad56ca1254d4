package e2e

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/osier-passport/osier/test/browser"
	"github.com/osier-passport/osier/test/server"
)

// TestSharingPages looks at the pages of sharing in all ways, goes through them by
// keyboard alone and without scripts, and hears what a screen reader says of them.
func TestSharingPages(t *testing.T) {
	b := browser.Start(t, shots())
	s := server.Start(t, server.Options{Command: []string{"demo"}, NoData: true, Env: []string{"TMPDIR=" + t.TempDir()}})
	me, badge, profile := shareInDemo(t, b, s)
	v := &settings{tab: me, axe: readAxe(t)}
	folio := v.makePublic(badge)
	pages := []string{
		badge + "/share", badge + "/share/email.send", profile + "/share", profile + "/share/email.send", folio + "/share", folio + "/share/email.send",
		"/settings/sharing", "/connect/bluesky.auto", "/embed" + profile, "/embed" + folio, "/admin/plugins?open=linkedin", "/admin/plugins/twitter",
	}
	me.Allow("404")
	v.walk(pages)
	t.Run("carries", func(t *testing.T) {
		me.T = t
		stranger := b.Person(t, s.URL)
		for _, path := range []string{badge, profile, folio} {
			carries(stranger, path)
			handsOut(me, stranger, path)
		}
	})
	t.Run("kept", func(t *testing.T) {
		me.T = t
		prints(me, badge)
		downloads(me, badge)
	})
	t.Run("counter", func(t *testing.T) {
		me.T = t
		me.Open(badge + "/share/email.send")
		counts(me)
	})
	t.Run("names", func(t *testing.T) {
		me.T = t
		hear(me, pages)
	})
	t.Run("keyboard", func(t *testing.T) {
		me.T = t
		byKeyboard(me, badge, profile)
	})
	t.Run("no script", func(t *testing.T) {
		me.T = t
		noScript(me, badge)
	})
	me.T = t
}

// shareInDemo signs somebody in who has a public badge, and switches a target on.
func shareInDemo(t *testing.T, b *browser.Browser, s *server.Server) (me *browser.Tab, badge, profile string) {
	t.Helper()
	me = b.Person(t, s.URL)
	me.Open("/demo")
	me.Press(".cast button")
	me.At("/feed")
	me.Open("/admin/plugins/bluesky")
	me.Press(`main form[action$="/bluesky.auto"] button[value=enable]`)
	profile = "/@" + strings.TrimPrefix(me.Value(`.menu-list a[href^="/@"]`, "pathname"), "/@")
	me.Open(profile)
	return me, me.Value(".badge-card a", "pathname"), profile
}

// makePublic looks at the sheets of a badge, a page and a profile that not everybody
// sees, makes each public from there, and gives the page.
func (v *settings) makePublic(badge string) (folio string) {
	me := v.tab
	me.Open("/pages/new")
	me.Fill("title", "Baskets of a year")
	me.Press("main button[name=do][value=draft]")
	folio = strings.TrimSuffix(strings.Replace(me.Path(), "/pages/", "/p/", 1), "/edit")
	me.Open(badge)
	browser.Eval[bool](me, `document.querySelector(".badge-page-tools details.disclosure").open = true`)
	me.Press(`main button[name=visibility][value=private]`)
	me.Open("/settings/privacy")
	me.Click(`main [name=profile][value=members]`)
	me.Press(`form:has([name=profile]) button[type=submit]`)
	profile := me.Value(`.menu-list a[href^="/@"]`, "pathname")
	sheets := []string{badge + "/share", profile + "/share", folio + "/share"}
	v.walk(sheets, "closed")
	for _, sheet := range sheets {
		me.Open(sheet)
		me.Press(`main form[action$="/share"] button.btn-primary`)
		me.At(sheet)
		me.Until(`document.querySelector("main [data-sheet-line]")`, "the line that says who sees it")
	}
	return folio
}

// carries holds what a shared page says of itself to machines against what they read:
// the card, the description for search engines, oEmbed in both forms, and the frame.
func carries(stranger *browser.Tab, path string) {
	t := stranger.T
	stranger.Open(path)
	seen := browser.Eval[map[string]string](stranger, `(async () => {
		const one = (s, p) => document.querySelector(s)?.[p] ?? "";
		const card = new Image();
		card.src = new URL(one('meta[property="og:image"]', "content")).pathname + new URL(one('meta[property="og:image"]', "content")).search;
		await card.decode();
		const json = await (await fetch(one('link[type="application/json+oembed"]', "href"))).json();
		const xml = new DOMParser().parseFromString(await (await fetch(one('link[type="text/xml+oembed"]', "href"))).text(), "text/xml");
		return {
			card: card.naturalWidth + "x" + card.naturalHeight, type: JSON.parse(one('script[type="application/ld+json"]', "textContent"))["@type"],
			json: json.type + " " + json.version + " " + json.html.includes("/embed" + location.pathname) + " " + json.thumbnail_url.includes("/card.png?v="),
			xml: xml.documentElement.nodeName + " " + xml.querySelector("title").textContent, title: json.title,
			head: ["og:title", "og:description", "og:url", "og:type", "og:site_name", "og:locale", "og:image:alt", "og:image:width"].filter((p) => !one('meta[property="' + p + '"]', "content")).join(),
			twitter: one('meta[name="twitter:card"]', "content"),
		};
	})()`)
	kind := map[string]string{"/b": "EducationalOccupationalCredential", "/@": "Person", "/p": "CollectionPage"}[path[:2]]
	for key, want := range map[string]string{
		"card": "1200x630", "type": kind, "json": "rich 1.0 true true", "xml": "oembed " + seen["title"], "head": "", "twitter": "summary_large_image",
	} {
		if got := seen[key]; got != want {
			t.Errorf("%s: %s is %q, want %q", path, key, got, want)
		}
	}
}

// prints presses the button and looks at the badge on paper: the badge, whose it is and
// where it is shown, and nothing that is for the screen.
func prints(me *browser.Tab, badge string) {
	me.Open(badge)
	browser.Eval[bool](me, `window.print = () => { document.body.dataset.printed = "yes" }, true`)
	me.Click(`main button[data-print]`)
	me.Until(`document.body.dataset.printed === "yes"`, "that the system prints")
	onPaper(me)
	me.Print(true)
	seen := browser.Eval[[]string](me, `["h1", "main img", ".certificate-link .qr", "#endorsements", ".topbar", ".bottombar", ".badge-page-tools", "main form", "footer"].filter((s) =>
		[...document.querySelectorAll(s)].some((e) => e.getClientRects().length))`)
	me.Print(false)
	if got := strings.Join(seen, ", "); got != "h1, main img, .certificate-link .qr" {
		me.T.Errorf("on paper there are %s", got)
	}
}

// downloads takes each file of the badge by its link.
func downloads(me *browser.Tab, badge string) {
	me.Open(badge)
	links := browser.Eval[[]string](me, `[...document.querySelectorAll(".badge-page-tools a[download]")].map((a) => a.getAttribute("href"))`)
	begins := map[string]string{}
	for _, link := range links {
		browser.Eval[bool](me, `document.querySelector(".badge-page-tools details.menu").open = true`)
		data := me.Download(`.badge-page-tools a[download][href="` + link + `"]`)
		begins[link[strings.LastIndexByte(link, '/')+1:]] = string(data[:min(4, len(data))])
	}
	want := map[string]string{"png": "\x89PNG", "credential": `{"@c`, "received": "\x89PNG", "pdf": "%PDF"}
	if !maps.Equal(begins, want) {
		me.T.Errorf("the files begin with %q, want %q", begins, want)
	}
}

// handsOut copies the link, draws the QR code and follows the code for other sites.
func handsOut(me, stranger *browser.Tab, path string) {
	me.Open(path + "/share")
	me.Click(`button[data-copy="share-link"]`)
	me.Until(`document.querySelector("[data-toast]").textContent.includes("Copied")`, "that the link is copied")
	if link := me.Value("#share-link", "value"); link != me.Base+path {
		me.T.Errorf("%s: the link is %s", path, link)
	}
	browser.Eval[bool](me, `document.querySelectorAll("main aside details").forEach((d) => { d.open = true; }), true`)
	me.Until(`document.querySelector("img.qr")?.complete && document.querySelector("img.qr").naturalWidth > 0`, "the QR code")
	frame := browser.Eval[string](me, `document.querySelector("#share-embed").value.match(/ src="([^"]+)"/)[1]`)
	stranger.Open(frame)
	if got := browser.Eval[string](stranger, `document.scripts.length + " " + document.cookie + document.querySelectorAll("form").length + " " + !!document.querySelector("h1")`); got != "0 0 true" {
		me.T.Errorf("%s: scripts, cookies and forms in the frame: %s", path, got)
	}
}

// counts holds the counter of the page against the table that plugins are held against.
func counts(me *browser.Tab) {
	table, err := os.ReadFile(filepath.Join(server.Root(), "plugins", "sdk", "testdata", "counts.json"))
	if err != nil {
		me.T.Fatal(err)
	}
	for _, wrong := range browser.Eval[[]string](me, `(`+string(table)+`).flatMap((row) => Object.entries(shareCounts)
		.filter(([name, count]) => count(row.text) !== row[name]).map(([name, count]) => JSON.stringify(row.text) + " by " + name + ": " + count(row.text) + ", want " + row[name]))`) {
		me.T.Error(wrong)
	}
	me.Type("#f-words", "abc é")
	browser.Eval[bool](me, `document.querySelector("#f-words").dispatchEvent(new Event("input", { bubbles: true }))`)
	me.Until(`document.querySelector("[data-counter]").textContent.replace(/\D/g, "") === String(3000 - [..."abc é " + document.querySelector("#compose").dataset.address].length)`, "the counter after some words")
}

// hear wants a name for all that can be used, and for each its own where they do
// different things.
func hear(me *browser.Tab, pages []string) {
	for _, page := range pages {
		me.Open(page)
		names := me.Names()
		seen := map[string]int{}
		for _, name := range names {
			if strings.HasSuffix(name, " ") {
				me.T.Errorf("%s: %q has no name", page, name)
			}
			if seen[name]++; seen[name] == 2 && strings.HasPrefix(name, "button ") && !slices.Contains([]string{"button Copy"}, name) {
				me.T.Errorf("%s: two are called %q", page, name)
			}
		}
	}
}

// besides begins a press at an element of the dialog, ends it beside the dialog, and
// tells whether that is open still.
func besides(began string) string {
	return `(() => {
		const dialog = document.querySelector("dialog.sheet"), at = { bubbles: true, clientX: 1, clientY: 1 };
		const began = dialog.matches(` + quoted(began) + `) ? dialog : dialog.querySelector(` + quoted(began) + `), box = began.getBoundingClientRect();
		began.dispatchEvent(new PointerEvent("pointerdown", began === dialog ? at : { bubbles: true, clientX: box.left + 1, clientY: box.top + 1 }));
		dialog.dispatchEvent(new MouseEvent("click", at));
		return dialog.open;
	})()`
}

// byKeyboard shares a badge by mail and a profile by a link, and puts a place higher.
func byKeyboard(me *browser.Tab, badge, profile string) {
	me.Open(badge)
	me.TabTo(`a[href$="/share"][data-sheet]`)
	me.Key("Enter")
	me.Until(`document.querySelector("dialog.sheet")?.open && document.activeElement.id === "sheet-title"`, "the dialog of sharing, with the focus in it")
	me.TabTo(`dialog a[href$="/share/email.send"]`)
	me.Key("Enter")
	me.Until(`document.querySelector("dialog #compose")`, "the form in the dialog")
	me.Type("dialog #f-words", "Half a thought")
	if still := browser.Eval[bool](me, besides("#f-words")); !still {
		me.T.Error("choosing words beyond the edge closes the dialog")
	}
	me.Key("Escape")
	me.Until(`!document.querySelector("dialog.sheet[open]") && document.activeElement.matches("a[data-sheet]")`, "the dialog to close, and the focus where it was")
	me.Key("Enter")
	me.Until(`document.querySelector("dialog.sheet")?.open && document.activeElement.id === "sheet-title"`, "the dialog once more")
	me.Click(`dialog a[href$="/share/email.send"]`)
	me.Until(`document.querySelector("dialog #f-words")?.value === "Half a thought"`, "what was written")
	if still := browser.Eval[bool](me, besides("dialog")); still {
		me.T.Error("a press beside the dialog leaves it open")
	}

	me.Open(badge + "/share/email.send")
	me.TabTo(`#f-words`)
	me.TabTo(`[name="option_to"]`)
	me.Type(`[name="option_to"]`, "friend@people.example")
	me.TabTo(`#f-agree`)
	me.Key(" ")
	me.TabTo(`#compose button.btn-primary`)
	me.Go(func() { me.Key("Enter") })
	me.At(badge + "/share")
	me.Until(`document.querySelector("main li.shared .tag-ok")`, "the mail in the history")
	if me.Count(`main [data-copy="share-link"]:not([hidden])`) != 1 {
		me.T.Error("the link cannot be copied where something went on")
	}

	me.Open(profile + "/share")
	me.TabTo(`form[action^="/share/linkedin.post/"] button`)
	me.Key("Enter")
	me.Until(`location.host === "www.linkedin.com"`, "the page of the target")

	me.Open("/settings/sharing")
	second := me.Value(`main ol li:nth-child(2) input[name=target]`, "value")
	me.TabTo(`main ol li:nth-child(2) button[value=up]`)
	me.Go(func() { me.Key("Enter") })
	if first := me.Value(`main ol li:first-child input[name=target]`, "value"); first != second {
		me.T.Errorf("%s is the first place, not %s", first, second)
	}
}

// noScript previews and sends a share, and hides a place, where no script runs.
func noScript(me *browser.Tab, badge string) {
	me.NoScript()
	me.Open(badge + "/share")
	me.Press(`main a[href$="/share/email.send"]`)
	me.Fill("option_to", "another@people.example")
	me.Type("#f-words", "No script here.")
	me.Press(`#compose button[formaction]`)
	me.Reads("No script here.")
	me.Press(`#compose button.btn-primary`)
	me.At(badge + "/share")
	if n := me.Count("main li.shared"); n < 2 {
		me.T.Errorf("%d shares in the history", n)
	}
	me.Open("/settings/sharing")
	hidden := me.Value(`main ol li:nth-child(2) input[name=target]`, "value")
	me.Press(`main ol li:nth-child(2) button[value=hide]`)
	if me.Count(`main ul input[name=target][value="`+hidden+`"]`) != 1 {
		me.T.Errorf("%s is not among the hidden", hidden)
	}
	me.Press(`main ul button[value=show]`)
}
