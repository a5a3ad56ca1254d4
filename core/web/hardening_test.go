package web_test

import (
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/web"
	"github.com/osier-passport/osier/core/web/webtest"
)

func TestHosts(t *testing.T) {
	ask := func(s *webtest.Server, host string) int {
		answer, _ := send(t, s, []byte("GET /hello HTTP/1.1\r\nHost: "+host+"\r\n\r\n"), 5*time.Second, false)
		list := statuses(t, answer)
		if len(list) != 1 {
			t.Fatalf("%s: %v", host, list)
		}
		return list[0]
	}
	mount := func(r web.Router) { r.Get("/hello", page) }
	open := start(t, mount)
	_, port, _ := net.SplitHostPort(open.Address)
	fixed := start(t, mount, func(o *web.Options) { o.Config.PublicURL = "https://passport.test" })
	tests := []struct {
		s      *webtest.Server
		host   string
		status int
	}{
		{open, "localhost:" + port, 200},
		{open, "LOCALHOST:" + port, 200},
		{open, "127.0.0.1:" + port, 200},
		{open, "[::1]:" + port, 200},
		{open, "localhost", 421},
		{open, "localhost:1", 421},
		{open, "evil.test", 421},
		{open, "localhost.evil.test:" + port, 421},
		{fixed, "passport.test", 200},
		{fixed, "Passport.Test:443", 200},
		{fixed, "passport.test:80", 421},
		{fixed, "localhost:" + port, 421},
		{fixed, "passport.test.evil.test", 421},
		{fixed, "passport.test.", 421},
	}
	for _, tt := range tests {
		if got := ask(tt.s, tt.host); got != tt.status {
			t.Errorf("%s: %d, want %d", tt.host, got, tt.status)
		}
	}
	fixed.Client().Get("http://"+fixed.Address+"/hello").Is(421).Says("passport.test", "public_url")
}

func TestForwardedHeaders(t *testing.T) {
	mount := func(r web.Router) {
		r.Get("/me", func(c *web.Ctx) error { return c.JSON(200, []string{c.URL("/x"), c.Address().String(), c.Network()}) })
	}
	ask := func(s *webtest.Server, forwarded string) []string {
		var got []string
		s.Client().With("X-Forwarded-Host", "evil.test").With("X-Forwarded-Proto", "javascript").With("X-Forwarded-For", forwarded).
			With("Forwarded", "host=evil.test").With("X-Real-Ip", "6.6.6.6").With("X-Original-Url", "/admin").Get("/me").Is(200).JSON(&got)
		return got
	}
	s := start(t, mount)
	if got := ask(s, "1.2.3.4"); got[0] != s.URL+"/x" || got[1] != "127.0.0.1" {
		t.Errorf("got %v", got)
	}
	proxied := start(t, mount, func(o *web.Options) { o.Config.TrustedProxies = []string{"127.0.0.1", "10.0.0.0/8"} })
	for forwarded, want := range map[string]string{
		"1.2.3.4":                              "1.2.3.4",
		"6.6.6.6, 1.2.3.4":                     "1.2.3.4",
		"6.6.6.6, 1.2.3.4, 10.1.2.3":           "1.2.3.4",
		"":                                     "127.0.0.1",
		"garbage":                              "127.0.0.1",
		"1.2.3.4, garbage":                     "127.0.0.1",
		"::ffff:1.2.3.4":                       "1.2.3.4",
		"2001:db8:1:2:3:4:5:6":                 "2001:db8:1:2:3:4:5:6",
		strings.Repeat("10.0.0.1, ", 500) + "": "127.0.0.1",
	} {
		if got := ask(proxied, forwarded); got[1] != want {
			t.Errorf("%.40q: %v, want %s", forwarded, got, want)
		}
	}
	if got := ask(proxied, "2001:db8:1:2:3:4:5:6"); got[2] != "2001:db8:1:2::/64" {
		t.Errorf("network %v", got)
	}
}

func TestRoutesAreExact(t *testing.T) {
	s := start(t, func(r web.Router) {
		r.Group(web.Admin).Get("/admin", page)
		r.Get("/b/:id", func(c *web.Ctx) error { return c.Render("page", c.Param("id")) })
	})
	c := s.Client()
	c.Get("/admin").Is(303)
	for _, path := range []string{"/ADMIN", "/Admin", "/%61dmin/x", "/admin%2f", "/x/../admin/y", "/%2561dmin"} {
		c.Get(path).Is(404)
	}
	for path, to := range map[string]string{"/admin/": "/admin", "/b/x/?a=b": "/b/x?a=b", "/none//": "/none"} {
		if p := c.Get(path).Is(308); p.Location() != to {
			t.Errorf("%s leads to %s", path, p.Location())
		}
	}
	for _, path := range []string{"//evil.test/", "/%2fevil.test/", "/\\evil.test/", "/%5cevil.test/", "/%0d%0aevil/"} {
		answer, _ := send(t, s, []byte("GET "+path+" HTTP/1.1\r\nHost: "+s.Address+"\r\n\r\n"), 5*time.Second, false)
		if strings.Contains(string(answer), "Location:") {
			t.Errorf("%s: %s", path, answer)
		}
	}
	for _, path := range []string{"/b/a%00b", "/b/%ff", "/b/%0a"} {
		if got := c.Get(path).Text("#page"); got != "" {
			t.Errorf("%s gives the parameter %q", path, got)
		}
	}
	for _, path := range []string{
		"/assets/../templates/layout.html", "/assets/..%2ftemplates%2flayout.html", "/assets/%2e%2e/templates/layout.html",
		"/assets/..%252ftemplates%252flayout.html", "/assets/", "/assets/layout.html", "/assets/%61pp.css%00", "/assets//app.css",
	} {
		p := c.Get(path)
		if p.Status == 200 {
			t.Errorf("%s is served", path)
		}
		p.SaysNot("{{")
	}
	c.Get("/assets/%61pp.css").Is(200)
}

func TestHeaderValues(t *testing.T) {
	s := start(t, func(r web.Router) {
		r.Get("/download", func(c *web.Ctx) error {
			return c.Bytes("text/plain", []byte("x"), web.ByteOptions{Download: "a\"b\r\nX-Evil: 1\u202e é;.txt", CacheControl: web.Revalidate, ETag: "t"})
		})
		r.Get("/go", func(c *web.Ctx) error { return c.Redirect("/x\r\nX-Evil: 1") })
		r.Get("/cookie", func(c *web.Ctx) error {
			c.SetCookie("x", "a; Domain=evil.test\r\nX-Evil: 1", time.Hour)
			return page(c)
		})
		r.Get("/leave", func(c *web.Ctx) error { return c.Leave("https://e.example/\r\nX-Evil: 1") })
		r.Get("/read", func(c *web.Ctx) error { return c.JSON(200, c.Cookie("x")) })
	})
	c := s.Client()
	for _, path := range []string{"/download", "/go", "/cookie", "/leave"} {
		p := c.Get(path)
		if p.Header.Get("X-Evil") != "" {
			t.Errorf("%s: %v", path, p.Header)
		}
	}
	if got := c.Get("/download").Header.Get("Content-Disposition"); strings.ContainsAny(got, "\r\n\u202e") || strings.Count(got, `"`) != 2 {
		t.Errorf("disposition %q", got)
	}
	var back string
	c.Get("/read").JSON(&back)
	if back != "a; Domain=evil.test\r\nX-Evil: 1" {
		t.Errorf("the cookie comes back as %q", back)
	}
}

func TestForgery(t *testing.T) {
	effects := 0
	s := start(t, func(r web.Router) {
		r.Get("/form", func(c *web.Ctx) error { return c.Render("form", nil) })
		r.Post("/do", func(c *web.Ctx) error { effects++; return c.Redirect("/form") })
	})
	visitor := s.Client()
	ada, bob := s.SignIn(web.Viewer{Person: 1}), s.SignIn(web.Viewer{Person: 2})
	for name, c := range map[string]*webtest.Client{"visitor": visitor, "signed in": ada} {
		token := c.Get("/form").Attr("input[name=csrf]", "value")
		post := func(c *webtest.Client, body string) int {
			return c.Post("/do", "application/x-www-form-urlencoded", body).Status
		}
		good := "csrf=" + url.QueryEscape(token)
		tests := []struct {
			name   string
			client *webtest.Client
			body   string
			want   int
		}{
			{"good", c, good, 303},
			{"same origin", c.With("Sec-Fetch-Site", "same-origin"), good, 303},
			{"token in a header", c.With("X-Csrf-Token", token), "", 303},
			{"no browser", c.With("Origin", ""), good, 303},
			{"own referer", c.With("Origin", "").With("Referer", s.URL+"/form"), good, 303},
			{"no token", c, "", 403},
			{"wrong token", c, "csrf=x", 403},
			{"two tokens", c, good + "&" + good, 403},
			{"token of another", c, "csrf=" + bob.CSRF(), 403},
			{"foreign origin", c.With("Origin", "https://evil.test"), good, 403},
			{"null origin", c.With("Origin", "null"), good, 403},
			{"longer origin", c.With("Origin", s.URL+".evil.test"), good, 403},
			{"other scheme", c.With("Origin", strings.Replace(s.URL, "http:", "https:", 1)), good, 403},
			{"cross site", c.With("Sec-Fetch-Site", "cross-site"), good, 403},
			{"same site", c.With("Sec-Fetch-Site", "same-site"), good, 403},
			{"foreign referer", c.With("Origin", "").With("Referer", "https://evil.test/form"), good, 403},
			{"bad referer", c.With("Origin", "").With("Referer", "%"), good, 403},
		}
		for _, tt := range tests {
			before := effects
			if got := post(tt.client, tt.body); got != tt.want || effects-before != map[int]int{303: 1, 403: 0}[tt.want] {
				t.Errorf("%s, %s: status %d, want %d; %d effects", name, tt.name, got, tt.want, effects-before)
			}
		}
		for _, contentType := range []string{"text/plain", "application/json"} {
			if p := c.Post("/do", contentType, good); p.Status != 403 {
				t.Errorf("%s, %s: %d", name, contentType, p.Status)
			}
		}
	}
	if visitor.Cookie("osier-csrf") == "" {
		t.Error("a visitor's token hangs on nothing")
	}
	if s.Client().Get("/healthz").Header.Get("Set-Cookie") != "" {
		t.Error("an answer without a form sets a cookie")
	}
}
