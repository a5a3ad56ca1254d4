package theme_test

import (
	"image/color"
	"testing"

	"github.com/osier-passport/osier/core/theme"
)

// Pictures have the colours of the theme: of the light scheme, of its own values
// first, and of the default theme where it says nothing that they can read.
func TestPalette(t *testing.T) {
	files := bundled()
	files["default/assets/tokens.css"] = file(`/* :root { --text: #111; } */ @layer tokens { :root {
		--bg: light-dark(#faf7f0, #161511); --text: light-dark(#201d17, #eee9dd); --accent: light-dark(#3d692e, #abcd87); --border: #e0d9ca; --space-1: 0.25rem; }
		:root[data-contrast="high"] { --text: #000; }
		@media (prefers-contrast: more) { :root { --text: #010101; } }
		@supports not (color: light-dark(#000, #fff)) { :root { --text: #020202; } } }`)
	files["default/page-styles/river.css"] = file("/* en: River */ :root { --accent: light-dark(#0c5f83, #7fc6e8); }")
	files["mine/assets/tokens.css"] = file(`:root { --bg: light-dark(rgb(1, 2, 3), #fff); --brand: #abc; --accent: var(--brand); --border: color-mix(in srgb, red, blue); --text: var(--text); }`)
	rgb := func(r, g, b byte) color.NRGBA { return color.NRGBA{r, g, b, 255} }
	for _, c := range []struct {
		theme, style, token string
		want                color.NRGBA
	}{
		{"default", "", "bg", rgb(0xfa, 0xf7, 0xf0)},
		{"default", "", "text", rgb(0x20, 0x1d, 0x17)},
		{"default", "", "space-1", color.NRGBA{}},
		{"default", "river", "accent", rgb(0x0c, 0x5f, 0x83)},
		{"default", "river", "text", rgb(0x20, 0x1d, 0x17)},
		{"default", "nowhere", "accent", rgb(0x3d, 0x69, 0x2e)},
		{"mine", "", "bg", rgb(1, 2, 3)},
		{"mine", "", "accent", rgb(0xaa, 0xbb, 0xcc)},
		{"mine", "", "border", rgb(0xe0, 0xd9, 0xca)},
		{"mine", "", "text", rgb(0x20, 0x1d, 0x17)},
	} {
		p, err := open(t, theme.Options{Name: c.theme, Bundled: files}).Palette(c.style)
		if err != nil {
			t.Fatal(err)
		}
		if got := p[c.token]; got != c.want {
			t.Errorf("%s of %s %s: got %v, want %v", c.token, c.theme, c.style, got, c.want)
		}
	}
}
