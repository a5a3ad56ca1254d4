package web_test

import (
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/web"
	"github.com/osier-passport/osier/core/web/webtest"
)

// TestAKeptPageIsSentAgainUntilSomethingChanges counts how often it is drawn.
func TestAKeptPageIsSentAgainUntilSomethingChanges(t *testing.T) {
	b := dbtest.SQLite(t)
	var drawn, sent atomic.Int64
	s := webtest.Start(t, b, webtest.Options{Themes: plainTheme(), Mount: func(s *webtest.Server) {
		draw := func(name string) web.Handler {
			return web.Kept(func(c *web.Ctx) error {
				c.Again(func(*web.Ctx) { sent.Add(1) })
				return c.Render(name, strconv.FormatInt(drawn.Add(1), 10))
			})
		}
		s.Router().Get("/page", draw("page"))
		s.Router().Get("/form", draw("form"))
		s.Router().Get("/flash", web.Kept(func(c *web.Ctx) error {
			c.Flash(web.Done, "flash.language")
			return c.Redirect("/page")
		}))
		s.Router().Get("/cookie", web.Kept(func(c *web.Ctx) error {
			c.SetCookie("mine", strconv.FormatInt(drawn.Add(1), 10), 0)
			return c.Render("page", "with a cookie")
		}))
	}})
	a, other := s.Client(), s.Client()
	want := func(what string, c *webtest.Client, path string, n int64) {
		t.Helper()
		before := sent.Load()
		p := c.Get(path).Is(200)
		if drawn.Load() != n {
			t.Errorf("%s: drawn %d times, want %d", what, drawn.Load(), n)
		}
		if p.Header.Get("Content-Type") == "" || p.Header.Get("Vary") == "" || p.Header.Get("Cache-Control") != "private, no-cache" && c != nil && path == "/page" {
			t.Errorf("%s: headers %v", what, p.Header)
		}
		if path != "/cookie" && sent.Load() != before+1 {
			t.Errorf("%s: not counted", what)
		}
	}
	want("first", a, "/page", 1)
	want("again", a, "/page", 1)
	want("somebody else", other, "/page", 1)
	want("another address", a, "/page?x=1", 2)
	want("with a secret", a, "/page?key=1", 3)
	want("with a secret again", a, "/page?key=1", 4)
	want("in another language", s.Client().With("Accept-Language", "fr"), "/page", 5)
	if err := b.Tx(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO setting (name, value, changed_at) VALUES ('a', '1', 0)`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	want("after a change", a, "/page", 6)
	want("after a change, again", other, "/page", 6)
	other.Get("/flash").Is(303)
	other.Get("/page").Is(200).Has(".flash")
	want("after a message", other, "/page", 7)
	want("a form", a, "/form", 8)
	want("the form of another", other, "/form", 8)
	want("a cookie", a, "/cookie", 9)
	want("a cookie again", a, "/cookie", 10)
	if x, y := a.Get("/form").Attr("input[name=csrf]", "value"), other.Get("/form").Attr("input[name=csrf]", "value"); x == "" || x == y {
		t.Errorf("two visitors have the tokens %q and %q", x, y)
	}
	in := s.SignIn(web.Viewer{Person: 7, Name: "Ada"})
	in.Get("/page").Is(200).Says("Ada")
	a.Get("/page").Is(200).SaysNot("Ada")
}
