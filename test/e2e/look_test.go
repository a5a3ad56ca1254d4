package e2e

import (
	"strings"
	"testing"

	"github.com/osier-passport/osier/test/browser"
	"github.com/osier-passport/osier/test/issuer"
)

func (p *passport) plainPicture() []byte { return issuer.Picture("plain") }

// withoutScript walks the main path with JavaScript off.
func (p *passport) withoutScript(t *testing.T) {
	cleo := person{"Cleo Plain", "cleo", "cleo@example.org"}
	tab := p.person(t)
	p.aside(t, "the main path without JavaScript", func() {
		tab.NoScript()
		tab.Open("/signup")
		tab.Fill("name", cleo.name)
		tab.Fill("handle", cleo.handle)
		tab.Fill("address", cleo.address)
		tab.Fill("password", password)
		tab.Press("main form button[type=submit]")
		tab.At("/badges")
		p.confirm(tab, cleo.address)

		tab.Open("/add")
		tab.Choose("#f-file", p.file(tab.T, "plain-path.png", p.issuer.PNG(tab.T, "Plain Path", cleo.address)))
		tab.Press("main [data-zone-send]")
		badge := p.arrive(tab, "Plain Path")
		tab.Open("/add")
		tab.Type("#f-url", p.issuer.Hosted(tab.T, "Plain Watch", cleo.address))
		tab.Press(".copy button[type=submit]")
		p.arrive(tab, "Plain Watch")
		p.show(tab, badge)
		p.shot(tab, "badge-without-script")

		tab.Open("/@" + ada.handle)
		tab.Press("main button[name=action][value=follow]")
		tab.Open(badge)
		tab.Press("main #class a")
		tab.Type("main textarea[name=text]", "No script, no trouble.")
		tab.Press("main form[action$=comments] button[type=submit]")
		tab.Reads("No script, no trouble.")
		tab.Open(badge + "/share")
		tab.Click(`main form[action*="/share/twitter.post/"] button`)
		tab.Until(`location.host === "twitter.com"`, "the page of the target")
		tab.Open("/settings/data")
		tab.Press(`main a[href="/settings/remove"]`)
		tab.Press(`main a[href="/settings/remove?step=2"]`)
		tab.Fill("handle", cleo.handle)
		tab.Press("main .btn-danger-solid") // she has just signed in, which is proof enough
		tab.Until(`document.readyState === "complete" && location.pathname.startsWith("/removed/") && !document.querySelector("[data-live]")`, "the receipt")
	})
}

// french looks at pages in French.
func (p *passport) french(t *testing.T) {
	tab := p.person(t)
	p.aside(t, "pages in French", func() {
		tab.Languages("fr-FR,fr,en")
		for path, words := range map[string]string{"/login": "mot de passe", "/explore": "Explorer", p.badge: "Obtenu par"} {
			tab.Open(path)
			if lang := tab.Value("html", "lang"); lang != "fr" {
				tab.T.Errorf("%s is in %q", path, lang)
			}
			text := strings.ToLower(tab.Text("body"))
			if !strings.Contains(text, strings.ToLower(words)) {
				tab.T.Errorf("%s lacks %q", path, words)
			}
			for _, english := range []string{"password", "sign in", "earned by", "share"} {
				if strings.Contains(text, english) {
					tab.T.Errorf("%s reads %q", path, english)
				}
			}
		}
		tab.Shot("badge-french")
	})
}

// looks holds the main pages against axe-core and the width of a phone. Settings
// are those of TestSettings.
func (p *passport) looks(t *testing.T) {
	visitor := p.person(t)
	axe := readAxe(t)
	class, account := "", ""
	p.step(t, "an account for administrators to look at", func() {
		p.admin.Open("/admin/people")
		account = p.admin.Value(`main a[href^="/admin/people/"]`, "pathname")
	})
	p.step(t, "a badge class to look at", func() {
		p.bo.Open(p.badge)
		class = p.bo.Value("main #class a", "pathname")
	})
	for _, who := range []struct {
		name  string
		tab   *browser.Tab
		pages []string
	}{
		{"visitor", visitor, []string{"/", "/login", "/signup", "/reset", "/explore", "/explore?tab=badges", "/explore?tab=people", "/search?q=pa", "/skills", "/map", "/about", "/verify", "/verify?badge=" + strings.TrimPrefix(p.badge, "/b/"), "/@" + ada.handle, p.badge, p.badge + "/verify", p.badge + "/report", class, "/nowhere"}},
		{"person", p.ada, []string{
			"/badges", "/add", "/feed", "/explore", p.badge, p.badge + "/share", p.badge + "/remove", "/@" + ada.handle, class, "/endorsements", p.badge + "/endorse/ask", p.badge + "/details",
		}},
		{"administrator", p.admin, []string{"/admin", "/admin/outbox", "/admin/plugins", "/admin/hosts", "/admin/reports", "/admin/people", account, "/admin/record", "/admin/apps"}},
	} {
		p.aside(t, "pages of a "+who.name, func() {
			who.tab.Allow("404")
			for _, page := range who.pages {
				p.look(who.tab, page, who.name, axe)
			}
		})
	}
}

// look opens one page and looks at it on a phone and on a desktop, light and dark.
func (p *passport) look(tab *browser.Tab, path, who, axe string) {
	name := strings.NewReplacer("/", "-", "?", "-", "=", "-", "@", "").Replace(strings.Trim(path, "/"))
	if strings.HasPrefix(path, p.badge) {
		name = strings.Replace(name, strings.Trim(strings.ReplaceAll(p.badge, "/", "-"), "-"), "badge", 1)
	} else if strings.HasPrefix(path, "/c/") {
		name = "class"
	}
	tab.Dark(false)
	for _, width := range []int64{360, 1280} {
		tab.Viewport(width, 800)
		if width == 360 {
			tab.Open(path)
		}
		scheme := "light"
		rules := allRules
		for _, dark := range []bool{false, true} {
			if dark {
				scheme, rules = "dark", sight
			}
			tab.Dark(dark)
			for _, v := range violations(tab, axe, rules) {
				tab.T.Errorf("%s at %d, %s: %s", path, width, scheme, v)
			}
			kind := "desktop"
			if width == 360 {
				kind = "phone"
			}
			if dark == (width == 360) {
				tab.Shot("look-" + who + "-" + name + "-" + kind + "-" + scheme)
			}
		}
		for _, key := range browser.Eval[[]string](tab, rawKeys) {
			tab.T.Errorf("%s at %d reads the key of a message: %s", path, width, key)
		}
		for _, e := range browser.Eval[[]string](tab, overflow) {
			tab.T.Errorf("%s at %d is wider than the window: %s", path, width, e)
		}
		tab.Dark(false)
	}
	tab.Viewport(1280, 900)
}

// overflow lists what makes a page wider than its window.
const overflow = `(() => {
  const page = document.documentElement;
  if (page.scrollWidth <= window.innerWidth) return [];
  const out = [];
  for (const e of document.body.querySelectorAll("*")) {
    const r = e.getBoundingClientRect();
    if (r.width && r.right > window.innerWidth + 1) out.push(e.tagName + "." + e.className + " to " + Math.round(r.right));
  }
  return out.slice(0, 5).concat("page " + page.scrollWidth);
})()`

// rawKeys lists words that look like the key of a message.
const rawKeys = `(document.body.innerText.match(/(?<![\w@./-])(?:account|action|admin|badge|demo|error|feed|fetch|file|gallery|mail|mydata|nav|page|plugin|share|site|social|verify|web)\.[a-z_]+(?:\.[a-z_]+)*(?![\w@/-])/g) ?? [])
  .filter((k) => !/\.(json|png|svg|jwt|jws|txt|atom|example|org|net|com)$/.test(k))`
