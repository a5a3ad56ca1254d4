package core

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/osier-passport/osier/core/openbadge/verify"
)

// furnish adds to what lived gives a person what they put beside badges and pages, what
// others see first, and what members did for one another.
func furnish(t *testing.T, p *passport, who, other *visitor, issuer signer) {
	t.Helper()
	badges := p.texts(`SELECT public_id FROM badge WHERE person = $1 AND NOT unclaimed ORDER BY id`, who.person.ID)
	shown := "/b/" + badges[0]
	who.post(shown+"/details", "note", "**Third** try", "rating", "9", "place", "Alder Bay", "place_shown", "1").is(t, 303)
	who.post(shown+"/evidence", "title", "Log", "url", "https://log.test/basket").is(t, 303)
	who.post(shown+"/evidence", "text", "I wove it").is(t, 303)
	who.post(shown+"/evidence", "title", "The page", "url", p.web.URL("/p/")+p.texts(`SELECT public_id FROM page`)[0]).is(t, 303)
	who.post("/b/"+badges[1]+"/evidence", "title", "Report", "file", p.texts(`SELECT public_id FROM file WHERE type = 'text/plain'`)[0]).is(t, 303)
	who.post("/b/"+badges[1]+"/evidence/"+p.texts(`SELECT public_id FROM badge_evidence WHERE title = 'Report'`)[0], "action", "hide").is(t, 303)
	who.post(shown+"/tags", "tags", "Weaving, très bien", "action", "add").is(t, 303)
	p.write(`INSERT INTO badge_view (badge, day, kind, hits) SELECT id, 20000, 'member', 7 FROM badge WHERE public_id = $1`, badges[0])

	kept := strings.TrimPrefix(who.post("/badges/collections", "name", "Kept in order").is(t, 303).location(), "/badges/collections/")
	who.post("/badges/collections", "name", "Nothing yet").is(t, 303)
	for _, b := range []string{badges[2], badges[0]} {
		who.post("/b/"+b+"/collections", "collection", kept).is(t, 303)
	}
	page := "/pages/" + p.texts(`SELECT public_id FROM page`)[0]
	for kind, of := range map[string]string{"collection": kept, "issuer": p.texts(`SELECT i.public_id FROM issuer i ORDER BY i.id`)[0]} {
		_, block, _ := strings.Cut(who.post(page+"/blocks", "kind", kind).is(t, 303).location(), "#block-")
		who.post(page+"/blocks/"+block, "kind", kind, "rev", p.texts(`SELECT CAST(rev AS TEXT) FROM page_block WHERE id = $1`, block)[0], "text", "All of it", "of", of).is(t, 303)
	}
	who.post(page+"/sharing", "visibility", "members").is(t, 303)

	who.post("/settings/details", "ask_club", "The weavers").is(t, 303)
	who.post("/settings/pins", "badge", badges[1], "action", "pin").is(t, 303)
	who.post("/settings/pins", "badge", badges[0], "action", "pin").is(t, 303)
	who.post("/settings/pins/machines", "credentials", "1").is(t, 303)
	who.post("/settings/layout", "action", "style", "style", "dusk").is(t, 303)
	showcase := who.post("/settings/layout/showcases", "title", "Chosen ones", "of", "chosen").is(t, 303).location()
	who.post(showcase, "badge", badges[0], "action", "in").is(t, 303)
	who.post("/settings/layout/showcases", "title", "Tagged", "of", "tag:some").is(t, 303)
	who.post("/settings/layout", "block", "skills", "action", "hide").is(t, 303)
	who.post("/b/"+badges[1]+"/visibility", "show_name", "text").is(t, 303)
	who.post("/settings/map", "country", "IT", "country_for", "members", "spot_for", "members", "latitude", "45", "longitude", "8").is(t, 303)
	p.write(`INSERT INTO share_choice (person, target, place, hidden) VALUES ($1, 'email.message', 1, FALSE), ($1, 'linkedin.post', 0, TRUE)`, who.person.ID)

	theirs := "/b/" + p.texts(`SELECT public_id FROM badge WHERE person = $1`, other.person.ID)[0]
	who.post(theirs+"/congratulate").is(t, 303)
	who.post(theirs+"/report", "reason", "other", "words", "The name is spelled wrong").is(t, 303)
	other.post(shown+"/endorse", "text", "She did it well").is(t, 303)
	who.post("/endorsements/"+p.texts(`SELECT public_id FROM endorsement`)[0], "action", "accept").is(t, 303)
	foe := p.member("foe")
	who.post("/@foe/block", "action", "block").is(t, 303)
	if p.count(`SELECT count(*) FROM block WHERE blocked = $1`, foe.person.ID) != 1 {
		t.Fatal("nobody is blocked")
	}
}

// names gives what the ids in an archive stand for, whatever they are where it is
// brought back.
func namesOf(t *testing.T, files map[string][]byte) *strings.Replacer {
	t.Helper()
	var pairs []string
	add := func(id, name any) {
		if id, ok := id.(string); ok && id != "" {
			pairs = append(pairs, `"`+id+`"`, fmt.Sprintf(`"the %v"`, name), "/p/"+id, fmt.Sprintf("/p/the %v", name))
		}
	}
	hash := func(name any) string { return fmt.Sprintf("%x", sha256.Sum256(files[fmt.Sprint(name)])) }
	for _, e := range documentRows(t, files["badges/badges.json"]) {
		add(e["id"], hash(e["received"]))
		add(e["received"], "file")
	}
	for _, e := range documentRows(t, files["files/files.json"]) {
		add(e["id"], hash(e["file"]))
	}
	for _, e := range documentRows(t, files["badges/collections.json"]) {
		add(e["id"], e["name"])
	}
	for _, e := range documentRows(t, files["mypages/pages.json"]) {
		add(e["id"], e["title"])
		if names, ok := e["names"].(map[string]any); ok {
			for id, name := range names {
				add(id, name)
			}
		}
	}
	return strings.NewReplacer(pairs...)
}

// TestEveryDocumentReturns: each document of an export comes back or says why it does
// not, and what is said to come back is compared by the round trip.
func TestEveryDocumentReturns(t *testing.T) {
	p := startPassport(t, options{})
	who, other, issuer := lived(t, p, "ada")
	furnish(t, p, who, other, issuer)
	kinds := map[string]bool{}
	docs := map[string]bool{}
	for name := range openZIP(t, who.export().body) {
		if path.Ext(name) == ".json" && strings.Count(name, "/") == 1 {
			docs[strings.TrimSuffix(name, ".json")] = true
		}
	}
	for _, o := range p.data.Owners() {
		for _, r := range o.Returns() {
			name := o.OwnerName() + "/" + r.Document
			delete(docs, name)
			if key := "mydata.item." + r.Document; p.catalogue.T("en", key) == key {
				t.Errorf("%s has no name", name)
			}
			if (len(r.Kinds) > 0) == (r.Anew != "") {
				t.Errorf("%s: comes back as %v and begins anew because %q", name, r.Kinds, r.Anew)
			}
			if compared := !left.MatchString(name + ".json"); compared != (len(r.Kinds) > 0) && name != "feed/events" && name != "account/consents" && name != "profile/led_back" && name != "account/passkeys" && name != "account/recovery" {
				t.Errorf("%s: comes back: %v, compared: %v", name, len(r.Kinds) > 0, compared)
			}
			for _, k := range r.Kinds {
				kinds[k] = true
				if !slices.Contains(p.data.ImportKinds(), k) {
					t.Errorf("%s: nobody can choose a %s", name, k)
				}
			}
		}
	}
	for name := range docs {
		t.Errorf("nobody says what of %s comes back", name)
	}
}

// TestTheRoundTripElsewhere: an archive is taken into a passport that knows nobody and
// has other keys. All that is the person's own is the same there; what was said to
// people of the other site stays with them.
func TestTheRoundTripElsewhere(t *testing.T) {
	onBoth(t, func(t *testing.T, there *passport) {
		home := startPassport(t, options{})
		who, other, issuer := lived(t, home, "ada")
		furnish(t, home, who, other, issuer)
		zip := who.export().body
		again := there.member("ada-again")
		there.write(`UPDATE email SET address = 'ada@people.test', address_key = 'ada@people.test' WHERE person = $1`, again.person.ID)
		again.bringBack(zip).is(t, 200)
		if n := there.count(`SELECT count(*) FROM badge WHERE unseen`); n != 0 {
			t.Errorf("%d badges that were brought back are marked as new", n)
		}
		before, after := openZIP(t, zip), openZIP(t, again.export().body)
		for _, files := range []map[string][]byte{before, after} {
			for _, theirs := range []string{"social/following", "social/comments", "social/congratulations", "reports/reports", "endorsements/endorsements_received", "feed/events", "account/invitations"} {
				delete(files, theirs+".json")
			}
			for name, data := range files {
				switch {
				case strings.HasPrefix(name, "endorsements/signed/"):
					delete(files, name)
				case name == "details/badge_details.json": // views are counted anew
					files[name] = without(t, data, "views")
				case name == "account/privacy.json": // nobody of the other site is there
					files[name] = without(t, data, "blocked")
				}
			}
		}
		if diff := cmp.Diff(sameness(t, before), sameness(t, after)); diff != "" {
			t.Errorf("not the same (-before +after):\n%s", diff)
		}
	})
}

func without(t *testing.T, data []byte, field string) []byte {
	t.Helper()
	list := documentRows(t, data)
	for _, e := range list {
		delete(e, field)
	}
	out, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestBroughtBackForMeAlone: what is not said otherwise nobody else sees.
func TestBroughtBackForMeAlone(t *testing.T) {
	var ahead atomic.Int64
	p := startPassport(t, options{clock: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }})
	who, other, issuer := lived(t, p, "ada")
	furnish(t, p, who, other, issuer)
	signed := []byte(p.texts(`SELECT credential FROM endorsement`)[0])
	zip := who.export().body
	if err := p.remove(who.person.ID); err != nil {
		t.Fatal(err)
	}
	again := p.member("ada-again")
	p.write(`UPDATE email SET address = 'ada@people.test', address_key = 'ada@people.test' WHERE person = $1`, again.person.ID)
	page := again.uploadArchive(zip).is(t, 303).location()
	form := again.wait(page).is(t, 200)
	if got := form.attribute(t, `input[name="show"][checked]`, "value"); got != "only-me" {
		t.Errorf("by itself it is shown to %q", got)
	}
	again.post(page, "take", "badges", "take", "pages", "take", "profile", "take", "files", "take", "details", "take", "endorsements").is(t, 303)
	ahead.Add(int64(2 * time.Minute)) // lists are kept for one
	if r := p.badges.Look(t.Context(), signed); r.Verdict != verify.Revoked {
		t.Errorf("while its holder is away it is %s", r.Verdict)
	}
	again.wait(page)
	ahead.Add(int64(2 * time.Minute)) // lists are kept for one
	if r := p.badges.Look(t.Context(), signed); r.Verdict != verify.Valid {
		t.Errorf("once its holder is back it is %s", r.Verdict)
	}
	for what, q := range map[string]string{
		"badges": `SELECT count(*) FROM badge WHERE person = $1 AND visibility <> 'private'`,
		"pages":  `SELECT count(*) FROM page WHERE person = $1 AND visibility <> 'private'`,
		"places": `SELECT count(*) FROM explore_place WHERE person = $1 AND (country_for <> 'private' OR spot_for <> 'private')`,
	} {
		if n := p.count(q, again.person.ID); n != 0 {
			t.Errorf("%d %s are shown", n, what)
		}
	}
	if n := p.count(`SELECT count(*) FROM badge WHERE person = $1`, again.person.ID); n < 4 {
		t.Errorf("only %d badges", n)
	}
	if key := regexp.MustCompile(`mydata\.[a-z_.]+`).Find(again.get("/settings/data/import").is(t, 200).body); key != nil {
		t.Errorf("the key %s is shown", key)
	}
}
