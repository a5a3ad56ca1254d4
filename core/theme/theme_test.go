package theme_test

import (
	"errors"
	"html/template"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/osier-passport/osier/core/i18n"
	"github.com/osier-passport/osier/core/theme"
	"github.com/osier-passport/osier/themes"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func file(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }

func bundled() fstest.MapFS {
	return fstest.MapFS{
		"default/templates/layout.html":      file(`<html>{{block "head" .}}{{end}}{{template "main" .}}</html>`),
		"default/templates/error.html":       file(`{{define "main"}}error{{end}}`),
		"default/templates/a.html":           file(`{{define "main"}}{{t "nav.login"}} {{template "p" (dict "X" .)}}{{end}}`),
		"default/templates/f/b.html":         file(`{{define "head"}}<b>{{end}}{{define "main"}}{{template "p" (dict "X" 1)}}{{end}}`),
		"default/templates/fails.html":       file(`{{define "main"}}half{{t "no.such.key"}}{{end}}`),
		"default/templates/partials/p.html":  file(`<p>{{.X}}</p>`),
		"default/templates/mail/layout.html": file(`<body>{{template "main" .}}</body>`),
		"default/templates/mail/hi.html":     file(`{{define "main"}}<p>{{.}}</p>{{end}}`),
		"default/templates/mail/hi.txt":      file("{{.}}\n"),
		"default/templates/mail/hi.subject":  file("{{t \"nav.login\"}}:\n {{.}}\n"),
		"default/assets/app.css":             file("default"),
		"default/assets/secret.go":           file("package x"),
		"default/assets/icons.svg":           file(`<svg xmlns="http://www.w3.org/2000/svg"><symbol id="plus" viewBox="0 0 24 24"><path d="M1 1"/></symbol></svg>`),
		"night/assets/app.css":               file("night"),
		"night/templates/partials/p.html":    file(`<i>{{.X}}</i>`),
	}
}

func open(t *testing.T, o theme.Options) *theme.Theme {
	t.Helper()
	cat, err := i18n.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	o.Catalogue, o.Clock = cat, func() time.Time { return now }
	if o.Bundled == nil {
		o.Bundled = bundled()
	}
	th, err := theme.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := th.Close(); err != nil {
			t.Error(err)
		}
	})
	return th
}

func render(t *testing.T, th *theme.Theme, lang, name string, data any) string {
	t.Helper()
	var out strings.Builder
	if err := th.Render(&out, lang, name, data); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestLayers(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "night", "templates", "a.html"), `{{define "main"}}disk {{template "p" (dict "X" .)}}{{end}}`)
	tests := []struct {
		name  string
		o     theme.Options
		want  string
		style string
	}{
		{"default", theme.Options{}, "<html>Sign in <p>&lt;x&gt;</p></html>", "default"},
		{"bundled over default", theme.Options{Name: "night"}, "<html>Sign in <i>&lt;x&gt;</i></html>", "night"},
		{"disk over bundled", theme.Options{Name: "night", Dir: dir}, "<html>disk <i>&lt;x&gt;</i></html>", "night"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			th := open(t, tt.o)
			if got := render(t, th, "en", "a", "<x>"); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if a, ok := th.Serve("app.css"); !ok || string(a.Data) != tt.style {
				t.Errorf("app.css: %s", a.Data)
			}
		})
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, name := range []string{"absent", "../night", "a/b", ".."} {
		if _, err := theme.Open(theme.Options{Bundled: bundled(), Dir: t.TempDir(), Name: name}); err == nil {
			t.Errorf("theme %q opens", name)
		}
	}
}

func TestLinksOutOfTheThemeAreRefused(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret.txt")
	write(t, secret, "the secret")
	write(t, filepath.Join(dir, "mine", "templates", "x.html"), "x")
	if err := os.Symlink(secret, filepath.Join(dir, "mine", "templates", "a.html")); err != nil {
		t.Skip(err)
	}
	th := open(t, theme.Options{Name: "mine", Dir: dir})
	var out strings.Builder
	if err := th.Render(&out, "en", "a", nil); err == nil {
		t.Errorf("a link out of the theme is read: %s", out.String())
	}
}

func TestRender(t *testing.T) {
	th := open(t, theme.Options{Strict: true})
	if got, want := render(t, th, "fr", "a", "x"), "<html>Se connecter <p>x</p></html>"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := render(t, th, "en", "f/b", nil), "<html><b><p>1</p></html>"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	var out strings.Builder
	if err := th.Render(&out, "en", "fails", nil); err == nil || out.Len() > 0 {
		t.Errorf("a failing page writes %q, error %v", out.String(), err)
	}
	for _, name := range []string{"none", "../layout", "partials/p/../../../x"} {
		if err := th.Render(&out, "en", name, nil); err == nil {
			t.Errorf("page %q is there", name)
		}
	}
	out.Reset()
	if err := th.Partial(&out, "en", "p", map[string]int{"X": 3}); err != nil || out.String() != "<p>3</p>" {
		t.Errorf("partial: %q, %v", out.String(), err)
	}
}

func TestRenderAtOnce(t *testing.T) {
	th := open(t, theme.Options{})
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for range 20 {
				var out strings.Builder
				if err := th.Render(&out, []string{"en", "fr"}[i%2], "a", "x"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

func TestDevReadsAgain(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "mine", "templates", "a.html")
	for _, dev := range []bool{false, true} {
		write(t, name, `{{define "main"}}one{{end}}`)
		th := open(t, theme.Options{Name: "mine", Dir: dir, Dev: dev})
		first := render(t, th, "en", "a", nil)
		write(t, name, `{{define "main"}}two{{end}}`)
		if again := render(t, th, "en", "a", nil); (again != first) != dev {
			t.Errorf("dev %t: %s, then %s", dev, first, again)
		}
	}
}

func TestAssets(t *testing.T) {
	th := open(t, theme.Options{})
	path, err := th.Asset("app.css")
	if err != nil {
		t.Fatal(err)
	}
	hashed := strings.TrimPrefix(path, "/assets/")
	tests := []struct {
		name       string
		ok, hashed bool
	}{
		{hashed, true, true},
		{"app.css", true, false},
		{strings.Replace(hashed, ".css", ".js", 1), false, false},
		{"app.0000000000000000.css", false, false},
		{"app..css", false, false},
		{"secret.go", false, false},
		{"../templates/layout.html", false, false},
		{"", false, false},
	}
	for _, tt := range tests {
		a, ok := th.Serve(tt.name)
		if ok != tt.ok || a.Hashed != tt.hashed {
			t.Errorf("Serve(%q): %t, hashed %t", tt.name, ok, a.Hashed)
		}
	}
	if _, err := th.Asset("none.css"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an absent asset: %v", err)
	}
}

func TestFuncs(t *testing.T) {
	b := bundled()
	tests := []struct{ source, want string }{
		{`{{date .T}} {{monthyear .T}} {{ago .T}} {{iso .T}}`, "23 November 2026 November 2026 2 hours ago 2026-11-23T10:00:00Z"},
		{`{{datetime .T}}`, "23 November 2026, 10:00 UTC"},
		{`{{num 1234567}} {{add 1 2}} {{default "" "x"}} {{default 3 "x"}}`, "1,234,567 3 x 3"},
		{`{{initials "Ada Lovelace"}} {{initials "élan"}} {{initials "  "}} {{initials "李 小龙"}}`, "AL É ? 李小"},
		{`{{markdown "*a* <b>"}}`, "<p><em>a</em> &lt;b&gt;</p>\n"},
		{`{{plain "*one* two" 4}}`, "one…"},
		{`{{icon "plus"}}`, `<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="M1 1"/></svg>`},
		{`{{icon "plus" "big\"x"}}`, `<svg class="icon big&#34;x" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="M1 1"/></svg>`},
		{`{{lang}} {{langname "fr"}}`, "en français"},
		{`{{range list 1 2}}{{.}},{{end}}`, "1,2,"},
		{`{{csrf}}`, `<input type="hidden" name="csrf" value="` + theme.CSRFMark() + `">`},
		{`<a href="{{.Bad}}">`, `<a href="#ZgotmplZ">`},
	}
	for _, tt := range tests {
		b["default/templates/x.html"] = file(`{{define "main"}}` + tt.source + `{{end}}`)
		th := open(t, theme.Options{Bundled: b})
		data := map[string]any{"T": now.Add(-2 * time.Hour), "Bad": "javascript:alert(1)"}
		if got := strings.TrimSuffix(strings.TrimPrefix(render(t, th, "en", "x", data), "<html>"), "</html>"); got != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.source, got, tt.want)
		}
	}
	for _, bad := range []string{`{{icon "none"}}`, `{{asset "none"}}`, `{{dict "a"}}`, `{{dict 1 2}}`, `{{t "nav.login" "a"}}`, `{{template "p" (dict)}}`} {
		b["default/templates/x.html"] = file(`{{define "main"}}` + bad + `{{end}}`)
		if err := open(t, theme.Options{Bundled: b}).Render(&strings.Builder{}, "en", "x", nil); err == nil {
			t.Errorf("%s renders", bad)
		}
	}
	var escape *template.Error
	b["default/templates/x.html"] = file(`{{define "main"}}<a href="{{if .}}"{{end}}>{{end}}`)
	if err := open(t, theme.Options{Bundled: b}).Render(&strings.Builder{}, "en", "x", nil); !errors.As(err, &escape) {
		t.Errorf("a page that cannot be escaped: %v", err)
	}
}

func TestMail(t *testing.T) {
	th := open(t, theme.Options{})
	m, err := th.Mail("fr", "hi", "<b>\r\nBcc: x")
	if err != nil {
		t.Fatal(err)
	}
	want := theme.Mail{Subject: "Se connecter: <b> Bcc: x", Text: "<b>\r\nBcc: x\n", HTML: "<body><p>&lt;b&gt;\r\nBcc: x</p></body>"}
	if m != want {
		t.Errorf("got %+v\nwant %+v", m, want)
	}
	if names, err := th.Mails(); err != nil || len(names) != 1 || names[0] != "hi" {
		t.Errorf("mails: %v, %v", names, err)
	}
	if _, err := th.Mail("en", "none", nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an absent mail: %v", err)
	}
}

// TestBundledThemeParses parses every page and mail of the bundled themes.
func TestBundledThemeParses(t *testing.T) {
	th := open(t, theme.Options{Bundled: themes.FS})
	pages, err := th.Pages()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range pages {
		if err := th.Parse("en", name); err != nil {
			t.Error(err)
		}
	}
}
