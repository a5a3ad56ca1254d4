package theme_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/osier-passport/osier/core/theme"
)

// TestConstantsAreEscapedForTheirPlace: what is the same in every page is written into
// the template after escaping, so it is as harmless as if it were worked out each time.
// Each line is drawn with a constant and with the same text as a value.
func TestConstantsAreEscapedForTheirPlace(t *testing.T) {
	for name, place := range map[string]string{
		"text":          `<p>{{X}}</p>`,
		"attribute":     `<p title="{{X}}">.</p>`,
		"unquoted":      `<p title={{X}}>.</p>`,
		"address":       `<a href="{{X}}">.</a>`,
		"in an address": `<a href="/search?q={{X}}">.</a>`,
		"script":        `<script>var x = {{X}};</script>`,
		"script text":   `<script>var x = "{{X}}";</script>`,
		"event":         `<p onclick="f({{X}})">.</p>`,
		"style":         `<p style="color: {{X}}">.</p>`,
		"style sheet":   `<style>p { color: {{X}} }</style>`,
		"words":         `<title>{{X}}</title>`,
		"after another": `<p>{{X}}{{X}} {{X}}</p>`,
		"branch":        `{{if true}}<p>{{X}}</p>{{end}}{{range list 1 2}}<p title="{{X}}">{{X}}</p>{{else}}{{X}}{{end}}{{with 1}}{{X}}{{end}}`,
		"argument":      `{{template "p" (dict "X" (X))}}`,
	} {
		for _, text := range []string{`words`, `<script>alert(1)</script>`, `"'><img src=x onerror=alert(1)>`, `javascript:alert(1)`, `a&b`, `é ’ \ "`} {
			constant := "print " + quoted(text)
			files := bundled()
			files["default/templates/constant.html"] = file(`{{define "main"}}` + strings.NewReplacer("{{X}}", "{{"+constant+"}}", "(X)", "("+constant+")").Replace(place) + `{{end}}`)
			files["default/templates/value.html"] = file(`{{define "main"}}{{$x := .}}` + strings.NewReplacer("{{X}}", "{{$x}}", "(X)", "$x").Replace(place) + `{{end}}`)
			th := open(t, theme.Options{Bundled: files})
			if got, want := render(t, th, "en", "constant", nil), render(t, th, "en", "value", text); got != want {
				t.Errorf("%s: %s\nthe constant gives %s\nthe value        %s", name, text, got, want)
			}
		}
	}
}

func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// TestConstantsAreThoseOfTheLanguage: words, icons and addresses of assets; HTML that is
// ours stays HTML in text, and is none in an attribute.
func TestConstantsAreThoseOfTheLanguage(t *testing.T) {
	files := bundled()
	files["default/templates/c.html"] = file(`{{define "main"}}{{lang}} {{t "nav.login"}} {{asset "app.css"}} {{icon "plus"}}<i title="{{icon "plus"}}{{t "nav.login"}}">{{.}}</i>{{end}}`)
	th := open(t, theme.Options{Bundled: files})
	for lang, login := range map[string]string{"en": "Sign in", "fr": "Se connecter"} {
		for _, value := range []string{"<one>", "two"} {
			got := render(t, th, lang, "c", value)
			for _, want := range []string{lang + " " + login + " /assets/app.", `<svg class="icon" viewBox="0 0 24 24"`, `<i title="` + login + `">`, strings.ReplaceAll(strings.ReplaceAll(value, "<", "&lt;"), ">", "&gt;") + "</i>"} {
				if !strings.Contains(got, want) {
					t.Errorf("%s: %s has no %s", lang, got, want)
				}
			}
		}
	}
}

// TestConstantsThatFailDoSoInTheirPage: and only when they are drawn.
func TestConstantsThatFailDoSoInTheirPage(t *testing.T) {
	files := bundled()
	files["default/templates/c.html"] = file(`{{define "main"}}{{if .}}{{t "no.such.key"}}{{icon "absent"}}{{else}}fine{{end}}{{end}}`)
	th := open(t, theme.Options{Bundled: files, Strict: true})
	if got := render(t, th, "en", "c", false); !strings.Contains(got, "fine") {
		t.Error(got)
	}
	if err := th.Render(&strings.Builder{}, "en", "c", true); err == nil || !strings.Contains(err.Error(), "no.such.key") {
		t.Errorf("an unknown message: %v", err)
	}
}

// TestPagesFindTheirTemplates: those of the page's own file before the shared ones, an
// empty one replaces none, and partials that call themselves end.
func TestPagesFindTheirTemplates(t *testing.T) {
	files := bundled()
	files["default/templates/own.html"] = file(`{{define "main"}}{{template "p" (dict "X" 1)}}{{template "inner" .}}{{template "tree" 3}}{{end}}{{define "p"}}own {{.X}}{{end}}{{define "inner"}} {{end}}`)
	files["default/templates/partials/more.html"] = file(`{{define "inner"}}<b>shared</b>{{end}}more`)
	files["default/templates/partials/tree.html"] = file(`<i>{{.}}{{if gt . 0}}{{template "tree" (add . -1)}}{{end}}</i>`)
	th := open(t, theme.Options{Bundled: files})
	if got, want := render(t, th, "en", "own", nil), `<html>own 1<b>shared</b><i>3<i>2<i>1<i>0</i></i></i></i></html>`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := render(t, th, "en", "f/b", nil), `<p>1</p>`; !strings.Contains(got, want) {
		t.Errorf("another page: %s has no %s", got, want)
	}
	files["default/templates/lost.html"] = file(`{{define "main"}}{{template "nowhere"}}{{end}}`)
	if err := th.Parse("en", "lost"); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("a partial that is nowhere: %v", err)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for _, lang := range []string{"en", "fr"} {
				if got := render(t, th, lang, "own", nil); !strings.Contains(got, "<b>shared</b>") {
					t.Error(got)
				}
			}
		})
	}
	all.Wait()
}
