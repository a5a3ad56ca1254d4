package e2e

import (
	"testing"

	"github.com/osier-passport/osier/test/browser"
	"github.com/osier-passport/osier/test/issuer"
	"github.com/osier-passport/osier/test/server"
)

// TestPeople: an administrator finds somebody, shuts them out with a word, lets them in
// again, sets a day for the end, calls it off, and removes them with a last mail.
func TestPeople(t *testing.T) {
	b := browser.Start(t, shots())
	p := &passport{browser: b, issuer: issuer.Start(t), files: t.TempDir()}
	p.Server = server.Start(t, server.Options{Config: "[smtp]\nhost = \"127.0.0.1\"\nport = 1\ntls = \"none\"\nfrom = \"badges@example.org\"\n"})
	p.setUp(t)
	p.ada = p.person(t)
	p.ada.Languages("fr-FR,fr,en")
	p.join(p.ada)
	tab := p.admin
	page := ""
	p.step(t, "found by the beginning of her address", func() {
		tab.Open("/admin/people?q=adamarkm")
		tab.Lacks(root.address)
		tab.Press("main .row a", ada.name)
		page = tab.Path()
		tab.Reads(ada.address, "Active")
	})
	p.step(t, "shut out with a word, and let in again", func() {
		tab.Type("#f-words", "Please call the office.")
		tab.Press(`main form[action$="/disable"] button`)
		tab.Reads("Disabled", "Please call the office.")
		tab.Shot("people-disabled")
		p.ada.Open("/badges")
		p.ada.At("/login")
		tab.Press(`main form[action$="/enable"] button`)
		tab.Reads("Active")
		tab.Finds("/admin/outbox", ada.address)
	})
	p.step(t, "a day for the end, which is called off", func() {
		tab.Open(page + "/remove")
		tab.Shot("people-remove")
		tab.Fill("handle", ada.handle)
		tab.Press("main form[action$='/remove'] button")
		tab.Reads("Open the account")
		tab.Shot("people-due")
		tab.Press(`main form[action$="/enable"] button`)
		tab.Reads("Active")
	})
	p.step(t, "removed with a last word", func() {
		tab.Open(page + "/remove")
		tab.Click(`input[name=when][value=now]`)
		tab.Type("#f-words", "Thank you for the years.")
		tab.Fill("handle", "somebody")
		tab.Allow("422")
		tab.Press("main form[action$='/remove'] button")
		if kept := tab.Value("#f-words", "value"); kept != "Thank you for the years." {
			tab.T.Errorf("the words are %q after a slip", kept)
		}
		tab.Fill("handle", ada.handle)
		tab.Press("main form[action$='/remove'] button")
		tab.At("/admin/record")
		tab.OpenUntil("/admin/record", "!document.body.textContent.includes("+quoted(ada.name)+")", "the record without the name") // who is erased behind the page
		tab.Shot("people-record")
		tab.Finds("/admin/outbox", ada.address)
		tab.Click("main summary", ada.address)
		tab.Reads("Thank you for the years.")
		tab.Shot("people-outbox")
		tab.Allow("410")
		tab.Open("/@" + ada.handle)
		if tab.Status() != 410 {
			tab.T.Errorf("the profile answers %d", tab.Status())
		}
	})
}
