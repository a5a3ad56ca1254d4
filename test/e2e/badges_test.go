package e2e

import (
	"bytes"
	"encoding/json"
	"image/png"
	"strings"
	"testing"

	"github.com/osier-passport/osier/test/browser"
)

func quoted(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return string(text)
}

// upload gives a file to the drop zone, which sends it at once.
func (p *passport) upload(tab *browser.Tab, file string, data []byte) {
	tab.Open("/add")
	path := p.file(tab.T, file, data)
	tab.Choose("#f-file", path)
}

// arrive waits for the page of a new badge and gives its path.
func (p *passport) arrive(tab *browser.Tab, name string) string {
	tab.At("/b/")
	tab.Reads(name)
	if v := tab.Count("main .verdict-ok"); v == 0 {
		tab.T.Errorf("%s: not verified: %s", name, tab.Text("main .verdict"))
	}
	if tab.Count("main .flash.welcome") != 1 {
		tab.T.Errorf("%s: no word of welcome", name)
	}
	return tab.Path()
}

func (p *passport) addEveryKind(t *testing.T) {
	p.step(t, "the page to add a badge", func() {
		p.ada.Open("/add")
		p.shot(p.ada, "add")
	})
	i := p.issuer
	for _, kind := range []struct {
		what, name, file string
		data             func(t testing.TB, name, address string) []byte
	}{
		{"a PNG", "Basket Weaving", "basket.png", i.PNG},
		{"an SVG", "Star Finding", "star.svg", i.SVG},
		{"JSON with embedded proof, VC 2.0", "Peer Review", "review.json", embedded(i.Embedded, "2.0")},
		{"JSON with embedded proof, VC 1.1", "First Aid", "aid.json", embedded(i.Embedded, "1.1")},
		{"a VC-JWT with RS256", "Harbour Pilot", "pilot.jwt", i.Token},
		{"a signed OB 2.0 badge", "Rope Work", "rope.jws", i.Signed},
	} {
		p.step(t, "add "+kind.what, func() {
			data := kind.data(p.ada.T, kind.name, ada.address)
			p.upload(p.ada, kind.file, data)
			path := p.arrive(p.ada, kind.name)
			p.sent[kind.name] = data
			if p.badge == "" {
				p.badge = path
				p.shot(p.ada, "badge-fresh")
			}
			p.received(p.ada, path, data)
		})
	}
	p.step(t, "add a hosted OB 2.0 badge by its address", func() {
		tab := p.ada
		address := i.Hosted(tab.T, "Night Watch", ada.address)
		tab.Open("/add")
		tab.Type("#f-url", address)
		tab.Press(".copy button[type=submit]")
		p.arrive(tab, "Night Watch")
	})
	p.step(t, "add a badge by pasting its text", func() {
		tab := p.ada
		data := i.Embedded(tab.T, "2.0", "Bread Baking", ada.address)
		tab.Open("/add")
		tab.Click("main details summary")
		tab.Type("#f-text", string(data))
		tab.Press("main details button[type=submit]")
		p.arrive(tab, "Bread Baking")
		p.sent["Bread Baking"] = data
	})
	p.step(t, "all of them are among my badges, and the filter finds one", func() {
		tab := p.ada
		tab.Open("/badges")
		if n := tab.Count(".badge-grid .badge-card"); n != 8 {
			tab.T.Errorf("%d badges", n)
		}
		p.shot(tab, "badges")
		tab.Type("#q", "pilot")
		tab.Press(".shelf-filter > button[type=submit]")
		if n := tab.Count(".badge-grid .badge-card"); n != 1 {
			tab.T.Errorf("%d badges fit “pilot”", n)
		}
		tab.Reads("Harbour Pilot")
	})
}

func embedded(f func(t testing.TB, vc, name, address string) []byte, vc string) func(testing.TB, string, string) []byte {
	return func(t testing.TB, name, address string) []byte { return f(t, vc, name, address) }
}

// addOne is the main path of addEveryKind.
func (p *passport) addOne(t *testing.T) {
	p.step(t, "add a PNG", func() {
		data := p.issuer.PNG(p.ada.T, "Basket Weaving", ada.address)
		p.upload(p.ada, "basket.png", data)
		p.badge = p.arrive(p.ada, "Basket Weaving")
		p.sent["Basket Weaving"] = data
		p.received(p.ada, p.badge, data)
	})
	p.step(t, "add a VC-JWT", func() {
		data := p.issuer.Token(p.ada.T, "Harbour Pilot", ada.address)
		p.upload(p.ada, "pilot.jwt", data)
		p.arrive(p.ada, "Harbour Pilot")
		p.sent["Harbour Pilot"] = data
	})
}

// received holds the downloads of a badge against what was sent.
func (p *passport) received(tab *browser.Tab, path string, sent []byte) {
	status, got := tab.Get(path + "/download/received")
	if status != 200 || !bytes.Equal(got, sent) {
		tab.T.Errorf("%s: download of the received file: status %d, %d bytes of %d", path, status, len(got), len(sent))
	}
	status, got = tab.Get(path + "/download/png")
	if _, err := png.DecodeConfig(bytes.NewReader(got)); status != 200 || err != nil {
		tab.T.Errorf("%s: download of the PNG: status %d, %v", path, status, err)
	}
}

// stranger is the address of a badge that is not Ada's. The badge waits, so it
// is a mark of hers as well.
const stranger = "other.person@elsewhere.example"

// askForAddress uploads a badge of somebody else: it waits for its address, and
// is seen nowhere meanwhile.
func (p *passport) askForAddress(t *testing.T) {
	p.step(t, "a badge of somebody else waits, and three ways on are shown", func() {
		tab := p.ada
		tab.Allow("422")
		p.upload(tab, "other.json", p.issuer.Embedded(tab.T, "2.0", "Foreign Badge", stranger))
		tab.Until(`document.querySelector("main form[action$='/address']")`, "the question whose address it is")
		tab.Reads("Foreign Badge", stranger, "The address is mine", "Keep it unclaimed", "Ask the issuer")
		if v := tab.Value("#f-address", "value"); v != stranger {
			tab.T.Errorf("the address to confirm is %q", v)
		}
		if tab.Count("main form[action$='/keep'] button") != 1 || tab.Count("main a[href^='mailto:']") == 0 {
			tab.T.Error("the badge cannot be kept, or no mail to its issuer be written")
		}
		p.shot(tab, "waits-for-its-address")
		waits := browser.Eval[string](tab, `document.querySelector("main form[action$='/keep']").getAttribute("action").replace(/\/keep$/, "")`)
		p.bo.Allow("404")
		if status, _ := p.bo.Get(waits); status != 404 {
			tab.T.Errorf("somebody else gets %d for %s, not 404", status, waits)
		}
		tab.Open("/badges")
		if n := tab.Count(".badge-grid .badge-card"); n != 8 {
			tab.T.Errorf("%d badges, 8 before", n)
		}
	})
}

func (p *passport) refuse(t *testing.T) {
	p.askForAddress(t)
	tab := p.ada
	tab.Allow("400", "409", "413", "415", "422")
	for _, c := range []struct {
		what, file string
		data       func(t testing.TB) []byte
		words      []string
		link       string
	}{
		{
			"a badge that is held already", "basket-again.png",
			func(testing.TB) []byte { return p.sent["Basket Weaving"] },
			[]string{"You have this badge already"}, p.badge,
		},
		{
			"a picture without a badge", "plain.png",
			func(testing.TB) []byte { return p.plainPicture() },
			[]string{"was not added"}, "",
		},
		{
			"a file that is no badge", "letter.txt",
			func(testing.TB) []byte { return []byte("Dear sir or madam, I am a badge. Believe me.") },
			[]string{"was not added"}, "",
		},
		{
			"a badge that was changed", "changed.json",
			func(testing.TB) []byte {
				return bytes.Replace(p.sent["Peer Review"], []byte("Peer Review"), []byte("Peer Lordship"), 1)
			},
			[]string{"Peer Lordship"}, "",
		},
	} {
		p.step(t, "refuse "+c.what, func() {
			p.upload(tab, c.file, c.data(tab.T))
			tab.Until(`document.querySelector("main .problem, main [role=alert]")`, "the reason")
			tab.Reads(c.words...)
			if c.link != "" && tab.Count(`main a[href="`+c.link+`"]`) == 0 {
				tab.T.Errorf("no link to %s", c.link)
			}
			p.shot(tab, "refused-"+strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(c.file, ".json"), ".png"), ".txt"))
			tab.Open("/badges")
			if n := tab.Count(".badge-grid .badge-card"); n != 8 {
				tab.T.Errorf("%d badges, 8 before", n)
			}
		})
	}
}
