package e2e

import (
	"net/url"
	"regexp"
	"testing"

	"github.com/osier-passport/osier/test/browser"
	"github.com/osier-passport/osier/test/server"
)

// TestPassport is the whole story on SQLite, and its main path on PostgreSQL.
func TestPassport(t *testing.T) {
	b := browser.Start(t, shots())
	t.Run("sqlite", func(t *testing.T) {
		p := open(t, "sqlite", "", b)
		p.begin(t)
		p.addEveryKind(t)
		p.refuse(t)
		p.community(t)
		p.shareEverywhere(t)
		p.withoutScript(t)
		p.shelf(t)
		p.anybodyVerifies(t)
		p.french(t)
		p.looks(t)
		p.export(t)
		p.leave(t)
		p.nothingIsLeft(t)
		p.again(t)
	})
	t.Run("postgres", func(t *testing.T) {
		p := open(t, "postgres", database(t), b)
		p.begin(t)
		p.addOne(t)
		p.community(t)
		p.shareOnce(t)
		p.export(t)
		p.leave(t)
		p.again(t)
	})
}

// begin brings three people in: by the setup link, by a mailed link and from an
// identity provider.
func (p *passport) begin(t *testing.T) {
	p.setUp(t)
	p.signUp(t)
	p.signInAtCollege(t)
}

func (p *passport) setUp(t *testing.T) {
	p.admin = p.person(t)
	p.step(t, "the setup link makes the first administrator", func() {
		tab := p.admin
		if p.Setup == "" {
			tab.T.Fatalf("no setup link in the log\n%s", p.Log)
		}
		tab.Open(p.Setup)
		p.shot(tab, "setup")
		tab.Fill("site", "Willow Passport")
		tab.Fill("name", root.name)
		tab.Fill("handle", root.handle)
		tab.Fill("address", root.address)
		tab.Fill("password", password)
		tab.Press("main button[type=submit]")
		tab.At("/badges")
		tab.Reads("Willow Passport")
		p.shot(tab, "badges-empty")

		tab.Allow("404")
		tab.Open(p.Setup)
		if tab.Status() != 404 {
			tab.T.Errorf("the setup link answers %d when it was used", tab.Status())
		}
	})
}

var confirmation = regexp.MustCompile(`https?://\S+/confirm/[\w-]+`)

func (p *passport) signUp(t *testing.T) {
	p.ada = p.person(t)
	p.step(t, "a person signs up, and confirms her address by the link in the outbox", func() {
		tab := p.ada
		tab.Open("/signup")
		p.shot(tab, "signup")
		tab.Fill("name", ada.name)
		tab.Fill("handle", ada.handle)
		tab.Fill("address", ada.address)
		tab.Fill("password", password)
		tab.Press("main form button[type=submit]")
		tab.At("/badges")
		tab.Open("/settings/emails")
		tab.Reads(ada.address)
		if tab.Count("main .tag-ok") != 0 {
			tab.T.Error("the address counts before it is confirmed")
		}
		p.confirm(tab, ada.address)
		tab.Open("/settings/emails")
		if tab.Count("main .tag-ok") != 1 {
			tab.T.Error("the address does not count once it is confirmed")
		}
		p.shot(tab, "settings-emails")
	})
}

// confirm opens the link that waits in the administrator's outbox.
func (p *passport) confirm(tab *browser.Tab, address string) {
	p.admin.Finds("/admin/outbox", address)
	p.admin.Click("main summary", address)
	p.shot(p.admin, "outbox")
	text := browser.Eval[string](p.admin, `Array.from(document.querySelectorAll("main details")).find((d) => d.textContent.includes("`+address+`")).textContent`)
	link := confirmation.FindString(text)
	if link == "" {
		tab.T.Fatalf("no confirmation link in the mail:\n%s", text)
	}
	tab.Open(link)
	tab.Press("main form button[type=submit]")
}

func (p *passport) signInAtCollege(t *testing.T) {
	p.bo = p.person(t)
	p.step(t, "another one comes from an identity provider", func() {
		p.comeFromCollege(p.bo, "bo")
		p.bo.Open("/settings/emails")
		p.bo.Reads(bo.address)
		if p.bo.Count("main .tag-ok") != 1 {
			p.bo.T.Error("an address that the provider verified does not count")
		}
		p.bo.Open("/settings/security")
		p.bo.Reads("Willow College")
		p.shot(p.bo, "settings-security")
	})
}

func (p *passport) comeFromCollege(tab *browser.Tab, name string) {
	tab.Open("/login")
	p.shot(tab, "login")
	tab.Press("main a", "Willow College")
	here, err := url.Parse(tab.Location())
	if err != nil || "http://"+here.Host != p.provider.issuer {
		tab.T.Fatalf("not at the provider but at %s", tab.Location())
	}
	tab.Type("#username", name)
	tab.Type("#password", providerPassword)
	tab.Press("button[type=submit]")
	tab.Until("location.origin === "+quoted(p.URL), "the way back from the provider")
	if tab.Path() == "/login" {
		tab.T.Fatal("sign-in at the provider did not work")
	}
}

// shot takes a picture, of one engine only.
func (p *passport) shot(tab *browser.Tab, name string) {
	if p.engine == "sqlite" {
		tab.Shot(name)
	}
}

func database(t *testing.T) string {
	t.Helper()
	return server.FreshDatabase(t)
}
