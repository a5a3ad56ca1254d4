package e2e

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/osier-passport/osier/test/browser"
	"github.com/osier-passport/osier/test/server"
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
func (v *settings) request(t *testing.T, s *server.Server, visitor *browser.Tab) {
	const address = "rosa@harbour.example"
	me := v.tab
	me.Open("/add")
	me.Choose("#f-file", sample(t, s.URL+"/demo/samples/for-somebody-else.png"))
	me.At("/badges/claim")
	v.still("badge for another address")
	me.Press(`form[action$="/keep"] button`)
	badge := me.Path()

	rosa := &settings{tab: visitor, axe: v.axe}
	for _, lang := range []string{"fr", "en"} {
		rosa.speak(lang)
		visitor.Open("/data-request")
		visitor.Fill("address", address)
		visitor.Press(`form[action="/data-request"] button`)
		rosa.still("data request asked " + lang)
		me.Open("/admin/outbox")
		visitor.Open(browser.Eval[string](me, `document.body.textContent.match(/\/data-request\/[A-Za-z0-9_-]+/)[0]`))
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

// embed looks at a badge in a frame, against all rules of axe-core.
func (v *settings) embed(badge string) {
	me := v.tab
	me.Open(badge)
	browser.Eval[bool](me, `document.querySelector(".badge-page-tools details.disclosure").open = true`)
	me.Press(`button[name="visibility"][value="public"]`)
	for _, query := range []string{"?theme=light", "?lang=fr&theme=dark"} {
		me.Open("/embed" + badge + query)
		v.still("embed " + query)
		for _, problem := range violations(me, v.axe) {
			me.T.Errorf("/embed%s%s: %s", badge, query, problem)
		}
	}
}

// still looks at the page that is open on a phone and a desktop, light and dark.
func (v *settings) still(name string) {
	for _, w := range ways[:2] {
		v.tab.Viewport(w.width, 900)
		v.tab.Dark(w.dark)
		v.check(size(w.width) + " " + light(w.dark) + " " + name)
	}
	v.tab.Dark(false)
}

// sample fetches a file of the demo.
func sample(t *testing.T, address string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v", address, resp.StatusCode, err)
	}
	path := filepath.Join(t.TempDir(), "sample.png")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
