package theme_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/osier-passport/osier/core/theme"
)

// card is what a list shows; drawn counts how often a template reads it.
type card struct {
	Name  string
	drawn *int
}

func (c card) Draw() string { *c.drawn++; return c.Name }

type cardWithList struct {
	card

	Tags []string
}

// TestKeptPartialsAreThoseOfTheirValuesAndLanguage: equal values give the same HTML
// without being drawn again, other values and languages their own, escaped as anywhere.
func TestKeptPartialsAreThoseOfTheirValuesAndLanguage(t *testing.T) {
	files := bundled()
	files["default/templates/cards.html"] = file(`{{define "main"}}{{range .}}{{kept "card" .}}{{end}}{{end}}`)
	files["default/templates/partials/card.html"] = file(`<li title="{{.Name}}">{{.Draw}} {{lang}}</li>`)
	th := open(t, theme.Options{Bundled: files})
	drawn := 0
	one, two := card{"<one>", &drawn}, card{"two", &drawn}
	for _, step := range []struct {
		lang  string
		cards []any
		want  string
		drawn int
	}{
		{"en", []any{one, two}, `<li title="&lt;one&gt;">&lt;one&gt; en</li><li title="two">two en</li>`, 2},
		{"en", []any{two, one}, `<li title="two">two en</li><li title="&lt;one&gt;">&lt;one&gt; en</li>`, 2},
		{"fr", []any{two}, `<li title="two">two fr</li>`, 3},
		{"en", []any{cardWithList{two, []string{"a"}}, cardWithList{two, nil}}, `<li title="two">two en</li><li title="two">two en</li>`, 5},
	} {
		if got := render(t, th, step.lang, "cards", step.cards); !strings.Contains(got, step.want) || drawn != step.drawn {
			t.Errorf("%s %v: %s, drawn %d times, want %d", step.lang, step.cards, got, drawn, step.drawn)
		}
	}
}

// TestManyKeptPartialsAtOnce: more than are kept, by several at once.
func TestManyKeptPartialsAtOnce(t *testing.T) {
	files := bundled()
	files["default/templates/cards.html"] = file(`{{define "main"}}{{range .}}{{kept "card" .}}{{end}}{{end}}`)
	files["default/templates/partials/card.html"] = file(`({{.}})`)
	th := open(t, theme.Options{Bundled: files})
	var all sync.WaitGroup
	for w := range 4 {
		all.Go(func() {
			for i := range 700 {
				var out strings.Builder
				want := fmt.Sprint(i*3 + w%2)
				if err := th.Render(&out, "en", "cards", []any{want}); err != nil || !strings.Contains(out.String(), "("+want+")") {
					t.Errorf("%s: %s, %v", want, out.String(), err)
				}
			}
		})
	}
	all.Wait()
}
