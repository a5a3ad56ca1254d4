package e2e

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/osier-passport/osier/test/browser"
	"github.com/osier-passport/osier/test/server"
)

// college is a certified OpenID provider that runs beside the passport: it ends
// sessions at both ends and tells of groups, as the one of an institution does.
type college struct {
	t      *testing.T
	issuer string
	in     io.WriteCloser
	out    *bufio.Scanner
}

// claims is what the college says of a person.
type claims map[string]any

// startCollege runs the college for the passport at an address. Without Node.js the
// test is left out.
func startCollege(t *testing.T, site string, people map[string]claims) *college {
	t.Helper()
	test := filepath.Join(server.Root(), "test")
	if _, err := os.Stat(filepath.Join(test, ".op", "node_modules")); err != nil {
		if os.Getenv("OSIER_TEST_VERIFIER") == "required" {
			t.Fatal("the provider is not installed, though there is npm: test/prepare did not do it")
		}
		t.Skip("the provider with back-channel logout is not installed: test/prepare does it")
	}
	script, err := os.ReadFile(filepath.Join(test, "op", "provider.js"))
	if err != nil {
		t.Fatal(err)
	}
	run := filepath.Join(test, ".op", "provider.mjs") // beside its libraries
	if err := os.WriteFile(run, script, 0o600); err != nil {
		t.Fatal(err)
	}
	node := exec.CommandContext(t.Context(), "node", run)
	c := &college{t: t}
	out, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if c.in, err = node.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	node.Stderr = &said
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.in.Close()
		if err := node.Wait(); err != nil && t.Context().Err() == nil || strings.Contains(said.String(), "back-channel:") {
			t.Errorf("the college: %v\n%s", err, &said)
		}
	})
	c.out = bufio.NewScanner(out)
	c.issuer = c.tell(map[string]any{"site": site, "people": people})
	return c
}

// tell sends a line to the college and gives its answer.
func (c *college) tell(line any) string {
	c.t.Helper()
	if err := json.NewEncoder(c.in).Encode(line); err != nil {
		c.t.Fatal(err)
	}
	if !c.out.Scan() {
		c.t.Fatalf("the college says nothing: %v", c.out.Err())
	}
	return c.out.Text()
}

// config has the same college twice: for all of a domain, and for a group, of whom
// some are administrators.
func (c *college) config() string {
	block := "issuer = \"" + c.issuer + "\"\nclient_secret = \"a-secret-of-two\"\nlogout = true\n"
	return "[[oidc]]\nid = \"college\"\nname = \"Willow College\"\nclient_id = \"college\"\nallowed_domains = [\"college.example\"]\n" + block +
		"[[oidc]]\nid = \"staff\"\nname = \"Staff Room\"\nclient_id = \"staff\"\nscopes = [\"openid\", \"email\", \"profile\", \"groups\"]\nallowed_groups = [\"staff\"]\nroles = [\"badge-team=admin\"]\n" + block
}

// come goes by a button of the sign-in page to the college and back, in as many steps
// as that asks for.
func (c *college) come(tab *browser.Tab, button, name string) {
	tab.T.Helper()
	tab.Open("/login")
	tab.Press("main a", button)
	c.pass(tab, name)
}

// pass answers what the college asks until it lets the browser go.
func (c *college) pass(tab *browser.Tab, name string) {
	tab.T.Helper()
	tab.Until("location.origin === "+quoted(c.issuer), "the college")
	for steps := 0; strings.HasPrefix(tab.Location(), c.issuer); steps++ {
		if steps == 3 {
			tab.T.Fatalf("the college keeps %s:\n%s", name, tab.Text("body"))
		}
		if tab.Count("input[name=login]") > 0 {
			tab.Type("input[name=login]", name)
			tab.Type("input[name=password]", providerPassword)
		}
		tab.Press("button[type=submit]")
	}
}
