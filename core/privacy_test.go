package core

import (
	"strings"
	"testing"
	"time"
)

// TestPrivacyRules walks through what people choose about others, on both databases.
func TestPrivacyRules(t *testing.T) {
	for name, f := range map[string]func(*testing.T, *passport){
		"followers are let in, removed and blocked": followRules, "comments are for whom the holder lets": commentRules,
		"a name that is left leads on and is kept": renames, "links end, are counted and renewed": links,
		"a view as somebody else writes nothing": views, "mails stop with one click": unsubscribes,
		"texts are agreed to by version": agreements, "who is under age waits for a guardian": underAge, "times are shown in a zone": zonesShown,
	} {
		t.Run(name, func(t *testing.T) { onBoth(t, f) })
	}
}

func followRules(t *testing.T, p *passport) {
	ada, bob := p.member("ada"), p.member("bob")
	set := func(rule string) {
		ada.post("/settings/privacy", "profile", "public", "findable", "1", "follow", rule, "comment", "members", "default_visibility", "private").is(t, 303)
	}
	set("nobody")
	bob.post("/@ada/follow", "action", "follow").is(t, 403)
	set("approve")
	bob.post("/@ada/follow", "action", "follow").is(t, 303)
	follows := func() int { return p.count(`SELECT count(*) FROM follow WHERE follower = $1`, bob.person.ID) }
	if n := follows(); n != 0 {
		t.Errorf("%d follows before the answer", n)
	}
	ada.get("/settings/followers").is(t, 200)
	statuses := together(8, func(int) answer { return ada.post("/settings/followers", "action", "accept", "handle", "bob") })
	one(t, "answers to one request", 303, follows(), statuses)
	ada.post("/settings/followers", "action", "remove", "handle", "bob").is(t, 303)
	if n := follows(); n != 0 {
		t.Errorf("%d follows after the removal", n)
	}
	set("everyone")
	bob.post("/@ada/follow", "action", "follow").is(t, 303)
	ada.post("/@bob/block").is(t, 303)
	if n := follows(); n != 0 {
		t.Errorf("%d follows of who is blocked", n)
	}
	bob.get("/@ada").is(t, 404)
	bob.post("/@ada/follow", "action", "follow").is(t, 404)
	p.visitor().get("/@ada").is(t, 200)
	ada.post("/settings/blocked", "handle", "bob").is(t, 303)
	bob.get("/@ada").is(t, 200)
	ada.post("/@ada/block").is(t, 422)
}

func commentRules(t *testing.T, p *passport) {
	ada, bob, eve := p.member("ada"), p.member("bob"), p.member("eve")
	issuer := newSigner(t, "Issuer")
	b := "/b/" + ada.take(t, issuer, issuer.badge("Badge", "ada@people.test"))
	bob.post(b+"/comments", "text", "too early").is(t, 404)
	ada.post(b+"/visibility", "visibility", "public").is(t, 303)
	bob.post("/@ada/follow", "action", "follow").is(t, 303)
	for _, c := range []struct {
		rule     string
		bob, eve int
	}{{"members", 303, 303}, {"followers", 303, 403}, {"nobody", 403, 403}} {
		ada.post("/settings/privacy", "profile", "public", "findable", "1", "follow", "everyone", "comment", c.rule, "default_visibility", "private").is(t, 303)
		bob.post(b+"/comments", "text", "from bob").is(t, c.bob)
		eve.post(b+"/comments", "text", "from eve").is(t, c.eve)
		ada.post(b+"/comments", "text", "from ada").is(t, 303)
	}
	page := string(p.visitor().get(b).is(t, 200).body)
	if strings.Count(page, "from bob") < 2 || strings.Count(page, "from eve") < 1 {
		t.Errorf("comments are not there: %s", page)
	}
	id := p.texts(`SELECT public_id FROM comment WHERE body = 'from eve'`)[0]
	bob.post("/comments/"+id+"/remove").is(t, 404)
	ada.post("/comments/"+id+"/remove").is(t, 303)
	ada.post(b+"/remove").is(t, 303)
	if n := p.count(`SELECT count(*) FROM comment`) + p.count(`SELECT count(*) FROM event WHERE verb = 'commented'`); n != 0 {
		t.Errorf("%d comments outlive the badge", n)
	}
}

func renames(t *testing.T, p *passport) {
	ada, bob := p.member("ada"), p.member("bob")
	rename := func(to string) answer { return ada.post("/settings/handle", "handle", to) }
	for _, bad := range []string{"bob", "admin", "Adm1n", "\u0430da", "a b", "x"} {
		rename(bad).is(t, 422)
	}
	rename("ada-l").is(t, 303)
	if a := bob.get("/@ada").is(t, 301); a.location() != "/@ada-l" {
		t.Errorf("the old name leads to %q", a.location())
	}
	for _, below := range []string{"/feed.atom", "/card.png"} {
		if a := bob.get("/@ADA"+below).is(t, 301); a.location() != "/@ada-l"+below {
			t.Errorf("%s of the old name leads to %q", below, a.location())
		}
	}
	ada.get("/@ada/share").is(t, 200) // an address that is kept somewhere
	ada.get("/@ada/qr.svg").is(t, 200)
	bob.get("/@ada/share").is(t, 404)
	if a := p.visitor().get("/embed/@ada?theme=dark").is(t, 301); a.location() != "/embed/@ada-l?theme=dark" {
		t.Errorf("the frame of the old name leads to %q", a.location())
	}
	bob.post("/settings/handle", "handle", "ada").is(t, 422)
	p.visitor().post("/signup", "name", "Eve", "handle", "ada", "address", "eve@people.test", "password", "a long enough one").is(t, 422)
	ada.post("/settings/privacy", "profile", "private", "follow", "everyone", "comment", "members", "default_visibility", "private").is(t, 303)
	for _, path := range []string{"/@ada", "/@ada-l", "/@ada/feed.atom", "/@ada/card.png"} {
		if a := bob.get(path).is(t, 404); path != "/@ada-l" && strings.Contains(string(a.body)+a.location(), "ada-l") {
			t.Errorf("%s names who it is now", path)
		}
	}
	rename("ada").is(t, 303) // back
	rename("ada2").is(t, 303)
	rename("ada3").is(t, 303)
	rename("ada4").is(t, 422)
	statuses := together(8, func(i int) answer {
		return p.enter([]*visitor{ada, bob}[i%2].person).post("/settings/handle", "handle", "prize")
	})
	if n := p.count(`SELECT count(*) FROM person WHERE handle = 'prize'`); n != 1 {
		t.Errorf("%d have the name: %v", n, statuses)
	}
}

func links(t *testing.T, p *passport) {
	ada, eve := p.member("ada"), p.visitor()
	issuer := newSigner(t, "Issuer")
	id := ada.take(t, issuer, issuer.badge("Badge", "ada@people.test"))
	ada.post("/b/"+id+"/visibility", "visibility", "link").is(t, 303)
	link := func() string { return "/b/" + id + "?key=" + p.texts(`SELECT link_secret FROM badge`)[0] }
	first := link()
	for range 3 {
		eve.get(first).is(t, 200)
	}
	ada.get(first).is(t, 200)
	if n := p.count(`SELECT CAST(sum(hits) AS BIGINT) FROM link_hit`); n != 3 {
		t.Errorf("%d hits", n)
	}
	page := string(ada.get("/settings/links").is(t, 200).body)
	if !strings.Contains(page, "opened 3 times") {
		t.Error("the hits are not shown")
	}
	ada.post("/settings/links/"+id, "action", "end", "end", "date", "date", "2001-01-01").is(t, 422)
	ada.post("/settings/links/"+id, "action", "end", "end", "date", "date", time.Now().AddDate(0, 0, 3).Format(time.DateOnly)).is(t, 303)
	eve.get(first).is(t, 200)
	p.write(`UPDATE badge SET link_until = 1`)
	eve.get(first).is(t, 410)
	eve.get("/b/"+id+"?key=wrong").is(t, 404)
	ada.post("/settings/links/"+id, "action", "renew").is(t, 303)
	eve.get(first).is(t, 404)
	eve.get(link()).is(t, 200)
	ada.post("/settings/hidden", "action", "hide").is(t, 303)
	eve.get(link()).is(t, 404)
	ada.post("/settings/hidden", "action", "show").is(t, 303)
	eve.get(link()).is(t, 200)
	last := link()
	ada.post("/settings/links").is(t, 303)
	eve.get(last).is(t, 404)
}

func views(t *testing.T, p *passport) {
	ada := p.member("ada")
	issuer := newSigner(t, "Issuer")
	id := ada.take(t, issuer, issuer.badge("Hidden badge", "ada@people.test"))
	before := p.dump("session", "job", "job_period", "rate", "badge_packing")
	for _, as := range []string{"stranger", "member", "follower"} {
		a := ada.get("/@ada?as="+as).is(t, 200)
		if strings.Contains(string(a.body), "Hidden badge") || len(a.header.Values("Set-Cookie")) != 0 || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("as a %s: %s", as, a)
		}
		if len(a.all(t, ".bar-notice")) != 1 {
			t.Errorf("as a %s: no banner", as)
		}
		ada.get("/b/"+id+"?as="+as).is(t, 404)
		token := a.attribute(t, `input[name="csrf"]`, "value")
		ada.send("POST", "/settings/hidden?as="+as, "application/x-www-form-urlencoded", []byte("action=hide&csrf="+ada.token())).is(t, 403)
		ada.send("POST", "/settings/hidden", "application/x-www-form-urlencoded", []byte("action=hide&csrf="+token)).is(t, 403)
	}
	if a := ada.get("/@ada?as=follower"); !strings.Contains(string(a.body), "Following") {
		t.Error("a follower is shown as none")
	}
	if a := p.visitor().get("/@ada?as=member"); len(a.all(t, ".bar-notice")) != 0 {
		t.Error("a stranger becomes a member")
	}
	for _, c := range changes(before, p.dump("session", "job", "job_period", "rate", "badge_packing")) {
		t.Errorf("a view changed %s", c)
	}
}

func agreements(t *testing.T, p *passport) {
	admin, ada := p.administrator("keeper"), p.member("ada")
	publish := func(pairs ...string) answer {
		return admin.post("/admin/texts", append([]string{"kind", "terms"}, pairs...)...)
	}
	ada.get("/terms").is(t, 404)
	ada.token() // there are no other forms once there is something to agree to
	publish("body_en", "").is(t, 422)
	publish("body_en", "First terms", "body_fr", "Premières conditions").is(t, 303) // asks nobody
	ada.get("/badges").is(t, 200)
	publish("body_en", "Second terms", "asks", "1", "date", time.Now().UTC().AddDate(0, 0, 2).Format(time.DateOnly)).is(t, 303)
	ada.get("/badges").is(t, 200) // not in force yet
	publish("body_en", "Third **terms**", "asks", "1").is(t, 303)
	if a := ada.get("/badges").is(t, 303); !strings.HasPrefix(a.location(), "/agree?next=%2Fbadges") {
		t.Errorf("leads to %q", a.location())
	}
	ada.post("/settings/privacy", "profile", "private").is(t, 403)
	ada.get("/settings/data").is(t, 200)
	if a := ada.get("/agree").is(t, 200); !strings.Contains(string(a.body), "<strong>terms</strong>") {
		t.Errorf("%s", a)
	}
	p.write(`UPDATE person SET language = 'fr' WHERE handle = 'ada'`)
	ada.get("/agree").is(t, 200).has(t, "Ce texte n’existe pas dans votre langue.")
	ada.post("/agree", "next", "/badges").is(t, 303)
	ada.get("/badges").is(t, 200)
	if n := p.count(`SELECT version FROM consent WHERE kind = 'terms' AND person = $1`, ada.person.ID); n != 3 {
		t.Errorf("agreed to version %d", n)
	}
	join := []string{"name", "Eve", "handle", "eve", "address", "eve@people.test", "password", "a long enough one"}
	p.visitor().post("/signup", join...).is(t, 422)
	p.visitor().post("/signup", append(join, "agree", "1")...).is(t, 303)
	if n := p.count(`SELECT count(*) FROM consent c JOIN person p ON p.id = c.person WHERE p.handle = 'eve'`); n != 1 {
		t.Errorf("%d consents at sign-up", n)
	}
}

func underAge(t *testing.T, p *passport) {
	admin := p.administrator("keeper")
	admin.post("/admin/texts", "age", "99").is(t, 422)
	admin.post("/admin/texts", "age", "16").is(t, 303)
	join := []string{"name", "Kim", "handle", "kim", "address", "kim@people.test", "password", "a long enough one"}
	kim := p.visitor()
	kim.post("/signup", join...).is(t, 422)
	kim.post("/signup", append(join, "age", "under")...).is(t, 422)
	kim.post("/signup", append(join, "age", "under", "guardian", "kim@people.test")...).is(t, 422)
	kim.post("/signup", append(join, "age", "under", "guardian", "parent@people.test")...).is(t, 303)
	if a := kim.get("/badges").is(t, 303); !strings.HasPrefix(a.location(), "/guardian") {
		t.Errorf("leads to %q", a.location())
	}
	kim.get("/guardian").is(t, 200)
	text := p.texts(`SELECT body_text FROM mail_outbox WHERE recipient = 'parent@people.test'`)[0]
	_, token, found := strings.Cut(text, "/guardian/")
	if !found {
		t.Fatalf("no link in %s", text)
	}
	link := "/guardian/" + strings.Fields(token)[0]
	parent := p.visitor()
	parent.get(link).is(t, 200)
	parent.post(link, "action", "confirm").is(t, 303)
	kim.get("/badges").is(t, 200)
	p.write(`UPDATE email SET confirmed_at = 1 WHERE address = 'kim@people.test'`)
	issuer := newSigner(t, "Issuer")
	b := "/b/" + kim.take(t, issuer, issuer.badge("Badge", "kim@people.test"))
	kim.post(b+"/visibility", "visibility", "public").is(t, 409)
	kim.post(b+"/visibility", "visibility", "link").is(t, 409)
	kim.post(b+"/visibility", "visibility", "members").is(t, 303)
	kim.post("/settings/privacy", "profile", "public", "findable", "1", "follow", "everyone", "comment", "members", "default_visibility", "public").is(t, 303)
	p.visitor().get("/@kim").is(t, 404)
	admin.get("/@kim").is(t, 200)
	if n := p.count(`SELECT count(*) FROM person WHERE handle = 'kim' AND profile = 'members' AND NOT findable AND default_visibility = 'members'`); n != 1 {
		t.Error("a person under age chose more")
	}
	if a := kim.get("/settings/privacy").is(t, 200); len(a.all(t, `form[action="/settings/privacy"] input[value="public"]`)) != 0 || len(a.all(t, `input[value="members"][checked]`)) < 2 {
		t.Errorf("a person under age is offered more: %s", words(a.all(t, "main")[0]))
	}
	parent.post(link, "action", "recall").is(t, 303)
	if a := kim.get("/badges").is(t, 303); !strings.HasPrefix(a.location(), "/guardian") {
		t.Errorf("without the agreement leads to %q", a.location())
	}
	kim.get("/settings/data").is(t, 200)
	admin.get("/@kim").is(t, 404)
	admin.get(b).is(t, 404)
	parent.post(link, "action", "confirm").is(t, 303)
	kim.get("/badges").is(t, 200)
	admin.get(b).is(t, 404)
	kim.post("/settings/hidden", "action", "show").is(t, 303)
	admin.get(b).is(t, 200)
	parent.post(link, "action", "lift").is(t, 303)
	parent.get(link).is(t, 404)
	kim.post(b+"/visibility", "visibility", "public").is(t, 303)
}

func zonesShown(t *testing.T, p *passport) {
	ada := p.member("ada")
	ada.post("/settings/hidden", "action", "hide").is(t, 303)
	at := time.Date(2026, 1, 31, 23, 30, 0, 0, time.UTC)
	p.write(`UPDATE person SET hidden_at = $1 WHERE handle = 'ada'`, at.UnixMicro())
	ada.post("/settings/appearance", "scheme", "auto", "contrast", "auto", "language", "en", "zone", "Asia/Tokyo").is(t, 303)
	if page := string(ada.get("/settings/hidden").is(t, 200).body); !strings.Contains(page, "1 February 2026") && !strings.Contains(page, "February 1, 2026") {
		_, shown, _ := strings.Cut(page, "<main")
		t.Errorf("the time is not shown in the zone: %s", shown)
	}
	// A date that she writes is a day there.
	page := strings.TrimSuffix(ada.post("/pages", "title", "For a friend", "do", "draft").is(t, 303).location(), "/edit")
	ends := time.Date(2031, 5, 6, 15, 0, 0, 0, time.UTC).UnixMicro()
	ada.post(page+"/sharing", "visibility", "link", "until", "2031-05-06").is(t, 303)
	if n := p.count(`SELECT until FROM page`); n != int(ends) {
		t.Errorf("the page ends at %v", time.UnixMicro(int64(n)).UTC())
	}
	ada.get(page+"/sharing").is(t, 200).has(t, `value="2031-05-06"`)
	ada.post("/settings/links/page/"+strings.TrimPrefix(page, "/pages/"), "action", "end", "end", "date", "date", "2031-05-07").is(t, 303)
	if n := p.count(`SELECT until FROM page`); n != int(ends+24*time.Hour.Microseconds()) {
		t.Errorf("the link ends at %v", time.UnixMicro(int64(n)).UTC())
	}
}

func unsubscribes(t *testing.T, p *passport) {
	ada := p.member("ada")
	path := p.accounts.UnsubscribePath(ada.person.PublicID, "follow")
	mail := p.visitor()
	mail.get(path).is(t, 200)
	off := func() string {
		return strings.Join(p.texts(`SELECT mails_off FROM preference WHERE person = $1`, ada.person.ID), "")
	}
	if off() != "" {
		t.Error("reading stops mails")
	}
	// RFC 8058 §3.2: no cookie, no token, no origin of ours.
	mail.send("POST", path, "application/x-www-form-urlencoded", []byte("List-Unsubscribe=One-Click"), "Origin", "").is(t, 200)
	if off() != "follow" {
		t.Errorf("stopped: %q", off())
	}
	mail.send("POST", path[:len(path)-2]+"xx", "application/x-www-form-urlencoded", []byte("List-Unsubscribe=One-Click"), "Origin", "").is(t, 404)
	ada.post("/settings/notifications", "mail", "follow", "mail", "comment").is(t, 303)
	if off() != "received verdict expiring endorse cheer" {
		t.Errorf("stopped: %q", off())
	}
}
