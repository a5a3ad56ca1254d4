package core

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/issue"
)

// TestEvidenceByTheLinkOfABadge: a file that is shown beside a badge is had with the
// secret of its link, and with nothing else; what is hidden is not.
func TestEvidenceByTheLinkOfABadge(t *testing.T) {
	onBoth(t, func(t *testing.T, p *passport) {
		ada, bob, anon, issuer := p.member("ada"), p.member("bob"), p.visitor(), newSigner(t, "School")
		id := ada.take(t, issuer, issuer.badge("Basketry", "ada@people.test"))
		show := "/b/" + id
		ada.upload("/files", "file", "plan.txt", []byte("The plan of a basket")).is(t, 303, 200)
		file := p.texts(`SELECT public_id FROM file`)[0]
		ada.post(show+"/evidence", "title", "Plan", "file", file).is(t, 303)
		evidence := p.texts(`SELECT public_id FROM badge_evidence`)[0]
		at := show + "/evidence/" + evidence + "/file"
		ada.get(at).is(t, 200).has(t, "The plan of a basket")
		anon.get(at).is(t, 404)
		ada.post(show+"/visibility", "visibility", "link").is(t, 303)
		key := "?key=" + p.texts(`SELECT link_secret FROM badge`)[0]
		for _, v := range []*visitor{anon, bob} {
			if got := v.get(show+key).is(t, 200).attribute(t, ".evidence a", "href"); got != at+key {
				t.Errorf("the page leads to %s", got)
			}
			v.get(at+key).is(t, 200).has(t, "The plan of a basket")
			v.get(at).is(t, 404)
			v.get(at+"?key="+key[6:]+"x").is(t, 404)
			v.get("/files/"+file+"/download").is(t, 404)
		}
		other := bob.take(t, issuer, issuer.badge("Basketry", "bob@people.test"))
		bob.get("/b/"+other+"/evidence/"+evidence+"/file").is(t, 404)
		ada.post(show+"/evidence/"+evidence, "action", "hide").is(t, 303)
		anon.get(at+key).is(t, 404)
		ada.get(at).is(t, 200)
		ada.post(show+"/evidence/"+evidence, "action", "show").is(t, 303)
		ada.post(show+"/visibility", "visibility", "private").is(t, 303)
		anon.get(at+key).is(t, 404, 410)
	})
}

// TestAPageOfOnesOwnAsEvidence is chosen by its name, and seen by those alone whom the
// page is for.
func TestAPageOfOnesOwnAsEvidence(t *testing.T) {
	e := newEndorsing(t)
	show, anon := "/b/"+e.badge, e.visitor()
	his := e.bob.folio("His page")
	mine := e.ada.folio("How I wove it")
	id := mine.view()[len("/p/"):]
	e.ada.get(show+"/details").is(t, 200).attribute(t, `#f-page option[value="`+id+`"]`, "value")
	e.ada.post(show+"/evidence", "page", his.view()[len("/p/"):]).is(t, 404)
	e.ada.post(show+"/evidence", "page", id).is(t, 303)
	e.ada.get(show).has(t, "How I wove it").has(t, "Only you open this page")
	anon.get(show).is(t, 200).hasNot(t, "How I wove it")
	mine.post(mine.path+"/sharing", "visibility", "public", "badges", "leave").is(t, 303)
	if got := anon.get(show).has(t, "How I wove it").attribute(t, ".evidence a", "href"); got != mine.view() {
		t.Errorf("the page leads to %s", got)
	}
	e.ada.get(show).hasNot(t, "Only you open this page")
}

// TestEndorsementsOfTheIssuerAreRead: what an endorsement inside a badge says stands
// beside its own verdict; of one that does not verify nothing is quoted.
func TestEndorsementsOfTheIssuerAreRead(t *testing.T) {
	p := startPassport(t, options{})
	ada, issuer, ministry := p.member("ada"), newSigner(t, "School"), newSigner(t, "Ministry of Crafts")
	c := issuer.badge("Basketry", "ada@people.test")
	vouch := func(words string) map[string]any {
		raw, err := ministry.key.Embed(t.Context(), issue.Endorsement3(openbadge.Credential{
			ID: "urn:uuid:" + uuid(), Name: "Endorsement", Issuer: openbadge.Issuer{ID: ministry.key.DIDKey(), Name: ministry.name}, IssuedOn: time.Date(2025, 5, 1, 0, 0, 0, 0, time.UTC),
		}, c.ID, words), issue.Proof{Method: ministry.key.DIDKey() + "#" + ministry.key.Multibase()})
		if err != nil {
			t.Fatal(err)
		}
		var doc map[string]any
		if err := json.Unmarshal(raw, &doc); err != nil {
			t.Fatal(err)
		}
		return doc
	}
	forged := vouch("By hand")
	forged["credentialSubject"].(map[string]any)["endorsementComment"] = "By forgery"
	doc := issue.Credential3(c)
	doc["endorsement"] = []any{vouch("**Sound** craft <script>"), forged}
	raw, err := issuer.key.Embed(t.Context(), doc, issue.Proof{Method: issuer.key.DIDKey() + "#" + issuer.key.Multibase()})
	if err != nil {
		t.Fatal(err)
	}
	ada.upload("/add", "file", "badge.json", raw).is(t, 303)
	id := p.texts(`SELECT public_id FROM badge`)[0]
	page := ada.get("/b/"+id).is(t, 200)
	page.has(t, "<strong>Sound</strong> craft").has(t, "Ministry of Crafts").hasNot(t, "craft <script>").hasNot(t, "By forgery").hasNot(t, "By hand").has(t, "does not verify")
}
