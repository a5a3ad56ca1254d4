package e2e

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/osier-passport/osier/test/browser"
)

// shareEverywhere shares with both kinds of plugin.
func (p *passport) shareEverywhere(t *testing.T) {
	p.shareByPhone(t)
	p.shareTo(t, "linkedin.post", "https://www.linkedin.com/sharing/share-offsite/", map[string]string{"url": p.URL + p.badge})
	p.shareTo(t, "linkedin.profile", "https://www.linkedin.com/profile/add", map[string]string{
		"startTask": "CERTIFICATION_NAME", "name": "Basket Weaving", "organizationName": "Weavers' Guild",
		"issueYear": "2026", "issueMonth": "3", "expirationYear": "2036", "expirationMonth": "3", "certUrl": p.URL + p.badge,
	})
	p.shareTo(t, "twitter.post", "https://twitter.com/intent/tweet", map[string]string{"url": p.URL + p.badge})
	p.shareOnce(t)
	p.step(t, "what was shared is remembered", func() {
		p.ada.Open(p.badge + "/share")
		p.ada.Reads("Shared before")
		p.shot(p.ada, "share")
	})
	p.step(t, "an administrator sees the plugins", func() {
		p.admin.Open("/admin/plugins")
		p.admin.Reads("Notice Board", "LinkedIn")
		p.shot(p.admin, "admin-plugins")
	})
}

// shareOnce shares with the community plugin.
func (p *passport) shareOnce(t *testing.T) {
	p.shareTo(t, "board.note", "https://board.example/new", map[string]string{"title": "Basket Weaving", "link": p.URL + p.badge})
}

// shareTo shares Ada's badge from its page in two clicks, and holds the address
// it leads to against what the target needs.
func (p *passport) shareTo(t *testing.T, target, address string, query map[string]string) {
	p.step(t, "share to "+target+" in two clicks", func() {
		tab := p.ada
		tab.Open(p.badge)
		tab.Clicks = 0
		tab.Click(`main a[href$="/share"]`)
		tab.Until(`document.querySelector("dialog.sheet")?.open`, "the dialog of sharing")
		tab.Click(`dialog form[action*="/share/` + target + `/"] button`)
		way := shareAsPost
		if target == "linkedin.profile" {
			way = addToProfile
		}
		took(tab, way, 0)
		tab.Until(`location.protocol === "https:"`, "the page of "+target)
		got := tab.Location()
		if !strings.HasPrefix(got, address+"?") {
			tab.T.Fatalf("got %s", got)
		}
		u, err := url.Parse(got)
		if err != nil {
			tab.T.Fatal(err)
		}
		for key, want := range query {
			if v := u.Query().Get(key); v != want {
				tab.T.Errorf("%s is %q, not %q", key, v, want)
			}
		}
	})
}

// shareByPhone opens the phone's own menu of sharing from the dialog, in a browser
// that has one.
func (p *passport) shareByPhone(t *testing.T) {
	p.step(t, "share by the phone's own menu", func() {
		tab := p.ada
		tab.Open(p.badge)
		browser.Eval[bool](tab, `(() => {
			navigator.share = (what) => { window.sharedByPhone = what.url; return Promise.resolve(); };
			const media = window.matchMedia.bind(window);
			window.matchMedia = (q) => q === "(pointer: coarse)" ? { matches: true } : media(q);
			return true;
		})()`)
		tab.Click(`main a[href$="/share"]`)
		tab.Until(`document.querySelector("dialog.sheet")?.open`, "the dialog of sharing")
		tab.Until(`document.querySelector("dialog [data-copy]:not([hidden])")`, "the button that copies the address")
		tab.Click(`dialog [data-share]`)
		tab.Until(`window.sharedByPhone === `+strconv.Quote(p.URL+p.badge), "the menu with the address of the badge")
	})
}
