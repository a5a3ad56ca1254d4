package demo

import (
	"net/http"
	"testing"

	"github.com/osier-passport/osier/core/openbadge/bake"
	"github.com/osier-passport/osier/core/web"
	"github.com/osier-passport/osier/core/web/webtest"
)

func (w *town) testWeb(t *testing.T) {
	s := webtest.Start(t, w.base, webtest.Options{
		Configure: func(o *web.Options) {
			o.Sessions, o.Keys, o.Demo, o.Site = w.Accounts, w.keys, true, w.Accounts.Site
		},
		Mount: func(s *webtest.Server) {
			w.Mount(s.Router())
			s.Router().Group(web.SignedIn).Get("/feed", func(c *web.Ctx) error { return c.JSON(http.StatusOK, c.Viewer().Handle) })
		},
	})
	t.Run("a visitor sees everybody and is asked to choose", func(t *testing.T) {
		p := s.Client().Get("/demo").Is(http.StatusOK).Says("Maren Holt", "Étienne Baptiste", "Choose somebody first")
		if n := len(p.All(".cast form")); n != 12 {
			t.Errorf("%d people", n)
		}
		s.Client().Get("/demo/samples/open-day.png").Is(http.StatusNotFound)
	})
	t.Run("one click signs in and gives samples", func(t *testing.T) {
		c := s.Client()
		c.PostForm("/demo/yuki").Is(http.StatusSeeOther).Goes("/feed")
		var handle string
		c.Get("/feed").Is(http.StatusOK).JSON(&handle)
		if handle != "yuki" {
			t.Errorf("signed in as %q", handle)
		}
		p := c.Get("/demo").Is(http.StatusOK).Says("for-somebody-else.png")
		if got := p.Attr("#demo-address", "value"); got != w.welcomeURL("yuki") {
			t.Errorf("address %q", got)
		}
		for _, x := range samples() {
			file := c.Get("/demo/samples/" + x.file).Is(http.StatusOK)
			if _, err := bake.Extract(file.Body); err != nil {
				t.Errorf("%s: %v", x.file, err)
			}
		}
		c.PostForm("/demo/noor").Is(http.StatusSeeOther)
		c.Get("/feed").JSON(&handle)
		if handle != "noor" {
			t.Errorf("changed to %q", handle)
		}
	})
	t.Run("no other handle works", func(t *testing.T) {
		s.Client().PostForm("/demo/stranger").Is(http.StatusNotFound)
		s.Client().Get("/demo/yuki").Is(http.StatusMethodNotAllowed)
	})
	t.Run("what issuers publish is served as it is fetched", func(t *testing.T) {
		c := s.Client()
		for address, d := range w.Documents() {
			if address[:len(site)] != site {
				continue
			}
			want := d.Status
			if want == 0 {
				want = http.StatusOK
			}
			p := c.Get(address[len(site):]).Is(want)
			if want == http.StatusOK && string(p.Body) != string(d.Body) {
				t.Errorf("%s is served otherwise", address)
			}
		}
	})
	t.Run("issuers and classes have pages", func(t *testing.T) {
		c := s.Client()
		for slug, i := range w.issuers {
			c.Get("/demo/issuers/" + slug).Is(http.StatusOK).Says(i.Name)
		}
		for _, k := range w.classes {
			c.Get(k.path()).Is(http.StatusOK).Has("h1", ".prose")
		}
		c.Get("/demo/issuers/nobody").Is(http.StatusNotFound)
		c.Get("/demo/issuers/college/classes/bicycle-mechanic").Is(http.StatusNotFound)
		c.Get("/demo/issuers/college/other/night-sky").Is(http.StatusNotFound)
	})
}
