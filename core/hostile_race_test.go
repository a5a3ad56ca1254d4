package core

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/fault"
)

// races are the shared cases of things that happen at once, each on a running
// passport; one may stand for several.
var races = map[string]func(p *passport, t *testing.T){
	"claim the same badge e-mail token twice at once (100 clients)": (*passport).claimAtOnce,
	"link the same e-mail to two accounts at once":                  (*passport).claimAtOnce,
	"import the same assertion 100 times at once":                   (*passport).importAtOnce,
	"register the same username 100 times at once":                  (*passport).signUpAtOnce,
	"two password resets at once":                                   (*passport).resetsAtOnce,
	"use one reset token twice at once":                             (*passport).confirmAtOnce,
	"confirm e-mail twice at once":                                  (*passport).confirmAtOnce,
	"make private between check and image read":                     (*passport).hideDuringReads,
	"block while a message is being sent":                           (*passport).blockDuringTalk,
	"delete badge while a comment is posted":                        (*passport).removeDuringTalk,
	"edit page in two tabs (lost update)":                           (*passport).editInTwoTabs,
	"invite used twice":                                             (*passport).inviteAtOnce,
	"API token revoked in mid request":                              (*passport).revokeDuringUse,
	"admin disables user in mid upload":                             (*passport).disableDuringUpload,
	"merge accounts twice":                                          (*passport).mergeAtOnce,
	"two cores start on one SQLite file":                            (*passport).startTwice,
	"two migrations at once":                                        (*passport).migrateAtOnce,
	"scheduled job on two replicas":                                 (*passport).tickAtOnce,
	"backup during vacuum":                                          (*passport).copyDuringScrub,
	"rate-limit counter with 200 parallel requests":                 (*passport).limitAtOnce,
	"OIDC callback twice at once":                                   (*passport).callbackAtOnce,
	"plugin upgrade during call":                                    provenBy("share/host/upgrade_test.go", "TestUpgradeDuringCalls"),
}

// provenBy stands for a race in a package below, which has what the case needs:
// plugins whose file changes.
func provenBy(file string, names ...string) func(*passport, *testing.T) {
	return func(_ *passport, t *testing.T) { //nolint:thelper // in the form of the methods
		text, err := os.ReadFile(filepath.FromSlash(file))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if !strings.Contains(string(text), "\nfunc "+name+"(t *testing.T)") {
				t.Errorf("%s has no %s any more", file, name)
			}
		}
	}
}

// TestHostileRaces runs the shared cases one by one on each database.
func TestHostileRaces(t *testing.T) {
	values := slices.Sorted(func(yield func(string) bool) {
		for value := range races {
			if !yield(value) {
				return
			}
		}
	})
	if list := specCases(t, "race"); len(list) > 0 {
		values = nil
		for _, c := range list {
			values = append(values, fmt.Sprint(c.Value))
		}
	}
	onBoth(t, func(t *testing.T, p *passport) {
		p.share.Settle()
		held := 0
		done := map[string]bool{} // by function: what stands for several cases runs once
		for _, value := range values {
			race := races[value]
			if race == nil {
				t.Errorf("no race for %q", value)
				continue
			}
			name := fmt.Sprintf("%p", race)
			if _, ran := done[name]; !ran {
				done[name] = t.Run(value, func(t *testing.T) { race(p, t) })
			}
			if done[name] {
				held++
			}
		}
		p.invariants(t)
		for _, line := range p.log.lines(t, "ERROR") {
			if !strings.Contains(line, "error.busy") { // too many passwords to hash at once: come again
				t.Errorf("the log: %s", line)
			}
		}
		t.Logf("%d of %d cases hold", held, len(values))
	})
}

// orderly fails for an answer that is an error of ours. 503 asks to come again: a
// machine hashes only so many passwords at once.
func orderly(t *testing.T, what string, statuses map[int]int) {
	t.Helper()
	for status := range statuses {
		if status >= 500 && status != http.StatusServiceUnavailable {
			t.Errorf("%s: %v", what, statuses)
		}
	}
}

// resetsAtOnce: of two links for one person one sets the password.
func (p *passport) resetsAtOnce(t *testing.T) {
	v := p.visitor()
	v.post("/signup", "name", "Forgetful", "handle", "forgetful", "address", "forgetful@people.test", "password", "a long enough one").is(t, 303)
	v.post(p.confirmations(t, "forgetful@people.test")[0]).is(t, 303)
	for range 2 {
		p.visitor().post("/reset", "address", "forgetful@people.test").is(t, 200)
		p.bus.Wait()
	}
	links := slices.DeleteFunc(p.confirmations(t, "forgetful@people.test"), func(l string) bool { return !strings.HasPrefix(l, "/reset/") })
	if len(links) != 2 {
		t.Fatalf("%d links", len(links))
	}
	statuses := together(20, func(i int) answer {
		return p.visitor().post(links[i%2], "password", fmt.Sprintf("another long one %d", i))
	})
	one(t, "resets", 303, p.count(`SELECT count(*) FROM password w JOIN person p ON p.id = w.person WHERE p.handle = 'forgetful'`), statuses)
}

// shownBadge gives a member with a badge that everybody sees, and its class.
func (p *passport) shownBadge(t *testing.T, handle string) (v *visitor, id, class string) {
	t.Helper()
	v = p.member(handle)
	issuer := newSigner(t, "Issuer of "+handle)
	id = v.take(t, issuer, issuer.badge("Badge of "+handle, handle+"@people.test"))
	v.post("/b/"+id+"/visibility", "visibility", "public").is(t, 303)
	return v, id, p.texts(`SELECT c.public_id FROM badge b JOIN badge_class c ON c.id = b.class WHERE b.public_id = $1`, id)[0]
}

// hideDuringReads: a read that begins after a badge was hidden finds nothing, until it
// is shown again.
func (p *passport) hideDuringReads(t *testing.T) {
	v, id, _ := p.shownBadge(t, "hider")
	v.token()
	var turns, late, asked atomic.Int64 // turns is odd while the badge is hidden
	var readers sync.WaitGroup
	stop := make(chan struct{})
	for n := range 8 {
		path := "/b/" + id + []string{"/image", "/card.png", "/download/received", "/download/png"}[n%4]
		reader := p.visitor()
		readers.Go(func() {
			for {
				turn := turns.Load()
				a := reader.get(path)
				if turn%2 == 1 && turns.Load() == turn { // hidden from its beginning to its end
					asked.Add(1)
					if a.status < 400 {
						late.Add(1)
					}
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	for range 5 {
		v.post("/b/"+id+"/visibility", "visibility", "public").is(t, 303)
		v.post("/b/"+id+"/visibility", "visibility", "private").is(t, 303)
		turns.Add(1)
		for range 3 {
			p.visitor().get("/b/"+id+"/image").is(t, 404)
		}
		end := time.Now().Add(30 * time.Second)
		for before := asked.Load(); asked.Load() < before+5 && time.Now().Before(end); {
			p.visitor().get("/b/"+id+"/card.png").is(t, 404)
		}
		turns.Add(1)
	}
	close(stop)
	readers.Wait()
	if late.Load() > 0 || asked.Load() < 25 {
		t.Errorf("%d of %d reads found what was hidden before they began", late.Load(), asked.Load())
	}
}

// blockDuringTalk: whoever was blocked while they talked and followed follows nobody
// afterwards.
func (p *passport) blockDuringTalk(t *testing.T) {
	v, _, class := p.shownBadge(t, "shielded")
	other := p.member("chatty")
	v.token()
	other.token()
	statuses := together(40, func(i int) answer {
		switch {
		case i == 20:
			return v.post("/@chatty/block")
		case i%2 == 0:
			return other.post("/@shielded/follow", "action", "follow")
		}
		return other.post("/c/"+class+"/comments", "text", "hello")
	})
	orderly(t, "block", statuses)
	if n := p.count(`SELECT count(*) FROM follow f JOIN source s ON s.id = f.src WHERE s.kind = 'person' AND s.object = $1 AND f.follower = $2`, v.person.ID, other.person.ID); n != 0 {
		t.Errorf("%d follows of somebody who is blocked", n)
	}
	other.get("/@shielded").is(t, 404)
}

// removeDuringTalk: of a badge that goes while people comment nothing is left over.
func (p *passport) removeDuringTalk(t *testing.T) {
	v, id, class := p.shownBadge(t, "remover")
	other := p.member("commenter")
	v.token()
	other.token()
	orderly(t, "remove", together(30, func(i int) answer {
		if i == 15 {
			return v.post("/b/" + id + "/remove")
		}
		return other.post("/c/"+class+"/comments", "text", fmt.Sprint("hello ", i))
	}))
	v.get("/b/"+id).is(t, 404)
	if n := p.count(`SELECT count(*) FROM badge WHERE public_id = $1`, id); n != 0 {
		t.Error("the badge is left")
	}
}

// editInTwoTabs: of a block that two tabs change from the same state one is saved,
// and the other is told and loses nothing; what both want stays when one says so.
func (p *passport) editInTwoTabs(t *testing.T) {
	v := p.member("editor")
	v.token()
	page := strings.TrimSuffix(v.post("/pages", "title", "Two tabs", "do", "draft").is(t, 303).location(), "/edit")
	_, block, _ := strings.Cut(v.post(page+"/blocks", "kind", "text").is(t, 303).location(), "#block-")
	rev := func() string { return p.texts(`SELECT CAST(rev AS TEXT) FROM page_block WHERE id = $1`, block)[0] }
	first := rev()
	statuses := together(20, func(i int) answer {
		return v.post(page+"/blocks/"+block, "kind", "text", "rev", first, "text", fmt.Sprint("what tab ", i, " wrote"))
	})
	if statuses[303] != 1 || statuses[409] != 19 {
		t.Errorf("of 20 tabs: %v", statuses)
	}
	kept := p.texts(`SELECT body FROM page_block WHERE id = $1`, block)[0]
	a := v.post(page+"/blocks/"+block, "kind", "text", "rev", first, "text", "mine").is(t, 409)
	if text := string(a.body); !strings.Contains(text, "Changed in two places") || !strings.Contains(text, "mine") || !strings.Contains(text, "what tab") {
		t.Errorf("the clash does not show both: %s", words(a.all(t, "main")[0]))
	}
	v.post(page+"/blocks/"+block, "kind", "text", "rev", first, "text", "mine", "force", "1").is(t, 303)
	if n := p.count(`SELECT count(*) FROM page_version WHERE content LIKE $1`, "%what tab%"); n == 0 || strings.Contains(kept, "mine") {
		t.Errorf("what was there before is lost: %s", kept)
	}
	v.post(page+"/blocks/"+block+"/delete").is(t, 303)
	v.post(page+"/blocks/"+block, "kind", "text", "rev", first, "text", "to a block that is gone").is(t, 409)
	orderly(t, "edit", together(20, func(i int) answer {
		return v.post(page+"/blocks", "kind", []string{"text", "heading"}[i%2])
	}))
	if n := p.count(`SELECT count(*) FROM page_block`); n != 20 {
		t.Errorf("%d blocks of 20", n)
	}
}

var inviteLink = regexp.MustCompile(`/invite/([A-Za-z0-9_-]+)`)

// inviteAtOnce: an invitation for one lets one in.
func (p *passport) inviteAtOnce(t *testing.T) {
	boss := p.administrator("inviter")
	boss.post("/admin/joining", "joining", "invited").is(t, 303)
	boss.post("/admin/joining/invitations", "note", "For one", "uses", "1", "days", "2").is(t, 303)
	found := inviteLink.FindSubmatch(boss.get("/admin/joining").is(t, 200).body)
	if found == nil {
		t.Fatal("no link")
	}
	statuses := together(20, func(i int) answer {
		return p.visitor().post("/signup", "name", "Guest", "handle", fmt.Sprint("guest-", i), "address", fmt.Sprintf("guest%d@people.test", i),
			"password", "a long enough one", "invite", string(found[1]))
	})
	one(t, "invite", 303, p.count(`SELECT count(*) FROM person WHERE handle LIKE 'guest-%'`), statuses)
	boss.post("/admin/joining", "joining", "open").is(t, 303)
}

// revokeDuringUse: a session that was ended opens nothing from then on.
func (p *passport) revokeDuringUse(t *testing.T) {
	v := p.member("revoked")
	v.token()
	elsewhere := p.enter(v.person)
	elsewhere.token()
	statuses := together(30, func(i int) answer {
		if i == 10 {
			return elsewhere.post("/settings/security/sessions", "action", "others")
		}
		return v.get("/settings/profile")
	})
	orderly(t, "revoke", statuses)
	if err := p.accounts.RevokeOthers(t.Context(), v.person.ID, nil); err != nil {
		t.Fatal(err)
	}
	if a := v.get("/settings/profile").is(t, 303); !strings.HasPrefix(a.location(), "/login") {
		t.Errorf("%s", a)
	}
}

// disableDuringUpload: nothing of who is disabled comes in afterwards.
func (p *passport) disableDuringUpload(t *testing.T) {
	v := p.member("rogue")
	issuer := newSigner(t, "Issuer of the rogue")
	v.token()
	orderly(t, "disable", together(30, func(i int) answer {
		if i == 15 {
			err := p.accounts.SetDisabled(t.Context(), v.person.Handle, true)
			return answer{status: fault.Status(err)}
		}
		return v.upload("/add", "file", "b.json", issuer.sign(t, issuer.badge(fmt.Sprint("Rogue ", i), "rogue@people.test")))
	}))
	p.drain(t, `SELECT count(*) FROM badge_import WHERE state = 'running'`)
	n := p.count(`SELECT count(*) FROM badge WHERE person = $1`, v.person.ID)
	v.upload("/add", "file", "b.json", issuer.sign(t, issuer.badge("Late", "rogue@people.test"))).is(t, 303, 401, 403)
	if after := p.count(`SELECT count(*) FROM badge WHERE person = $1`, v.person.ID); after != n {
		t.Errorf("%d badges came in afterwards", after-n)
	}
	p.visitor().get("/@rogue").is(t, 404)
}

// mergeAtOnce: of many merges of two accounts, in both directions, one is done.
func (p *passport) mergeAtOnce(t *testing.T) {
	a, b := p.member("twin-one"), p.member("twin-two")
	statuses := together(20, func(i int) answer {
		from, into := a.person.ID, b.person.ID
		if i%2 == 1 {
			from, into = into, from
		}
		return answer{status: fault.Status(p.merge.Do(t.Context(), from, into))}
	})
	if n := p.count(`SELECT count(*) FROM person WHERE id IN ($1, $2)`, a.person.ID, b.person.ID); n != 1 || statuses[409] != 19 {
		t.Errorf("%d people, %v", n, statuses)
	}
}

// startTwice: a second process on the file of a running one is refused.
func (p *passport) startTwice(t *testing.T) {
	other, err := open(t.Context(), p.config, slog.New(slog.DiscardHandler), options{})
	if p.base.Engine() == db.SQLite {
		if err == nil {
			t.Error("a second process opened the file")
		}
		return
	}
	if err != nil { // replicas share PostgreSQL
		t.Fatal(err)
	}
	if err := other.close(context.WithoutCancel(t.Context())); err != nil {
		t.Error(err)
	}
}

// migrateAtOnce: several begin on an empty database. With SQLite one has the file;
// with PostgreSQL all end with one schema.
func (p *passport) migrateAtOnce(t *testing.T) {
	url := filepath.Join(t.TempDir(), "passport.db")
	if p.base.Engine() != db.SQLite {
		url = dbtest.PostgresURL(t)
	}
	var mu sync.Mutex
	var opened []*db.Base
	together(4, func(int) answer {
		b, err := db.Open(t.Context(), db.Options{URL: url})
		if err == nil {
			mu.Lock()
			opened = append(opened, b)
			mu.Unlock()
		} else if p.base.Engine() != db.SQLite {
			t.Error(err)
		}
		return answer{}
	})
	if len(opened) == 0 {
		t.Fatal("nobody opened the database")
	}
	for _, b := range opened {
		var n int
		if err := b.Read().QueryRow(t.Context(), `SELECT count(*) FROM person`).Scan(&n); err != nil || n != 0 {
			t.Errorf("%d people, %v", n, err)
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}
}

// copyDuringScrub: the files that a backup takes while the database is rewritten and
// written to open, with what was there before.
func (p *passport) copyDuringScrub(t *testing.T) {
	v := p.member("saved")
	v.token()
	if p.base.Engine() == db.Postgres {
		p.dumpDuringScrub(t, v)
		return
	}
	into := filepath.Join(t.TempDir(), "copy.db")
	backup, err := sql.Open("sqlite3", "file:"+filepath.Join(p.dir, "passport.db")+"?mode=ro&_busy_timeout=10000") // as another program does
	if err != nil {
		t.Fatal(err)
	}
	defer backup.Close()
	orderly(t, "backup", together(12, func(i int) answer {
		switch i {
		case 3:
			return answer{status: fault.Status(p.base.Scrub(t.Context()))}
		case 6:
			_, err := backup.ExecContext(t.Context(), `VACUUM INTO ?`, into)
			return answer{status: fault.Status(err)}
		}
		return v.post("/settings/profile", "name", fmt.Sprint("Saved ", i))
	}))
	b, err := db.Open(t.Context(), db.Options{URL: into})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	ok, err := db.One[string](b.Read().QueryRow(t.Context(), `PRAGMA integrity_check`))
	if there, errThere := db.Exists(t.Context(), b.Read(), `SELECT 1 FROM person WHERE handle = 'saved'`); ok != "ok" || !there || err != nil || errThere != nil {
		t.Errorf("the backup: %s, %v, %v, %v", ok, there, err, errThere)
	}
}

// dumpDuringScrub: a dump reads one snapshot, whatever is rewritten, written and erased
// meanwhile: each table ends whole, with who was there before and stays.
func (p *passport) dumpDuringScrub(t *testing.T, v *visitor) {
	t.Helper()
	leaves := p.member("leaves")
	var dump []byte
	orderly(t, "dump", together(12, func(i int) answer {
		switch i {
		case 3:
			return answer{status: fault.Status(p.base.Scrub(t.Context()))}
		case 4:
			return leaves.post("/settings/remove", "handle", "leaves")
		case 6:
			dump = p.pgDump(t)
			return answer{}
		}
		return v.post("/settings/profile", "name", fmt.Sprint("Saved ", i))
	}))
	p.until(t, `SELECT count(*) FROM erasure WHERE person <> 0`, 0)
	if dump == nil {
		t.Skip("pg_dump is not installed, or of another version")
	}
	if text := string(dump); !strings.Contains(text, "\tsaved\t") || !strings.Contains(text, "PostgreSQL database dump complete") {
		t.Errorf("the dump of %d bytes is not whole", len(dump))
	}
}

// limitAtOnce: of 200 at once as many pass as the limit says.
func (p *passport) limitAtOnce(t *testing.T) {
	v := p.visitor()
	v.token()
	if time.Until(time.Now().Truncate(30*time.Minute).Add(30*time.Minute)) < 20*time.Second {
		t.Skip("a window of the limit ends now")
	}
	statuses := together(200, func(int) answer { return v.post("/data-request", "address", "limit@people.test") })
	if statuses[http.StatusOK] != 10 || statuses[http.StatusTooManyRequests] != 190 {
		t.Errorf("%v", statuses)
	}
}
