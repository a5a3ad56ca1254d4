// Package e2e runs the real binary with a real browser, a real identity
// provider and real issuers, on both databases.
//
// It owns no table. OSIER_BINARY names the binary (built when unset),
// OSIER_TEST_PG a PostgreSQL server; what is missing is left out and said so.
package e2e

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zitadel/oidc/v3/example/server/storage"

	"github.com/osier-passport/osier/test/browser"
	"github.com/osier-passport/osier/test/issuer"
	"github.com/osier-passport/osier/test/server"
)

const password = "correct horse battery staple"

// passport is a site under test with its people.
type passport struct {
	*server.Server

	engine   string
	browser  *browser.Browser
	issuer   *issuer.Issuer
	provider *provider
	files    string // folder for uploads

	admin, ada, bo *browser.Tab
	tabs           []*browser.Tab // all that were opened
	broken         bool           // a chapter failed that others need

	badge string            // path of the badge that Ada shows
	sent  map[string][]byte // uploads by the name of the badge
}

// person is somebody in the story.
type person struct{ name, handle, address string }

// The names are marks as well: nothing of Ada's may stay when she is gone.
var (
	root = person{"Rowan Root", "rowan", "rowan@example.org"}
	ada  = person{"Adamarkone Lovelacemark", "adamarkhandle", "adamarkmail@example.org"}
	bo   = person{"Bo Weaver", "bo", "bo@example.org"}
)

// open starts a site on one engine, with everything around it.
func open(t *testing.T, engine, database string, b *browser.Browser) *passport {
	t.Helper()
	p := &passport{engine: engine, browser: b, issuer: issuer.Start(t), files: t.TempDir(), sent: map[string][]byte{}}
	p.provider = startProvider(t,
		&storage.User{ID: "sub-bo", Username: "bo", FirstName: "Bo", LastName: "Weaver", Email: bo.address, EmailVerified: true},
	)
	p.Server = server.Start(t, server.Options{
		Dir: site(t), Config: p.config(t, database), Env: p.issuer.Env(),
	})
	p.provider.register(p.URL, "college")
	return p
}

// site is a folder for a passport with a community plugin in place.
func site(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	installPlugin(t, filepath.Join(dir, "data", "plugins"))
	return dir
}

func (p *passport) config(t *testing.T, database string) string {
	t.Helper()
	u, err := url.Parse(p.provider.issuer)
	if err != nil {
		t.Fatal(err)
	}
	hosts := append(p.issuer.Hosts(), u.Host)
	return fmt.Sprintf("database = %q\n[fetch]\nallow = [\"%s\"]\n%s", database, strings.Join(hosts, `", "`), p.provider.config("college", "Willow College"))
}

// step runs one chapter of a story. Once one has failed the rest is left out.
func (p *passport) step(t *testing.T, name string, do func()) {
	t.Helper()
	if !p.broken {
		p.broken = !p.run(t, name, do)
	}
}

// aside runs a chapter that no later one needs.
func (p *passport) aside(t *testing.T, name string, do func()) {
	t.Helper()
	if !p.broken {
		p.run(t, name, do)
	}
}

func (p *passport) run(t *testing.T, name string, do func()) bool {
	t.Helper()
	return t.Run(name, func(t *testing.T) {
		for _, tab := range p.tabs {
			whole := tab.T
			tab.T = t
			t.Cleanup(func() {
				tab.CheckConsole()
				tab.T = whole
			})
		}
		do()
	})
}

// person opens a browser for somebody.
func (p *passport) person(t *testing.T) *browser.Tab {
	t.Helper()
	tab := p.browser.Person(t, p.URL)
	p.tabs = append(p.tabs, tab)
	return tab
}

// file writes an upload.
func (p *passport) file(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(p.files, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func shots() string { return filepath.Join(server.Root(), "test", "out") }
