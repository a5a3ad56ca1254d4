package core

import (
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/openbadge"
)

// TestBadgesStayWithoutTheIdentity: who has no account has their address taken out
// of badges that others brought in. No byte of it is left in any table, file or
// export, the holder keeps the facts, and the same file does not bring it back.
func TestBadgesStayWithoutTheIdentity(t *testing.T) {
	eachPassport(t, func(t *testing.T, p *passport) {
		m := marker("")
		address := m + "@people.test"
		ada, issuer := p.member("ada"), newSigner(t, "School")
		keep := func(c openbadge.Credential) string {
			form := ada.mismatched(t, issuer, c).attribute(t, `form[action$="/keep"]`, "action")
			return strings.TrimSuffix(strings.TrimPrefix(ada.settled(ada.post(form)).is(t, 303).location(), "/b/"), "?new=1")
		}
		plain := issuer.plain("Plain", address, time.Now().Add(-time.Hour))
		plain.ID, plain.Description = "https://school.test/"+address, "Given to "+strings.ToUpper(address)
		shown, hashed := keep(plain), keep(issuer.badge("Hashed", address))
		ada.mismatched(t, issuer, issuer.plain("Waits", address, time.Now().Add(-time.Hour)))
		mine := ada.take(t, issuer, issuer.badge("Mine", "ada@people.test"))
		p.write(`UPDATE badge SET filename = $1 WHERE public_id = $2`, m+".json", shown)
		p.write(`INSERT INTO guardian (person, address, token_hash, asked_at, confirmed_at) VALUES ($1, $2, $3, 1, 1)`, ada.person.ID, address, []byte("x"))
		ada.export()

		anon := p.visitor()
		anon.post("/data-request", "address", address).is(t, 200)
		anon.post("/data-request", "address", strings.ToUpper(address)).is(t, 200)
		page := anon.post(p.requests(t, address)[0])
		page.is(t, 200)
		for _, want := range []string{"guardian’s address of 1 account", "Waits", "Keep them without my identity"} {
			if !strings.Contains(string(page.body), want) {
				t.Errorf("the page does not say %q", want)
			}
		}
		done := anon.post(page.attribute(t, `form[action$="/erase"]`, "action"), "how", "anonymise").is(t, 303)
		if page := string(anon.get(done.location()).is(t, 200).body); !strings.Contains(page, "stay with who brought them in") || !strings.Contains(page, "Your identity is removed</h1>") || strings.Contains(page, "It is deleted") {
			t.Errorf("%s", page)
		}

		for _, table := range p.tables() {
			for _, row := range holding(p, table, m) {
				t.Errorf("left in %s: %.400q", table, row)
			}
		}
		searchFiles(t, p, m, "after it was anonymised")
		searchDump(t, p, m)
		for _, query := range append([]string{`SELECT count(*) FROM data_part`, `SELECT count(*) FROM data_request`, `SELECT count(*) FROM guardian`}, orphans...) {
			if n := p.count(query); n != 0 {
				t.Errorf("%d rows are left: %s", n, query)
			}
		}
		for _, id := range []string{shown, hashed} {
			page := string(ada.get("/b/"+id).is(t, 200).body)
			if !strings.Contains(page, "had their identity removed") || !strings.Contains(page, "It was valid when it was last checked") || !strings.Contains(page, "School") {
				t.Errorf("the page does not say what is left: %s", page)
			}
			if strings.Contains(page, "/download/") || strings.Contains(page, "/claim") {
				t.Error("the page offers what is gone")
			}
			for _, page := range []string{page, string(ada.get("/b/"+id+"/verify").is(t, 200).body)} {
				if !strings.Contains(page, "Nobody can check it any more") || strings.Contains(page, "could not be reached") || strings.Contains(page, "are kept here since") {
					t.Errorf("the verdict does not say why: %s", page)
				}
			}
			for _, path := range []string{"/download/received", "/download/png", "/download/credential", "/download/svg", "/claim"} {
				ada.get("/b/"+id+path).is(t, 410)
			}
			ada.get("/verify?badge="+id).is(t, 410)
			ada.post("/b/"+id+"/verify").is(t, 410)
			ada.post("/b/"+id+"/visibility", "visibility", "public").is(t, 409)
			p.visitor().get("/b/"+id).is(t, 404)
		}
		if text := string(ada.get("/settings/data/document?name=badges/badges.json&raw=1").is(t, 200).body); !strings.Contains(text, "anonymisedAt") {
			t.Errorf("%s", text)
		}
		ada.export()
		form := ada.mismatched(t, issuer, plain).attribute(t, `form[action$="/keep"]`, "action")
		if again := ada.settled(ada.post(form)).is(t, 409); !strings.Contains(string(again.body), "/b/"+shown) {
			t.Errorf("the same file is not recognised: %s", again)
		}
		for _, table := range []string{"badge", "badge_class", "blob"} {
			for _, row := range holding(p, table, m) {
				t.Errorf("brought back to %s: %.400q", table, row)
			}
		}
		ada.get("/b/"+mine+"/download/received").is(t, 200)
		ada.post("/b/"+shown+"/remove").is(t, 303)
	})
}
