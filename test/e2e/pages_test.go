package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/osier-passport/osier/test/browser"
	"github.com/osier-passport/osier/test/issuer"
	"github.com/osier-passport/osier/test/server"
)

// TestPages makes pages as people do: in few clicks, with and without scripts, in
// two tabs, with hostile words.
func TestPages(t *testing.T) {
	b := browser.Start(t, shots())
	s := server.Start(t, server.Options{Command: []string{"demo"}, NoData: true, Env: []string{"TMPDIR=" + t.TempDir()}})
	p := &passport{Server: s, browser: b, files: t.TempDir(), badge: "/b/none"}
	tab, reader := p.person(t), p.person(t)
	tab.Open("/demo")
	tab.Press(".cast button")
	var folio string
	p.step(t, "five badges on a published page in nine clicks", func() { folio = fiveBadges(tab, reader) })
	p.step(t, "what is typed is saved by itself, and a block is dragged", func() { typeAndDrag(tab, folio) })
	p.step(t, "what is typed while it is saved is no clash", func() { typeWhileSaving(tab, folio) })
	p.step(t, "what is drawn anew leaves alone what somebody does", func() { drawAnew(tab) })
	p.step(t, "two tabs lose nothing", func() { twoTabs(t, tab, folio) })
	p.step(t, "pages without scripts", func() { pagesWithoutScript(t, p, tab) })
	p.step(t, "exploring without scripts", func() { exploreWithoutScript(t, p) })
	p.step(t, "endorsements and evidence without scripts", func() { vouchWithoutScript(t, p, tab) })
	p.step(t, "a page on paper", func() { printedPages(tab, folio) })
	p.step(t, "files by the drop zone", func() {
		tab.Open("/files")
		tab.Choose("#f-file", p.file(tab.T, "my picture.png", issuer.Picture("mine")))
		tab.Reads("my picture.png is added")
	})
	p.step(t, "hostile words run nothing", func() { hostileBlocks(tab, b) })
	p.aside(t, "how it looks", func() {
		axe := readAxe(t)
		edit := strings.Replace(folio, "/p/", "/pages/", 1)
		for _, path := range []string{"/pages", "/pages/new", edit + "/edit", edit + "/sharing", edit + "/history?show=2", edit + "/export", edit + "/delete", folio, "/files"} {
			p.look(tab, path, "pages", axe)
		}
		tab.Open(edit + "/edit")
		browser.Eval[bool](tab, `document.documentElement.dir = "rtl"; true`)
		if wide := browser.Eval[[]string](tab, overflow); len(wide) > 0 {
			t.Errorf("from right to left the editor is too wide: %q", wide)
		}
		tab.Shot("pages-editor-rtl")
		p.look(reader, "/explore?tab=pages", "reader", axe)
		rightToLeft(tab, folio, "/pages", edit+"/sharing", "/explore?tab=pages", "/explore?tab=badges", "/@priya", "/files", "/skills", "/map")
	})
}

func fiveBadges(tab, reader *browser.Tab) string {
	tab.Open("/feed")
	tab.Clicks = 0
	tab.Press(`.topnav a[href="/pages"]`)
	tab.Press(`main a[href="/pages/new"]`)
	tab.Fill("title", "Five of my badges")
	for i := range 5 {
		tab.Click(fmt.Sprintf(".pick-grid li:nth-child(%d) label", i+1))
	}
	tab.Press("main button[name=do][value=publish]")
	if tab.Count("main button[name=badges]") > 0 {
		tab.Shot("pages-question")
		tab.Press("main button[name=badges][value=show]")
	}
	tab.At("/p/")
	took(tab, publishPage, 0)
	path := tab.Path()
	reader.Open(path)
	if n := reader.Count("article .badge-card"); n != 5 {
		tab.T.Errorf("others see %d badges", n)
	}
	return path
}

const firstText = `.block form[data-autosave] textarea[name="text"]`

func typeAndDrag(tab *browser.Tab, folio string) {
	tab.Open(strings.Replace(folio, "/p/", "/pages/", 1) + "/edit")
	tab.Press(`.block-kinds button[value="text"]`)
	tab.Type(firstText, "Typed, and **not** saved by hand")
	tab.Until(`document.querySelector(".block [data-preview] strong")?.textContent === "not"`, "the preview")
	tab.Until(`Array.from(document.querySelectorAll("[data-state]")).some((e) => e.textContent === "Saved")`, "the word that it is saved")
	tab.Open(tab.Path())
	if got := tab.Value(firstText, "value"); got != "Typed, and **not** saved by hand" {
		tab.T.Errorf("saved %q", got)
	}
	moved := browser.Eval[bool](tab, `(async () => {
  const [first, last] = document.querySelectorAll("[data-block]");
  const data = new DataTransfer();
  last.dispatchEvent(new DragEvent("dragstart", {bubbles: true, dataTransfer: data}));
  first.dispatchEvent(new DragEvent("dragover", {bubbles: true, cancelable: true, clientY: first.getBoundingClientRect().top + 1, dataTransfer: data}));
  last.dispatchEvent(new DragEvent("dragend", {bubbles: true, dataTransfer: data}));
  for (let i = 0; i < 80; i++) {
    const page = new DOMParser().parseFromString(await (await fetch(location.pathname)).text(), "text/html");
    if (page.querySelector("[data-block]").querySelector("textarea")) return true;
    await new Promise((done) => setTimeout(done, 100));
  }
  return false;
})()`)
	if !moved {
		tab.T.Error("the block that was dragged is not in its new place")
	}
}

// typeWhileSaving types on while the first words are saved, whose answer is on its way,
// and presses the button then.
func typeWhileSaving(tab *browser.Tab, folio string) {
	tab.Open(strings.Replace(folio, "/p/", "/pages/", 1) + "/edit")
	browser.Eval[bool](tab, `(() => {
  const real = window.fetch;
  window.held = true;
  window.fetch = async (...all) => {
    const answer = await real(...all);
    window.saved = true;
    while (window.held) await new Promise((go) => setTimeout(go, 5));
    return answer;
  };
  return true;
})()`)
	tab.Click(".block:has(textarea[name=text]) details > summary")
	tab.Type(firstText, "The first words")
	tab.Until("window.saved", "the first words to be there")
	tab.Type(firstText, "The first words and more")
	tab.Go(func() {
		tab.Click(`.block form[data-autosave]:has(textarea[name=text]) button`)
		browser.Eval[bool](tab, "window.held = false, true")
	})
	tab.Lacks("Changed in two places")
	if got := tab.Value(firstText, "value"); got != "The first words and more" {
		tab.T.Errorf("saved %q", got)
	}
}

// drawAnew draws a part of the page anew as pages do on which something goes on.
func drawAnew(tab *browser.Tab) {
	got := browser.Eval[string](tab, `(() => {
  const make = (html) => { const d = document.createElement("div"); d.innerHTML = html; return d; };
  const was = make('<p>1 of 3</p><ul><li id="a">A</li></ul><details><summary>More</summary>x</details><input name="words" value=""><form action="/x"><button id="go" name="do" value="cancel">Cancel</button></form><i>old</i>');
  document.querySelector("main").prepend(was);
  const [details, input, button, a] = ["details", "input", "button", "#a"].map((s) => was.querySelector(s));
  details.open = true;
  input.value = "typed";
  button.focus();
  morph(was, make('<p class="new">2 of 3</p><ul><li id="b">B</li><li id="a">A done</li></ul><details><summary>More</summary>y</details><input name="words" value=""><form action="/x"><button id="go" name="do" value="cancel">Cancel</button></form>'));
  const first = [was.querySelector("p").outerHTML, was.querySelector("ul").innerText.replace(/\s+/g, " "), a.textContent, details.open, details.lastChild.data, input.value, document.activeElement === button, was.querySelector("i")];
  morph(was, make('<form action="/x"><button id="go" name="do" value="retract">Take back</button></form>'));
  const second = [was.children.length, button.isConnected, was.querySelector("button").value];
  was.remove();
  return first.concat(second).join("|");
})()`)
	if want := `<p class="new">2 of 3</p>|B A done|A done|true|y|typed|true||1|false|retract`; got != want {
		tab.T.Errorf("got %s, want %s", got, want)
	}
}

func twoTabs(t *testing.T, tab *browser.Tab, folio string) {
	edit := strings.Replace(folio, "/p/", "/pages/", 1) + "/edit"
	tab.Open(edit)
	tab.Click(".block:first-child details > summary")
	// Another tab saves in between.
	browser.Eval[bool](tab, `(async () => {
  const form = document.querySelector("form[data-autosave]:has(textarea[name=text])");
  const data = new FormData(form);
  data.set("text", "from the other tab");
  data.delete("upload");
  return (await fetch(form.action, {method: "POST", body: data, headers: {Accept: "application/json"}})).ok;
})()`)
	tab.Allow("409")
	tab.Type(firstText, "from this tab")
	tab.Until(`document.querySelector("[data-state]").textContent.includes("another tab") || Array.from(document.querySelectorAll("[data-state]")).some((e) => e.textContent.includes("another tab"))`, "the word of a clash")
	tab.Press(`.block form[data-autosave]:has(textarea[name=text]) button`)
	tab.Reads("Changed in two places", "from this tab", "from the other tab")
	tab.Shot("pages-clash")
	tab.Press("main form button.btn-primary")
	tab.At(strings.TrimSuffix(edit, "/edit"))
	if got := tab.Value(firstText, "value"); got != "from this tab" {
		t.Errorf("kept %q", got)
	}
}

func pagesWithoutScript(t *testing.T, p *passport, signedIn *browser.Tab) {
	tab := p.person(t)
	tab.Open("/demo")
	tab.Press(".cast li:nth-child(2) button")
	tab.NoScript()
	tab.Open("/pages/new")
	tab.Fill("title", "Without a script")
	tab.Click(".pick-grid li:nth-child(1) label")
	tab.Press("main button[name=do][value=draft]")
	tab.Press(`.block-kinds button[value="heading"]`)
	tab.Type(`.block details[open] input[name="text"]`, "Said plainly")
	tab.Press(`.block details[open] form button`)
	tab.Reads("Said plainly", "Saved")
	tab.Press(`.block:nth-child(2) button[name=by][value=up]`)
	if got := tab.Text(".block:first-child .block-preview h2"); got != "Said plainly" {
		t.Errorf("the first block reads %q", got)
	}
	tab.Press(`form[action$="/step"] button[value=undo]`)
	if got := tab.Text(".block:first-child .block-preview h2"); got == "Said plainly" {
		t.Error("nothing was undone")
	}
	tab.Press(`main a[href$="/sharing"]`)
	tab.Click(`main label:has(input[value="members"])`)
	tab.Press("main form .btn-primary")
	if tab.Count("main button[name=badges]") > 0 {
		tab.Press("main button[name=badges][value=leave]")
	}
	path := tab.Path()
	signedIn.Open(path)
	signedIn.Reads("Said plainly")
}

// hostileBlocks puts the shared cases of words and addresses into blocks, and looks
// at them: nothing runs, nothing is asked of another host, no element of theirs is there.
func hostileBlocks(tab *browser.Tab, b *browser.Browser) {
	tab.Allow("422", "400", "413") // what is refused is said in the console
	cases := hostileWords(tab.T)
	visited := len(b.Visited())
	blocks, refused, of := 0, 0, map[string]int{}
	for _, c := range cases {
		of[c.Surface]++
	}
	for chunk := range slices.Chunk(cases, 50) {
		tab.Open("/pages/new")
		tab.Fill("title", "Hostile words")
		tab.Press("main button[name=do][value=draft]")
		edit := tab.Path()
		list, err := json.Marshal(chunk)
		if err != nil {
			tab.T.Fatal(err)
		}
		answers := browser.Eval[[]int](tab, `(async () => {
  const at = location.pathname.replace("/edit", ""), csrf = document.querySelector("input[name=csrf]").value, out = [];
  for (const [i, c] of `+string(list)+`.entries()) {
    const kind = c.surface === "url" ? ["link", "video", "text"][i % 3] : ["text", "heading", "link", "image", "contact", "showcase"][i % 6];
    const data = new URLSearchParams({csrf, kind, force: "1", text: c.surface === "url" && kind === "text" ? "[words](" + c.value + ") ![](" + c.value + ")" : c.value, more: c.value.slice(0, 300), mail: c.surface === "path" ? c.value : "", url: c.surface === "url" ? c.value : "https://example.org/"});
    out.push((await fetch(at + "/blocks/h" + i, {method: "POST", body: data, headers: {Accept: "text/html"}})).status);
  }
  return out;
})()`)
		for _, status := range answers {
			switch {
			case status >= 500:
				tab.T.Errorf("a case was answered with %d", status)
			case status >= 400:
				refused++
			default:
				blocks++
			}
		}
		for _, path := range []string{edit, strings.TrimSuffix(strings.Replace(edit, "/pages/", "/p/", 1), "/edit")} {
			tab.Open(path)
			browser.Eval[bool](tab, `new Promise((done) => setTimeout(() => done(true), 150))`)
			if alien := browser.Eval[[]string](tab, alienElements); len(alien) > 0 {
				tab.T.Errorf("%s: %q", path, alien)
			}
		}
	}
	for _, address := range b.Visited()[visited:] {
		if u, err := url.Parse(address); err != nil || !strings.HasSuffix(u.Hostname(), ".googleapis.com") { // which the browser asks for itself
			tab.T.Errorf("asked of a stranger: %s", address)
		}
	}
	hostileSearches(tab, cases)
	tab.T.Logf("%d hostile cases %v: %d stand in blocks, %d were refused, 0 ran", len(cases), of, blocks, refused)
	if blocks < 50 {
		tab.T.Errorf("only %d blocks", blocks)
	}
}

// hostileSearches looks for the cases of search on the pages that repeat what was
// looked for.
func hostileSearches(tab *browser.Tab, cases []hostileWord) {
	for _, c := range cases {
		if c.Surface != "search" || len(c.Value) > 4000 { // no longer address is asked for
			continue
		}
		for _, path := range []string{"/search?", "/explore?tab=pages&"} {
			tab.Open(path + url.Values{"q": {c.Value}}.Encode())
			if alien := browser.Eval[[]string](tab, alienElements); len(alien) > 0 {
				tab.T.Errorf("%s%q: %q", path, c.Value, alien)
			}
		}
	}
}

// alienElements lists what no block of words makes.
const alienElements = `(() => {
  const out = [];
  const root = document.querySelector("main");
  for (const e of root.querySelectorAll("script, iframe, object, embed, style, base, meta, link, svg script, form[action^='http'], [srcdoc]")) out.push(e.outerHTML.slice(0, 120));
  for (const e of root.querySelectorAll("*")) {
    for (const a of e.attributes) {
      if (/^on/i.test(a.name)) out.push(e.outerHTML.slice(0, 120));
      if (/^(href|src|action|formaction)$/i.test(a.name) && /^\s*(javascript|data|vbscript|blob|file):/i.test(a.value)) out.push(e.outerHTML.slice(0, 120));
    }
  }
  return out;
})()`

type hostileWord struct {
	Surface string `json:"surface"`
	Value   string `json:"value"`
}

// hostileWords reads the cases of words and addresses of all kinds that lie beside the checkout,
// or makes a few.
func hostileWords(t testing.TB) []hostileWord {
	t.Helper()
	made := []hostileWord{
		{"html", `<script>alert(1)</script>`}, {"html", `<img src=x onerror=alert(1)>`}, {"html", `<svg onload=alert(1)>`}, {"html", `"><iframe srcdoc="<script>alert(1)</script>">`},
		{"url", `javascript:alert(1)`}, {"url", `data:text/html,<script>alert(1)</script>`}, {"text", "\u202eevil"}, {"text", `{{.}} ${alert(1)}`}, {"search", `"><script>alert(1)</script>`}, {"csv", `=HYPERLINK("https://elsewhere.test","x")`}, {"path", `../../etc/passwd%00.png`},
	}
	for len(made) < 60 {
		made = append(made, made...)
	}
	f, err := os.Open(filepath.Join(server.Root(), "..", "shared", "hostile", "cases.jsonl"))
	if err != nil {
		return made
	}
	defer f.Close()
	var list []hostileWord
	n := 0
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var c struct {
			Surface, Kind string
			Value         any
		}
		if json.Unmarshal(lines.Bytes(), &c) != nil || c.Kind != "input" || !slices.Contains([]string{"html", "url", "text", "search", "csv", "path"}, c.Surface) {
			continue
		}
		v, ok := c.Value.(string)
		if n++; ok && (os.Getenv("OSIER_ALL_CASES") != "" || n%4 == 0) { // a quarter, but where all are asked for
			list = append(list, hostileWord{c.Surface, v})
		}
	}
	if len(list) == 0 {
		return made
	}
	return list
}
