package core

import (
	"slices"
	"testing"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/certificate"
	"github.com/osier-passport/osier/core/openbadge/bake"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// TestARecordNamesWhatItLeavesOut: badges that have no place in a learner record are
// named with their reasons before it is downloaded, and endorsements leave with the
// badge that they are about.
func TestARecordNamesWhatItLeavesOut(t *testing.T) {
	e := newEndorsing(t)
	issuer := newSigner(t, "Willow College")
	old := e.ada.take(t, issuer, issuer.badge("An old one", "ada@people.test"))
	foreign := e.ada.take(t, issuer, issuer.badge("For another address", "ada@people.test"))
	export := func(more ...string) answer {
		return e.ada.post("/badges/export", append([]string{"form", "clr", "all", "1"}, more...)...).is(t, 200)
	}
	if got := export().header.Get("Content-Type"); got != "application/json" {
		t.Fatalf("nothing is left out, and there is a question: %s", got)
	}
	e.write(`UPDATE badge SET version = '2.0' WHERE public_id = $1`, old)
	e.write(`UPDATE badge SET unclaimed = TRUE WHERE public_id = $1`, foreign)
	e.bob.post("/b/"+e.badge+"/endorse", "text", "Round").is(t, 303)
	e.ada.post("/endorsements/"+e.id("written"), "action", "accept").is(t, 303)
	page := export()
	if got := page.names(t, ".rows-plate .row-text > p:first-child > a"); !slices.Equal(got, []string{"For another address", "An old one"}) {
		t.Errorf("left out are %q", got)
	}
	page.has(t, "Open Badges 2.0 or older").has(t, "address that is not yours yet").has(t, "Download the record with 1 badge")
	if got := page.attribute(t, `input[name="left"]`, "value"); got != "seen" {
		t.Error(got)
	}
	record := export("left", "seen").body
	if inside, err := badge.Contained(t.Context(), record); err != nil || len(inside) != 1 {
		t.Errorf("%d badges in the record, %v", len(inside), err)
	}
	r := e.badges.Look(t.Context(), record)
	if i := slices.IndexFunc(r.Checks, func(s verify.Step) bool { return s.Name == verify.CheckEndorsement }); r.Verdict != verify.Valid || i < 0 || r.Checks[i].Result != verify.Pass {
		t.Errorf("the record with an endorsement is %s: %+v", r.Verdict, r.Checks)
	}
	none := e.ada.post("/badges/export", "form", "clr", "badge", old, "left", "seen").is(t, 200)
	none.has(t, "None of the badges that you chose").hasNot(t, "Download the record")

	files := unpacked(t, e.ada.post("/badges/export", "form", "credential", "badge", e.badge).is(t, 200))
	if found, err := bake.Extract(files["endorsements/basketry-1.json"]); err != nil {
		t.Errorf("the endorsement in the ZIP: %v", err)
	} else if r := e.badges.Look(t.Context(), found.Payload); r.Verdict != verify.Valid {
		t.Errorf("the endorsement in the ZIP is %s", r.Verdict)
	}
}

// TestLettersThatCannotBePrintedAreNamed on the page of the badge, before its
// certificate is downloaded.
func TestLettersThatCannotBePrintedAreNamed(t *testing.T) {
	p := startPassport(t, options{})
	ada, issuer := p.member("ada"), newSigner(t, "School")
	c := issuer.badge("数据 and हिन्दी", "ada@people.test")
	c.Description = "About both"
	id := ada.take(t, issuer, c)
	ada.get("/b/"+id).is(t, 200).has(t, "Leaves out letters that it cannot print: Devanagari, Chinese characters.")
	ada.get("/b/"+id+"/download/pdf").is(t, 200)
	plain := ada.take(t, issuer, issuer.badge("Łódź", "ada@people.test"))
	ada.get("/b/"+plain).is(t, 200).hasNot(t, "Leaves out letters")
	for _, script := range certificate.Scripts() {
		for _, lang := range []string{"en", "fr"} {
			if key := "shelf.script." + string(script); !p.catalogue.Exists(key) || p.catalogue.T(lang, key) == "" {
				t.Errorf("%s: no word for %s", lang, script)
			}
		}
	}
}
