package core

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/verify"
	"github.com/osier-passport/osier/core/sign"
)

// endorsing is a passport where ada holds a public badge with skills.
type endorsing struct {
	*passport
	ada, bob *visitor
	badge    string
	wire     string
}

func newEndorsing(t *testing.T, configure ...func(*config.Config)) *endorsing {
	t.Helper()
	return prepareEndorsing(t, startPassport(t, options{}, configure...))
}

func prepareEndorsing(t *testing.T, p *passport) *endorsing {
	t.Helper()
	p.sign.URL = func(path string) string { return "https://passport.example.org" + path } // which its DIDs name
	e := &endorsing{passport: p, ada: p.member("ada"), bob: p.member("bob")}
	issuer := newSigner(t, "Willow College")
	c := issuer.badge("Basketry", "ada@people.test")
	c.Tags = []string{"weaving"}
	c.Alignments = []openbadge.Alignment{{Name: "Handicraft", URL: "https://skills.test/1"}}
	e.badge, e.wire = e.ada.take(t, issuer, c), c.ID
	e.ada.post("/b/"+e.badge+"/visibility", "visibility", "public").is(t, 303)
	return e
}

// id is the endorsement in a state.
func (e *endorsing) id(state string) string {
	e.t.Helper()
	list := e.texts(`SELECT public_id FROM endorsement WHERE state = $1`, state)
	if len(list) != 1 {
		e.t.Fatalf("%d endorsements are %s", len(list), state)
	}
	return list[0]
}

// invitation is the address of the link in the last mail to an address.
func (e *endorsing) invitation(address string) string {
	e.t.Helper()
	mails := e.texts(`SELECT body_text FROM mail_outbox WHERE recipient = $1 ORDER BY id DESC`, address)
	if len(mails) == 0 {
		return ""
	}
	return regexp.MustCompile(`/endorse/[A-Za-z0-9_-]{43}`).FindString(mails[0])
}

func TestAMemberEndorses(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { memberEndorses(t) })
	t.Run("postgres", func(t *testing.T) {
		url := dbtest.PostgresURL(t)
		memberEndorses(t, func(c *config.Config) { c.Database = url })
	})
}

// memberEndorses: asked, written, accepted, signed, verified, changed, withdrawn.
func memberEndorses(t *testing.T, configure ...func(*config.Config)) {
	e := newEndorsing(t, configure...)
	show := "/b/" + e.badge
	e.ada.post(show+"/endorse/ask", "handle", "@nobody").is(t, 422)
	e.ada.post(show+"/endorse/ask", "handle", "ada").is(t, 422)
	e.bob.post(show+"/endorse/ask", "handle", "ada").is(t, 404)
	e.ada.post(show+"/endorse/ask", "handle", "@Bob", "words", "You saw my first basket.").is(t, 303)
	e.bob.get("/endorsements").is(t, 200).has(t, "You saw my first basket.")
	e.bob.post(show+"/endorse").is(t, 422)
	e.bob.post(show+"/endorse", "action", "preview", "text", "**Truly** round").is(t, 200).has(t, "<strong>Truly</strong>")
	e.bob.post(show+"/endorse", "text", "**Truly** round <script>", "skill", "weaving", "skill", "flying").is(t, 303)
	anon := e.visitor()
	anon.get(show).is(t, 200).hasNot(t, "Truly")

	id := e.id("written")
	e.bob.post("/endorsements/"+id, "action", "accept").is(t, 404)
	anon.get("/endorsements/"+id+"/credential").is(t, 404)
	e.ada.post("/endorsements/"+id, "action", "accept").is(t, 303)
	anon.get(show).is(t, 200).has(t, "<strong>Truly</strong>").hasNot(t, "<script>").hasNot(t, "flying")

	raw := string(anon.get("/endorsements/"+id+"/credential").is(t, 200).body)
	vouched(t, e, []byte(raw))
	var c struct {
		Issuer            struct{ ID, Name string }
		CredentialSubject struct{ ID, EndorsementComment string }
	}
	if err := json.Unmarshal([]byte(raw), &c); err != nil {
		t.Fatal(err)
	}
	holder := e.texts(`SELECT public_id FROM person WHERE handle = 'bob'`)[0]
	if want := "did:web:passport.example.org:u:" + holder; c.Issuer.ID != want || c.Issuer.Name != "bob" {
		t.Errorf("got the issuer %+v, want %s", c.Issuer, want)
	}
	if got := c.CredentialSubject; got.ID != e.wire || got.EndorsementComment != "**Truly** round <script>\n\n- weaving" {
		t.Errorf("%+v", got)
	}
	changed := strings.Replace(raw, "round", "sound", 1)
	if r := e.badges.Look(t.Context(), []byte(changed)); r.Verdict != verify.Invalid {
		t.Errorf("a changed endorsement is %s", r.Verdict)
	}

	e.bob.post(show+"/endorse", "text", "Square").is(t, 303)
	anon.get(show).hasNot(t, "Truly").hasNot(t, "Square")
	anon.get("/endorsements/"+id+"/credential").is(t, 404)
	e.ada.post("/endorsements/"+id, "action", "decline").is(t, 303)
	e.ada.post("/endorsements/"+id, "action", "accept").is(t, 303)
	anon.get(show).has(t, "Square")
	e.bob.post("/endorsements/"+id, "action", "withdraw").is(t, 303)
	anon.get(show).hasNot(t, "Square")
	e.bob.post("/endorsements/"+id, "action", "withdraw").is(t, 404)
}

// vouched holds a credential against our own verifier.
func vouched(t *testing.T, e *endorsing, raw []byte) {
	t.Helper()
	r := e.badges.Look(t.Context(), raw)
	if r.Verdict != verify.Valid || r.Kind != openbadge.Endorsement {
		t.Errorf("%s %s: %+v", r.Kind, r.Verdict, r.Checks)
	}
}

// TestWhoIsBlockedIsNotAsked: neither of the two, by name or by address, and the
// one who asks by mail does not learn of it.
func TestWhoIsBlockedIsNotAsked(t *testing.T) {
	e := newEndorsing(t)
	cleo := e.member("cleo")
	e.bob.post("/@ada/block").is(t, 303)
	e.ada.post("/@cleo/block").is(t, 303)
	ask := "/b/" + e.badge + "/endorse/ask"
	for _, who := range []string{"bob", "cleo"} {
		e.ada.post(ask, "handle", who).is(t, 422)
		e.ada.post(ask, "address", who+"@people.test").is(t, 303)
		if link := e.invitation(who + "@people.test"); link != "" {
			t.Errorf("%s has %s", who, link)
		}
	}
	if cleo.get("/b/"+e.badge+"/endorse").status == http.StatusOK || cleo.post("/b/"+e.badge+"/endorse", "text", "x").status == http.StatusSeeOther {
		t.Error("who is blocked endorses")
	}
	e.ada.post(ask, "address", "dora@elsewhere.test").is(t, 303)
	if e.invitation("dora@elsewhere.test") == "" {
		t.Error("no mail to a stranger")
	}
	e.ada.post(ask, "address", "ada@people.test").is(t, 422)
	e.ada.post(ask, "address", "not an address").is(t, 422)
}

// TestAnOutsiderEndorses: by the link in a mail, without an account, with a page of
// their own data.
func TestAnOutsiderEndorses(t *testing.T) {
	e := newEndorsing(t)
	const dora = "dora@elsewhere.test"
	e.ada.post("/b/"+e.badge+"/visibility", "visibility", "private").is(t, 303)
	e.ada.post("/b/"+e.badge+"/endorse/ask", "address", dora, "words", "You taught me.").is(t, 303)
	link, anon := e.invitation(dora), e.visitor()
	anon.get(link).is(t, 200).has(t, "You taught me.").has(t, "Basketry")
	anon.get("/endorse/"+strings.Repeat("a", 43)).is(t, 410)
	anon.post(link, "text", "Fine").is(t, 422)
	anon.post(link, "name", "Dora", "text", "She did it all.").is(t, 303)
	if n := e.count(`SELECT count(*) FROM outsider WHERE CAST(address AS TEXT) LIKE '%dora%'`); n != 0 {
		t.Error("the address is kept in clear")
	}
	id := e.id("written")
	e.ada.get("/endorsements").has(t, "She did it all.").has(t, dora)
	e.ada.post("/endorsements/"+id, "action", "accept").is(t, 303)
	e.ada.post("/b/"+e.badge+"/visibility", "visibility", "public").is(t, 303)
	anon.get("/b/"+e.badge).has(t, "She did it all.").has(t, "Dora").hasNot(t, dora)
	raw := string(anon.get("/endorsements/"+id+"/credential").is(t, 200).body)
	vouched(t, e, []byte(raw))

	anon.get(link+"/data").is(t, 200).has(t, dora).has(t, "She did it all.")
	anon.post(link+"/json").is(t, 200).has(t, "EndorsementCredential")
	holder := e.texts(`SELECT public_id FROM outsider`)[0]
	anon.get("/u/"+holder+"/did.json").is(t, 200)
	anon.post(link+"/erase", "stop", "1").is(t, 303)
	anon.get("/b/"+e.badge).hasNot(t, "She did it all.").hasNot(t, "Dora")
	anon.get("/u/"+holder+"/did.json").is(t, 410)
	if r := e.badges.Look(t.Context(), []byte(raw)); r.Verdict == verify.Valid {
		t.Error("a copy verifies after its key was deleted")
	}
	for _, table := range []string{"outsider", "endorsement", "signing_key"} {
		if n := e.count(`SELECT count(*) FROM ` + table); n != 0 {
			t.Errorf("%d rows of %s are left", n, table)
		}
	}
	before := e.count(`SELECT count(*) FROM mail_outbox`)
	e.ada.post("/b/"+e.badge+"/endorse/ask", "address", dora).is(t, 303)
	if after := e.count(`SELECT count(*) FROM mail_outbox`); after != before {
		t.Error("an address that wants no more requests gets one")
	}
}

// TestAnOutsiderFindsTheirDataByTheirAddress: the personal data request shows and
// deletes what was asked of them, with a link of its own.
func TestAnOutsiderFindsTheirDataByTheirAddress(t *testing.T) {
	e := newEndorsing(t)
	const dora = "dora@elsewhere.test"
	e.ada.post("/b/"+e.badge+"/endorse/ask", "address", dora, "words", "Please").is(t, 303)
	anon := e.visitor()
	anon.post(e.invitation(dora), "name", "Dora", "text", "She did it all.").is(t, 303)
	anon.post("/data-request", "address", dora).is(t, 200)
	e.bus.Wait()
	mails := e.texts(`SELECT body_text FROM mail_outbox WHERE recipient = $1 AND template = 'datarequest'`, dora)
	if len(mails) != 1 {
		t.Fatalf("%d mails", len(mails))
	}
	page := anon.post(regexp.MustCompile(`/data-request/\S+`).FindString(mails[0])).is(t, 200).has(t, "She did it all.")
	anon.post(page.attribute(t, `form[action$="/json"]`, "action")).is(t, 200).has(t, "She did it all.")
	anon.post(page.attribute(t, `form[action$="/erase"]`, "action"), "how", "delete").is(t, 303)
	if n := e.count(`SELECT count(*) FROM outsider`) + e.count(`SELECT count(*) FROM endorsement`); n != 0 {
		t.Errorf("%d rows are left", n)
	}
}

// TestDocumentsOfSigners: by random ids, with all keys that there were, gone with
// the account.
func TestDocumentsOfSigners(t *testing.T) {
	e := newEndorsing(t)
	anon := e.visitor()
	anon.get("/.well-known/did.json").is(t, 404)
	who := sign.Who{Holder: e.texts(`SELECT public_id FROM person WHERE handle = 'bob'`)[0], Person: e.bob.person.ID}
	at := "/u/" + who.Holder + "/did.json"
	anon.get(at).is(t, 404)
	e.bob.post("/b/"+e.badge+"/endorse", "text", "Round").is(t, 303)
	e.ada.post("/endorsements/"+e.id("written"), "action", "accept").is(t, 303)
	first := string(anon.get("/endorsements/"+e.id("accepted")+"/credential").is(t, 200).body)
	a := anon.get(at).is(t, 200)
	if a.header.Get("Content-Type") != "application/did+json" || a.header.Get("Access-Control-Allow-Origin") != "*" {
		t.Error(a.header)
	}
	a.hasNot(t, "bob")

	err := e.base.Tx(t.Context(), func(tx *db.Tx) error { _, err := e.sign.Rotate(t.Context(), tx, who); return err })
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		ID                 string
		VerificationMethod []struct{ ID string }
	}
	if err := json.Unmarshal(anon.get(at).body, &doc); err != nil || len(doc.VerificationMethod) != 2 {
		t.Errorf("%+v %v", doc, err)
	}
	vouched(t, e, []byte(first))
	if n := e.count(`SELECT count(*) FROM signing_key WHERE length(sealed) > 0`); n != 1 {
		t.Errorf("%d private keys are kept", n)
	}
	e.bob.post("/settings/handle", "handle", "robert").is(t, 303)
	vouched(t, e, []byte(first))
	if err := e.remove(e.bob.person.ID); err != nil {
		t.Fatal(err)
	}
	anon.get(at).is(t, 410)
	anon.get("/b/"+e.badge).is(t, 200).hasNot(t, "Round")
}

// TestKeysAndEndorsementsSurviveAMerge: what the account that ends has signed
// verifies, and its document stays.
func TestKeysAndEndorsementsSurviveAMerge(t *testing.T) {
	e := newEndorsing(t)
	e.bob.post("/b/"+e.badge+"/endorse", "text", "Round").is(t, 303)
	e.ada.post("/endorsements/"+e.id("written"), "action", "accept").is(t, 303)
	raw := string(e.visitor().get("/endorsements/"+e.id("accepted")+"/credential").is(t, 200).body)
	other := e.member("robert")
	if err := e.merge.Do(t.Context(), e.bob.person.ID, other.person.ID); err != nil {
		t.Fatal(err)
	}
	vouched(t, e, []byte(raw))
	other.get("/endorsements").has(t, "Round")
	other.post("/endorsements/"+e.id("accepted"), "action", "withdraw").is(t, 303)
	if err := e.merge.Do(t.Context(), other.person.ID, e.ada.person.ID); err != nil {
		t.Fatal(err)
	}
}

// TestSitesWithoutANameSignWithTheKeyItself: no DID names a passport on localhost.
func TestSitesWithoutANameSignWithTheKeyItself(t *testing.T) {
	p := startPassport(t, options{})
	e := &endorsing{passport: p, ada: p.member("ada"), bob: p.member("bob")}
	issuer := newSigner(t, "Willow College")
	e.badge = e.ada.take(t, issuer, issuer.badge("Basketry", "ada@people.test"))
	e.ada.post("/b/"+e.badge+"/visibility", "visibility", "members").is(t, 303)
	e.bob.post("/b/"+e.badge+"/endorse", "text", "Round").is(t, 303)
	e.ada.post("/endorsements/"+e.id("written"), "action", "accept").is(t, 303)
	raw := e.bob.get("/endorsements/"+e.id("accepted")+"/credential").is(t, 200)
	vouched(t, e, raw.has(t, "did:key:").body)
	e.visitor().get("/endorsements/"+e.id("accepted")+"/credential").is(t, 404)
}

// has fails the test unless the answer holds the words.
func (a answer) has(t testing.TB, words string) answer {
	t.Helper()
	if !strings.Contains(string(a.body), words) {
		t.Errorf("no %q in %s", words, a)
	}
	return a
}

// hasNot fails the test when the answer holds the words.
func (a answer) hasNot(t testing.TB, words string) answer {
	t.Helper()
	if strings.Contains(string(a.body), words) {
		t.Errorf("%q is in %s", words, a)
	}
	return a
}
