package core

import (
	"slices"
	"strings"
	"testing"
)

// names gives the words of the elements that a selector finds.
func (a answer) names(t testing.TB, selector string) []string {
	t.Helper()
	list := []string{}
	for _, n := range a.all(t, selector) {
		list = append(list, words(n))
	}
	return list
}

// TestTagsAreFoldedAndTheHoldersOwn: tags compare without case and accents, find
// badges, and nobody else can set or see them.
func TestTagsAreFoldedAndTheHoldersOwn(t *testing.T) {
	eachPassport(t, func(t *testing.T, p *passport) {
		ada, bob, issuer := p.member("ada"), p.member("bob"), newSigner(t, "School")
		first, second := ada.take(t, issuer, issuer.badge("First", "ada@people.test")), ada.take(t, issuer, issuer.badge("Second", "ada@people.test"))
		ada.post("/b/"+first+"/tags", "tags", "Épée, #épée; EPEE,  , Data science").is(t, 303)
		ada.post("/b/"+second+"/tags", "tags", "data  SCIENCE").is(t, 303)
		ada.post("/b/"+first+"/visibility", "visibility", "public").is(t, 303)
		if got := p.texts(`SELECT tag FROM badge_tag ORDER BY folded, tag`); !slices.Equal(got, []string{"Data science", "data SCIENCE", "Épée"}) {
			t.Errorf("tags %q", got)
		}
		for query, want := range map[string][]string{"tag=epee": {"First"}, "tag=DATA+Science": {"Second", "First"}, "tag=none": {}} {
			if got := ada.get("/badges?"+query).names(t, ".badge-card-name"); !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", query, got, want)
			}
		}
		ada.post("/b/"+first+"/tags", "remove", "épée").is(t, 303)
		if n := p.count(`SELECT count(*) FROM badge_tag WHERE folded = 'epee'`); n != 0 {
			t.Error("the tag is still there")
		}
		ada.post("/b/"+first+"/tags", "tags", strings.Repeat("x", 61)).is(t, 422)
		ada.post("/b/"+first+"/tags", "tags", "a\x00b").is(t, 400, 422)
		ada.post("/b/"+first+"/tags", "tags", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30").is(t, 422)
		bob.post("/b/"+first+"/tags", "tags", "mine").is(t, 404)
		bob.post("/b/"+first+"/tags", "remove", "data science").is(t, 404)
		if page := bob.get("/b/"+first).is(t, 200); strings.Contains(string(page.body), "Data science") {
			t.Error("a stranger reads a tag")
		}
		if n := p.count(`SELECT count(*) FROM badge_tag`); n != 2 {
			t.Errorf("%d tags, want 2: what is refused changes nothing", n)
		}
	})
}

// TestCollections are made, named, ordered and deleted, and only by their owner.
func TestCollections(t *testing.T) {
	eachPassport(t, func(t *testing.T, p *passport) {
		ada, bob, issuer := p.member("ada"), p.member("bob"), newSigner(t, "School")
		var badges []string
		for _, name := range []string{"A", "B", "C"} {
			badges = append(badges, ada.take(t, issuer, issuer.badge(name, "ada@people.test")))
		}
		at := ada.post("/badges/collections", "name", " Data  work ").is(t, 303).location()
		ada.post("/badges/collections", "name", "data WORK").is(t, 303) // the same one
		ada.post("/badges/collections", "name", "Second").is(t, 303)
		ada.post("/badges/collections", "name", " ").is(t, 422)
		id := strings.TrimPrefix(at, "/badges/collections/")
		for _, b := range badges {
			ada.post("/b/"+b+"/collections", "collection", id).is(t, 303)
		}
		order := func(want ...string) {
			t.Helper()
			if got := ada.get(at).is(t, 200).names(t, ".rows-plate .row-text > a"); !slices.Equal(got, want) {
				t.Errorf("badges %q, want %q", got, want)
			}
		}
		order("A", "B", "C")
		ada.post(at, "action", "before", "badge", badges[2]).is(t, 303)
		ada.post(at, "action", "before", "badge", badges[0]).is(t, 303) // the first already
		order("A", "C", "B")
		ada.post(at, "action", "out", "badge", badges[0]).is(t, 303)
		order("C", "B")
		ada.post(at, "action", "rename", "name", "Work").is(t, 303)
		ada.post(at, "action", "down").is(t, 303)
		if got := ada.get("/badges/collections").names(t, ".link-name"); !slices.Equal(got, []string{"Second", "Work"}) {
			t.Errorf("collections %q", got)
		}
		bob.get(at).is(t, 404)
		bob.post(at, "action", "delete").is(t, 404)
		bob.post("/b/"+badges[0]+"/collections", "collection", id).is(t, 404)
		ada.post(at, "action", "unheard of").is(t, 400)
		ada.post("/b/"+badges[1]+"/remove").is(t, 303)
		order("C")
		ada.post(at, "action", "delete").is(t, 303)
		ada.get(at).is(t, 404)
		if n := p.count(`SELECT count(*) FROM collection_badge`) + p.count(`SELECT count(*) FROM badge`)*10; n != 20 {
			t.Errorf("%d: badges go with their collection, or rows stay", n)
		}
	})
}
