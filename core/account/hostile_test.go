package account

import (
	"bufio"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/account/oidc/oidctest"
	"github.com/osier-passport/osier/core/web"
)

// hostileValues are the inline values of one surface of the shared collection.
func hostileValues(t *testing.T, surface string) []string {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "..", "shared", "hostile", "cases.jsonl"))
	if err != nil {
		t.Skip("no shared test data")
	}
	defer f.Close()
	var list []string
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var c struct{ Surface, Value string }
		if json.Unmarshal(lines.Bytes(), &c) == nil && c.Surface == surface {
			list = append(list, c.Value)
		}
	}
	return list
}

// TestHostileWaysOn: whatever a sign-in by a provider is told to go on to, it stays
// on this site and adds no header.
func TestHostileWaysOn(t *testing.T) {
	p := oidctest.New(t)
	s, _ := timed(t, p)
	values := append(hostileValues(t, "redirect"), hostileValues(t, "header")...)
	for _, v := range values {
		leadsHere(t, s, p, v)
	}
	t.Logf("%d values", len(values))
	c := s.Client()
	for _, v := range hostileValues(t, "header") {
		for _, path := range []string{"/auth/uni?next=", "/auth/uni/callback?state=0123456789abcdef&error=", "/auth/uni/signed-out?state=", "/invite/"} {
			page := c.Get(path + url.QueryEscape(v))
			if page.Header.Get("Set-Cookie") == "crlf=injection" || page.Header.Get("ContentLength") != "" || strings.Contains(string(page.Body), "<script>alert") {
				t.Errorf("%s%q: %v", path, v, page.Header)
			}
		}
	}
}

// leadsHere lets somebody sign in who wants to go on to next.
func leadsHere(t *testing.T, s *site, p *oidctest.Provider, next string) {
	t.Helper()
	to, ticket, err := s.accounts.Visit(t.Context(), Wish{Provider: "uni", Next: local(next)})
	if err != nil {
		t.Fatal(err)
	}
	back := p.Approve(t, to)
	out, err := s.accounts.Arrive(t.Context(), Return{
		Provider: "uni", Ticket: ticket.Value, State: back.Get("state"), Code: back.Get("code"), Issuer: back.Get("iss"),
	})
	if err != nil {
		t.Fatal(err)
	}
	end := onward(out.Next)
	u, err := url.Parse(end)
	if err != nil || u.Host != "" || !strings.HasPrefix(end, "/") || strings.HasPrefix(end, "//") || web.Local(end) != end {
		t.Errorf("%q leads to %q", next, end)
	}
}
