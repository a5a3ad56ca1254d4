package e2e

import (
	"strings"
	"testing"

	"github.com/osier-passport/osier/test/browser"
	"github.com/osier-passport/osier/test/server"
)

// settingsPages are the settings that a person sees, but for those of signing in.
var settingsPages = []string{
	"/settings", "/settings/profile", "/settings/contact", "/settings/pins", "/settings/layout", "/settings/handle", "/settings/appearance", "/settings/privacy", "/settings/hidden", "/settings/followers",
	"/settings/links", "/settings/map", "/settings/notifications", "/settings/emails", "/settings/sharing", "/settings/apps", "/settings/security", "/settings/security/passkeys/new",
	"/settings/merge", "/settings/data", "/settings/data/document?name=account/profile.json", "/settings/data/import", "/settings/remove", "/settings/remove?step=2",
	"/admin/texts", "/removed", "/data-request",
}

// TestSettings looks at every settings page, at the page as others see it, at the
// texts that ask and at joining under age: on a phone and a desktop, light and
// dark, in both languages. axe-core finds nothing.
func TestSettings(t *testing.T) {
	b := browser.Start(t, shots())
	s := server.Start(t, server.Options{Command: []string{"demo"}, NoData: true, Env: []string{"TMPDIR=" + t.TempDir()}})
	me := b.Person(t, s.URL)
	me.Viewport(1280, 900)
	me.Open("/demo")
	me.Press(".cast button")
	me.At("/feed")
	v := &settings{tab: me, axe: readAxe(t)}

	me.Open("/badges")
	badge := me.Value(".badge-card a", "pathname")
	me.Open(badge)
	browser.Eval[bool](me, `document.querySelector(".badge-page-tools details.disclosure").open = true`)
	me.Press(`button[name="visibility"][value="link"]`)
	me.Open("/settings/links")
	me.Reads("Share links")
	profile := "/@" + strings.TrimPrefix(me.Value(`.menu-list a[href^="/@"]`, "pathname"), "/@")
	pages := append([]string{profile, profile + "?as=stranger", profile + "?as=follower", badge, badge + "?as=member"}, settingsPages...)
	me.Allow("404", "422")
	v.walk(pages)
	v.letIn(s.URL)

	me.Open("/settings/hidden")
	me.Press(`button[value="hide"]`)
	v.walk([]string{"/settings/privacy", "/settings/hidden"}, "hidden")
	me.Open("/settings/hidden")
	me.Press(`button[value="show"]`)

	v.address()
	v.invitations(b.Person(t, s.URL))
	me.Open("/admin/texts")
	me.Fill("age", "16")
	me.Press(`form:has(#f-age) button`)
	me.Type("#f-terms-en", "# What we ask of each other\n\nBe kind, and show what is yours.")
	me.Press(`form:has(#f-terms-en) button[type="submit"]`)
	me.Open("/badges")
	me.At("/agree")
	v.walk([]string{"/agree", "/terms"})
	me.Open("/agree")
	me.Press(`form[action="/agree"] button`)
	me.At("/badges")
	v.request(t, b.Person(t, s.URL))
	v.embed(badge)
	v.join(b.Person(t, s.URL), me)
}

// settings walks through pages.
type settings struct {
	tab *browser.Tab
	axe string
}

// ways are those to look at a page: each language, width and scheme twice, and
// any two of them together once. A page is opened once in each language.
var ways = []struct {
	lang  string
	looks [2]look
}{
	{"en", [2]look{{360, true, wcag}, {1280, false, wcag}}},
	{"fr", [2]look{{360, false, spoken}, {1280, true, sight}}},
}

// look is a width of the window, a scheme, and what axe-core is asked for.
type look struct {
	width int64
	dark  bool
	rules string
}

// walk looks at the pages in all ways.
func (v *settings) walk(pages []string, as ...string) {
	for _, w := range ways {
		v.speak(w.lang)
		for _, page := range pages {
			v.tab.Viewport(w.looks[0].width, 900)
			v.tab.Open(page)
			v.inAll(w.looks, strings.Join(append([]string{w.lang, page}, as...), " "))
		}
	}
	v.tab.Dark(false)
	v.tab.Viewport(1280, 900)
	v.speak("en")
}

// inAll looks at the page that is open.
func (v *settings) inAll(looks [2]look, name string) {
	for i, l := range looks {
		if i > 0 || !v.wide(l.width) {
			v.tab.Viewport(l.width, 900)
		}
		v.tab.Dark(l.dark)
		v.check(size(l.width)+" "+light(l.dark)+" "+name, l.rules)
	}
}

// wide reports whether the window has a width already: setting it draws all anew.
func (v *settings) wide(width int64) bool {
	return browser.Eval[int64](v.tab, "window.innerWidth") == width
}

// speak chooses the language of the pages.
func (v *settings) speak(lang string) {
	v.tab.Open("/about")
	if v.tab.Value("html", "lang") != lang {
		v.tab.Press(`form[action="/language"] button[value="` + lang + `"]`)
	}
}

// check holds the page that is open against the rules, and takes its picture.
func (v *settings) check(name, rules string) {
	t := v.tab.T
	for _, problem := range browser.Eval[[]string](v.tab, overflow) {
		t.Errorf("%s is too wide: %s", name, problem)
	}
	for _, key := range browser.Eval[[]string](v.tab, rawKeys) {
		t.Errorf("%s reads the key of a message: %s", name, key)
	}
	v.tab.Shot("settings " + strings.NewReplacer("/", "_", "?", "_", "=", "_", "@", "").Replace(name))
	for _, problem := range violations(v.tab, v.axe, rules) {
		t.Errorf("%s: %s", name, problem)
	}
}

// join lets somebody under age join, wait and be let in by a guardian.
func (v *settings) join(young, admin *browser.Tab) {
	kim := &settings{tab: young, axe: v.axe}
	kim.walk([]string{"/signup"})
	young.Open("/signup")
	young.Fill("name", "Kim")
	young.Fill("handle", "kim-w")
	young.Fill("address", "kim@people.example")
	young.Fill("password", "a long enough one")
	young.Click(`input[name="age"][value="under"]`)
	young.Fill("guardian", "parent@people.example")
	young.Click(`#f-agree`)
	young.Press(`form[action="/signup"] button[type="submit"]`)
	young.At("/guardian")
	kim.walk([]string{"/guardian"})
	link := mailed(admin, "/guardian/", "")
	kim.walk([]string{link}, "guardian")
	young.Open(link)
	young.Press(`button[value="confirm"]`)
	young.Open("/badges")
	young.At("/badges")
}

func size(width int64) string {
	if width < 600 {
		return "phone"
	}
	return "desktop"
}

func light(dark bool) string {
	if dark {
		return "dark"
	}
	return "light"
}
