package core

import (
	"strings"
	"testing"
)

// TestLinksOfPages: the list of secret links has those of pages too, with their end
// and how often others opened them; one can be given an end, made anew and revoked,
// and all of them at once.
func TestLinksOfPages(t *testing.T) {
	onBoth(t, func(t *testing.T, p *passport) {
		ada, anon := p.member("ada"), p.visitor()
		page := strings.TrimSuffix(ada.post("/pages", "title", "For a friend", "do", "draft").is(t, 303).location(), "/edit")
		id := strings.TrimPrefix(page, "/pages/")
		ada.post(page+"/sharing", "visibility", "link").is(t, 303)
		at := func() string { return "/p/" + id + "?key=" + p.texts(`SELECT link_secret FROM page`)[0] }
		first := at()
		ada.get(first).is(t, 200)
		for range 2 {
			anon.get(first).is(t, 200).has(t, "For a friend")
		}
		ada.get("/settings/links").is(t, 200).has(t, "For a friend").has(t, "opened 2 times").has(t, first)
		post := "/settings/links/page/" + id
		p.member("bob").post(post, "action", "revoke").is(t, 404)
		ada.post(post, "action", "nothing").is(t, 400)
		ada.post(post, "action", "end", "end", "date", "date", "2001-01-01").is(t, 422)
		ada.post(post, "action", "end", "end", "week").is(t, 303)
		if n := p.count(`SELECT count(*) FROM page WHERE until > 0`); n != 1 {
			t.Error("the link has no end")
		}
		ada.post(post, "action", "renew").is(t, 303)
		anon.get(first).is(t, 404)
		anon.get(at()).is(t, 200)
		ada.get("/settings/links").is(t, 200).has(t, "opened once").has(t, "No end")
		ada.post(post, "action", "revoke").is(t, 303)
		anon.get(at()).is(t, 404)
		ada.post(post, "action", "renew").is(t, 409)

		ada.post(page+"/sharing", "visibility", "link").is(t, 303)
		last := at()
		anon.get(last).is(t, 200)
		ada.post("/settings/links").is(t, 303)
		anon.get(last).is(t, 404)
		ada.get("/settings/links").is(t, 200).hasNot(t, "For a friend")
	})
}
