package theme_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/theme"
)

// TestATemplateThatIsDrawnTwiceIsToldOfOnce: with its file and the action, however often and
// in however many languages and pages it is drawn; what fails or is known is not told of.
func TestATemplateThatIsDrawnTwiceIsToldOfOnce(t *testing.T) {
	files := bundled()
	files["default/templates/known.html"] = file(`{{define "main"}}{{.Name}}{{range .List}}{{.Big}}{{end}}{{end}}`)
	files["default/templates/place.html"] = file("{{define \"main\"}}<p>\n{{range $k, $v := .Numbers}}{{$v}}{{end}}{{end}}")
	files["default/templates/word.html"] = file(`{{define "main"}}{{template "mapped" .Numbers}}{{end}}`)
	files["default/templates/other.html"] = file(`{{define "main"}}<p>.</p>{{template "mapped" .Numbers}}{{end}}`)
	files["default/templates/inside.html"] = file(`{{define "main"}}<p title="{{template "mapped" .Numbers}}">.</p>{{end}}`)
	files["default/templates/partials/mapped.html"] = file(`{{if .}}{{len . | printf "%d"}}{{end}}{{range $k, $v := .}}{{$k}}{{$v}}{{end}}`)
	files["default/templates/broken.html"] = file(`{{define "main"}}{{.Nothing}}{{end}}`)
	var log bytes.Buffer
	th := open(t, theme.Options{Bundled: files, Log: slog.New(slog.NewTextHandler(&log, nil))})
	data := outer{inner: inner{"in"}, Numbers: map[int]string{1: "v"}, List: []inner{{"a"}}}
	draw := func(names ...string) string {
		t.Helper()
		log.Reset()
		for range 2 {
			for _, name := range names {
				for _, lang := range []string{"en", "fr"} {
					if got := render(t, th, lang, name, data); !strings.Contains(got, "v") {
						t.Errorf("%s: %s", name, got)
					}
				}
			}
		}
		return log.String()
	}
	if err := th.Render(&log, "en", "broken", data); err == nil || log.Len() > 0 {
		t.Errorf("an error is told as something else: %v, %s", err, log.String())
	}
	if err := th.Render(&bytes.Buffer{}, "en", "known", data); err != nil || log.Len() > 0 {
		t.Errorf("what is known: %v, %s", err, log.String())
	}
	for _, c := range []struct {
		pages []string
		want  []string
	}{
		{[]string{"place"}, []string{"level=WARN", "template=place", "at=place:2:", "{{range $k, $v := .Numbers}}"}},
		{[]string{"word", "other"}, []string{"template=mapped", "{{range $k, $v := .}}"}},
		{[]string{"inside"}, []string{"template=inside", `{{template \"mapped\" .Numbers}}`}},
		{[]string{"word", "other", "place", "inside"}, nil},
	} {
		said := draw(c.pages...)
		if lines := strings.Count(said, "\n"); lines != min(1, len(c.want)) {
			t.Errorf("%v: %d lines: %s", c.pages, lines, said)
		}
		for _, want := range c.want {
			if !strings.Contains(said, want) {
				t.Errorf("%v: %s lacks %s", c.pages, said, want)
			}
		}
		if strings.Contains(said, "htmltemplate") || strings.Contains(said, "html_template") {
			t.Errorf("%v: %s", c.pages, said)
		}
	}
}
