package core

import (
	"slices"
	"testing"
	"time"
)

// TestARenewedBadgeTakesThePlaceOfTheOld: its tags, collections, pages and who sees it,
// with or without the name; the old one stays, private. It works one way alone.
func TestARenewedBadgeTakesThePlaceOfTheOld(t *testing.T) {
	onBoth(t, func(t *testing.T, p *passport) {
		ada, bob, anon, issuer := p.member("ada"), p.member("bob"), p.visitor(), newSigner(t, "School")
		c := issuer.badge("First aid", "ada@people.test")
		old := ada.take(t, issuer, c)
		c.ID, c.IssuedOn = "urn:uuid:"+uuid(), c.IssuedOn.Add(400*24*time.Hour)
		renewed := ada.take(t, issuer, c)
		another := ada.take(t, issuer, issuer.badge("Else", "ada@people.test"))
		ada.post("/b/"+old+"/tags", "tags", "health").is(t, 303)
		ada.post("/b/"+old+"/visibility", "visibility", "public").is(t, 303)
		ada.post("/b/"+old+"/visibility", "show_name", "0").is(t, 303)
		collection := ada.post("/badges/collections", "name", "Work").is(t, 303).location()
		ada.post("/b/"+old+"/collections", "collection", collection[len("/badges/collections/"):]).is(t, 303)
		ada.folio("Page", old, another)

		if got := ada.get("/b/"+old).is(t, 200).attribute(t, `form[action$="/renew"]`, "action"); got != "/b/"+renewed+"/renew" {
			t.Fatalf("the old badge offers %s", got)
		}
		anon.get("/b/"+old).is(t, 200)
		ada.post("/b/"+old+"/renew", "old", renewed).is(t, 409)
		ada.post("/b/"+renewed+"/renew", "old", another).is(t, 409)
		bob.post("/b/"+renewed+"/renew", "old", old).is(t, 404)
		ada.post("/b/"+renewed+"/renew", "old", old).is(t, 303)

		anon.get("/b/"+old).is(t, 404)
		anon.get("/b/"+renewed).is(t, 200).hasNot(t, "/@ada")
		ada.get("/b/"+old).is(t, 200)
		if got := ada.get("/badges?tag=health").names(t, ".badge-card-name"); len(got) != 2 {
			t.Errorf("tagged are %q", got)
		}
		if got := p.texts(`SELECT b.public_id FROM collection_badge m JOIN badge b ON b.id = m.badge`); !slices.Equal(got, []string{renewed}) {
			t.Errorf("the collection holds %q", got)
		}
		if got := p.texts(`SELECT b.public_id FROM page_badge m JOIN badge b ON b.id = m.badge ORDER BY m.place`); !slices.Equal(got, []string{renewed, another}) {
			t.Errorf("on the page are %q", got)
		}
	})
}
