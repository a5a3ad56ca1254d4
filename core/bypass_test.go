package core

import (
	"testing"

	"github.com/osier-passport/osier/core/fault"
)

// TestAnArchiveFollowsAsAPersonDoes: people who blocked, who ask first or whom
// nobody may follow are not followed by bringing an old archive back.
func TestAnArchiveFollowsAsAPersonDoes(t *testing.T) {
	onBoth(t, func(t *testing.T, p *passport) {
		fan := p.member("fan")
		for _, handle := range []string{"blocker", "asker", "hermit", "open"} {
			p.member(handle)
			fan.post("/@"+handle+"/follow", "action", "follow").is(t, 303)
		}
		if n := p.count(`SELECT count(*) FROM follow WHERE follower = $1`, fan.person.ID); n != 4 {
			t.Fatalf("%d follows", n)
		}
		old := fan.export()
		for _, handle := range []string{"blocker", "asker", "hermit", "open"} {
			fan.post("/@"+handle+"/follow", "action", "unfollow").is(t, 303)
		}
		p.write(`INSERT INTO block (person, blocked, at) SELECT id, $1, 1 FROM person WHERE handle = 'blocker'`, fan.person.ID)
		for handle, rule := range map[string]string{"asker": "approve", "hermit": "nobody"} {
			p.write(`INSERT INTO preference (person, follow_rule) SELECT id, $2 FROM person WHERE handle = $1
				ON CONFLICT (person) DO UPDATE SET follow_rule = excluded.follow_rule`, handle, rule)
		}
		fan.bringBack(old.body, "take", "following").is(t, 200)
		followed := p.texts(`SELECT p.handle FROM follow f JOIN source s ON s.id = f.src JOIN person p ON p.id = s.object
			WHERE f.follower = $1 AND s.kind = 'person'`, fan.person.ID)
		if len(followed) != 1 || followed[0] != "open" {
			t.Errorf("follows %q", followed)
		}
		if n := p.count(`SELECT count(*) FROM follow_request WHERE follower = $1`, fan.person.ID); n != 1 {
			t.Errorf("%d people are asked", n)
		}
	})
}

// TestALinkOfAJoinedBadgeEnds when that of the badge is made anew or revoked.
func TestALinkOfAJoinedBadgeEnds(t *testing.T) {
	onBoth(t, func(t *testing.T, p *passport) {
		one, two := p.member("one"), p.member("two")
		issuer := newSigner(t, "Twin issuer")
		c := issuer.badge("Twin", "one@people.test")
		gone := one.take(t, issuer, c)
		c.Recipient = issuer.badge("", "two@people.test").Recipient
		kept := two.take(t, issuer, c)
		one.post("/b/"+gone+"/visibility", "visibility", "link").is(t, 303)
		two.post("/b/"+kept+"/visibility", "visibility", "link").is(t, 303)
		old := "/b/" + gone + "?key=" + p.texts(`SELECT link_secret FROM badge WHERE public_id = $1`, gone)[0]
		if err := p.merge.Do(t.Context(), one.person.ID, two.person.ID); err != nil {
			t.Fatal(err)
		}
		leads := func() string { return p.visitor().get(old).location() }
		if to := leads(); to == "" {
			t.Fatal("the link of the joined badge leads nowhere")
		}
		two.post("/settings/links/"+kept, "action", "end", "end", "week").is(t, 303)
		if to := leads(); to == "" {
			t.Error("a link that ends in a week has ended")
		}
		two.post("/settings/links/"+kept, "action", "renew").is(t, 303)
		if to := leads(); to != "" {
			t.Errorf("the old link leads to %s after the link was made anew", to)
		}
		p.visitor().get(old).is(t, 404)
	})
}

// TestOnePersonUploadsOneArchive at a time, however many requests begin one.
func TestOnePersonUploadsOneArchive(t *testing.T) {
	eachPassport(t, func(t *testing.T, p *passport) {
		who := p.member("hoarder")
		together(20, func(int) answer {
			_, err := p.data.BeginUpload(t.Context(), who.person.ID, 500<<20)
			return answer{status: fault.Status(err)}
		})
		if n := p.count(`SELECT count(*) FROM data_task WHERE person = $1`, who.person.ID); n > 1 {
			t.Errorf("%d archives take place", n)
		}
	})
}
