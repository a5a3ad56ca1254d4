package e2e

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/osier-passport/osier/test/browser"
)

// Words that only Ada writes.
const comment = "Remarkmark: I dried the willow for a month, and it was worth it."

func (p *passport) community(t *testing.T) {
	p.publish(t)
	p.trust(t)
	p.takeBack(t)
	p.follow(t)
	p.talk(t)
}

func (p *passport) publish(t *testing.T) {
	tab := p.ada
	p.step(t, "a new badge is private", func() {
		tab.Open(p.badge)
		p.shot(tab, "badge-private")
		if status := p.anonymous(tab, p.badge, nil); status != 404 {
			tab.T.Errorf("strangers get %d", status)
		}
	})
	p.step(t, "publish in two clicks", func() {
		p.show(tab, p.badge)
		p.shot(tab, "badge-public")
	})
	p.step(t, "strangers see it at once, with a preview card", func() {
		page := p.stranger(tab, p.badge)
		for _, words := range []string{"Basket Weaving", `property="og:image"`, `property="og:title"`, `rel="canonical"`, `application/ld+json`, ada.name} {
			if !strings.Contains(page, words) {
				tab.T.Errorf("the public page lacks %s", words)
			}
		}
		var card []byte
		if status := p.anonymous(tab, p.badge+"/card.png", &card); status != 200 {
			tab.T.Fatalf("the card answers %d", status)
		}
		c, err := png.DecodeConfig(bytes.NewReader(card))
		if err != nil || c.Width != 1200 || c.Height != 630 {
			tab.T.Errorf("the card is %dx%d, %v", c.Width, c.Height, err)
		}
		if page := p.stranger(tab, "/@"+ada.handle); !strings.Contains(page, "Basket Weaving") {
			tab.T.Error("the profile lacks the badge")
		}
		if page := p.stranger(tab, "/@"+ada.handle+"/feed.atom"); !strings.Contains(page, "Basket Weaving") {
			tab.T.Error("the Atom feed lacks the badge")
		}
		if page := p.stranger(tab, "/explore"); !strings.Contains(page, "Basket Weaving") {
			tab.T.Error("the explore page lacks the badge")
		}
	})
}

// trust is the way of an employer who got a link: the verdict is there at once, each
// check one click away.
func (p *passport) trust(t *testing.T) {
	employer := p.person(t)
	p.step(t, "an employer sees at once that it holds, and why with one click", func() {
		employer.Open(p.badge)
		employer.Clicks = 0
		employer.Until(`document.querySelector("main .verdict-ok")?.checkVisibility({visibilityProperty: true})`, "the verdict")
		employer.Press(`main a[href$="/verify"]`)
		employer.Until(`document.querySelectorAll("main .checks li").length > 3`, "the checks")
		took(employer, seeProof, 0)
	})
}

// takeBack walks through the levels of visibility: each holds at once, on every outlet.
func (p *passport) takeBack(t *testing.T) {
	tab := p.ada
	outlets := []string{"", "/image", "/card.png", "/verify"}
	lists := []string{"/@" + ada.handle, "/@" + ada.handle + "/feed.atom", "/explore"}
	p.step(t, "each level of visibility holds at once on every outlet", func() {
		for _, level := range []struct {
			name             string
			strangers, query int // status for strangers, and with what the link holds
		}{{"members", 404, 404}, {"link", 404, 200}, {"private", 404, 404}, {"public", 200, 200}} {
			tab.Open(p.badge)
			tab.Clicks = 0
			if tab.Count("main .disclosure[open] button[name=visibility]") == 0 {
				tab.Click("main .badge-page-tools > details.disclosure > summary")
			}
			tab.Press("main button[name=visibility][value=" + level.name + "]")
			took(tab, changeVisibility, 0)
			query := ""
			if link := tab.Value("#badge-link", "value"); strings.Contains(link, "?") {
				query = link[strings.Index(link, "?"):]
			}
			for _, outlet := range outlets {
				if got := p.anonymous(tab, p.badge+outlet, nil); got != level.strangers {
					tab.T.Errorf("%s: %s answers %d to strangers", level.name, outlet, got)
				}
				if got := p.anonymous(tab, p.badge+outlet+query, nil); got != level.query {
					tab.T.Errorf("%s: %s answers %d to who has the link %q", level.name, outlet, got, query)
				}
			}
			for _, list := range lists {
				shown := strings.Contains(p.stranger(tab, list), "Basket Weaving")
				if shown != (level.name == "public") {
					tab.T.Errorf("%s: on %s it is shown: %t", level.name, list, shown)
				}
			}
		}
	})
}

// show publishes a badge from its page, and counts the clicks.
func (p *passport) show(tab *browser.Tab, badge string) {
	tab.Open(badge)
	tab.Clicks = 0
	tab.Click("main .badge-page-tools > details.disclosure > summary")
	tab.Press("main button[name=visibility][value=public]")
	took(tab, changeVisibility, 0)
	tab.At(badge)
	if v := tab.Count("main button[name=visibility][value=public][aria-pressed=true]"); v != 1 {
		tab.T.Error("it is not public")
	}
}

// anonymous asks for a path without cookies.
func (p *passport) anonymous(tab *browser.Tab, path string, body *[]byte) int {
	r, err := http.NewRequestWithContext(tab.T.Context(), http.MethodGet, p.URL+path, nil)
	if err != nil {
		tab.T.Fatal(err)
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		tab.T.Fatal(err)
	}
	defer answer.Body.Close()
	all, err := io.ReadAll(answer.Body)
	if err != nil {
		tab.T.Fatal(err)
	}
	if body != nil {
		*body = all
	}
	return answer.StatusCode
}

// stranger gives a page as visitors get it.
func (p *passport) stranger(tab *browser.Tab, path string) string {
	var page []byte
	if status := p.anonymous(tab, path, &page); status != 200 {
		tab.T.Errorf("%s answers %d to strangers", path, status)
	}
	return string(page)
}

func (p *passport) follow(t *testing.T) {
	p.step(t, "a second person follows with one click", func() {
		tab := p.bo
		tab.Open("/@" + ada.handle)
		p.shot(tab, "profile")
		tab.Clicks = 0
		tab.Press("main .profile-actions button[name=action][value=follow]")
		took(tab, followSomebody, 0)
		if tab.Count("main .profile-actions button[value=unfollow]") != 1 {
			tab.T.Error("it is not followed")
		}
	})
	p.step(t, "what is published then is in the feed", func() {
		p.show(p.ada, p.find(p.ada, "Harbour Pilot"))
		p.bo.Finds("/feed", ada.name, "Harbour Pilot")
		p.shot(p.bo, "feed")
	})
}

// find gives the path of one of a person's own badges.
func (p *passport) find(tab *browser.Tab, name string) string {
	tab.Open("/badges?q=" + strings.ReplaceAll(name, " ", "+"))
	path := browser.Eval[string](tab, `document.querySelector(".badge-card-name a")?.getAttribute("href") ?? ""`)
	if path == "" {
		tab.T.Fatalf("%s is not among the badges", name)
	}
	return path
}

func (p *passport) talk(t *testing.T) {
	p.step(t, "people talk about a badge class, and follow it", func() {
		tab := p.ada
		tab.Open(p.badge)
		tab.Press("main #class a")
		tab.At("/c/")
		tab.Type("main textarea[name=text]", comment)
		tab.Press("main form[action$=comments] button[type=submit]")
		tab.Reads(comment)
		p.shot(tab, "class")

		p.bo.Open(tab.Path())
		p.bo.Reads(comment)
		p.bo.Press("main .class-head button[value=follow]")
		p.bo.Type("main textarea[name=text]", "Mine broke after a week.")
		p.bo.Press("main form[action$=comments] button[type=submit]")
		p.bo.Finds("/feed?kind=comments", "Remarkmark")
		tab.Open(p.bo.Path())
	})
}

func (p *passport) export(t *testing.T) {
	p.step(t, "my data shows what is held, and hands it out", func() {
		tab := p.ada
		tab.Open("/settings/data")
		p.shot(tab, "settings-data")
		tab.Press("main form[action$=export] button")
		const ready = `main form[action*="/settings/data/export/"]:not([action$="/remove"]) button`
		tab.Until(`document.querySelector('`+ready+`')`, "the export")
		p.shot(tab, "settings-data-export")
		data := tab.Download(ready)
		archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			tab.T.Fatalf("%d bytes are no ZIP: %v", len(data), err)
		}
		p.checkArchive(tab.T, archive)
	})
}

// checkArchive holds an export against its own checksums and against what was sent.
func (p *passport) checkArchive(t testing.TB, z *zip.Reader) {
	t.Helper()
	files := map[string][]byte{}
	received := map[string]bool{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		files[f.Name] = data
		if strings.HasPrefix(f.Name, "badges/received/") {
			received[string(data)] = true
		}
	}
	lines := strings.Split(strings.TrimSpace(string(files["SHA256SUMS"])), "\n")
	for _, line := range lines {
		sum, name, _ := strings.Cut(line, "  ")
		if got := fmt.Sprintf("%x", sha256.Sum256(files[name])); got != sum {
			t.Errorf("%s has the checksum %s, not %s", name, got, sum)
		}
	}
	if len(lines) != len(files)-1 {
		t.Errorf("%d checksums for %d files", len(lines), len(files))
	}
	for name, data := range p.sent {
		if !received[string(data)] {
			t.Errorf("the received bytes of %s are not in the export", name)
		}
	}
	all := ""
	for name, data := range files {
		if strings.HasSuffix(name, ".json") {
			all += string(data)
		}
	}
	for _, words := range []string{ada.name, ada.address, "Remarkmark"} {
		if !strings.Contains(all, words) {
			t.Errorf("the export lacks %q", words)
		}
	}
}
