package badge_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

func (p *term) silent(t *testing.T) []badge.SilentHost {
	t.Helper()
	list, _, err := p.SilentHosts(t.Context(), badge.HostCursor{})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestASilentHostIsTriedWhenTheAdministratorAsks follows a host that dies, is asked
// in vain, and is back before its pause is over.
func TestASilentHostIsTriedWhenTheAdministratorAsks(t *testing.T) {
	clocked(t, func(t *testing.T, p *term) {
		b := p.hold(t, ada, p.school.signed(t, p.key, "1", "1", "ada@example.org"))
		for i := range 4 {
			p.hold(t, bob, p.school.signed(t, p.key, "1", fmt.Sprint("b", i), "bob@example.org"))
		}
		if n := len(p.silent(t)); n != 0 {
			t.Fatalf("%d hosts are silent at first", n)
		}
		if err := p.TryHost(t.Context(), "127.0.0.1:1"); !fault.Is(err, fault.NotFound) {
			t.Errorf("a host that is not silent: %v", err)
		}
		p.school.setDown(true)
		p.pass(11 * day)
		died := p.now()
		for range 16 { // four days
			p.drain(t)
			p.pass(6 * time.Hour)
		}
		list := p.silent(t)
		if len(list) != 1 || list[0].Host != p.school.Listener.Addr().String() || list[0].Badges != 5 || list[0].Fails < 4 {
			t.Fatalf("%+v", list)
		}
		dead := list[0]
		if dead.Since.Sub(died).Abs() > time.Minute || dead.Next.Before(p.now()) {
			t.Errorf("since %v, next %v; it died at %v, now is %v", dead.Since, dead.Next, died, p.now())
		}
		if hosts, badges, err := p.CountSilent(t.Context()); hosts != 1 || badges != 5 || err != nil {
			t.Errorf("%d hosts, %d badges, %v", hosts, badges, err)
		}

		p.school.requests()
		if err := p.TryHost(t.Context(), dead.Host); err != nil {
			t.Fatal(err)
		}
		p.drain(t)
		if n := p.school.requests(); n == 0 {
			t.Error("nobody asked")
		}
		again := p.silent(t)
		if len(again) != 1 || again[0].Fails != dead.Fails || !again[0].Since.Equal(dead.Since) || !again[0].Next.After(p.now()) {
			t.Errorf("after a try in vain %+v, before it %+v", again, dead)
		}

		p.school.setDown(false)
		p.pass(time.Minute)
		if err := p.TryHost(t.Context(), dead.Host); err != nil {
			t.Fatal(err)
		}
		p.drain(t)
		if n := len(p.silent(t)); n != 0 {
			t.Errorf("%d hosts are silent that answer", n)
		}
		p.pass(time.Hour + recheckEvery)
		p.drain(t)
		if n := p.rows(t, "badge WHERE verdict = 'valid' AND unreachable_since = 0"); n != 5 {
			t.Errorf("%d of 5 badges are valid an hour later", n)
		}
		if got := p.mine(t, ada, b.PublicID); got.Verdict != verify.Valid {
			t.Errorf("%s", got.Verdict)
		}
	})
}

const recheckEvery = 10 * time.Minute

func TestPagesOfSilentHosts(t *testing.T) {
	clocked(t, func(t *testing.T, p *term) {
		const many = 120
		p.tx(t, func(ctx context.Context, tx *db.Tx) error {
			for i := range many {
				_, err := tx.Exec(ctx, `INSERT INTO host_health (host, fails, since, until) VALUES ($1, 1, $2, 1)`, fmt.Sprintf("h%03d.test", i), 1000-i/3)
				if err != nil {
					return err
				}
			}
			return nil
		})
		seen, last := map[string]bool{}, time.Time{}
		var at badge.HostCursor
		for pages := 1; ; pages++ {
			list, next, err := p.SilentHosts(t.Context(), badge.ParseHostCursor(at.String()))
			if err != nil {
				t.Fatal(err)
			}
			for _, h := range list {
				if h.Since.Before(last) || seen[h.Host] {
					t.Errorf("%s comes after one that is silent since %v, or twice", h.Host, last)
				}
				seen[h.Host], last = true, h.Since
			}
			if at = next; at == (badge.HostCursor{}) || pages > many {
				break
			}
		}
		if len(seen) != many {
			t.Errorf("%d hosts on all pages of %d", len(seen), many)
		}
	})
}

// TestABadgeWithoutATimeIsPlanned gives rows without a time of the next check one,
// spread over a period.
func TestABadgeWithoutATimeIsPlanned(t *testing.T) {
	clocked(t, func(t *testing.T, p *term) {
		for i := range 8 {
			p.hold(t, ada, p.school.signed(t, p.key, "1", fmt.Sprint(i), "ada@example.org"))
		}
		p.tx(t, func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE badge SET next_check = 0`)
			return err
		})
		if err := p.PlanForgotten(t.Context(), 3); err != nil {
			t.Fatal(err)
		}
		now := db.Micros(p.now())
		if n := p.rows(t, fmt.Sprintf("badge WHERE next_check BETWEEN %d AND %d", now+(3*day).Microseconds(), now+(11*day).Microseconds())); n != 8 {
			t.Errorf("%d of 8 badges are planned", n)
		}
		if n := p.rows(t, "(SELECT DISTINCT next_check FROM badge) times"); n < 4 {
			t.Errorf("8 badges are checked at %d times", n)
		}
		p.school.revoke(t, map[string]string{"urn:uuid:3": ""})
		p.pass(11 * day)
		p.drain(t)
		if n := p.rows(t, "badge WHERE verdict = 'revoked'"); n != 1 {
			t.Errorf("%d badges are found revoked", n)
		}
	})
}
