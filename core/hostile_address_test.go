package core

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/mail"
)

// redirects gives every value to every place that goes on to somewhere.
func (s *siege) redirects(t *testing.T) {
	password := "a long enough one"
	in := s.visitor()
	in.post("/signup", "name", "Wanderer", "handle", "wanderer", "address", "wanderer@people.test", "password", password).is(t, 303)
	n := 0
	s.forEach(t, "redirect", func(c hostileCase) {
		next := string(c.data(t))
		q := "?next=" + url.QueryEscape(next)
		v := s.someone()
		answers := []answer{
			v.get("/login" + q), v.get("/signup" + q), v.get("/auth/none" + q), s.visitor().get("/login" + q),
			v.post("/language", "lang", "en", "next", next), v.post("/appearance", "scheme", "dark", "next", next),
			v.post("/@star/follow", "action", "follow", "next", next), s.visitor().post("/language", "lang", "fr", "next", next),
			v.get("/settings/../" + url.PathEscape(next) + "/"), s.visitor().get("/settings" + q),
		}
		for _, a := range answers {
			s.check(t, c, a)
			if to := a.location(); to != "" && !stays(to) {
				t.Errorf("%s: %s leads to %q", c.Name, a.name, to)
			}
			inert(t, c.Name, a, nil)
		}
	})
	for _, c := range s.cases["redirect"] {
		if n++; n%9 != 0 {
			continue // each try hashes a password
		}
		next := string(c.data(t))
		a := s.check(t, c, s.visitor().post("/login", "address", "wanderer", "password", password, "next", next))
		if to := a.location(); !stays(to) {
			t.Errorf("%s: signing in leads to %q", c.Name, to)
		}
	}
}

// stays reports whether a browser that is sent there is still on this site
// (WHATWG URL §4.4: tabs and newlines are dropped, backslashes are slashes).
func stays(location string) bool {
	location = strings.NewReplacer("\t", "", "\n", "", "\r", "", `\`, "/").Replace(location)
	u, err := url.Parse(location)
	return err == nil && strings.HasPrefix(location, "/") && !strings.HasPrefix(location, "//") && u.Host == "" && u.Scheme == ""
}

// searches asks for every value wherever something is looked for.
func (s *siege) searches(t *testing.T) {
	for _, surface := range []string{"search", "text", "html", "header"} {
		s.forEach(t, surface, func(c hostileCase) {
			value := string(c.data(t))
			if len(value) > 4000 {
				return
			}
			q, v := url.QueryEscape(value), s.someone()
			paths := []string{"/search?q=" + q}
			if surface == "search" {
				paths = append(paths, "/explore?tab=badges&q="+q, "/explore?tab=badges&tag="+q+"&skill="+q+"&sort="+q+"&after="+q, "/explore?tab=people&country="+q+"&spot="+q,
					"/skills?q="+q, "/skills?scheme="+q+"&after="+q, "/skills?scheme=other&from=1."+q)
				paths = append(paths, "/badges?q="+q, "/explore?tab=people&q="+q, "/explore?tab=issuers&q="+q, "/explore?tab="+q, "/explore?before="+q, "/explore?tab=badges&page="+q,
					"/badges?before="+q, "/badges?state="+q+"&visibility="+q, "/feed?kind="+q+"&before="+q, "/c/"+s.star+"?holders="+q+"&comments="+q,
					"/@star?before="+q+"&q="+q, "/@star/feed.atom?before="+q, "/settings/data/document?name="+q)
			}
			for _, path := range paths {
				a := s.check(t, c, v.get(path))
				if a.status != 200 && a.status != 400 && a.status != 404 {
					t.Errorf("%s: %s", c.Name, a)
				}
				if strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
					inert(t, c.Name, a, nil)
				}
			}
		})
	}
}

// handles signs people up with them: refused, or one person's alone.
func (s *siege) handles(t *testing.T) {
	var names []string
	s.forEach(t, "username", func(c hostileCase) {
		h := string(c.data(t))
		v := s.visitor()
		address := uuid() + "@people.test"
		a := s.check(t, c, v.post("/signup", "name", "Somebody", "handle", h, "address", address, "password", "a long enough one"))
		if a.status != 303 {
			a.is(t, 400, 409, 422)
			inert(t, c.Name, a, nil)
			return
		}
		stored := s.texts(`SELECT p.handle FROM person p JOIN email e ON e.person = p.id WHERE e.address = $1`, address)[0]
		if plain, err := account.ParseHandle(stored); err != nil || plain != stored {
			t.Errorf("%s: the handle is %q", c.Name, stored)
		}
		inert(t, c.Name, s.check(t, c, v.get("/@"+stored)).is(t, 200), nil)
		for _, other := range []string{strings.ToUpper(stored), stored} {
			s.check(t, c, s.visitor().post("/signup", "name", "Other", "handle", other, "address", uuid()+"@people.test", "password", "a long enough one")).is(t, 422)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		names = append(names, stored)
	})
	t.Logf("taken: %v", names)
	for _, word := range []string{"admin", "root", "settings", "osier", "support", ".", ".."} {
		if slices.Contains(names, word) {
			t.Errorf("somebody is called %s", word)
		}
	}
}

// addresses are given at sign-up and in the settings.
func (s *siege) addresses(t *testing.T) {
	s.forEach(t, "email", func(c hostileCase) {
		address := string(c.data(t))
		v := s.visitor()
		a := s.check(t, c, v.post("/signup", "name", "Somebody", "handle", "m"+uuid()[:8], "address", address, "password", "a long enough one"))
		b := s.check(t, c, s.member("m"+uuid()[:8]).post("/settings/emails", "address", address))
		r := s.check(t, c, v.post("/reset", "address", address))
		if c.refused() {
			a.is(t, 400, 422)
			b.is(t, 400, 422)
			r.is(t, 400, 422)
		}
		for _, answer := range []answer{a, b, r} {
			inert(t, c.Name, answer, nil)
		}
	})
	for _, to := range s.texts(`SELECT recipient FROM mail_outbox UNION SELECT address FROM email`) {
		if plain, _, err := mail.ParseAddress(to); err != nil || plain != to || strings.Count(to, "@") != 1 {
			t.Errorf("mail goes to %q", to)
		}
	}
}

// headers stand where values of requests come back in answers.
func (s *siege) headers(t *testing.T) {
	s.forEach(t, "header", func(c hostileCase) {
		value := string(c.data(t))
		v := s.someone()
		for _, form := range []string{url.QueryEscape(value), url.PathEscape(strings.ReplaceAll(value, "\x00", ""))} {
			if strings.Contains(form, "%") {
				form = strings.ReplaceAll(form, " ", "%20")
			}
			for _, path := range []string{
				"/login?next=/" + form, "/explore?q=" + form, "/@" + form, "/" + form + "/", "/b/" + form, "/assets/" + form, "/settings/data/document?name=" + form,
				"/auth/" + form, "/auth/none/callback?state=" + form + "&error=" + form,
			} {
				s.unsplit(t, c, v.get(path))
			}
		}
		s.unsplit(t, c, v.post("/language", "lang", value, "next", "/"+value))
		s.unsplit(t, c, v.post("/settings/profile", "name", value, "links", value))
		s.unsplit(t, c, v.upload("/add", "file", value, []byte("x")))
		s.unsplit(t, c, v.get("/", "X-Forwarded-Host", "evil.test", "X-Forwarded-Proto", "javascript", "Accept-Language", visible(value)))
	})
}

// unsplit: an answer has the headers that we give it, and no other.
func (s *siege) unsplit(t *testing.T, c hostileCase, a answer) {
	t.Helper()
	s.check(t, c, a)
	known := []string{
		"Cache-Control", "Content-Disposition", "Content-Length", "Content-Security-Policy", "Content-Type", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy",
		"Date", "Etag", "Location", "Permissions-Policy", "Referrer-Policy", "Refresh", "Retry-After", "Set-Cookie", "Vary", "X-Content-Type-Options", "X-Frame-Options",
	}
	for name, values := range a.header {
		if !slices.Contains(known, name) {
			t.Errorf("%s: %s has a header %s: %v", c.Name, a.name, name, values)
		}
	}
	for _, cookie := range a.header.Values("Set-Cookie") {
		if !strings.HasPrefix(cookie, "osier") {
			t.Errorf("%s: %s sets %s", c.Name, a.name, cookie)
		}
	}
	if to := a.location(); to != "" && !stays(to) {
		t.Errorf("%s: %s leads to %s", c.Name, a.name, to)
	}
	if strings.Contains(string(a.body), "evil.test") && strings.HasPrefix(a.name, "GET / ") {
		t.Errorf("%s: a link is made of a header", c.Name)
	}
}

// paths ask for files that are not ours to give.
func (s *siege) paths(t *testing.T) {
	s.forEach(t, "path", func(c hostileCase) {
		value := strings.TrimPrefix(string(c.data(t)), "/")
		for _, form := range []string{value, url.PathEscape(value)} {
			for _, before := range []string{"/", "/assets/", "/b/", "/@", "/share/icons/linkedin/", "/settings/data/document?name="} {
				raw := strings.NewReplacer(" ", "%20", "\x00", "%00", "\n", "%0A", "\r", "%0D", "\t", "%09").Replace(before + form)
				if _, err := http.NewRequest(http.MethodGet, s.url+raw, nil); err != nil {
					continue // no client sends it so; core/web sends raw bytes
				}
				a := s.check(t, c, s.someone().get(raw))
				if a.status < 400 && a.location() == "" || strings.Contains(string(a.body), "root:") || strings.Contains(string(a.body), "[extensions]") {
					t.Errorf("%s: %s", c.Name, a)
				}
			}
		}
	})
}
