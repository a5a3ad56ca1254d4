package theme_test

import (
	"errors"
	"fmt"
	"html/template"
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/theme"
)

// word has a type of its own; said and shouted say something else than their words.
type (
	word    string
	said    string
	shouted string
)

func (s said) String() string     { return "<said> " + string(s) }
func (s *shouted) String() string { return "<shouted> " + string(*s) }

type inner struct{ Name string } //nolint:recvcheck // both are tried

func (i *inner) Big() string           { return strings.ToUpper(i.Name) }
func (i inner) Twice() (string, error) { return i.Name + i.Name, nil }
func (inner) Fails() (string, error)   { return "", errors.New("it fails") }
func (inner) Panics() string           { panic("it panics") }

type outer struct {
	inner

	One     inner
	Pointer *inner
	None    *inner
	List    []inner
	Any     any
	Map     map[string]string
	Kinds   map[word]*inner
	Numbers map[int]string
	Words   []string
	N       int
	Truth   bool
	At      time.Time
}

// TestBothWaysOfDrawingAgree: a strict theme draws each page by its program and by
// html/template, and fails where they differ; so does what is harmless in one way only.
// Values come to each kind of place as words, as types of words, and as what is harmless.
func TestBothWaysOfDrawingAgree(t *testing.T) {
	shout := shouted("x")
	values := []any{
		`words`, `<script>alert(1)</script>`, `"'><img src=x onerror=alert(1)>`, `javascript:alert(1)`, `JavaScript:alert(1)`, `//x:y`, `HTTP://x`, `mailto:a@b`,
		`/b/x?a=1&b=2#c`, `/a b`, `a+b`, `%41%zz`, `/%41%e2%80%A8`, `%`, `%4`, `/x?u=http%3A%2F%2Fy`, "\x00\xff\u2028é\ufdd0", ``, `'`, "a:/b", "http:x", "x/:y", "data:text/html,<b>",
		word(`<b>`), said(`<b>`), shout, &shout, template.HTML(`<b title="x">&amp;</b>`), template.URL(`javascript:ok&"`), template.JS(`alert("<")`),
		template.HTMLAttr(`title="x"`), template.CSS(`color: red`), template.JSStr(`\x3c"`), template.Srcset(`a.png 2x`),
		0, -3, int64(7), uint(9), 1.5, true, nil,
		[]string{`<b>`, `"`},
		map[string]any{"a": `<b>`},
		inner{`<b>`},
		&inner{`"`}, time.Date(2026, 11, 29, 8, 0, 0, 0, time.UTC), errors.New("<err>"),
	}
	for name, place := range map[string]string{
		"text": `<p>{{.}}</p>`, "attribute": `<p title="{{.}}" data-x='{{.}}'>.</p>`, "unquoted": `<p title={{.}}>.</p>`, "name": `<p {{.}}>.</p>`,
		"address": `<a href="{{.}}">.</a>`, "end of an address": `<a href="/x/{{.}}">.</a>`, "query": `<a href="/search?q={{.}}">.</a>`, "set": `<img srcset="{{.}}">`,
		"script": `<script>var x = {{.}};</script>`, "script text": `<script>var x = "{{.}}";</script>`, "event": `<p onclick="f({{.}})">.</p>`,
		"style": `<p style="color: {{.}}">.</p>`, "style sheet": `<style>p { color: {{.}} }</style>`, "title": `<title>{{.}}</title>`, "area": `<textarea>{{.}}</textarea>`,
		"remark": `<!-- {{.}} -->.`, "variable": `{{$x := .}}{{$y := print .}}{{$y = $x}}<p title="{{$y}}">{{$x}}</p>`, "called": `{{template "p" (dict "X" .)}}`, "with": `{{with .}}{{.}}{{else}}none{{end}}`,
		"called inside": `<p title="{{template "inside" .}}">{{template "inside" .}}</p>{{define "inside"}}{{.}}{{end}}`, "function": `{{default . "<none>"}}{{print . "<" 1 2}}{{printf "%v" .}}`,
		"json": `<script type="application/ld+json">{{.}}</script>`, "html": `{{. | html}}`, "if": `{{if .}}yes{{else}}no{{end}}{{if and . 1}}a{{end}}{{or . "b"}}{{not .}}`,
	} {
		files := bundled()
		files["default/templates/place.html"] = file(`{{define "main"}}` + strings.ReplaceAll(place, `{{define "inside"}}`, `{{end}}{{define "inside"}}`) + endOf(place))
		th := open(t, theme.Options{Bundled: files, Strict: true})
		for _, v := range values {
			drawn(t, th, fmt.Sprintf("%s %T %v", name, v, v), v)
		}
	}
}

// endOf ends "main", which has ended already where another template is defined.
func endOf(place string) string {
	if strings.Contains(place, "{{define") {
		return ""
	}
	return "{{end}}"
}

// drawn fails where the two ways differ. That the page itself fails is the template's to say.
func drawn(t *testing.T, th *theme.Theme, at string, v any) {
	t.Helper()
	var out strings.Builder
	if err := th.Render(&out, "en", "place", v); err != nil && strings.Contains(err.Error(), "differ") {
		t.Errorf("%s: %v", at, err)
	}
}

// TestTemplatesMeanTheSameByTheirProgram: fields, methods, loops, variables and functions.
func TestTemplatesMeanTheSameByTheirProgram(t *testing.T) {
	full := outer{
		inner: inner{"in"}, One: inner{"one"}, Pointer: &inner{"two"}, List: []inner{{"a"}, {"b"}, {"c"}}, Any: inner{"any"},
		Map: map[string]string{"k": "<v>", "b": "w"}, Words: []string{"x", "y"}, Kinds: map[word]*inner{"b": {"two"}, "a": {"one"}}, Numbers: map[int]string{2: "y", 1: "x"}, N: 3, Truth: true, At: time.Date(2026, 11, 29, 8, 0, 0, 0, time.UTC),
	}
	for line, want := range map[string]string{
		`{{.Name}} {{.One.Name}} {{.Pointer.Name}} {{.Any.Name}}`:                                                                                                  "in one two any",
		`{{.Pointer.Big}} {{.One.Twice}} {{range .List}}{{.Big}}{{end}}`:                                                                                           "TWO oneone ABC",
		`{{range $i, $x := .List}}{{$i}}{{$x.Name}}{{if eq $i 1}}{{break}}{{end}},{{end}}`:                                                                         "0a,1b",
		`{{range .List}}{{if eq .Name "b"}}{{continue}}{{end}}{{.Name}}{{else}}none{{end}}`:                                                                        "ac",
		`{{range .Words}}{{range $.List}}{{if eq .Name "b"}}{{break}}{{end}}{{.Name}}{{end}}{{.}}{{end}}`:                                                          "axay",
		`{{$last := ""}}{{range .List}}{{$last = .Name}}{{end}}{{$last}}`:                                                                                          "c",
		`{{$x := 1}}{{if .Truth}}{{$x := 2}}{{$x}}{{end}}{{$x}}`:                                                                                                   "21",
		`{{with $y := .One}}{{$y.Name}}{{.Name}}{{end}}{{with .None}}{{.Name}}{{else}}none{{end}}`:                                                                 "oneonenone",
		`{{range .N}}{{.}}{{end}}{{range $k, $v := .Map}}{{$k}}{{$v}}{{end}}`:                                                                                      "012bwk&lt;v&gt;",
		`{{range .Map}}{{.}}{{break}}{{else}}none{{end}}{{range $k, $v := .Kinds}}{{$k}}{{$v.Name}}{{.Big}}{{end}}{{range $k, $v := .Numbers}}{{$k}}{{$v}}{{end}}`: "waoneONEbtwoTWO1x2y",
		`{{index .Map "k"}}{{index .Map "none"}}{{index .Words 1}}{{len .Words}}{{len .Map}}`:                                                                      "&lt;v&gt;y22",
		`{{if and .Truth (gt .N 2) (le .N 3) (lt 1 .N) (ge .N 3) (ne .N 4) (eq .N 1 2 3)}}all{{end}}`:                                                              "all",
		`{{.At.IsZero}} {{.At.Year}} {{date .At}} {{(index .List 0).Name}}`:                                                                                        "false 2026 29 November 2026 a",
		`{{template "tree" .N}}{{define "tree"}}{{.}}{{if gt . 0}}{{template "tree" (add . -1)}}{{end}}{{end}}`:                                                    "3210",
		`{{with dict "A" 1 "B" .One}}{{.A}}{{.B.Name}}{{eq (index . "C") "c"}}{{end}}{{range list 1 "z" nil}}{{.}},{{end}}`:                                        "1onefalse1,z,,",
		`{{.Name | printf "%s-%s" "a"}}{{"q" | print}}{{.Words | len}}`:                                                                                            "a-inq2",
	} {
		files := bundled()
		files["default/templates/place.html"] = file(`{{define "main"}}[` + strings.Replace(line, `{{define`, `]{{end}}{{define`, 1) + map[bool]string{true: "", false: "]{{end}}"}[strings.Contains(line, "{{define")])
		th := open(t, theme.Options{Bundled: files, Strict: true})
		if got := render(t, th, "en", "place", full); !strings.Contains(got, "["+want+"]") {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
	}
}

// TestWhatFailsInATemplateSaysSo: with the words of html/template, and nothing is written.
func TestWhatFailsInATemplateSaysSo(t *testing.T) {
	for line, want := range map[string]string{
		`before {{.One.Nothing}}`: "can't evaluate field Nothing", `{{.None.Name}}`: "nil pointer", `{{.One.Fails}}`: "it fails", `{{.One.Panics}}`: "it panics",
		`{{index .Words 9}}`: "out of range", `{{date .Name}}`: "wrong type", `{{with dict "A" 1}}{{.B}}{{end}}`: "no entry", `{{eq .N "x"}}`: "incompatible",
		`{{template "self" .}}{{end}}{{define "self"}}{{template "self" .}}`: "depth",
	} {
		files := bundled()
		files["default/templates/place.html"] = file(`{{define "main"}}` + line + `{{end}}`)
		th := open(t, theme.Options{Bundled: files})
		var out strings.Builder
		if err := th.Render(&out, "en", "place", outer{}); err == nil || !strings.Contains(err.Error(), want) || out.Len() > 0 {
			t.Errorf("%s: %v, %q written; want %s", line, err, out.String(), want)
		}
	}
}
