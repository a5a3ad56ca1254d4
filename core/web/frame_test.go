package web_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
	"github.com/osier-passport/osier/core/web/webtest"
)

func TestHeaders(t *testing.T) {
	mount := func(r web.Router) {
		r.Get("/hello", page)
		r.Get("/file", func(c *web.Ctx) error {
			return c.Bytes("image/svg+xml", []byte("<svg/>"), web.ByteOptions{CSP: web.FilePolicy})
		})
	}
	want := map[string]string{
		"X-Content-Type-Options":     "nosniff",
		"X-Frame-Options":            "DENY",
		"Referrer-Policy":            "strict-origin-when-cross-origin",
		"Cross-Origin-Opener-Policy": "same-origin",
		"Server":                     "",
		"Strict-Transport-Security":  "",
	}
	s := start(t, mount)
	for _, path := range []string{"/hello", "/nothing", "/healthz", "/robots.txt", "/assets/app.css", "/file", "/hello/"} {
		p := s.Client().Get(path)
		for name, value := range want {
			if got := p.Header.Get(name); got != value {
				t.Errorf("%s: %s: %q", path, name, got)
			}
		}
		csp := p.Header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") {
			t.Errorf("%s: policy %q", path, csp)
		}
		if unsafe := strings.Contains(csp, "unsafe"); unsafe != (path == "/file") {
			t.Errorf("%s: policy %q", path, csp)
		}
	}
	secure := start(t, mount, func(o *web.Options) { o.Config.PublicURL = "https://passport.test" })
	p := secure.Client().Get("http://" + secure.Address + "/healthz")
	if p.Header.Get("Strict-Transport-Security") == "" {
		t.Error("no HSTS over HTTPS")
	}
}

// TestForwardedHeaders: security row F5. Links come from the configuration and
// the address of a client from the connection, whatever the request claims.
// TestRoutesAreExact: security rows F7 and F8.
// TestHeaderValues: security row F10.
func TestErrors(t *testing.T) {
	give := map[string]error{
		"404":      fault.New(fault.NotFound, "error.text.404"),
		"410":      fault.New(fault.Gone, "error.text.410"),
		"429":      fault.New(fault.TooMany, "web.rate").After(90 * time.Second),
		"503":      fault.New(fault.Unavailable, "error.busy").Wrap(errors.New("the cause")),
		"500":      errors.New("the cause"),
		"link":     fault.New(fault.Conflict, "error.text.409").At("/b/x"),
		"evil":     fault.New(fault.Conflict, "error.text.409").At("//evil.test"),
		"args":     fault.New(fault.Misdirected, "web.host").With("host", "<b>x</b>"),
		"keyless":  fault.New(fault.Invalid, "no.such.key"),
		"notfound": db.ErrNotFound,
	}
	s := start(t, func(r web.Router) {
		for name, err := range give {
			r.Get("/"+name, func(*web.Ctx) error { return err })
		}
		r.Post("/only-post", page)
	})
	c := s.Client()
	c.Get("/404").Is(404).Says("Nothing here").HasNot("#id:not(:empty)")
	c.Get("/410").Is(410).Says("No longer here")
	if p := c.Get("/429").Is(429).Says("Too many tries"); p.Header.Get("Retry-After") != "90" || p.Text("#wait") != "90" {
		t.Errorf("no Retry-After: %v", p.Header)
	}
	c.Get("/503").Is(503).SaysNot("the cause")
	if p := c.Get("/500").Is(500).SaysNot("the cause"); p.Text("#id") == "" {
		t.Error("a defect has no id")
	}
	if to := c.Get("/link").Is(409).Attr("#link", "href"); to != "/b/x" {
		t.Errorf("link %q", to)
	}
	if to := c.Get("/evil").Is(409).Attr("#link", "href"); to != "/" {
		t.Errorf("link %q", to)
	}
	c.Get("/args").Is(421).HasNot("b:not(#viewer)").Says("<b>x</b>")
	c.Get("/keyless").Is(422).Says("Please check")
	c.Get("/notfound").Is(500)
	c.Get("/only-post").Is(405).Says("does not work here")
	c.Post("/404", "application/x-www-form-urlencoded", "").Is(405)
	if got := c.Get("/404").Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("errors are kept: %s", got)
	}
	var body struct {
		Error struct{ Reason, Message, Link string }
	}
	c.With("Accept", "application/json").Get("/link").Is(409).JSON(&body)
	if e := body.Error; e.Reason != "error.text.409" || e.Message == "" || e.Link != "/b/x" {
		t.Errorf("JSON error %+v", e)
	}
	big := s.Client().Post("/only-post", "application/x-www-form-urlencoded", strings.Repeat("a", web.BodyLimit+1))
	big.Is(413).Says("Too large", "At most 10 MB")
}

func TestLanguage(t *testing.T) {
	chosen := ""
	s := start(t, func(r web.Router) { r.Get("/hello", page) },
		func(o *web.Options) {
			o.SetLanguage = func(_ context.Context, person int64, lang string) error { chosen = lang; return nil }
		})
	lang := func(c *webtest.Client) string { return c.Get("/hello").Is(200).Attr("html", "lang") }
	c := s.Client()
	if l := lang(c); l != "en" {
		t.Errorf("default: %s", l)
	}
	french := c.With("Accept-Language", "fr-CA, en;q=0.5")
	if l := lang(french); l != "fr" {
		t.Errorf("Accept-Language: %s", l)
	}
	french.PostForm("/language", "lang", "en", "next", "/hello").Goes("/hello")
	if p := french.Get("/hello"); p.Attr("html", "lang") != "en" || p.Text(".flash.ok") == "" {
		t.Error("the choice of the browser does not count")
	}
	c.PostForm("/language", "lang", "xx", "next", "//evil.test").Goes("/")
	ada := s.SignIn(web.Viewer{Person: 1, Lang: "fr"})
	if l := lang(ada); l != "fr" {
		t.Errorf("person: %s", l)
	}
	ada.PostForm("/language", "lang", "en", "next", "/hello").Goes("/hello")
	if chosen != "en" {
		t.Errorf("the person's choice is not kept: %q", chosen)
	}
	french.Get("/hello").Is(200)
	if p := french.Get("/hello"); p.Header.Get("Vary") != "Cookie, Accept, Accept-Language" {
		t.Errorf("Vary: %q", p.Header.Get("Vary"))
	}
}

func TestFlash(t *testing.T) {
	s := start(t, func(r web.Router) {
		r.Post("/do", func(c *web.Ctx) error {
			c.Flash(web.Done, "error.id", "id", "<i>7</i>")
			return c.Redirect("/hello")
		})
		r.Get("/now", func(c *web.Ctx) error { c.Flash(web.Warning, "action.save"); return page(c) })
		r.Get("/hello", page)
	})
	c := s.Client()
	c.PostForm("/do").Goes("/hello")
	kept := c.Cookie("osier-flash")
	c.Get("/hello").HasNot(".flash i").Says("Number of this error: <i>7</i>")
	c.Get("/hello").HasNot(".flash")
	c.Get("/now").Has(".flash.warn")
	for _, forged := range []string{"x", "x.y", kept[:len(kept)-2], "W3siayI6ImJhZCIsIm0iOiJ4In1d." + strings.Split(kept, ".")[1]} {
		c.SetCookie("osier-flash", forged)
		c.Get("/hello").Is(200).HasNot(".flash")
	}
}

func TestSessionCookie(t *testing.T) {
	mount := func(r web.Router) {
		r.Post("/in", func(c *web.Ctx) error { c.SetSession("token-1", time.Hour); return c.Redirect("/hello") })
		r.Post("/out", func(c *web.Ctx) error { c.ClearSession(); return c.Redirect("/hello") })
		r.Get("/hello", page)
	}
	s := start(t, mount)
	c := s.Client()
	set := c.PostForm("/in").Header.Values("Set-Cookie")
	if !slices.ContainsFunc(set, func(v string) bool {
		return strings.HasPrefix(v, "osier=token-1;") && strings.Contains(v, "HttpOnly") && strings.Contains(v, "SameSite=Lax") && strings.Contains(strings.ToLower(v), "path=/")
	}) {
		t.Errorf("cookies %q", set)
	}
	c.PostForm("/out")
	if v := c.Cookie("osier"); v != "" {
		t.Errorf("the cookie stays: %s", v)
	}
	c.SetCookie("osier", "unknown")
	c.Get("/hello").Is(200)
	if v := c.Cookie("osier"); v != "" {
		t.Error("an unknown session's cookie stays")
	}
	c.SetCookie("osier", strings.Repeat("x", 3000))
	c.Get("/hello").Is(200)

	secure := start(t, mount, func(o *web.Options) { o.Config.PublicURL = "https://passport.test" })
	answer, _ := send(t, secure, []byte("GET /webtest/token HTTP/1.1\r\nHost: passport.test\r\n\r\n"), 5*time.Second, false)
	if text := string(answer); !strings.Contains(text, "__Host-osier-csrf=") || !strings.Contains(strings.ToLower(text), "; secure") {
		t.Errorf("over HTTPS: %s", text)
	}
	down := start(t, mount, func(o *web.Options) { o.Sessions = broken{} })
	d := down.Client()
	d.SetCookie("osier", "x")
	d.Get("/hello").Is(503)
	if d.Cookie("osier") == "" {
		t.Error("a session is lost while the database is away")
	}
}

type broken struct{}

func (broken) Viewer(context.Context, string) (web.Viewer, error) {
	return web.Viewer{}, fault.New(fault.Unavailable, "error.busy")
}

func TestBytes(t *testing.T) {
	s := start(t, func(r web.Router) {
		r.Get("/private", func(c *web.Ctx) error { return c.Bytes("text/plain", []byte("x"), web.ByteOptions{}) })
		r.Get("/public", func(c *web.Ctx) error {
			return c.Bytes("text/plain", []byte("x"), web.ByteOptions{CacheControl: web.Revalidate})
		})
	})
	c := s.Client()
	if p := c.Get("/private").Is(200); p.Header.Get("Cache-Control") != "no-store" || p.Header.Get("Etag") != "" {
		t.Errorf("private: %v", p.Header)
	}
	tag := c.Get("/public").Is(200).Header.Get("Etag")
	for _, value := range []string{tag, "W/" + tag, `"a", ` + tag, "*"} {
		if p := c.With("If-None-Match", value).Get("/public").Is(304); len(p.Body) > 0 {
			t.Errorf("304 with %q", p.Body)
		}
	}
	c.With("If-None-Match", `"a"`).Get("/public").Is(200)
	p := c.Get("/hello-not-there")
	p.Is(404)
	path := c.Get("/hello-not-there").Attr("link", "href")
	a := c.Get(path).Is(200)
	if got := a.Header.Get("Cache-Control"); got != web.Forever || a.Header.Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("asset: %v", a.Header)
	}
	if got := c.Get("/assets/app.css").Is(200).Header.Get("Cache-Control"); strings.Contains(got, "immutable") {
		t.Errorf("asset under its plain name: %s", got)
	}
}

func TestCaching(t *testing.T) {
	s := start(t, func(r web.Router) { r.Get("/hello", page) })
	if got := s.SignIn(web.Viewer{Person: 1}).Get("/hello").Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("signed in: %s", got)
	}
	if got := s.Client().Get("/hello").Header.Get("Cache-Control"); got != "private, no-cache" {
		t.Errorf("visitor: %s", got)
	}
}

func TestLimit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		s := webtest.Start(t, b, webtest.Options{Themes: plainTheme(), Mount: func(s *webtest.Server) {
			s.Router().Get("/try", func(c *web.Ctx) error {
				if err := c.Limit("try", c.Query("k"), 3, time.Hour); err != nil {
					return err
				}
				return page(c)
			})
		}})
		c := s.Client()
		for range 3 {
			c.Get("/try?k=ada@example.org").Is(200)
		}
		p := c.Get("/try?k=ada@example.org").Is(429)
		if p.Header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
		c.Get("/try?k=other").Is(200)
		names, err := db.Select(t.Context(), b.Read(), db.One[string], `SELECT name FROM rate`)
		if err != nil || len(names) != 2 || strings.Contains(strings.Join(names, " "), "ada") {
			t.Errorf("names %v, %v", names, err)
		}
		if err := s.App.Sweep(t.Context()); err != nil {
			t.Error(err)
		}
		c.Get("/try?k=ada@example.org").Is(429)
	})
}

func TestLimitWindowEnds(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 1, 0, time.UTC)
	b := dbtest.Open(t, func() time.Time { return now })
	s := webtest.Start(t, b, webtest.Options{Themes: plainTheme(), Mount: func(s *webtest.Server) {
		s.Router().Get("/try", func(c *web.Ctx) error {
			return errors.Join(c.Limit("try", "k", 1, time.Minute), page(c))
		})
	}})
	c := s.Client()
	c.Get("/try").Is(200)
	if p := c.Get("/try").Is(429); p.Header.Get("Retry-After") != "59" {
		t.Errorf("Retry-After %s", p.Header.Get("Retry-After"))
	}
	now = now.Add(time.Minute)
	c.Get("/try").Is(200)
	if err := s.App.Sweep(t.Context()); err != nil {
		t.Error(err)
	}
	if n, err := db.Select(t.Context(), b.Read(), db.One[int64], `SELECT hits FROM rate`); err != nil || len(n) != 1 {
		t.Errorf("windows kept: %v, %v", n, err)
	}
}

func TestLeave(t *testing.T) {
	leave := func(c *web.Ctx) error { return c.Leave("https://share.example/?u=1&t=2") }
	s := start(t, func(r web.Router) {
		r.Get("/out", leave)
		r.Post("/out", leave)
		r.Get("/bad", func(c *web.Ctx) error { return c.Leave("javascript:alert(1)") })
	})
	c := s.Client()
	c.Get("/out").Goes("https://share.example/?u=1&t=2")
	p := c.PostForm("/out").Is(200).Has(`#out[href="https://share.example/?u=1&t=2"]`)
	if p.Header.Get("Refresh") != "0; url=https://share.example/?u=1&t=2" {
		t.Errorf("Refresh %q", p.Header.Get("Refresh"))
	}
	if p := c.Get("/bad").Is(422); p.Location() != "" || p.Header.Get("Refresh") != "" {
		t.Errorf("leads to %s", p.Location())
	}
}

func TestHeadHealthRobots(t *testing.T) {
	s := start(t, func(r web.Router) { r.Get("/hello", page) })
	c := s.Client()
	c.Get("/healthz").Is(200)
	c.Get("/robots.txt").Is(200).Says("Disallow: /settings")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodHead, s.URL+"/hello", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 200 || res.ContentLength == 0 {
		t.Errorf("HEAD: %d, %d bytes", res.StatusCode, res.ContentLength)
	}
}

// TestShutdown: requests at work are answered, then the listener is gone.
func TestShutdown(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	s := start(t, func(r web.Router) {
		r.Get("/slow", func(c *web.Ctx) error { close(entered); <-leave; return page(c) })
	})
	status := make(chan int, 1)
	go func() { status <- s.Client().Get("/slow").Status }()
	<-entered
	down := make(chan error, 1)
	go func() { down <- s.App.Shutdown(t.Context()) }()
	close(leave)
	if got := <-status; got != 200 {
		t.Errorf("a request at work got %d", got)
	}
	if err := <-down; err != nil {
		t.Error(err)
	}
	if conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.Address); err == nil {
		conn.Close()
		t.Error("still listening")
	}
}

func TestNewRefuses(t *testing.T) {
	for _, address := range []string{"ftp://x", "x", "https://", "https://x/path", "http://a b"} {
		o := web.Options{}
		o.Config.PublicURL = address
		if _, err := web.New(o); err == nil {
			t.Errorf("public_url %q is taken", address)
		}
	}
	o := web.Options{}
	o.Config.TrustedProxies = []string{"everyone"}
	if _, err := web.New(o); err == nil {
		t.Error("a trusted proxy that is no address is taken")
	}
}
