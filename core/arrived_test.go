package core

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db/dbtest"
)

// eachMailing is eachPassport with a mail server that nobody listens at: mails wait.
func eachMailing(t *testing.T, f func(t *testing.T, p *passport)) {
	t.Helper()
	server := func(c *config.Config) {
		c.SMTP = config.SMTP{Host: "127.0.0.1", Port: 1, TLS: "none", From: "badges@people.test"}
	}
	t.Run("sqlite", func(t *testing.T) { f(t, startPassport(t, options{}, server)) })
	t.Run("postgres", func(t *testing.T) {
		url := dbtest.PostgresURL(t)
		f(t, startPassport(t, options{}, server, func(c *config.Config) { c.Database = url }))
	})
}

// drainPastMails lets the jobs run until a count is none, though no mail goes out.
func (p *passport) drainPastMails(t *testing.T, query string) {
	t.Helper()
	for end := time.Now().Add(time.Minute); p.count(query) > 0; {
		if err := p.queue.Drain(t.Context()); time.Now().After(end) {
			t.Fatalf("%s: %v", query, err)
		}
	}
}

// TestBadgesThatArriveByThemselvesAreToldOfOnce: badges that waited for an address
// come in when it is confirmed, and one mail tells of all of them; who just added
// one, or stopped these mails, gets none.
func TestBadgesThatArriveByThemselvesAreToldOfOnce(t *testing.T) {
	eachMailing(t, func(t *testing.T, p *passport) {
		ada, bob, issuer := p.member("ada"), p.member("bob"), newSigner(t, "School")
		ada.post("/settings/appearance", "language", "fr", "scheme", "auto", "contrast", "auto", "zone", "UTC").is(t, 303)
		bob.post("/settings/notifications", "mail", "follow").is(t, 303)
		bob.mismatched(t, issuer, issuer.badge("Bob's", "other-bob@people.test"))
		for n := range 12 {
			ada.mismatched(t, issuer, issuer.badge(fmt.Sprintf("Old %d", n), "old@people.test"))
		}
		ada.take(t, issuer, issuer.badge("Now", "ada@people.test"))
		ada.post("/settings/emails", "address", "old@people.test").is(t, 303)
		bob.post("/settings/emails", "address", "other-bob@people.test").is(t, 303)
		ada.post(p.confirmations(t, "old@people.test")[0]).is(t, 303)
		bob.post(p.confirmations(t, "other-bob@people.test")[0]).is(t, 303)
		p.drainPastMails(t, `SELECT count(*) FROM badge_import WHERE state = 'running'`)
		if n := p.count(`SELECT count(*) FROM mail_outbox WHERE template = 'arrived'`); n != 0 {
			t.Errorf("%d mails before all had arrived", n)
		}
		if n := p.count(`SELECT count(*) FROM job WHERE kind = 'badge.news'`); n != 2 {
			t.Errorf("%d jobs, want one for each person", n)
		}
		p.write(`UPDATE job SET run_at = 1 WHERE kind = 'badge.news'`)
		p.drainPastMails(t, `SELECT count(*) FROM job WHERE kind = 'badge.news'`)
		subjects := p.texts(`SELECT subject FROM mail_outbox WHERE template = 'arrived'`)
		if want := []string{"12 badges sont arrivés"}; !slices.Equal(subjects, want) {
			t.Fatalf("mails: %q, want %q", subjects, want)
		}
		text := p.texts(`SELECT body_text FROM mail_outbox WHERE template = 'arrived'`)[0]
		if strings.Count(text, " » de School\n") != 10 || strings.Contains(text, "« Now »") || !strings.Contains(text, "et 2 autres") ||
			!strings.Contains(text, p.url+"/unsubscribe/") {
			t.Errorf("the mail: %s", text)
		}
		if n := p.count(`SELECT count(*) FROM badge WHERE news`); n != 0 {
			t.Errorf("%d badges are to be told of once more", n)
		}
	})
}

// TestMailsTellTimesWhereTheirReaderIs: in the zone of the person, which is named, and
// in their language also when somebody else asked; in UTC for people without an account.
func TestMailsTellTimesWhereTheirReaderIs(t *testing.T) {
	eachMailing(t, func(t *testing.T, p *passport) {
		ada := p.member("ada")
		ada.post("/settings/appearance", "language", "fr", "scheme", "auto", "contrast", "auto", "zone", "America/Sao_Paulo").is(t, 303)
		stranger := p.visitor()
		stranger.post("/reset", "address", "ada@people.test").is(t, 200)
		stranger.post("/data-request", "address", "ada@people.test").is(t, 200)
		stranger.post("/data-request", "address", "nobody@people.test").is(t, 200)
		p.bus.Wait()
		for _, tt := range []struct{ query, zone, word string }{
			{`SELECT body_text FROM mail_outbox WHERE template = 'reset'`, " UTC-03", "Bonjour"},
			{`SELECT body_text FROM mail_outbox WHERE template = 'datarequest' AND recipient = 'ada@people.test'`, " UTC-03", "jusqu’"},
			{`SELECT body_text FROM mail_outbox WHERE template = 'datarequest' AND recipient = 'nobody@people.test'`, " UTC", "until"},
		} {
			list := p.texts(tt.query)
			if len(list) != 1 || !strings.Contains(list[0], tt.zone) || tt.zone == " UTC" && strings.Contains(list[0], "UTC-") || !strings.Contains(list[0], tt.word) {
				t.Errorf("%s: %q", tt.query, list)
			}
		}
	})
}
