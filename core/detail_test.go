package core

import (
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/badge"
)

const browser = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"

// TestWhatAHolderAdds: a note for them alone, a place off until they show it, evidence
// that is shown or hidden, a file of it that is no more public than the badge.
func TestWhatAHolderAdds(t *testing.T) {
	e := newEndorsing(t)
	show, anon := "/b/"+e.badge, e.visitor()
	e.bob.post(show+"/details", "note", "mine").is(t, 404)
	e.ada.post(show+"/details", "note", strings.Repeat("x", 4001)).is(t, 422)
	e.ada.post(show+"/details", "rating", "11").is(t, 422)
	e.ada.post(show+"/details", "note", "**Third** try", "rating", "9", "place", "Alder Bay").is(t, 303)
	e.ada.get(show).has(t, "<strong>Third</strong>").has(t, "Alder Bay")
	anon.get(show).hasNot(t, "Third").hasNot(t, "Alder Bay")
	e.ada.post(show+"/details", "note", "Third", "rating", "9", "place", "Alder Bay", "place_shown", "1").is(t, 303)
	anon.get(show).has(t, "Alder Bay")
	class := e.texts(`SELECT c.public_id FROM badge_class c JOIN badge b ON b.class = c.id WHERE b.public_id = $1`, e.badge)[0]
	anon.get("/c/"+class).has(t, "4.5 of 5 stars (1)")
	anon.get("/c/"+class, "Accept-Language", "fr").has(t, "4,5 étoiles sur 5")

	for _, wrong := range [][]string{{}, {"url", "javascript:alert(1)"}, {"title", strings.Repeat("x", 121), "text", "x"}} {
		e.ada.post(show+"/evidence", wrong...).is(t, 422)
	}
	e.bob.post(show+"/evidence", "text", "x").is(t, 404)
	e.ada.post(show+"/evidence", "title", "Log", "url", "https://log.test/basket").is(t, 303)
	e.ada.post(show+"/evidence", "text", "I wove <b>it</b>").is(t, 303)
	e.ada.upload("/files", "file", "plan.png", picture(t)).is(t, 303, 200)
	file := e.texts(`SELECT public_id FROM file`)[0]
	e.bob.post(show+"/evidence", "file", file).is(t, 404)
	e.ada.post(show+"/evidence", "title", "Plan", "file", file).is(t, 303)
	anon.get(show).has(t, "https://log.test/basket").has(t, "I wove").hasNot(t, "<b>it</b>").has(t, show+"/evidence/")
	anon.get("/files/"+file+"/download").is(t, 200)
	ids := e.texts(`SELECT public_id FROM badge_evidence WHERE file <> 0`)
	e.bob.post(show+"/evidence/"+ids[0], "action", "hide").is(t, 404)
	e.ada.post(show+"/evidence/"+ids[0], "action", "hide").is(t, 303)
	anon.get(show).hasNot(t, show+"/evidence/")
	anon.get("/files/"+file+"/download").is(t, 404)
	e.ada.get(show).has(t, show+"/evidence/")
	e.ada.post(show+"/evidence/"+ids[0], "action", "show").is(t, 303)
	e.ada.post(show+"/visibility", "visibility", "private").is(t, 303)
	anon.get("/files/"+file+"/download").is(t, 404)
	anon.get("/c/"+class).is(t, 404)
	e.ada.post("/files/"+file+"/delete").is(t, 303)
	if n := e.count(`SELECT count(*) FROM badge_evidence WHERE file <> 0`); n != 0 {
		t.Error("evidence of a deleted file is left")
	}
}

// TestViewsAreCountedByTheDay: of members and visitors, not of the holder, their
// previews or robots.
func TestViewsAreCountedByTheDay(t *testing.T) {
	e := newEndorsing(t)
	show, anon := "/b/"+e.badge, e.visitor()
	for range 3 {
		anon.get(show, "User-Agent", browser).is(t, 200)
	}
	e.bob.get(show, "User-Agent", browser).is(t, 200)
	e.ada.get(show, "User-Agent", browser).is(t, 200)
	e.ada.get(show+"?as=stranger", "User-Agent", browser).is(t, 200)
	anon.get(show, "User-Agent", "Mozilla/5.0 (compatible; Googlebot/2.1)").is(t, 200)
	anon.get(show, "User-Agent", "curl/8").is(t, 200)
	e.detail.Settle(t.Context())
	for kind, want := range map[string]int{"member": 1, "visitor": 3} {
		if got := e.count(`SELECT COALESCE(sum(hits), 0) FROM badge_view WHERE kind = $1`, kind); got != want {
			t.Errorf("%d views by a %s, want %d", got, kind, want)
		}
	}
	e.ada.get(show).has(t, "Seen 1 times by members and 3 times by visitors.")
	e.bob.get(show).hasNot(t, "by visitors")
}

// TestTheSameBadgeTwice: the holder is told, and a newer one is named to all who
// see it.
func TestTheSameBadgeTwice(t *testing.T) {
	e := newEndorsing(t)
	issuer := newSigner(t, "Renewing College")
	first := issuer.badge("Rescue", "ada@people.test")
	second := first
	second.ID, second.IssuedOn = "urn:uuid:"+uuid(), first.IssuedOn.AddDate(1, 0, 0)
	old, renewed := e.ada.take(t, issuer, first), e.ada.take(t, issuer, second)
	e.ada.get("/b/"+old).hasNot(t, "You hold this badge twice").has(t, "There is a newer one") // which says both
	e.ada.get("/b/"+renewed).has(t, "You hold this badge twice").hasNot(t, "There is a newer one")
	e.ada.post("/b/"+old+"/visibility", "visibility", "public").is(t, 303)
	e.visitor().get("/b/"+old).hasNot(t, renewed).hasNot(t, "twice")
	e.ada.post("/b/"+renewed+"/visibility", "visibility", "public").is(t, 303)
	e.visitor().get("/b/"+old).has(t, "There is a newer one").has(t, renewed)
	e.ada.post("/b/"+old+"/visibility", "show_name", "0").is(t, 303)
	e.visitor().get("/b/"+old).hasNot(t, renewed)
}

// TestCongratulations: once by each, told in the feed of those who follow, taken
// back, and by nobody who does not see the badge.
func TestCongratulations(t *testing.T) {
	e := newEndorsing(t)
	fan := e.member("fan")
	fan.post("/@bob/follow", "action", "follow").is(t, 303)
	path := "/b/" + e.badge + "/congratulate"
	e.ada.post(path).is(t, 422)
	e.visitor().post(path).is(t, 303, 401)
	for range 2 {
		e.bob.post(path).is(t, 303)
	}
	if n := e.count(`SELECT count(*) FROM congratulation`); n != 1 {
		t.Errorf("%d congratulations", n)
	}
	e.visitor().get("/b/"+e.badge).has(t, "1 person congratulates")
	fan.get("/feed").has(t, "congratulates").has(t, "Basketry")
	e.visitor().get("/@bob/feed.atom").has(t, "bob congratulates ada on Basketry")
	e.ada.post("/b/"+e.badge+"/visibility", "visibility", "private").is(t, 303)
	fan.get("/feed").hasNot(t, "Basketry")
	e.bob.post(path).is(t, 404)
	e.ada.post("/b/"+e.badge+"/visibility", "visibility", "public").is(t, 303)
	e.bob.post(path, "action", "undo").is(t, 303)
	fan.get("/feed").hasNot(t, "congratulates")
}

// TestReports: by whoever sees a badge, read by administrators alone, who see no
// more of the badge than others do.
func TestReports(t *testing.T) {
	e := newEndorsing(t)
	keeper := e.administrator("keeper")
	path := "/b/" + e.badge + "/report"
	e.visitor().post(path, "reason", "nonsense").is(t, 422)
	e.visitor().post(path, "reason", "false", "words", "Never saw her weave").is(t, 303)
	e.bob.post(path, "reason", "spam").is(t, 303)
	e.bob.post(path, "reason", "other", "words", "On second thought").is(t, 303)
	if n := e.count(`SELECT count(*) FROM report`); n != 2 {
		t.Errorf("%d reports", n)
	}
	e.ada.get("/admin/reports").is(t, 403)
	keeper.get("/admin/reports").has(t, "Never saw her weave").has(t, "On second thought").has(t, "Basketry")
	id := e.texts(`SELECT public_id FROM report WHERE person = 0`)[0]
	keeper.post("/admin/reports/"+id, "action", "close").is(t, 303)
	if n := e.count(`SELECT count(*) FROM report WHERE state = 'closed'`); n != 1 {
		t.Errorf("%d closed reports", n)
	}
	keeper.post("/admin/reports/none", "action", "close").is(t, 404)
	if err := e.badges.SetVisibility(t.Context(), e.ada.person.ID, e.badge, badge.Private); err != nil {
		t.Fatal(err)
	}
	keeper.get("/admin/reports").hasNot(t, "Basketry")
	e.visitor().get(path).is(t, 404)
}
