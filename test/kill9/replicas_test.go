package kill9

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/test/issuer"
	"github.com/osier-passport/osier/test/server"
)

// within is how soon everybody has to see what changed on another replica.
const within = time.Second

// TestReplicasHideAtOnce: what is hidden on one of two servers on one PostgreSQL is
// hidden on the other within a second, on every page that showed it: a badge that
// becomes private, a person who hides everything, a site that only members explore.
func TestReplicasHideAtOnce(t *testing.T) {
	config := fmt.Sprintf("database = %q\n", server.FreshDatabase(t))
	i := issuer.Start(t)
	o := server.Options{Env: i.Env(), Config: config + "[fetch]\nallow = [\"" + strings.Join(i.Hosts(), `", "`) + "\"]\n"}
	one := server.Start(t, o)
	one.Run(t, password+"\n", "user", "create", "--config", one.ConfigFile(), "--admin", "--name", "Quillon Ada", "--email", "ada@example.org", "ada")
	o.Dir = t.TempDir()
	if err := os.Mkdir(filepath.Join(o.Dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	key, err := os.ReadFile(filepath.Join(one.Data(), "osier.key"))
	if err == nil {
		err = os.WriteFile(filepath.Join(o.Dir, "data", "osier.key"), key, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	two := server.Start(t, o)

	ada := newClient(t, one.URL, "ada", "ada@example.org")
	if err := ada.signIn(t.Context(), password); err != nil {
		t.Fatal(err)
	}
	_, a, err := ada.add(t.Context(), "b.json", false, i.Embedded(t, "2.0", "Quillon Badge", ada.address))
	if err != nil {
		t.Fatal(err)
	}
	badge, _, _ := strings.Cut(a.location, "?")
	show := func(v string) { ada.do303(t, badge+"/visibility", url.Values{"visibility": {v}}) }
	show("public")
	other := newClient(t, two.URL, "", "")
	pages := []string{badge, badge + "/verify", "/@ada", "/@ada/feed.atom", "/explore", "/explore?tab=badges", "/explore?tab=people", "/explore?q=uillon+Bad", "/", "/verify?badge=" + strings.TrimPrefix(badge, "/b/")}

	const who, what = "Quillon", "Quillon Badge"
	shown := other.showing(t, pages, who)
	if len(shown) < 6 {
		t.Fatalf("only %v show it at first", shown)
	}
	slowest := map[string]time.Duration{}
	for range 5 {
		for name, hide := range map[string]func(){
			"private":    func() { show("private") },
			"everything": func() { ada.do303(t, "/settings/hidden", url.Values{"action": {"hide"}}) },
			"members":    func() { ada.site(t, "members") },
		} {
			watched, word := shown, who
			if name == "private" { // whose it is may be known
				word = what
			}
			if name == "members" { // a page of a badge or profile is not exploring
				watched = []string{"/explore", "/explore?tab=badges", "/explore?q=uillon+Bad", "/"}
			}
			hide()
			slowest[name] = max(slowest[name], other.gone(t, name, watched, word))
			show("public")
			ada.do303(t, "/settings/hidden", url.Values{"action": {"show"}})
			ada.site(t, "open")
			other.back(t, shown, who)
		}
	}
	t.Logf("slowest of 5: %v", slowest)
}

// do303 posts a form that must be accepted.
func (c *client) do303(t *testing.T, path string, form url.Values) {
	t.Helper()
	if a, err := c.post(t.Context(), path, form); err != nil || a.status != http.StatusSeeOther {
		t.Fatalf("%s: %d, %v: %.300s", path, a.status, err, a.body)
	}
}

// site says who may explore.
func (c *client) site(t *testing.T, explore string) {
	t.Helper()
	c.do303(t, "/admin", url.Values{"site": {"Osier"}, "explore": {explore}})
}

// showing gives the pages that say a word, which must not be the one that is
// searched for: a search says that itself.
func (c *client) showing(t *testing.T, pages []string, word string) []string {
	t.Helper()
	var list []string
	for _, p := range pages {
		a, err := c.get(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(a.body, []byte(word)) {
			list = append(list, p)
		}
	}
	return list
}

// gone asks the pages again and again, from the moment of the answer that hid
// something, and gives how long any of them still showed it.
func (c *client) gone(t *testing.T, what string, pages []string, word string) time.Duration {
	t.Helper()
	from := time.Now()
	last := time.Duration(0)
	for {
		at := time.Since(from) // of the question
		left := c.showing(t, pages, word)
		if len(left) == 0 {
			return last
		}
		last = at
		if at > within {
			t.Errorf("%s: %v still show it after %s", what, left, at)
			return at
		}
	}
}

// back waits until all pages show it again.
func (c *client) back(t *testing.T, pages []string, word string) {
	t.Helper()
	for from := time.Now(); len(c.showing(t, pages, word)) < len(pages); {
		if time.Since(from) > 5*within {
			t.Fatal("it does not come back")
		}
	}
}
