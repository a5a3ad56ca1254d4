package badge_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/osier-passport/osier/core/art"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/openbadge/bake"
)

// site is a server of pages and badges.
type site struct {
	*httptest.Server
	asked atomic.Int64
	pages map[string]page
}

type page struct {
	kind, body string
	to         string // redirect
}

func newSite(t *testing.T) *site {
	s := &site{pages: map[string]page{}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked.Add(1)
		p, ok := s.pages[r.URL.Path]
		switch {
		case !ok:
			http.NotFound(w, r)
		case p.to != "":
			http.Redirect(w, r, p.to, http.StatusFound)
		case r.URL.Path == "/negotiated" && !strings.Contains(r.Header.Get("Accept"), "application/vc+ld+json"):
			http.Error(w, "a badge was not asked for", http.StatusNotAcceptable)
		default:
			w.Header().Set("Content-Type", p.kind)
			_, _ = w.Write([]byte(p.body))
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func html(head, body string) page {
	return page{kind: "text/html", body: "<!doctype html><html><head>" + head + "</head><body>" + body + "</body></html>"}
}

func TestAnAddressLeadsToItsBadge(t *testing.T) {
	s := newSite(t)
	p := openTo(t, dbtest.SQLite(t), strings.TrimPrefix(s.URL, "http://"))
	credential := p.credential(t, "1", "ada@example.org", nil)
	drawing, err := art.Placeholder(t.Context(), "art", "art")
	if err != nil {
		t.Fatal(err)
	}
	png, err := bake.PNG(drawing, "3.0", credential)
	if err != nil {
		t.Fatal(err)
	}
	link := func(href string) string {
		return `<link rel="alternate" type="application/ld+json" href="` + href + `">`
	}
	s.pages = map[string]page{
		"/badge":        {kind: "application/ld+json", body: string(credential)},
		"/negotiated":   {kind: "application/vc+ld+json", body: string(credential)},
		"/badge.png":    {kind: "image/png", body: string(png)},
		"/zip":          {kind: "application/zip", body: string(archive(t, file{"a.json", credential}))},
		"/page":         html(link("/badge"), ""),
		"/relative/":    html(`<base href="/">`+link("badge"), ""),
		"/moved":        {to: "/deep/page"},
		"/deep/page":    html(link("../badge"), ""),
		"/inline":       html(`<script type="application/ld+json">`+string(credential)+`</script>`, ""),
		"/of-a-page":    html(link("/page"), ""),
		"/baked-link":   html(`<link rel="openbadge" href="/badge.png">`, ""),
		"/dead-first":   html(link("/none")+link("/badge"), ""),
		"/nothing":      html("", `<a href="/badge">not said to be a badge</a>`),
		"/circle":       html(link("/circle2"), ""),
		"/circle2":      html(link("/circle"), ""),
		"/far":          html(link("/far1"), ""),
		"/far1":         html(link("/far2"), ""),
		"/far2":         html(link("/far3"), ""),
		"/far3":         html(link("/badge"), ""),
		"/letter":       {kind: "text/plain", body: "Dear Ada"},
		"/inside":       html(link("http://10.1.2.3/badge"), ""),
		"/other.json":   {kind: "application/json", body: `{"hello":"world"}`},
		"/many-to-none": html(strings.Repeat(link("/x1")+link("/x2")+link("/x3")+link("/x4")+link("/x5")+link("/x6")+link("/x7")+link("/x8")+link("/x9"), 3), ""),
	}
	for path, want := range map[string]string{
		"/badge": "", "/negotiated": "", "/badge.png": "", "/zip": "", "/page": "", "/relative/": "", "/moved": "", "/inline": "", "/of-a-page": "",
		"/baked-link": "", "/dead-first": "",
		"/nothing": "badge.error.no_link", "/circle": "badge.error.no_link", "/far": "badge.error.no_link", "/inside": "badge.error.no_link",
		"/many-to-none": "badge.error.no_link", "/letter": "verify.reason.not-a-badge-file", "/other.json": "verify.reason.not-a-credential",
		"/none": "badge.error.address_status",
	} {
		s.asked.Store(0)
		r, err := p.Read(t.Context(), badge.Upload{URL: s.URL + path})
		key := ""
		if e, ok := fault.As(err); ok {
			key = e.Key
		}
		if key != want || (want != "") != (err != nil) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
		if want == "" && (len(r.Entries) != 1 || !bytes.Equal(r.Entries[0].Found.Payload, credential) || r.Source != s.URL+path) {
			t.Errorf("%s: %+v", path, r)
		}
		if n := s.asked.Load(); n > 9 {
			t.Errorf("%s: %d requests", path, n)
		}
	}
}

// TestAnAddressThatDoesNotAnswerIsNamed: the reason says which host it was.
func TestAnAddressThatDoesNotAnswerIsNamed(t *testing.T) {
	s := newSite(t)
	host := strings.TrimPrefix(s.URL, "http://")
	p := openTo(t, dbtest.SQLite(t), host)
	s.Close()
	for address, want := range map[string]string{
		s.URL + "/x":            "badge.error.address_unavailable " + host,
		"http://10.1.2.3/badge": "badge.error.address_forbidden 10.1.2.3",
		"https://":              "badge.error.bad_address ",
		"ftp://example.org/x":   "badge.error.bad_address ",
	} {
		_, err := p.Read(t.Context(), badge.Upload{URL: address})
		e, ok := fault.As(err)
		if !ok || fmt.Sprint(e.Key, " ", e.Args["host"]) != want {
			t.Errorf("%s: %v, want %s", address, err, want)
		}
	}
}
