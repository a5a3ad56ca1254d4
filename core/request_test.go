package core

import (
	"strings"
	"testing"
	"time"
)

// requests are the paths of the links that were mailed to an address.
func (p *passport) requests(t *testing.T, address string) []string {
	t.Helper()
	p.bus.Wait()
	var list []string
	for _, text := range p.texts(`SELECT body_text FROM mail_outbox WHERE recipient = $1 AND template = 'datarequest' ORDER BY id`, address) {
		for word := range strings.FieldsSeq(text) {
			if path, ok := strings.CutPrefix(word, p.url); ok && strings.HasPrefix(path, "/data-request/") {
				list = append(list, path)
			}
		}
	}
	return list
}

// TestPeopleWithoutAnAccountSeeAndDeleteWhatIsHeld, to the last byte, and only that.
func TestPeopleWithoutAnAccountSeeAndDeleteWhatIsHeld(t *testing.T) {
	eachPassport(t, func(t *testing.T, p *passport) {
		m := marker("")
		address := m + "@people.test"
		ada, issuer := p.member("ada"), newSigner(t, "School")
		ada.mismatched(t, issuer, issuer.plain("Waits", address, time.Now().Add(-time.Hour)))
		for _, c := range []string{"Plain", "Hashed"} {
			badge := issuer.plain(c, address, time.Now().Add(-time.Hour))
			if c == "Hashed" {
				badge = issuer.badge(c, address)
			}
			keep := ada.mismatched(t, issuer, badge).attribute(t, `form[action$="/keep"]`, "action")
			ada.settled(ada.post(keep)).is(t, 303)
		}
		mine := ada.take(t, issuer, issuer.badge("Mine", "ada@people.test"))
		ada.post("/settings/emails", "address", address).is(t, 303)

		anon := p.visitor()
		known, unknown := anon.post("/data-request", "address", address).is(t, 200), anon.post("/data-request", "address", "nobody@people.test").is(t, 200)
		a, b := words(known.document(t)), words(unknown.document(t))
		if strings.ReplaceAll(a, address, "X") != strings.ReplaceAll(b, "nobody@people.test", "X") {
			t.Errorf("the answers differ: %s\n%s", a, b)
		}
		anon.post("/data-request", "address", "none").is(t, 422)
		link := p.requests(t, address)[0]
		if page := anon.get(link).is(t, 200); strings.Contains(string(page.body), "Hashed") {
			t.Error("a GET shows what is held")
		}
		page := anon.post(link).is(t, 200)
		anon.get(link).is(t, 410)
		anon.post(link).is(t, 410)
		for _, want := range []string{"Waits", "Plain", "Hashed", "1 account lists", "Confirm your address"} {
			if !strings.Contains(string(page.body), want) {
				t.Errorf("the page does not say %q", want)
			}
		}
		if strings.Contains(string(page.body), "@ada") || strings.Contains(string(page.body), "Mine") {
			t.Errorf("the page says who holds a badge, or of another address: %s", page)
		}
		document := page.attribute(t, `form[action$="/json"]`, "action")
		if text := string(anon.post(document).is(t, 200).body); strings.Count(text, `"name"`) != 3 {
			t.Errorf("%s", text)
		}
		if page := anon.post(p.requests(t, "nobody@people.test")[0]).is(t, 200); !strings.Contains(string(page.body), "nobody@people.test") {
			t.Errorf("%s", page)
		}
		erase := page.attribute(t, `form[action$="/erase"]`, "action")
		anon.post(erase).is(t, 400)
		anon.post(erase, "how", "delete").is(t, 303)
		anon.post(erase, "how", "delete").is(t, 410)
		for _, table := range p.tables() {
			for _, row := range holding(p, table, m) {
				t.Errorf("left in %s: %.400q", table, row)
			}
		}
		searchFiles(t, p, m, "after the deletion")
		ada.get("/b/"+mine).is(t, 200)
		if n := p.count(`SELECT count(*) FROM badge`); n != 1 {
			t.Errorf("%d badges", n)
		}
	})
}

// TestADataRequestTakesNothingFromAnAccount: an address that changed hands
// deletes none of the badges of its former owner.
func TestADataRequestTakesNothingFromAnAccount(t *testing.T) {
	p := startPassport(t, options{})
	ada, issuer := p.member("ada"), newSigner(t, "School")
	path := ada.own(t, p, "shared@people.test")
	id := ada.take(t, issuer, issuer.badge("Hers", "shared@people.test"))
	ada.post(path, "action", "remove").is(t, 303)
	anon := p.visitor()
	anon.post("/data-request", "address", "shared@people.test").is(t, 200)
	page := anon.post(p.requests(t, "shared@people.test")[0]).is(t, 200)
	if !strings.Contains(string(page.body), "Proofs of earlier control") {
		t.Errorf("%s", page)
	}
	anon.post(page.attribute(t, `form[action$="/erase"]`, "action"), "how", "anonymise").is(t, 303)
	ada.get("/b/"+id).is(t, 200)
	if n := p.count(`SELECT count(*) FROM address_proof`); n != 1 {
		t.Error("the proof is gone")
	}
}

// TestALinkOfADataRequestEnds after half an hour. Who asks again and again, from one
// network or many, hears the same, and gets no more mails than there is use for.
func TestALinkOfADataRequestEnds(t *testing.T) {
	p := startPassport(t, options{})
	anon := p.visitor()
	for n := range 9 {
		if n > 4 {
			p.visitor().post("/data-request", "address", "old@people.test").is(t, 200)
		}
		anon.post("/data-request", "address", "Old@people.test").is(t, 200)
	}
	p.bus.Wait()
	if n := p.count(`SELECT count(*) FROM mail_outbox WHERE template = 'datarequest'`); n != 3 {
		t.Errorf("%d mails went out", n)
	}
	p.write(`UPDATE mail_pace SET ends_at = 1`)
	anon.post("/data-request", "address", "Old@people.test").is(t, 200)
	p.bus.Wait()
	if n := p.count(`SELECT count(*) FROM mail_outbox WHERE template = 'datarequest'`); n != 4 {
		t.Errorf("%d mails went out after a while", n)
	}
	link := p.requests(t, "Old@people.test")[0]
	p.write(`UPDATE data_request SET expires_at = expires_at - 1800000000`)
	anon.get(link).is(t, 410)
	anon.post(link).is(t, 410)
	if err := p.request.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := p.count(`SELECT count(*) FROM data_request`); n != 0 {
		t.Errorf("%d links are left", n)
	}
}
