package core

import (
	"strings"
	"testing"
)

// TestMarksBesideBadges: a holder's list tells of comments, of new ones until the
// holder has read them, and of endorsements that wait; nobody's own words are new.
func TestMarksBesideBadges(t *testing.T) {
	eachPassport(t, func(t *testing.T, p *passport) {
		ada, bob, issuer := p.member("ada"), p.member("bob"), newSigner(t, "School")
		id := ada.take(t, issuer, issuer.badge("First", "ada@people.test"))
		ada.take(t, issuer, issuer.badge("Second", "ada@people.test"))
		ada.post("/b/"+id+"/visibility", "visibility", "public").is(t, 303)
		marks := func(want ...string) {
			t.Helper()
			got := strings.Join(ada.get("/badges").is(t, 200).names(t, ".shelf-marks .sr-only"), ", ")
			if got != strings.Join(want, ", ") {
				t.Errorf("marks %q, want %q", got, want)
			}
		}
		marks()
		ada.post("/b/"+id+"/comments", "text", "my own").is(t, 303)
		marks("1 comment")
		bob.post("/b/"+id+"/comments", "text", "well done").is(t, 303)
		bob.get("/b/"+id).is(t, 200) // reading it is the holder's
		marks("1 new comment")
		ada.get("/b/"+id).is(t, 200)
		marks("2 comments")
		bob.post("/b/"+id+"/endorse", "text", "I saw it").is(t, 303)
		marks("2 comments", "1 endorsement waits for you to accept or decline it.")
		ada.post("/b/"+id+"/remove").is(t, 303)
		if n := p.count(`SELECT count(*) FROM comment_seen`); n != 0 {
			t.Error("what was read of a badge outlives it")
		}
	})
}

// TestTheNameBesideABadge is shown with the profile, alone, or not at all, as the
// holder chooses, and an archive keeps the choice.
func TestTheNameBesideABadge(t *testing.T) {
	eachPassport(t, func(t *testing.T, p *passport) {
		ada, bob, issuer := p.member("ada"), p.member("bob"), newSigner(t, "School")
		id := ada.take(t, issuer, issuer.badge("First", "ada@people.test"))
		class := p.texts(`SELECT public_id FROM badge_class`)[0]
		ada.post("/b/"+id+"/visibility", "visibility", "public").is(t, 303)
		for _, c := range []struct {
			naming               string
			name, leads, holders bool
		}{{"1", true, true, true}, {"text", true, false, true}, {"0", false, false, false}} {
			ada.post("/b/"+id+"/visibility", "show_name", c.naming).is(t, 303)
			page := bob.get("/b/"+id).is(t, 200)
			if got := len(page.all(t, ".badge-page-earner")) > 0; got != c.name {
				t.Errorf("%s: the name is shown: %v", c.naming, got)
			}
			if got := strings.Contains(string(page.body), "/@ada"); got != c.leads {
				t.Errorf("%s: the page leads to the profile: %v", c.naming, got)
			}
			holders := bob.get("/c/"+class).is(t, 200).names(t, ".person-name")
			if got := strings.Contains(strings.Join(holders, ","), "ada"); got != c.holders {
				t.Errorf("%s: holders %q", c.naming, holders)
			}
		}
		ada.post("/b/"+id+"/visibility", "show_name", "perhaps").is(t, 400)
		ada.post("/b/"+id+"/visibility", "show_name", "text").is(t, 303)
		if page := ada.get("/b/"+id).is(t, 200); len(page.all(t, `[name=show_name][value=text][aria-pressed=true]`)) != 1 {
			t.Error("the holder does not see what they chose")
		}
	})
}
