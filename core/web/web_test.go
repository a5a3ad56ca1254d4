package web_test

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/web"
	"github.com/osier-passport/osier/core/web/webtest"
)

// plainTheme is a theme of the tests' own, so that they hold for any look.
func plainTheme() fs.FS {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	return fstest.MapFS{
		"default/assets/app.css":   file("body{}"),
		"default/assets/icons.svg": file(`<svg xmlns="http://www.w3.org/2000/svg"></svg>`),
		"default/templates/layout.html": file(`<!doctype html><html lang="{{.Lang}}" dir="{{.Dir}}"><head><title>{{.Meta.Title}}</title>
<link rel="stylesheet" href="{{asset "app.css"}}"></head><body>{{range .Flash}}<p class="flash {{.Kind}}">{{.Text}}</p>{{end}}
<b id="viewer">{{.Viewer.Name}}</b>{{template "main" .}}<footer>{{.Site.Name}}</footer></body></html>`),
		"default/templates/error.html": file(`{{define "main"}}{{with .Page}}<h1>{{.Title}}</h1><p id="message">{{.Message}}</p>
<p id="id">{{.ID}}</p><a id="link" href="{{.Link}}">x</a><i id="wait">{{.Wait}}</i>{{end}}{{end}}`),
		"default/templates/share/go.html": file(`{{define "main"}}<a id="out" href="{{.Page.URL}}">{{.Page.Host}}</a>{{end}}`),
		"default/templates/page.html":     file(`{{define "main"}}<p id="page">{{.Page}}</p>{{end}}`),
		"default/templates/form.html":     file(`{{define "main"}}<form method="post">{{csrf}}</form>{{end}}`),
		"default/templates/broken.html":   file(`{{define "main"}}<p>half {{.Page.Missing}}</p>{{end}}`),
	}
}

func start(t *testing.T, mount func(r web.Router), configure ...func(*web.Options)) *webtest.Server {
	t.Helper()
	return webtest.Start(t, dbtest.SQLite(t), webtest.Options{
		Themes: plainTheme(),
		Mount: func(s *webtest.Server) {
			if mount != nil {
				mount(s.Router())
			}
		},
		Configure: func(o *web.Options) {
			for _, f := range configure {
				f(o)
			}
		},
	})
}

func page(c *web.Ctx) error { return c.Render("page", "hello") }

func TestPage(t *testing.T) {
	s := start(t, func(r web.Router) {
		r.Get("/hello", page)
		r.Get("/broken", func(c *web.Ctx) error { return c.Render("broken", struct{}{}) })
		r.Group(web.SignedIn).Get("/mine", page)
		r.Group(web.Admin).Get("/admin", page)
	})
	c := s.Client()
	c.Get("/hello").Is(200).Has("#page", `link[href^="/assets/app."]`).Says("hello")
	c.Get("/nothing").Is(404).Says("Nothing here")
	c.Get("/broken").Is(500).Says("Our mistake").SaysNot("half")
	c.Get("/mine").Goes("/login?next=%2Fmine")
	c.With("Accept", "application/json").Get("/mine").Is(401)
	p := s.SignIn(web.Viewer{Person: 7, Name: "Ada", Lang: "fr"})
	p.Get("/mine").Is(200).Has(`html[lang="fr"]`).Says("Ada")
	p.Get("/admin").Is(403)
	s.SignIn(web.Viewer{Person: 8, Role: web.RoleAdmin}).Get("/admin").Is(200)
}
