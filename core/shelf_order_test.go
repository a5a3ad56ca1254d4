package core

import (
	"slices"
	"testing"
)

// TestNotesAndIssuersWithAccents: the holder's own notes are searched, nobody else's,
// and issuers stand in the order of the alphabet with their accents.
func TestNotesAndIssuersWithAccents(t *testing.T) {
	eachPassport(t, func(t *testing.T, p *passport) {
		ada, bob := p.member("ada"), p.member("bob")
		ids := map[string]string{}
		for badge, issuer := range map[string]string{"One": "Zoo", "Two": "École du soir", "Three": "fair"} {
			s := newSigner(t, issuer)
			ids[badge] = ada.take(t, s, s.badge(badge, "ada@people.test"))
		}
		s := newSigner(t, "Zoo")
		his := bob.take(t, s, s.badge("One", "bob@people.test"))
		ada.post("/b/"+ids["Two"]+"/details", "note", "Pour l’entretien à la Mairie").is(t, 303)
		bob.post("/b/"+his+"/details", "note", "mairie").is(t, 303)
		for query, want := range map[string][]string{
			"q=mairie": {"Two"}, "q=ENTRETIEN+a+la": {"Two"}, "q=nowhere": {}, "sort=issuer": {"Two", "Three", "One"},
		} {
			if got := ada.get("/badges?"+query).is(t, 200).names(t, ".badge-card-name"); !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", query, got, want)
			}
		}
	})
}

// TestTheStripTellsWhatWaits: requests for endorsements, endorsements to decide
// about and people who want to follow, each with where they are answered.
func TestTheStripTellsWhatWaits(t *testing.T) {
	e := newEndorsing(t)
	ask := "/b/" + e.badge + "/endorse"
	e.ada.get("/badges").is(t, 200).hasNot(t, "endorsement waits")
	e.ada.post(ask+"/ask", "handle", "bob").is(t, 303)
	e.bob.get("/badges").has(t, "Somebody asks you for an endorsement.").attribute(t, `a.flash[href="/endorsements"]`, "href")
	e.bob.post(ask, "text", "Round").is(t, 303)
	e.bob.get("/badges").hasNot(t, "asks you for an endorsement")
	e.ada.get("/badges").has(t, "1 endorsement waits for you")
	e.ada.post("/endorsements/"+e.id("written"), "action", "accept").is(t, 303)
	e.ada.get("/badges").hasNot(t, "endorsement waits")
	e.write(`INSERT INTO follow_request (person, follower, at) VALUES ($1, $2, 1)`, e.ada.person.ID, e.bob.person.ID)
	e.ada.get("/badges").has(t, "Somebody wants to follow you.")
}

// TestHidingABadgeNamesItsPages: those that it was chosen for and those that a tag
// brings it onto, unless they are private.
func TestHidingABadgeNamesItsPages(t *testing.T) {
	onBoth(t, func(t *testing.T, p *passport) {
		ada, issuer := p.member("ada"), newSigner(t, "School")
		a, b := ada.take(t, issuer, issuer.badge("A", "ada@people.test")), ada.take(t, issuer, issuer.badge("B", "ada@people.test"))
		for _, id := range []string{a, b} {
			ada.post("/b/"+id+"/visibility", "visibility", "public").is(t, 303)
		}
		ada.post("/b/"+b+"/tags", "tags", "Craft").is(t, 303)
		chosen, tagged := ada.folio("Chosen work", a), ada.folio("Tagged work")
		ada.folio("Drafts", a, b)
		tagged.add("tag", "of", "craft")
		for _, f := range []folio{chosen, tagged} {
			f.post(f.path+"/sharing", "visibility", "public", "badges", "leave").is(t, 303)
		}
		hide := func(ids ...string) answer {
			pairs := []string{"do", "visibility"}
			for _, id := range ids {
				pairs = append(pairs, "badge", id)
			}
			return ada.post("/badges/bulk", pairs...).is(t, 200)
		}
		hide(a).has(t, "The page “Chosen work”").hasNot(t, "Tagged work").hasNot(t, "Drafts").attribute(t, `a[href="`+chosen.view()+`"]`, "href")
		hide(b).has(t, "The page “Tagged work”").hasNot(t, "Chosen work")
		ada.get("/b/"+a).is(t, 200).has(t, "The page “Chosen work”")
	})
}
