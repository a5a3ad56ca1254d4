package web_test

import (
	"bufio"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/web"
)

// hostile gives the text cases of one surface, by name, or skips the test where
// the shared folder is absent.
func hostile(t *testing.T, surface string) map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "..", "shared", "hostile", "cases.jsonl"))
	if err != nil {
		t.Skip("no hostile cases here")
	}
	defer f.Close()
	list := map[string]string{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var c struct {
			Surface, Name string
			Value         any
		}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		if s, ok := c.Value.(string); ok && c.Surface == surface {
			list[c.Name] = s
		}
	}
	if len(list) == 0 {
		t.Fatalf("no cases of %s", surface)
	}
	return list
}

func TestLocal(t *testing.T) {
	for _, s := range []string{"/", "/feed", "/b/x?share=1&a=b%20c", "/@ada", "/search?q=%2F%2Fevil.test", "/login?next=https://evil.test/"} {
		if got := web.Local(s); got != s {
			t.Errorf("Local(%q) = %q", s, got)
		}
	}
	for _, s := range []string{
		"", "feed", "//evil.test", "///evil.test", "/\\evil.test", "\\/evil.test", "/\t/evil.test", "/\n/evil.test", " /feed", "/ /evil",
		"https://evil.test", "HTTPS:evil.test", "javascript:alert(1)", "/%09/evil.test", "/%5cevil.test", "/%2f/evil.test", "/%2Fevil.test",
		"/./\\evil", "/.//evil.test", "/..//evil.test", "/a\x00b", "/a\u202eb", "/%zz", "//", "/" + strings.Repeat("a", 3000), "?x", "#x", "@evil.test",
	} {
		if got := web.Local(s); got != "/" {
			t.Errorf("Local(%q) = %q", s, got)
		}
	}
}

func onOwnSite(location string) bool {
	base := &url.URL{Scheme: "https", Host: "own.test", Path: "/a/b"}
	// Browsers drop tabs and newlines and read backslashes as slashes (WHATWG URL §4.4).
	location = strings.NewReplacer("\t", "", "\n", "", "\r", "", "\\", "/").Replace(location)
	u, err := base.Parse(location)
	return err == nil && strings.HasPrefix(location, "/") && !strings.HasPrefix(location, "//") && u.Host == "own.test" && u.Scheme == "https" && u.User == nil
}

func TestHostileRedirects(t *testing.T) {
	s := start(t, func(r web.Router) {
		r.Get("/go", func(c *web.Ctx) error { return c.Redirect(c.Query("next")) })
		r.Get("/local", func(c *web.Ctx) error { return c.Redirect(web.Local(c.Query("next"))) })
	})
	c := s.Client()
	for name, value := range hostile(t, "redirect") {
		if len(value) > 8000 {
			continue // longer than a request line may be
		}
		for _, path := range []string{"/go", "/local"} {
			p := c.Get(path + "?next=" + url.QueryEscape(value)).Is(303)
			if !onOwnSite(p.Location()) {
				t.Errorf("%s: %q leads to %q", name, value, p.Location())
			}
		}
		// The slash at the end of an address is dropped by a redirect of its own.
		answer := c.Get("/" + url.PathEscape(value) + "/")
		if to := answer.Location(); to != "" && !onOwnSite(to) {
			t.Errorf("%s: slash leads to %q", name, to)
		}
	}
}

func TestHostileFormsAndPaths(t *testing.T) {
	var got string
	s := start(t, func(r web.Router) {
		r.Get("/show/:x", func(c *web.Ctx) error { return c.Render("page", c.Param("x")+c.Query("q")) })
		r.Post("/show", func(c *web.Ctx) error {
			form, err := c.Form()
			got = form.Get("x")
			return err
		})
	})
	c := s.Client()
	for _, surface := range []string{"text", "username", "path", "header", "url"} {
		for name, value := range hostile(t, surface) {
			if len(value) > 8000 {
				continue
			}
			p := c.Get("/show/" + url.PathEscape(value) + "?q=" + url.QueryEscape(value))
			if p.Status >= 500 {
				t.Errorf("%s: status %d", name, p.Status)
			}
			p.HasNot("script", "img", "svg", "iframe", "[onerror]", "[onload]")
			got = ""
			if p := c.PostForm("/show", "x", value); p.Status >= 500 || p.Status == 200 && got != value {
				t.Errorf("%s: status %d, %q became %q", name, p.Status, value, got)
			}
		}
	}
}
