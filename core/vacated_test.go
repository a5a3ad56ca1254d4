package core

import (
	"strings"
	"testing"
)

// TestAddressesOfWhoLeftAreGone: what everybody saw answers 410 once its person has
// left, at once and for good; what only some saw is not found, as before.
func TestAddressesOfWhoLeftAreGone(t *testing.T) {
	onBoth(t, func(t *testing.T, p *passport) {
		ada, bob, anon := p.member("ada"), p.member("bob"), p.visitor()
		want := map[string]int{"/@ada": 410}
		for visibility, status := range map[string]int{"public": 410, "members": 404, "private": 404} {
			page := strings.TrimSuffix(ada.post("/pages", "title", "Seen by "+visibility, "do", "draft").is(t, 303).location(), "/edit")
			ada.post(page+"/sharing", "visibility", visibility).is(t, 303)
			want["/p/"+strings.TrimPrefix(page, "/pages/")] = status
		}
		issuer := newSigner(t, "School")
		for _, at := range []string{"/b/" + ada.take(t, issuer, issuer.badge("By link", "ada@people.test")), strings.TrimSuffix(ada.post("/pages", "title", "By link", "do", "draft").is(t, 303).location(), "/edit")} {
			kind, path := "page", "/p/"+strings.TrimPrefix(at, "/pages/")
			if strings.HasPrefix(at, "/b/") {
				kind, path = "badge", at
				ada.post(at+"/visibility", "visibility", "link").is(t, 303)
			} else {
				ada.post(at+"/sharing", "visibility", "link").is(t, 303)
			}
			key := p.texts(`SELECT link_secret FROM ` + kind + ` WHERE visibility = 'link'`)[0]
			anon.get(path+"?key="+key).is(t, 200)
			want[path], want[path+"?key="+key], want[path+"?key=x"+key] = 404, 410, 404
		}
		check := func() {
			t.Helper()
			for path, status := range want {
				anon.get(path).is(t, status)
				bob.get(path).is(t, status)
			}
		}
		ada.post("/settings/remove", "handle", "ada").is(t, 303)
		check()
		p.until(t, `SELECT count(*) FROM erasure WHERE person <> 0`, 0)
		check()
	})
}

// TestPlacesAreCalledByTheirService: a plugin can hold several services. Who leaves reads
// the name of the one that they shared to.
func TestPlacesAreCalledByTheirService(t *testing.T) {
	p := startPassport(t, options{})
	ada, issuer := p.member("ada"), newSigner(t, "School")
	ada.take(t, issuer, issuer.badge("Shared", "ada@people.test"))
	for n, target := range []string{"chat.slack", "chat.discord", "linkedin.post"} {
		p.write(`INSERT INTO share (id, public_id, person, badge, target, state, at) SELECT $1, $2, person, id, $2, 'opened', 1 FROM badge`, n+1, target)
	}
	page := words(ada.get("/settings/remove?step=2").is(t, 200).all(t, "main")[0])
	for _, name := range []string{"Slack", "Discord", "LinkedIn"} {
		if !strings.Contains(page, name) {
			t.Errorf("%s is not named: %s", name, page)
		}
	}
}
