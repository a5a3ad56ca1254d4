package core

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/mydata"
)

// onBoth runs a test on a passport with each database.
func onBoth(t *testing.T, f func(t *testing.T, p *passport)) {
	t.Run("sqlite", func(t *testing.T) { f(t, startPassport(t, options{})) })
	t.Run("postgres", func(t *testing.T) {
		url := dbtest.PostgresURL(t)
		f(t, startPassport(t, options{}, func(c *config.Config) { c.Database = url }))
	})
}

// together asks n times at once and counts the statuses.
func together(n int, ask func(i int) answer) map[int]int {
	var mu sync.Mutex
	var all sync.WaitGroup
	begin := make(chan struct{})
	statuses := map[int]int{}
	for i := range n {
		all.Go(func() {
			<-begin
			a := ask(i)
			mu.Lock()
			defer mu.Unlock()
			statuses[a.status]++
		})
	}
	close(begin)
	all.Wait()
	return statuses
}

// one asserts that exactly one of all that tried at once won.
func one(t *testing.T, what string, won, n int, statuses map[int]int) {
	t.Helper()
	if statuses[won] != 1 {
		t.Errorf("%s: %v", what, statuses)
	}
	for status := range statuses {
		if status >= 500 {
			t.Errorf("%s: %v", what, statuses)
		}
	}
	if n != 1 {
		t.Errorf("%s: %d rows", what, n)
	}
}

// TestManyAtOnce: of many that do the same thing at the same moment, one does it.
// TestHostileRaces has more.
func TestManyAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, p *passport) {
		t.Run("setup", p.setupAtOnce)
		t.Run("follow", p.followAtOnce)
		t.Run("remove", p.removeAtOnce)
	})
}

func (p *passport) setupAtOnce(t *testing.T) {
	path, err := p.accounts.SetupPath(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	statuses := together(20, func(i int) answer {
		return p.visitor().post(path, "site", "River", "name", "Keeper", "handle", fmt.Sprint("keeper", i), "address", fmt.Sprintf("keeper%d@people.test", i),
			"password", "a long enough one", "explore", "open")
	})
	one(t, "setup", 303, p.count(`SELECT count(*) FROM person WHERE role = 'admin'`), statuses)
	p.visitor().get(path).is(t, 404)
}

func (p *passport) importAtOnce(t *testing.T) {
	v := p.member("importer")
	issuer := newSigner(t, "Issuer")
	data := issuer.sign(t, issuer.badge("Once", "importer@people.test"))
	v.token()
	statuses := together(100, func(int) answer { return v.upload("/add", "file", "b.json", data) })
	for status, n := range statuses {
		if status >= 500 {
			t.Errorf("%d answers with %d", n, status)
		}
	}
	for p.count(`SELECT count(*) FROM badge_import WHERE state = 'running'`) > 0 {
		v.get("/badges")
	}
	if n := p.count(`SELECT count(*) FROM badge WHERE person = $1`, v.person.ID); n != 1 || statuses[303] == 0 {
		t.Errorf("%d badges, %v", n, statuses)
	}
	if n := p.count(`SELECT count(*) FROM badge_import WHERE person = $1 AND state = 'done'`, v.person.ID); n != 1 {
		t.Errorf("%d imports won, %v", n, statuses)
	}
}

// claimAtOnce: two people who both list an address get its badge once it is theirs, and only one owns it.
func (p *passport) claimAtOnce(t *testing.T) {
	a, b := p.member("claimant"), p.member("other-claimant")
	for _, v := range []*visitor{a, b} {
		v.post("/settings/emails", "address", "contested@people.test").is(t, 303)
	}
	links := p.confirmations(t, "contested@people.test")
	if len(links) != 2 {
		t.Fatalf("%d links", len(links))
	}
	owner := map[string]*visitor{}
	for _, link := range links {
		for _, v := range []*visitor{a, b} {
			if v.get(link).status == 200 {
				owner[link] = v
			}
		}
	}
	statuses := together(100, func(i int) answer { return owner[links[i%2]].post(links[i%2]) })
	one(t, "claim", 303, p.count(`SELECT count(*) FROM email WHERE address = 'contested@people.test' AND confirmed_at > 0`), statuses)
	if n := p.count(`SELECT count(*) FROM email WHERE address = 'contested@people.test'`); n != 1 {
		t.Errorf("%d people list the address", n)
	}
}

// confirmations are the paths of the mailed links that wait for an address.
func (p *passport) confirmations(t *testing.T, address string) []string {
	t.Helper()
	var list []string
	for _, text := range p.texts(`SELECT body_text FROM mail_outbox WHERE recipient = $1 ORDER BY id`, address) {
		for word := range strings.FieldsSeq(text) {
			if path, ok := strings.CutPrefix(word, p.url); ok && (strings.HasPrefix(path, "/confirm/") || strings.HasPrefix(path, "/reset/")) {
				list = append(list, path)
			}
		}
	}
	return list
}

func (p *passport) signUpAtOnce(t *testing.T) {
	statuses := together(100, func(i int) answer {
		handle := "wanted"
		if i%2 == 1 {
			handle = "WANTED"
		}
		return p.visitor().post("/signup", "name", "Somebody", "handle", handle, "address", fmt.Sprintf("wanted%d@people.test", i), "password", "a long enough one")
	})
	delete(statuses, http.StatusServiceUnavailable) // a machine hashes only so many passwords at once, and says so
	one(t, "sign up", 303, p.count(`SELECT count(*) FROM person WHERE lower(handle) = 'wanted'`), statuses)
}

func (p *passport) confirmAtOnce(t *testing.T) {
	v := p.visitor()
	v.post("/signup", "name", "Confirmer", "handle", "confirmer", "address", "confirmer@people.test", "password", "a long enough one").is(t, 303)
	link := p.confirmations(t, "confirmer@people.test")[0]
	v.token()
	one(t, "confirm", 303, p.count(`SELECT count(*) FROM email WHERE address = 'confirmer@people.test'`),
		together(30, func(int) answer { return v.post(link) }))

	together(5, func(int) answer { return p.visitor().post("/reset", "address", "confirmer@people.test") })
	p.bus.Wait()
	links := p.confirmations(t, "confirmer@people.test")
	alive := func() (list []string) {
		for _, l := range links {
			if strings.HasPrefix(l, "/reset/") && p.visitor().get(l).status == 200 {
				list = append(list, l)
			}
		}
		return list
	}
	if list := alive(); len(list) > 0 {
		link = list[0] // who asks again ends no link that is still in its time
	} else {
		t.Fatalf("no link to reset is alive of %v", links)
	}
	statuses := together(10, func(i int) answer { return p.visitor().post(link, "password", fmt.Sprintf("another long one %d", i)) })
	one(t, "reset", 303, p.count(`SELECT count(*) FROM password w JOIN person p ON p.id = w.person WHERE p.handle = 'confirmer'`), statuses)
	if list := alive(); len(list) != 0 {
		t.Errorf("links outlived the password: %v", list)
	}
	if a := v.get("/settings"); a.status != 303 {
		t.Errorf("a session outlived the password: %s", a)
	}
}

func (p *passport) followAtOnce(t *testing.T) {
	v, _ := p.member("fan"), p.member("idol")
	v.token()
	statuses := together(60, func(i int) answer {
		return v.post("/@idol/follow", "action", []string{"follow", "unfollow", "follow"}[i%3])
	})
	if statuses[303] != 60 {
		t.Errorf("follow: %v", statuses)
	}
	v.post("/@idol/follow", "action", "follow").is(t, 303)
	if n := p.count(`SELECT count(*) FROM follow WHERE follower = $1`, v.person.ID); n != 1 {
		t.Errorf("%d follows", n)
	}
	p.invariants(t)
}

// invariants: counters are what they count.
func (p *passport) invariants(t *testing.T) {
	t.Helper()
	for _, query := range append([]string{
		`SELECT count(*) FROM source s WHERE s.followers <> (SELECT count(*) FROM follow f WHERE f.src = s.id)`,
		`SELECT count(*) FROM source s WHERE s.events <> (SELECT count(*) FROM event_src e WHERE e.src = s.id)`,
		`SELECT count(*) FROM person p WHERE p.follows <> (SELECT count(*) FROM follow f WHERE f.follower = p.id)`,
		`SELECT count(*) FROM feed_total WHERE events <> (SELECT count(*) FROM event)`,
		`SELECT count(*) FROM badge_class c WHERE c.holders <> (SELECT count(DISTINCT b.person) FROM badge b WHERE b.class = c.id AND b.visibility = 'public' AND b.verdict <> 'invalid')`,
	}, orphans...) {
		if n := p.count(query); n != 0 {
			t.Errorf("%d rows break: %s", n, query)
		}
	}
}

// removeAtOnce: an account goes while its person is busy in many places.
func (p *passport) removeAtOnce(t *testing.T) {
	v, other := p.member("leaver"), p.member("stayer")
	issuer := newSigner(t, "Issuer of the leaver")
	id := v.take(t, issuer, issuer.badge("Last", "leaver@people.test"))
	v.post("/b/"+id+"/visibility", "visibility", "public").is(t, 303)
	class := p.texts(`SELECT c.public_id FROM badge b JOIN badge_class c ON c.id = b.class WHERE b.public_id = $1`, id)[0]
	v.token()
	other.token()
	statuses := together(40, func(i int) answer {
		switch i % 8 {
		case 0:
			return v.post("/settings/remove", "handle", "leaver")
		case 1:
			return other.post("/c/"+class+"/comments", "text", "wait")
		case 2:
			return other.post("/@leaver/follow", "action", "follow")
		case 3:
			return v.post("/@stayer/follow", "action", "follow")
		case 4:
			return v.upload("/add", "file", "b.json", issuer.sign(t, issuer.badge(fmt.Sprint("Late ", i), "leaver@people.test")))
		case 5:
			return v.post("/settings/emails", "address", fmt.Sprintf("late%d@people.test", i))
		case 6:
			return other.post("/c/"+class+"/follow", "action", "follow")
		}
		return v.send(http.MethodGet, "/settings/data", "", nil)
	})
	for status, n := range statuses {
		if status >= 500 {
			t.Errorf("%d answers with %d: %v", n, status, p.log.lines(t, "ERROR"))
		}
	}
	for _, number := range p.texts(`SELECT receipt FROM erasure WHERE person <> 0`) { // what a late request trips begins again after a pause
		if err := p.erased(mydata.Receipt{Number: number}); err != nil {
			t.Error(err)
		}
	}
	for _, query := range []string{
		`SELECT count(*) FROM person WHERE handle = 'leaver'`, `SELECT count(*) FROM badge WHERE person = $1`, `SELECT count(*) FROM email WHERE person = $1`,
		`SELECT count(*) FROM session WHERE person = $1`, `SELECT count(*) FROM badge_import WHERE person = $1`, `SELECT count(*) FROM comment WHERE person = $1`,
		`SELECT count(*) FROM event WHERE actor = $1`, `SELECT count(*) FROM mail_outbox WHERE person = $1`,
	} {
		args := []any{v.person.ID}
		if !strings.Contains(query, "$1") {
			args = nil
		}
		if n := p.count(query, args...); n != 0 {
			t.Errorf("%d left: %s", n, query)
		}
	}
	p.invariants(t)
	if t.Failed() {
		t.Log(statuses, p.log.lines(t, "ERROR"), p.log.lines(t, "WARN"))
	}
}
