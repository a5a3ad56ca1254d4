package core

import (
	"bytes"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/config"
)

// TestCardsWearTheTheme: previews of badges, profiles and pages are drawn in the
// theme's colours, a page's in those of its look. Each is small, is not sent twice to
// who has it, and has another address once the theme changed.
func TestCardsWearTheTheme(t *testing.T) {
	themes := t.TempDir()
	dress := func(accent string) {
		t.Helper()
		folder := filepath.Join(themes, "mine", "assets")
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "tokens.css"), []byte(":root { --accent: light-dark("+accent+", #ffffff); }"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	dress("#aa0011")
	p := startPassport(t, options{}, func(c *config.Config) { c.Theme, c.ThemesDir, c.Dev = "mine", themes, true })
	v := p.member("ada")
	issuer := newSigner(t, "Guild")
	id := v.take(t, issuer, issuer.badge("Weaver", "ada@people.test"))
	v.post("/b/"+id+"/visibility", "visibility", "public").is(t, 303)
	path := strings.TrimSuffix(v.post("/pages", "title", "Baskets", "do", "draft").is(t, 303).location(), "/edit")
	p.write(`UPDATE page SET visibility = 'public', published_at = created_at, style = 'river'`)
	p.write(`UPDATE person SET profile = 'public'`)
	stranger := p.visitor()
	at := func(page string) (address, mark string, foot color.NRGBA) {
		t.Helper()
		head := stranger.get(page).is(t, 200).all(t, `meta[property="og:image"]`)
		if len(head) == 0 {
			t.Fatalf("%s has no preview", page)
		}
		address = strings.TrimPrefix(attr(head[0], "content"), p.url)
		card := stranger.get(address).is(t, 200)
		if n := len(card.body); n < 5000 || n > 300_000 {
			t.Errorf("%s: a card of %d bytes", page, n)
		}
		mark = card.header.Get("ETag")
		if again := stranger.get(address, "If-None-Match", mark).is(t, 304); len(again.body) != 0 {
			t.Errorf("%s: sent again", page)
		}
		m, err := png.Decode(bytes.NewReader(card.body))
		if err != nil {
			t.Fatal(err)
		}
		return address, mark, color.NRGBAModel.Convert(m.At(600, 626)).(color.NRGBA)
	}
	own := strings.Replace(path, "/pages/", "/p/", 1)
	for _, c := range []struct {
		page          string
		before, after color.NRGBA
	}{
		{"/b/" + id, color.NRGBA{0xaa, 0x00, 0x11, 255}, color.NRGBA{0x11, 0x00, 0xaa, 255}},
		{"/@ada", color.NRGBA{0xaa, 0x00, 0x11, 255}, color.NRGBA{0x11, 0x00, 0xaa, 255}},
		{own, color.NRGBA{0x0c, 0x5f, 0x83, 255}, color.NRGBA{0x0c, 0x5f, 0x83, 255}}, // the look's accent
	} {
		dress("#aa0011")
		address, mark, foot := at(c.page)
		if foot != c.before {
			t.Errorf("%s: %v, want %v", c.page, foot, c.before)
		}
		dress("#1100aa")
		address2, mark2, foot := at(c.page)
		if foot != c.after {
			t.Errorf("%s in the other theme: %v, want %v", c.page, foot, c.after)
		}
		if changed := c.before != c.after; (address != address2) != changed || (mark != mark2) != changed {
			t.Errorf("%s: %s %s became %s %s", c.page, address, mark, address2, mark2)
		}
	}
}
