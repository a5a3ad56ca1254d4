package e2e

import (
	"bytes"
	"testing"

	"github.com/osier-passport/osier/test/browser"
)

// anybodyVerifies has badges verified by somebody without an account, with
// JavaScript and without.
func (p *passport) anybodyVerifies(t *testing.T) {
	data := p.issuer.Embedded(t, "2.0", "Open Eyes", ada.address)
	files := map[string]string{
		"good":   p.file(t, "open-eyes.json", data),
		"forged": p.file(t, "forged.json", bytes.Replace(data, []byte("Open Eyes"), []byte("Wide Eyes"), 1)),
		"art":    p.file(t, "open-eyes.png", p.issuer.PNG(t, "Open Art", ada.address)),
	}
	for _, c := range []struct {
		name string
		send func(tab *browser.Tab, file string)
		set  func(tab *browser.Tab)
	}{
		{"with JavaScript", func(tab *browser.Tab, file string) { tab.Choose("#f-file", file) }, func(*browser.Tab) {}},
		{"without JavaScript", func(tab *browser.Tab, file string) {
			tab.Choose("#f-file", file)
			tab.Press("main [data-zone-send]")
		}, (*browser.Tab).NoScript},
	} {
		tab := p.person(t)
		p.aside(t, "anybody verifies a badge "+c.name, func() {
			c.set(tab)
			tab.Open("/verify")
			c.send(tab, files["good"])
			tab.Reads("Open Eyes", "Verified", "Signature or hosting")
			c.send(tab, files["forged"])
			tab.Reads("Wide Eyes", "Not valid")
			c.send(tab, files["art"])
			tab.Reads("Open Art")
			if n := tab.Count(`main .check-result .art img[src^="data:image/png"]`); n != 1 {
				tab.T.Errorf("%d pictures", n)
			}
			if n := tab.Value("main .check-result .art img", "naturalWidth"); n == "0" {
				tab.T.Error("the picture is not drawn")
			}
			p.shot(tab, "verify")
			tab.Open(p.badge)
			tab.Press(`main a[href^="/verify?badge="]`)
			tab.Press(`main input[name=badge] + button`)
			tab.Until(`document.querySelector(".check-result .verdict-ok") !== null`, "the verdict of a badge shown here")
		})
	}
}
