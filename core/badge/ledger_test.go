package badge_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/blob"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

func TestTheLedgerKeepsWhatAProofRestsOnOnce(t *testing.T) {
	clocked(t, func(t *testing.T, p *term) {
		file := p.school.signed(t, p.key, "1", "1", "ada@example.org")
		b := p.hold(t, ada, file)
		if b.Verdict != verify.Valid || b.ValidAt.IsZero() || !b.UnreachableSince.IsZero() {
			t.Fatalf("badge %+v", b)
		}
		bodies := p.rows(t, "blob")
		if n := p.rows(t, "verification_document WHERE blob <> ''"); n != 4 {
			t.Errorf("%d documents kept, want issuer, class, key and status list", n)
		}
		for _, role := range []string{"issuer", "class", "key", "status"} {
			if n := p.rows(t, "verification_document WHERE role = '"+role+"'"); n != 1 {
				t.Errorf("%d documents of the role %s", n, role)
			}
		}
		if _, err := p.Reverify(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		if n := p.rows(t, "blob"); n != bodies {
			t.Errorf("the same documents make %d blobs more", n-bodies)
		}
		files := map[string][]byte{}
		if err := p.Export(t.Context(), ada, func(name string, content []byte) error { files[name] = content; return nil }); err != nil {
			t.Fatal(err)
		}
		issuer := blob.Hash([]byte(p.school.answers["/issuer"].body))
		if got := string(files["badges/documents/"+issuer]); got != p.school.answers["/issuer"].body {
			t.Errorf("the issuer document is exported as %q", got)
		}
		var list []struct {
			Documents     string
			LastValidAt   time.Time
			Verifications []struct{ Report badge.StoredReport }
		}
		if err := json.Unmarshal(files["badges/badges.json"], &list); err != nil || len(list) != 1 || len(list[0].Verifications) != 2 {
			t.Fatalf("%+v, %v", list, err)
		}
		if keys := list[0].Verifications[0].Report.Keys; len(keys) != 1 || keys[0].Thumbprint == "" {
			t.Errorf("keys %+v", keys)
		}
		p.tx(t, func(ctx context.Context, tx *db.Tx) error { return p.Erase(ctx, tx, ada) })
		for _, table := range []string{"badge", "badge_class", "issuer", "issuer_key", "verification", "verification_document", "criteria_copy", "badge_host", "blob"} {
			if n := p.rows(t, table); n != 0 {
				t.Errorf("%s: %d rows left", table, n)
			}
		}
	})
}

func TestAnIssuerThatDiesTakesNoHistoryWithIt(t *testing.T) {
	clocked(t, func(t *testing.T, p *term) {
		b := p.hold(t, ada, p.school.signed(t, p.key, "1", "1", "ada@example.org"))
		p.school.setDown(true)
		p.pass(11 * day)
		p.drain(t)
		dead := p.mine(t, ada, b.PublicID)
		if dead.Verdict != verify.Unverifiable || !dead.ValidAt.Equal(b.ValidAt) || !dead.UnreachableSince.Equal(dead.VerifiedAt) {
			t.Errorf("after the first silence: %s, valid %v, unreachable %v", dead.Verdict, dead.ValidAt, dead.UnreachableSince)
		}
		if got := p.letters.verdicts(t); len(got) != 0 {
			t.Errorf("told at once: %v", got)
		}
		for range 48 { // the outage goes on for twelve days
			p.pass(6 * time.Hour)
			p.drain(t)
		}
		if got := p.letters.verdicts(t); !cmp.Equal(got, []string{"fr ada@example.org unverifiable"}) {
			t.Errorf("told of a long outage: %v", got)
		}
		still := p.mine(t, ada, b.PublicID)
		if !still.ValidAt.Equal(b.ValidAt) || !still.UnreachableSince.Equal(dead.UnreachableSince) {
			t.Errorf("valid %v, unreachable %v", still.ValidAt, still.UnreachableSince)
		}
		p.school.setDown(false)
		p.pass(5 * day)
		p.drain(t)
		back := p.mine(t, ada, b.PublicID)
		if got := p.letters.verdicts(t); back.Verdict != verify.Valid || !back.UnreachableSince.IsZero() || !cmp.Equal(got, []string{"fr ada@example.org valid"}) {
			t.Errorf("back again: %s, %v, told %v", back.Verdict, back.UnreachableSince, got)
		}
		if n := p.rows(t, "host_health") + p.rows(t, "badge_host"); n != 0 {
			t.Errorf("%d rows about a host that answers", n)
		}
	})
}

func TestAShortOutageIsToldToNobody(t *testing.T) {
	clocked(t, func(t *testing.T, p *term) {
		b := p.hold(t, ada, p.school.signed(t, p.key, "1", "1", "ada@example.org"))
		p.school.setDown(true)
		p.pass(11 * day)
		p.drain(t)
		p.school.setDown(false)
		p.pass(3 * time.Hour)
		p.drain(t)
		if b = p.mine(t, ada, b.PublicID); b.Verdict != verify.Valid {
			t.Errorf("verdict %s: the host was not asked again after an hour or two", b.Verdict)
		}
		if got := p.letters.verdicts(t); len(got) != 0 {
			t.Errorf("told %v", got)
		}
	})
}

func TestARevocationIsToldOnce(t *testing.T) {
	clocked(t, func(t *testing.T, p *term) {
		b := p.hold(t, ada, p.school.signed(t, p.key, "1", "1", "ada@example.org"))
		p.school.revoke(t, map[string]string{b.WireID: "a mistake"})
		for range 4 {
			p.pass(11 * day)
			p.drain(t)
		}
		if n := p.rows(t, "verification"); n != 5 {
			t.Errorf("%d verifications in the ledger", n)
		}
		if got := p.letters.verdicts(t); !cmp.Equal(got, []string{"fr ada@example.org revoked"}) {
			t.Errorf("told %v", got)
		}
	})
}

func TestWhoAsksForACheckSeesItAndGetsNoMail(t *testing.T) {
	clocked(t, func(t *testing.T, p *term) {
		b := p.hold(t, ada, p.school.signed(t, p.key, "1", "1", "ada@example.org"))
		p.school.revoke(t, map[string]string{b.WireID: ""})
		p.pass(time.Hour)
		if r, err := p.Reverify(t.Context(), b); err != nil || r.Verdict != verify.Revoked {
			t.Fatalf("%s, %v", r.Verdict, err)
		}
		p.pass(11 * day)
		p.drain(t)
		if got := p.letters.verdicts(t); len(got) != 0 {
			t.Errorf("told %v", got)
		}
	})
}

// TestASilentHostIsLeftAlone lets eight badges hang on one dead host: they cost
// as many requests as one, ever fewer, and all are known to be unreachable.
func TestASilentHostIsLeftAlone(t *testing.T) {
	clocked(t, func(t *testing.T, p *term) {
		for i := range 8 {
			p.hold(t, ada, p.school.signed(t, p.key, "1", fmt.Sprint(i), "ada@example.org"))
		}
		p.pass(11 * day)
		p.school.setDown(true)
		p.school.requests()
		p.drain(t)
		first := p.school.requests()
		if first == 0 || first > 4*4 { // four at once, each asking until it knows
			t.Errorf("%d requests at first", first)
		}
		if n := p.rows(t, "host_health WHERE fails = 1"); n != 1 {
			t.Errorf("%d hosts with one failure", n)
		}
		p.pass(30 * time.Minute)
		p.drain(t)
		if n := p.school.requests(); n != 0 {
			t.Errorf("%d requests while it is left alone", n)
		}
		total := 0
		for range 14 * 4 {
			p.pass(6 * time.Hour)
			p.drain(t)
			total += p.school.requests()
		}
		if total == 0 || total > 8*16 { // about eight looks in two weeks
			t.Errorf("%d requests in two weeks", total)
		}
		if n := p.rows(t, "badge WHERE verdict = 'unverifiable' AND valid_at > 0"); n != 8 {
			t.Errorf("%d of 8 badges say that they cannot be checked", n)
		}
		if n := len(p.letters.verdicts(t)); n != 8 {
			t.Errorf("%d mails about 8 badges", n)
		}
	})
}

func TestChecksAreSpreadOverThePeriod(t *testing.T) {
	p := &term{}
	p.start(t, dbtest.Open(t, p.now))
	const many = 140
	for i := range many {
		p.hold(t, ada, p.credential(t, fmt.Sprint(i), "ada@example.org", nil))
		if i%15 == 14 {
			p.pass(time.Second)
		}
	}
	next, err := db.Select(t.Context(), p.base.Read(), db.One[int64], `SELECT next_check - verified_at FROM badge`)
	if err != nil {
		t.Fatal(err)
	}
	days := map[int64]int{}
	for _, n := range next {
		wait := time.Duration(n) * time.Microsecond
		if wait < week/2 || wait >= week*3/2 {
			t.Errorf("checked again after %v", wait)
		}
		days[int64((wait-week/2)/day)]++
	}
	for d := range int64(7) {
		if n := days[d]; n < many/7/3 || n > many/7*3 {
			t.Errorf("%d of %d checks on day %d", n, many, d)
		}
	}
	if slices.Max(next)-slices.Min(next) < (6 * day).Microseconds() {
		t.Error("all on a few days")
	}
}

func TestAChangeOfKeyIsAFact(t *testing.T) {
	clocked(t, func(t *testing.T, p *term) {
		old := p.hold(t, ada, p.school.signed(t, p.key, "1", "1", "ada@example.org"))
		p.pass(30 * day)
		now := p.hold(t, bob, p.school.signed(t, issue.Ed25519FromSeed("another"), "2", "2", "bob@example.org"))
		if now.Verdict != verify.Valid {
			t.Fatalf("a new key turns the verdict: %s", now.Verdict)
		}
		facts := func(b badge.Badge) map[string]badge.Fact {
			ledger, err := p.Ledger(t.Context(), b, 20)
			if err != nil {
				t.Fatal(err)
			}
			list, err := p.BadgeFacts(t.Context(), b, ledger, "office@school.example")
			if err != nil {
				t.Fatal(err)
			}
			return byKey(list)
		}
		same := func(a, b time.Time) bool { return a.Sub(b).Abs() < time.Minute }
		f := facts(now)
		if !same(f["key"].Date, now.CreatedAt) || !same(f["key_before"].Date, old.CreatedAt) {
			t.Errorf("facts of the new badge: %+v", f)
		}
		if f["other_mail"].Other != "school.example" || f["same_proof"].Host != "127.0.0.1" || f["same_domain"].Host != "127.0.0.1" {
			t.Errorf("domains: %+v", f)
		}
		f = facts(old)
		if _, before := f["key_before"]; before || !same(f["key"].Date, old.CreatedAt) || !same(f["key_after"].Date, now.CreatedAt) {
			t.Errorf("facts of the old badge: %+v", f)
		}
		list, err := p.IssuerFacts(t.Context(), now.Class.Issuer)
		if err != nil || !same(byKey(list)["key_change"].Date, now.CreatedAt) {
			t.Errorf("facts of the issuer: %+v, %v", list, err)
		}
	})
}

func byKey(list []badge.Fact) map[string]badge.Fact {
	out := map[string]badge.Fact{}
	for _, f := range list {
		out[f.Key] = f
	}
	return out
}

func TestABadgeThatProvesNothingSaysNothingOfItsIssuer(t *testing.T) {
	clocked(t, func(t *testing.T, p *term) {
		file := p.school.signed(t, p.key, "1", "1", "ada@example.org")
		p.school.setDown(true)
		b := p.hold(t, ada, file)
		if b.Verdict != verify.Unverifiable || b.UnreachableSince.IsZero() {
			t.Fatalf("badge %+v", b)
		}
		ledger, err := p.Ledger(t.Context(), b, 20)
		if err != nil {
			t.Fatal(err)
		}
		list, err := p.BadgeFacts(t.Context(), b, ledger, "")
		if err != nil || len(list) != 1 || list[0].Key != "unproven" {
			t.Errorf("%+v, %v", list, err)
		}
	})
}

// TestFactsOutliveALongOutage: how a badge was proven is told although the checks at hand are
// all those of an issuer that does not answer.
func TestFactsOutliveALongOutage(t *testing.T) {
	clocked(t, func(t *testing.T, p *term) {
		b := p.hold(t, ada, p.school.signed(t, p.key, "1", "1", "ada@example.org"))
		p.school.setDown(true)
		p.pass(day)
		if _, err := p.Reverify(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		ledger, err := p.Ledger(t.Context(), b, 1)
		if err != nil || len(ledger) != 1 || ledger[0].Verdict != verify.Unverifiable {
			t.Fatalf("%+v, %v", ledger, err)
		}
		list, err := p.BadgeFacts(t.Context(), b, ledger, "")
		if f := byKey(list); err != nil || f["same_proof"].Host != "127.0.0.1" || f["key"].Date.IsZero() {
			t.Errorf("%+v, %v", list, err)
		}
	})
}

func TestCriteriaOutliveTheirPage(t *testing.T) {
	clocked(t, func(t *testing.T, p *term) {
		p.school.put("/criteria", "text/html; charset=utf-8", []byte("<title>x</title><script>evil()</script><h1>How</h1><p>Weave <b>three</b> baskets.<ul><li>One<li>Two</ul>"))
		b := p.hold(t, ada, p.school.signed(t, p.key, "1", "1", "ada@example.org"))
		p.pass(time.Hour)
		p.drain(t)
		got, err := p.Criteria(t.Context(), b.Class.ID)
		if err != nil || got.Text != "How\n\nWeave three baskets.\n\n• One\n• Two" || !got.Gone.IsZero() {
			t.Fatalf("%+v, %v", got, err)
		}
		p.school.setDown(true)
		p.pass(45 * day)
		p.drain(t)
		gone, err := p.Criteria(t.Context(), b.Class.ID)
		if err != nil || gone.Text != got.Text || !gone.At.Equal(got.At) || gone.Gone.IsZero() {
			t.Errorf("%+v, %v", gone, err)
		}
		p.school.setDown(false)
		p.school.put("/criteria", "text/plain", []byte("Weave four."))
		p.pass(11 * day)
		p.drain(t)
		if now, err := p.Criteria(t.Context(), b.Class.ID); err != nil || now.Text != "Weave four." || !now.Gone.IsZero() {
			t.Errorf("%+v, %v", now, err)
		}
		if n := p.rows(t, "blob WHERE mime LIKE 'text/plain; %'"); n != 1 {
			t.Errorf("%d copies are kept", n)
		}
		if err := p.Remove(t.Context(), ada, b.PublicID); err != nil {
			t.Fatal(err)
		}
		if n := p.rows(t, "blob"); n != 0 {
			t.Errorf("%d blobs are left", n)
		}
	})
}

func TestListsOfIssuers(t *testing.T) {
	l, err := badge.ReadList(strings.NewReader(`{"name":"Schools","url":"https://list.example","issuers":[
		{"domain":"www.School.example","note":"since 2019"},{"domain":"*.university.example"},{"id":"https://Badges.example/issuers/7/"},{"did":"did:key:z6Mk"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	lists := badge.Lists{l}
	for id, want := range map[string]bool{
		"https://school.example/issuer": true, "https://www.school.example": true, "did:web:school.example:craft": true, "did:web:school.example%3A8443": true,
		"https://evil.school.example": false, "https://school.example.evil.example": false, "https://evil.example/school.example": false,
		"https://school.example@evil.example/": false, "https://notschool.example": false,
		"https://a.university.example/x": true, "https://a.b.university.example": true, "https://university.example": false,
		"https://badges.example/issuers/7": true, "https://badges.example/issuers/70": false, "https://badges.example/issuers/7?x": false,
		"did:key:z6Mk": true, "did:key:z6mk": false, "": false, "mailto:a@school.example": false,
	} {
		if got := len(lists.Of(id)) == 1; got != want {
			t.Errorf("%s: listed %v", id, got)
		}
	}
	if got, want := lists.Of("https://school.example"), []badge.Listing{{List: "Schools", URL: "https://list.example", Note: "since 2019"}}; !cmp.Equal(got, want) {
		t.Error(cmp.Diff(want, got))
	}
	for _, bad := range []string{
		``, `[]`, `{}`, `{"name":"x","issuer":[]}`, `{"name":"x","issuers":[{}]}`, `{"name":"x","issuers":[{"id":"https://a.example","domain":"a.example"}]}`,
		`{"name":"x","issuers":[{"id":"a.example"}]}`, `{"name":"x","issuers":[{"did":"a"}]}`, `{"name":"x","issuers":[{"domain":"https://a.example"}]}`,
		`{"name":"x","issuers":[{"domain":"localhost"}]}`, `{"name":"x"} {}`,
	} {
		if _, err := badge.ReadList(strings.NewReader(bad)); err == nil {
			t.Errorf("taken: %s", bad)
		}
	}
	if _, err := badge.LoadLists(t.TempDir(), []string{"absent.json"}); err == nil || !strings.Contains(err.Error(), "absent.json") {
		t.Errorf("a missing file: %v", err)
	}
}

// TestBadgesOfAnEarlierVersionAreCheckedOverThePeriod runs the part of the
// migration that knows the rows there are.
func TestBadgesOfAnEarlierVersionAreCheckedOverThePeriod(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		p := open(t, b)
		for i := range 12 {
			p.take(t, ada, p.credential(t, fmt.Sprint(i), "ada@example.org", nil))
		}
		files, err := db.Schema(b.Engine())
		if err != nil {
			t.Fatal(err)
		}
		text, err := fs.ReadFile(files, "0002_ledger.sql")
		if err != nil {
			t.Fatal(err)
		}
		update, _, _ := strings.Cut("UPDATE badge"+strings.SplitN(string(text), "UPDATE badge", 2)[1], ";")
		p.tx(t, func(ctx context.Context, tx *db.Tx) error {
			if _, err := tx.Exec(ctx, `UPDATE badge SET next_check = 0, valid_at = 0, told = ''`); err != nil {
				return err
			}
			n, err := tx.Exec(ctx, update)
			if err == nil && n != 12 {
				err = fmt.Errorf("%d rows", n)
			}
			return err
		})
		if n := p.rows(t, "badge WHERE valid_at = verified_at AND told = 'valid' AND next_check - verified_at BETWEEN 302400000000 AND 907200000000"); n != 12 {
			t.Errorf("%d of 12 badges are planned", n)
		}
		if n := p.rows(t, "(SELECT DISTINCT (next_check - verified_at) / 86400000000 FROM badge) days"); n < 4 {
			t.Errorf("12 badges are checked on %d days", n)
		}
	})
}
