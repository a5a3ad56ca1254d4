package core

import (
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/openbadge"
)

// mismatched uploads a badge of another address and answers the page of the choices.
func (v *visitor) mismatched(t *testing.T, s signer, c openbadge.Credential) answer {
	t.Helper()
	return v.upload("/add", "file", "b.json", s.sign(t, c)).is(t, 422)
}

// TestABadgeOfAnotherAddressOffersThreeWays: the address is confirmed and the
// badge comes in by itself; it is kept unclaimed and claimed later; the issuer is asked.
func TestABadgeOfAnotherAddressOffersThreeWays(t *testing.T) {
	eachPassport(t, func(t *testing.T, p *passport) {
		ada, bob, issuer := p.member("ada"), p.member("bob"), newSigner(t, "School")
		page := ada.mismatched(t, issuer, issuer.plain("Plain", "old@people.test", time.Now().Add(-time.Hour)))
		if text := string(page.body); !strings.Contains(text, "old@people.test") || strings.Count(text, `href="mailto:?subject=`) != 2 ||
			!strings.Contains(text, "Would you please issue it again") || !strings.Contains(text, "Pourriez-vous") {
			t.Errorf("the choices: %s", text)
		}
		confirm := page.attribute(t, `form[action$="/address"]`, "action")
		bob.post(confirm, "address", "old@people.test").is(t, 404)
		ada.post(confirm, "address", "another@people.test").is(t, 422)
		ada.post(confirm, "address", "old@people.test").is(t, 303)
		hidden := ada.mismatched(t, issuer, issuer.badge("Hidden", "hidden@people.test"))
		if strings.Contains(string(hidden.body), "hidden@people.test") {
			t.Error("the page knows a hidden address")
		}
		keep := hidden.attribute(t, `form[action$="/keep"]`, "action")
		bob.post(keep).is(t, 404)
		a := ada.settled(ada.post(keep)).is(t, 303)
		kept, _, _ := strings.Cut(a.location(), "?")
		ada.post(keep).is(t, 404)

		ada.post(kept+"/visibility", "visibility", "public").is(t, 409)
		p.write(`UPDATE badge SET visibility = 'public', link_secret = 'k'`) // the predicate holds by itself
		bob.get(kept).is(t, 404)
		bob.get(kept+"?key=k").is(t, 404)
		p.write(`UPDATE badge SET visibility = 'private', link_secret = ''`)
		if text := string(ada.get(kept).is(t, 200).body); !strings.Contains(text, "This badge is unclaimed") || strings.Contains(text, kept+"/share") {
			t.Errorf("an unclaimed badge is not marked, or can be shared: %s", text)
		}
		if to := ada.get(kept+"/share").is(t, 303).location(); to != kept+"/claim" {
			t.Errorf("sharing it leads to %s", to)
		}
		ada.post(kept+"/verify").is(t, 303)
		if v := p.texts(`SELECT verdict FROM badge`); len(v) != 1 || v[0] != "valid" {
			t.Errorf("checked again: %s", v)
		}

		links := p.confirmations(t, "old@people.test")
		ada.post(links[0]).is(t, 303)
		p.drain(t, `SELECT count(*) FROM badge_import WHERE state = 'running'`)
		if n := p.count(`SELECT count(*) FROM badge WHERE NOT unclaimed`); n != 1 {
			t.Errorf("%d badges came in by themselves", n)
		}
		ada.get(kept+"/claim").is(t, 200)
		ada.post(kept+"/address", "address", "wrong@people.test").is(t, 422)
		ada.post(kept+"/address", "address", "hidden@people.test").is(t, 303)
		ada.post(p.confirmations(t, "hidden@people.test")[0]).is(t, 303)
		p.drain(t, `SELECT count(*) FROM badge WHERE unclaimed`)
		ada.post(kept+"/visibility", "visibility", "public").is(t, 303)
		bob.get(kept).is(t, 200)
		ada.get(kept+"/claim").is(t, 404)
	})
}

// drain lets the jobs run until a count is none.
func (p *passport) drain(t *testing.T, query string) {
	t.Helper()
	for end := time.Now().Add(time.Minute); p.count(query) > 0; {
		if err := p.queue.Drain(t.Context()); err != nil || time.Now().After(end) {
			t.Fatalf("%s: %v", query, err)
		}
	}
}

// TestAWaitingBadgeIsForgottenAfterAWeek, with its bytes.
func TestAWaitingBadgeIsForgottenAfterAWeek(t *testing.T) {
	p := startPassport(t, options{})
	ada, issuer := p.member("ada"), newSigner(t, "School")
	ada.mismatched(t, issuer, issuer.badge("Hidden", "hidden@people.test"))
	day := int64(24 * time.Hour / time.Microsecond)
	for _, want := range []int{1, 0} {
		p.write(`UPDATE badge_import SET changed_at = changed_at - $1`, 6*day)
		if err := p.badges.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n, blobs := p.count(`SELECT count(*) FROM badge_import`), p.count(`SELECT count(*) FROM blob`); n != want || blobs != want {
			t.Errorf("%d imports, %d blobs, want %d", n, blobs, want)
		}
	}
}
