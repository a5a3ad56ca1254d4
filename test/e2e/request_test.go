package e2e

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"testing"

	"github.com/osier-passport/osier/test/browser"
)

// address looks at an address that waits, and at the page that removes it.
func (v *settings) address() {
	me := v.tab
	me.Open("/settings/emails")
	me.Fill("address", "second@people.example")
	me.Press(`form[action="/settings/emails"] button`)
	v.walk([]string{"/settings/emails", me.Value(`a[href$="/remove"]`, "pathname")}, "second")
}

// invitations looks at the invitations of a member and of an administrator.
func (v *settings) invitations(member *browser.Tab) {
	me := v.tab
	me.Open("/admin/joining")
	me.Click(`input[name="members"]`)
	me.Press(`form[action="/admin/joining"] button[type="submit"]`)
	v.walk([]string{"/admin/joining"})
	member.Open("/demo")
	member.Press(`form[action="/demo/noor"] button`)
	member.At("/feed")
	noor := &settings{tab: member, axe: v.axe}
	member.Open("/settings/invitations")
	member.Fill("note", "For the choir")
	member.Press(`form[action="/settings/invitations"] button[type="submit"]`)
	noor.walk([]string{"/settings/invitations"})
}

// request asks as somebody without an account what is held about their address, has
// a badge kept without it, and looks at each page on the way.
func (v *settings) request(t *testing.T, visitor *browser.Tab) {
	const address = "rosa@harbour.example"
	me := v.tab
	me.Open("/add")
	me.Choose("#f-file", sample(t, me, "/demo/samples/for-somebody-else.png"))
	me.Until(`!!document.querySelector('form[action$="/keep"]')`, "the page of a badge for another address")
	v.still("badge for another address")
	me.Press(`form[action$="/keep"] button`)
	badge := me.Path()

	rosa := &settings{tab: visitor, axe: v.axe}
	link := ""
	for _, lang := range []string{"fr", "en"} {
		rosa.speak(lang)
		visitor.Open("/data-request")
		visitor.Fill("address", address)
		visitor.Press(`form[action="/data-request"] button`)
		rosa.still("data request asked " + lang)
		link = mailed(me, "/data-request/", link)
		visitor.Open(link)
		rosa.still("data request link " + lang)
		visitor.Press(`main form[action^="/data-request/"] button`)
		visitor.Reads(address)
		rosa.still("data request " + lang)
	}
	visitor.Click(`input[value="anonymise"]`)
	visitor.Press(`form[action$="/erase"] button`)
	rosa.still("data request done")
	v.walk([]string{badge}, "anonymised")
}

// mailed gives the link of the newest mail that has one beginning with path, once it is
// another than the last.
func mailed(admin *browser.Tab, path, last string) string {
	admin.T.Helper()
	newest := `(document.body.textContent.match(new RegExp(` + quoted(path) + ` + "[A-Za-z0-9_-]+")) ?? [` + quoted(last) + `])[0]`
	admin.OpenUntil("/admin/outbox", newest+" !== "+quoted(last), "a mail with a link to "+path)
	return browser.Eval[string](admin, newest)
}

// embed looks at a badge in a frame, against all rules of axe-core.
func (v *settings) embed(badge string) {
	me := v.tab
	me.Open(badge)
	browser.Eval[bool](me, `document.querySelector(".badge-page-tools details.disclosure").open = true`)
	me.Press(`button[name="visibility"][value="public"]`)
	for _, query := range []string{"?theme=light", "?lang=fr&theme=dark"} {
		me.Open("/embed" + badge + query)
		v.still("embed " + query)
		for _, problem := range violations(me, v.axe, allRules) {
			me.T.Errorf("/embed%s%s: %s", badge, query, problem)
		}
	}
}

// still looks at the page that is open on a phone and a desktop, light and dark.
func (v *settings) still(name string) {
	v.inAll(ways[0].looks, name)
	v.tab.Dark(false)
}

// sample keeps a file of the demo, which it makes for who is signed in.
func sample(t *testing.T, me *browser.Tab, path string) string {
	t.Helper()
	text := browser.Eval[string](me, `fetch("`+path+`").then((r) => r.arrayBuffer()).then((b) => btoa(String.fromCharCode(...new Uint8Array(b))))`)
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "sample.png")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
