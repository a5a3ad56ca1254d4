package core

import (
	"slices"
	"strings"
	"testing"
)

// TestTheArrangementOfAProfile: parts are moved and hidden, showcases are made of a tag,
// a collection and chosen badges, show nobody what they do not see, and go with the
// badge; nobody else changes them, and the look is one of the theme's.
func TestTheArrangementOfAProfile(t *testing.T) {
	eachPassport(t, func(t *testing.T, p *passport) {
		ada, bob, issuer := p.member("ada"), p.member("bob"), newSigner(t, "School")
		shown, kept := ada.take(t, issuer, issuer.badge("Shown", "ada@people.test")), ada.take(t, issuer, issuer.badge("Kept", "ada@people.test"))
		ada.post("/b/"+shown+"/visibility", "visibility", "public").is(t, 303)
		for _, b := range []string{shown, kept} {
			ada.post("/b/"+b+"/tags", "tags", "craft").is(t, 303)
		}
		const at = "/settings/layout"
		ada.post(at+"/showcases", "title", "By tag", "of", "tag:craft").is(t, 303)
		chosen := ada.post(at+"/showcases", "title", "My choice", "of", "chosen").is(t, 303).location()
		ada.post(chosen, "badge", kept, "action", "in").is(t, 303)
		ada.post(chosen, "badge", shown, "action", "in").is(t, 303)
		ada.post(chosen, "badge", shown, "action", "up").is(t, 303)
		if got := ada.get(chosen).is(t, 200).names(t, "ol .row-text b"); !slices.Equal(got, []string{"Shown", "Kept"}) {
			t.Errorf("chosen %q", got)
		}
		titles := func() string { return strings.Join(bob.get("/@ada").is(t, 200).names(t, ".showcase h2"), ", ") }
		if got := titles(); got != "By tag, My choice" {
			t.Errorf("showcases %q", got)
		}
		if page := bob.get("/@ada"); strings.Contains(string(page.body), "Kept") {
			t.Error("a showcase shows a private badge")
		}
		if page := ada.get(at); !strings.Contains(string(page.body), "1 is shown to everybody") {
			t.Error("the holder is not told that a badge of a showcase is not shown")
		}
		name := strings.TrimPrefix(chosen, at+"/")
		ada.post(at, "block", name, "action", "up").is(t, 303)
		ada.post(at, "block", "badges", "action", "hide").is(t, 303)
		if got := titles(); got != "My choice, By tag" {
			t.Errorf("showcases %q after moving one", got)
		}
		if page := bob.get("/@ada"); len(page.all(t, ".badge-card")) != 2 {
			t.Error("all badges are hidden, and the showcases show one each")
		}
		for _, c := range []struct {
			title, of string
			status    int
		}{{"", "chosen", 422}, {"x", "issuer:1", 422}, {"x", "tag:", 422}, {"x", "collection:none", 404}, {strings.Repeat("x", 81), "chosen", 422}} {
			ada.post(at+"/showcases", "title", c.title, "of", c.of).is(t, c.status)
		}
		ada.post(at, "action", "style", "style", "dusk").is(t, 303)
		ada.post(at, "action", "style", "style", "none").is(t, 422)
		if len(bob.get("/@ada").all(t, ".folio-dusk")) != 1 {
			t.Error("the profile has not the look that its owner chose")
		}
		bob.get(chosen).is(t, 404)
		bob.post(chosen, "badge", shown, "action", "out").is(t, 404)
		bob.post(at, "block", name, "action", "remove").is(t, 404)
		ada.post(at, "block", "pinned", "action", "remove").is(t, 404)
		ada.post("/b/"+kept+"/remove").is(t, 303)
		if n := p.count(`SELECT count(*) FROM profile_block_badge`); n != 1 {
			t.Errorf("%d badges in showcases, want 1", n)
		}
		ada.post(at, "block", name, "action", "remove").is(t, 303)
		if got := titles(); got != "By tag" {
			t.Errorf("showcases %q after removing one", got)
		}
	})
}

// TestAPostalAddressIsPrivateAtFirst and is shown to whom its person chooses.
func TestAPostalAddressIsPrivateAtFirst(t *testing.T) {
	eachPassport(t, func(t *testing.T, p *passport) {
		ada, bob := p.member("ada"), p.member("bob")
		form := ada.get("/settings/contact").is(t, 200)
		if got := len(form.all(t, `[name=address_for] option[value=private][selected]`)) + len(form.all(t, `[name=address_for][value=private][checked]`)); got != 1 {
			t.Error("the form does not begin with an address for nobody else")
		}
		for audience, want := range map[string]bool{"private": false, "members": true} {
			ada.post("/settings/contact", "address", "12 Willow Lane", "address_for", audience).is(t, 303)
			if got := strings.Contains(string(bob.get("/@ada").is(t, 200).body), "12 Willow Lane"); got != want {
				t.Errorf("%s: another member reads it: %v", audience, got)
			}
		}
	})
}
