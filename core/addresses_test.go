package core

import (
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/openbadge"
)

// eachPassport runs a scenario on a whole passport, on SQLite and on PostgreSQL.
func eachPassport(t *testing.T, f func(t *testing.T, p *passport)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, startPassport(t, options{})) })
	t.Run("postgres", func(t *testing.T) {
		url := dbtest.PostgresURL(t)
		f(t, startPassport(t, options{}, func(c *config.Config) { c.Database = url }))
	})
}

// own gives a person one more confirmed address and answers its path.
func (v *visitor) own(t *testing.T, p *passport, address string) string {
	t.Helper()
	// There is another way in than by mail, for which these tests have no server.
	p.write(`INSERT INTO password (person, hash, changed_at) VALUES ($1, 'x', 1) ON CONFLICT (person) DO NOTHING`, v.person.ID)
	v.post("/settings/emails", "address", address).is(t, 303)
	links := p.confirmations(t, address)
	link := links[len(links)-1]
	v.get(link).is(t, 200)
	if n := p.count(`SELECT count(*) FROM email WHERE address = $1 AND confirmed_at > 0`, address); n != 0 {
		t.Error("a GET confirmed an address")
	}
	v.post(link).is(t, 303)
	return "/settings/emails/" + p.texts(`SELECT CAST(id AS TEXT) FROM email WHERE address = $1 AND confirmed_at > 0`, address)[0]
}

// plain is a badge that names its address openly.
func (s signer) plain(name, address string, at time.Time) openbadge.Credential {
	c := s.badge(name, address)
	c.Recipient = openbadge.Recipient{Identities: []openbadge.Identity{{Type: "email", Value: address}}}
	c.IssuedOn = at
	return c
}

// TestABadgeOutlivesItsAddress: a removed address leaves a dated proof, its
// badges stay, and who has the address next gets only what is issued since.
func TestABadgeOutlivesItsAddress(t *testing.T) {
	eachPassport(t, func(t *testing.T, p *passport) {
		ada, bob, issuer := p.member("ada"), p.member("bob"), newSigner(t, "School")
		path := ada.own(t, p, "shared@people.test")
		hashed := ada.take(t, issuer, issuer.badge("Hashed", "shared@people.test"))
		plain := ada.take(t, issuer, issuer.plain("Plain", "shared@people.test", time.Now().Add(-time.Hour)))
		other := ada.take(t, issuer, issuer.badge("Other", "ada@people.test"))

		if a := ada.get(path+"/remove").is(t, 200); !strings.Contains(string(a.body), "stay yours") {
			t.Errorf("the question does not say what stays: %s", a)
		}
		ada.post(path, "action", "remove").is(t, 303)
		if list := p.rows("email"); strings.Contains(strings.Join(list, "\n"), "shared@people.test") {
			t.Errorf("the address is left: %s", list)
		}
		if list := p.rows("address_proof"); len(list) != 1 || strings.Contains(list[0], "shared@") {
			t.Errorf("proofs: %s", list)
		}
		if a := ada.get("/settings/emails"); !strings.Contains(string(a.body), "s…@people.test") {
			t.Errorf("the proof is not shown: %s", a)
		}
		today := time.Now().UTC().Format(time.DateOnly)
		for name, id := range map[string]string{"hashed": hashed, "plain": plain, "other": other} {
			ada.post("/b/"+id+"/verify").is(t, 303)
			page := string(ada.get("/b/"+id+"/verify").is(t, 200).body)
			if dated := strings.Contains(page, today+"/"+today); dated != (name != "other") {
				t.Errorf("the report of the %s badge names the period: %t", name, dated)
			}
			if p.texts(`SELECT verdict FROM badge WHERE public_id = $1`, id)[0] != "valid" {
				t.Errorf("the %s badge is not valid any more", name)
			}
		}
		// Proven anew, as a badge whose issuer was silent so far.
		p.write(`UPDATE verification SET verdict = 'unverifiable'`)
		for _, id := range []string{hashed, plain} {
			ada.post("/b/"+id+"/verify").is(t, 303)
			if v := p.texts(`SELECT verdict FROM badge WHERE public_id = $1`, id)[0]; v != "valid" {
				t.Errorf("proven for the first time without the address: %s", v)
			}
		}

		p.write(`UPDATE address_proof SET confirmed_from = confirmed_from - 7200000000, confirmed_until = confirmed_until - 3600000000`)
		bob.own(t, p, "shared@people.test")
		for _, id := range []string{hashed, plain} {
			bob.get("/b/"+id).is(t, 404)
		}
		late := issuer.plain("Before", "shared@people.test", time.Now().Add(-3*time.Hour))
		a := bob.upload("/add", "file", "b.json", issuer.sign(t, late)).is(t, 422)
		if !strings.Contains(string(a.body), "Somebody else here had the address") {
			t.Errorf("no reason: %s", a)
		}
		bob.take(t, issuer, issuer.plain("Since", "shared@people.test", time.Now().Add(-10*time.Minute)))
		// Hers by the date, though the address is not any more.
		during := issuer.plain("During", "shared@people.test", p.proofTime(t))
		ada.take(t, issuer, during)
	})
}

// proofTime is a time in the only proof.
func (p *passport) proofTime(t *testing.T) time.Time {
	t.Helper()
	return time.UnixMicro(int64(p.count(`SELECT (confirmed_from + confirmed_until) / 2 FROM address_proof`))).UTC()
}

// TestTheLastAddressStays: there is always one to write to.
func TestTheLastAddressStays(t *testing.T) {
	p := startPassport(t, options{})
	ada := p.member("ada")
	first := "/settings/emails/" + p.texts(`SELECT CAST(id AS TEXT) FROM email WHERE address = 'ada@people.test'`)[0]
	ada.post(first, "action", "remove").is(t, 409)
	ada.get(first+"/remove").is(t, 409)
	second := ada.own(t, p, "two@people.test")
	p.member("bob").post(second, "action", "remove").is(t, 404)
	ada.post(second, "action", "primary").is(t, 303)
	ada.post(first, "action", "remove").is(t, 303)
	ada.post(first, "action", "remove").is(t, 404)
	ada.post(second, "action", "remove").is(t, 409)
}

// TestNobodyIsRefusedForWhatOthersAsked: many who give one address are answered alike;
// core/mail spreads what goes out to it.
func TestNobodyIsRefusedForWhatOthersAsked(t *testing.T) {
	p := startPassport(t, options{})
	for i := range 9 {
		p.member("mx"+string(rune('a'+i))).post("/settings/emails", "address", "Victim@people.test").is(t, 303)
	}
}

// TestAnOldSignInChangesNoAddress: who has an open browser of a person must prove
// once more who they are.
func TestAnOldSignInChangesNoAddress(t *testing.T) {
	p := startPassport(t, options{})
	ada := p.member("ada")
	second := ada.own(t, p, "two@people.test")
	p.write(`UPDATE session SET fresh_at = 1`)
	for _, a := range []answer{
		ada.post("/settings/emails", "address", "three@people.test"), ada.post(second, "action", "remove"), ada.post(second, "action", "primary"),
	} {
		if a.is(t, 303); !strings.HasPrefix(a.location(), "/login/fresh?next=") {
			t.Errorf("%s", a)
		}
	}
	if n := p.count(`SELECT count(*) FROM email WHERE NOT is_primary AND confirmed_at > 0 OR address = 'three@people.test'`); n != 1 {
		t.Errorf("%d", n)
	}
}
