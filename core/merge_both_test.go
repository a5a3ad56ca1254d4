package core

import (
	"fmt"
	"testing"
)

// TestMergingTwoWhoDidTheSame: what both accounts have of the same kind, name or
// place is one afterwards, or both; nothing stands in the way and nothing is lost.
func TestMergingTwoWhoDidTheSame(t *testing.T) {
	eachPassport(t, mergeAlike)
}

func mergeAlike(t *testing.T, p *passport) {
	t.Helper()
	p.share.Settle()
	theirs, one, two := p.member("third"), p.member("one"), p.member("two")
	issuer := newSigner(t, "Issuer")
	met := theirs.take(t, issuer, issuer.badge("Met by both", "third@people.test"))
	theirs.post("/b/"+met+"/visibility", "visibility", "public").is(t, 303)
	for _, v := range []*visitor{one, two} {
		v.actAlike(t, issuer, met)
	}
	if err := p.merge.Do(t.Context(), one.person.ID, two.person.ID); err != nil {
		t.Fatal(err)
	}
	p.mergedWell(t, int(one.person.ID), int(two.person.ID))
	p.invariants(t)
	me := two.person.ID
	for query, want := range map[string]int{
		`SELECT count(*) FROM badge WHERE person = $1`:                                                                         8,
		`SELECT count(*) FROM profile_pin WHERE person = $1`:                                                                   6, // as many as a profile has
		`SELECT count(*) FROM page WHERE person = $1`:                                                                          2,
		`SELECT count(*) FROM file WHERE person = $1`:                                                                          2,
		`SELECT count(*) FROM congratulation WHERE person = $1`:                                                                1,
		`SELECT count(*) FROM report WHERE person = $1`:                                                                        1,
		`SELECT count(*) FROM collection WHERE person = $1`:                                                                    2, // blocks of pages name each
		`SELECT count(*) FROM calendar_feed WHERE person = $1`:                                                                 1,
		`SELECT count(*) FROM comment WHERE person = $1`:                                                                       2,
		`SELECT count(*) FROM explore_place WHERE person = $1`:                                                                 1,
		`SELECT count(*) FROM collection_badge m JOIN collection c ON c.id = m.collection WHERE c.person = $1`:                 8,
		`SELECT count(DISTINCT g.badge) FROM badge_tag g JOIN badge b ON b.id = g.badge WHERE b.person = $1 AND folded = 'us'`: 8,
	} {
		if n := p.count(query, me); n != want {
			t.Errorf("%d, want %d: %s", n, want, query)
		}
	}
	if n := p.count(`SELECT count(*) FROM endorsement WHERE person = $1`, me); n < 1 {
		t.Error("the endorsement is lost")
	}
	for _, path := range []string{"/badges", "/badges/collections", "/pages", "/files", "/endorsements", "/settings", "/settings/pins", "/settings/data", "/@two", "/feed"} {
		two.get(path).is(t, 200)
	}
}

// actAlike does what two accounts of one person may both have done.
func (v *visitor) actAlike(t *testing.T, issuer signer, met string) {
	t.Helper()
	address := v.person.Handle + "@people.test"
	for i := range 4 {
		id := v.take(t, issuer, issuer.badge(fmt.Sprint(v.person.Handle, " ", i), address))
		v.post("/b/"+id+"/tags", "tags", "Us").is(t, 303)
		v.post("/b/"+id+"/collections", "name", "Ours").is(t, 303)
		v.post("/settings/pins", "action", "pin", "badge", id).is(t, 303)
	}
	v.upload("/files", "file", "same.txt", []byte("the same bytes")).is(t, 303)
	v.post("/pages", "title", "The same title", "do", "draft").is(t, 303)
	v.post("/badges/calendar", "action", "make").is(t, 303)
	v.post("/settings/map", "country", "FR", "country_for", "public", "spot_for", "private").is(t, 303)
	v.post("/b/"+met+"/congratulate").is(t, 303)
	v.post("/b/"+met+"/comments", "text", "well done").is(t, 303)
	v.post("/b/"+met+"/report", "reason", "spam", "words", "twice").is(t, 303)
	v.post("/b/"+met+"/endorse", "text", "I was there, and it is true.").is(t, 303)
	v.post("/settings/profile", "name", "Me", "about", "about "+v.person.Handle).is(t, 303)
}
