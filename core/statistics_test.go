package core

import (
	"strings"
	"testing"
	"time"
)

// TestStatistics: a person's badges in numbers, for that person alone, without who
// looked.
func TestStatistics(t *testing.T) {
	eachPassport(t, func(t *testing.T, p *passport) {
		ada, bob, issuer := p.member("ada"), p.member("bob"), newSigner(t, "School")
		if page := ada.get("/badges/statistics").is(t, 200); len(page.all(t, ".numbers")) != 0 {
			t.Error("there are numbers of nothing")
		}
		id := ada.take(t, issuer, issuer.badge("First", "ada@people.test"))
		ada.take(t, issuer, issuer.badge("Second", "ada@people.test"))
		ada.post("/b/"+id+"/visibility", "visibility", "public").is(t, 303)
		bob.post("/b/"+id+"/congratulate", "action", "do").is(t, 303)
		bob.post("/b/"+id+"/comments", "text", "well done").is(t, 303)
		today := time.Now().Unix() / int64(24*time.Hour/time.Second)
		p.write(`INSERT INTO badge_view (badge, day, kind, hits) SELECT id, CAST($2 AS BIGINT), 'member', 3 FROM badge WHERE public_id = $1`, id, today)
		p.write(`INSERT INTO badge_view (badge, day, kind, hits) SELECT id, CAST($2 AS BIGINT), 'visitor', 40 FROM badge WHERE public_id = $1`, id, today-200)
		page := ada.get("/badges/statistics").is(t, 200)
		if got := strings.Join(page.names(t, ".numbers li"), ", "); got != "2badges, 1shown to others, 1congratulation, 1comment, 0endorsements" {
			t.Errorf("numbers %q", got)
		}
		for _, want := range []string{"Seen 3 times by members and 40 times by visitors.", "First 43", "School 2"} {
			if !strings.Contains(strings.Join(page.names(t, ".statistics"), " "), want) {
				t.Errorf("%q is missing", want)
			}
		}
		if other := bob.get("/badges/statistics").is(t, 200); strings.Contains(string(other.body), "First") {
			t.Error("another person reads them")
		}
		p.visitor().get("/badges/statistics").is(t, 303, 401)
	})
}
