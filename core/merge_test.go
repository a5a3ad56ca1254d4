package core

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/merge"
)

// reference is a column with the id of a person.
type reference struct{ table, column string }

// references finds the columns that refer to a person in the schema: those that
// say so, and those that are named so.
func references(t *testing.T) []reference {
	t.Helper()
	files, err := db.Schema(db.SQLite)
	if err != nil {
		t.Fatal(err)
	}
	var list []reference
	column := regexp.MustCompile(`^\s*([a-z_]+) BIGINT.*REFERENCES person\(id\)|^\s*(person) BIGINT`)
	for _, name := range migrations(t) {
		table := ""
		text, err := files.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(read(t, text)) {
			if rest, ok := strings.CutPrefix(line, "CREATE TABLE "); ok {
				table, _, _ = strings.Cut(rest, " ")
			}
			if m := column.FindStringSubmatch(line); m != nil && table != "" {
				list = append(list, reference{table, m[1] + m[2]})
			}
		}
	}
	if len(list) < 15 {
		t.Fatalf("only %v: the search is broken", list)
	}
	return list
}

// TestEveryTableHasAMerge: what refers to a person says in a store_merge.go what
// becomes of it when two accounts of one person become one.
func TestEveryTableHasAMerge(t *testing.T) {
	files, err := filepath.Glob("*/store_merge.go")
	if err != nil || len(files) < 5 {
		t.Fatalf("%v, %v", files, err)
	}
	var all strings.Builder
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	for _, r := range references(t) {
		if !strings.Contains(all.String(), "UPDATE "+r.table+" SET "+r.column) && !strings.Contains(all.String(), "INSERT INTO "+r.table+" ") {
			if !strings.Contains(all.String(), "DELETE FROM "+r.table+" WHERE "+r.column) {
				t.Errorf("%s.%s refers to a person: say in the store_merge.go of its feature who has the row when accounts are merged", r.table, r.column)
			}
		}
	}
	p := startPassport(t, options{})
	for _, o := range p.data.Owners() {
		if _, ok := o.(merge.Owner); !ok {
			t.Errorf("%s has no Merge", o.OwnerName())
		}
	}
	if len(p.merge.Owners) != len(p.data.Owners()) {
		t.Errorf("%d owners merge, %d hold data", len(p.merge.Owners), len(p.data.Owners()))
	}
}

// TestMergingLosesNothing fills every table for two accounts, merges them in a
// browser, counts all rows and looks for a row that still refers to the old account.
func TestMergingLosesNothing(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { mergeTwo(t) })
	t.Run("postgres", func(t *testing.T) {
		url := dbtest.PostgresURL(t)
		mergeTwo(t, func(c *config.Config) { c.Database = url })
	})
}

func mergeTwo(t *testing.T, configure ...func(*config.Config)) {
	t.Helper()
	p := startPassport(t, options{}, configure...)
	p.share.Settle()
	m := marker("")
	who, other := fill(t, p, m)
	keeper := p.member("keeper")
	from, into := p.count(`SELECT id FROM person WHERE handle = $1`, m), int(keeper.person.ID)
	twin := newSigner(t, "Twin issuer")
	c := twin.badge("Twin", m+"@people.test")
	gone := who.take(t, twin, c)
	c.Recipient = twin.badge("", "keeper@people.test").Recipient
	kept := keeper.take(t, twin, c)
	who.post("/b/"+gone+"/visibility", "visibility", "public").is(t, 303)
	who.post("/share/linkedin.profile/"+gone).is(t, 200, 303)
	keeper.post("/b/"+kept+"/visibility", "visibility", "members").is(t, 303)
	keeper.post("/@other/follow", "action", "follow").is(t, 303) // as the other account does
	keeper.post("/@"+m+"/follow", "action", "follow").is(t, 303) // itself, from then on
	other.post("/@keeper/follow", "action", "follow").is(t, 303) // who follows both
	keeper.post("/settings/emails", "address", m+"2@people.test").is(t, 303)
	p.write(`UPDATE badge_import SET changed_at = 9000000000000000 WHERE state = 'running'`)
	public := p.texts(`SELECT public_id FROM badge WHERE person = $1`, from)
	p.write(`UPDATE person SET under_age = FALSE, profile = 'public', hidden_at = 0`)
	before := p.counts()
	mine := func(table string) int { return p.count(`SELECT count(*) FROM `+table+` WHERE person = $1`, from) }
	// What cannot be had twice, and what is new.
	want := map[string]int{
		"person": -1, "share_connect": -1, "old_handle": 1, "badge": -1, "badge_alias": 1, "calendar_feed": -1, "job": 1,
		"session": -mine("session"), "source": -1, "password": 0,
		"follow": -2, "follow_request": -1, "event": -3, "event_src": -4, // both published the twin, which is an event of its class too
		"email": -1, "email_token": p.count(`SELECT count(*) FROM email_token WHERE person = $1 AND purpose = 'reset'`, from)*-1 - 1,
		"blob":         1, // the file of the joined badge, which was its credential and nothing else
		"verification": 0, "comment": 0, "share": 0, "identity": 0, "badge_import": 0, "badge_record": 0, "address_proof": 0, "mail_outbox": 0,
	}
	for _, table := range []string{"oidc_session", "entry", "recovery_code", "person_day", "person_word", "removal"} {
		want[table] = -mine(table)
	}

	who.get("/settings/merge").is(t, 200)
	who.post("/settings/merge").is(t, 303)
	who.get("/settings").is(t, 303) // not signed in
	token, err := p.accounts.Start(t.Context(), keeper.person.ID, "", "")
	if err != nil {
		t.Fatal(err)
	}
	who.setCookie("osier", token)
	page := who.get("/settings/merge/preview").is(t, 200)
	if text := string(page.body); !strings.Contains(text, m+"@people.test") || !strings.Contains(text, "keeper@people.test") || !strings.Contains(text, "1 badge is in both") {
		t.Errorf("the preview: %s", text)
	}
	who.post("/settings/merge/preview", "keep", "nobody").is(t, 400)
	who.post("/settings/merge/preview", "keep", keeper.person.PublicID).is(t, 303)
	who.get("/settings/merge/done").is(t, 200)
	p.mergedWell(t, from, into)

	after := p.counts()
	for _, table := range slices.Sorted(maps.Keys(before)) {
		change := want[table]
		if table == "session" {
			change++ // this browser signed in to the second account
		}
		if derived(table) {
			continue
		}
		if table == "job" || table == "rate" || table == "feed_total" || table == "job_period" {
			continue
		}
		if got := after[table] - before[table]; got != change {
			t.Errorf("%s: %+d rows, want %+d", table, got, change)
		}
	}
	if v := p.texts(`SELECT visibility FROM badge WHERE public_id = $1`, kept)[0]; v != "members" {
		t.Errorf("the joined badge is %s", v)
	}
	if n := p.count(`SELECT count(*) FROM verification v JOIN badge b ON b.id = v.badge WHERE b.public_id = $1`, kept); n != 2 {
		t.Errorf("%d verifications of the joined badge", n)
	}
	for _, id := range public {
		if a := who.get("/b/" + id); a.status != 200 && (id != gone || a.status != 303 || a.location() != "/b/"+kept) {
			t.Errorf("%s", a)
		}
	}
	p.visitor().get("/b/"+gone).is(t, 404) // members see it
	if a := p.visitor().get("/@"+m).is(t, 301, 308); a.location() != "/@keeper" {
		t.Errorf("the old handle leads to %s", a.location())
	}
	p.visitor().post("/signup", "name", "Next", "handle", m, "address", "next@people.test", "password", "a long enough one").is(t, 422)
	keeper.post("/settings/remove", "handle", "keeper").is(t, 303) // and all of it goes with the account
	for _, table := range p.tables() {
		for _, row := range holding(p, table, m) {
			t.Errorf("left in %s: %.400q", table, row)
		}
	}
}

// mergedWell finds no row of the old account, and every counter right.
func (p *passport) mergedWell(t *testing.T, from, into int) {
	t.Helper()
	for _, r := range references(t) {
		if n := p.count(`SELECT count(*) FROM `+r.table+` WHERE `+r.column+` = $1`, from); n != 0 {
			t.Errorf("%d rows of %s refer to the old account", n, r.table)
		}
	}
	p.indexed()
	for what, query := range map[string]string{
		"documents of the old account":       `SELECT count(*) FROM search_doc d WHERE d.kind = 'person' AND d.object NOT IN (SELECT id FROM person)`,
		"people who count follows wrongly":   `SELECT count(*) FROM person p WHERE p.follows <> (SELECT count(*) FROM follow f WHERE f.follower = p.id)`,
		"sources that count followers wrong": `SELECT count(*) FROM source s WHERE s.followers <> (SELECT count(*) FROM follow f WHERE f.src = s.id)`,
		"sources that count events wrongly":  `SELECT count(*) FROM source s WHERE s.events <> (SELECT count(*) FROM event_src e WHERE e.src = s.id)`,
		"classes that count holders wrongly": `SELECT count(*) FROM badge_class c WHERE c.holders <> (SELECT count(DISTINCT b.person) FROM badge b WHERE b.class = c.id AND b.visibility = 'public' AND b.verdict <> 'invalid' AND NOT b.unclaimed)`,
		"totals of events that are wrong":    `SELECT count(*) FROM feed_total WHERE events <> (SELECT count(*) FROM event)`,
		"people without one primary address": `SELECT count(*) FROM person p WHERE (SELECT count(*) FROM email e WHERE e.person = p.id AND e.is_primary) <> 1`,
		"events of badges that are gone":     `SELECT count(*) FROM event WHERE badge <> 0 AND badge NOT IN (SELECT id FROM badge)`,
		"people who follow themselves":       `SELECT count(*) FROM follow f JOIN source s ON s.id = f.src WHERE s.kind = 'person' AND s.object = f.follower`,
		"sources of nobody":                  `SELECT count(*) FROM source WHERE kind = 'person' AND object NOT IN (SELECT id FROM person)`,
	} {
		if n := p.count(query); n != 0 {
			t.Errorf("%d %s", n, what)
		}
	}
	if p.count(`SELECT count(*) FROM badge WHERE person = $1`, into) < 3 {
		t.Error("the badges did not come")
	}
}

// counts are the rows of each table.
func (p *passport) counts() map[string]int {
	out := map[string]int{}
	for _, table := range p.tables() {
		out[table] = p.count(`SELECT count(*) FROM ` + table)
	}
	return out
}

// TestOfSeveralMergesOneIsDone, in whatever direction.
func TestOfSeveralMergesOneIsDone(t *testing.T) {
	eachPassport(t, func(t *testing.T, p *passport) {
		a, b := p.member("one"), p.member("two")
		issuer := newSigner(t, "School")
		a.take(t, issuer, issuer.badge("A", "one@people.test"))
		statuses := together(20, func(i int) answer {
			from, into := a.person.ID, b.person.ID
			if i%2 == 1 {
				from, into = into, from
			}
			err := p.merge.Do(t.Context(), from, into)
			if err != nil && !fault.Is(err, fault.Conflict) {
				t.Errorf("a merge that lost: %v", err)
			}
			return answer{status: fault.Status(err)}
		})
		if people := p.count(`SELECT count(*) FROM person`); people != 1 || statuses[409] != 19 {
			t.Errorf("%d people, %v", people, statuses)
		}
		if n := p.count(`SELECT count(*) FROM badge`) + p.count(`SELECT count(*) FROM email WHERE confirmed_at > 0`); n != 3 {
			t.Errorf("%d badges and addresses", n)
		}
	})
}

// TestAnImportThatRunsDuringAMergeArrives at the account that stays.
func TestAnImportThatRunsDuringAMergeArrives(t *testing.T) {
	eachPassport(t, func(t *testing.T, p *passport) {
		a, b := p.member("one"), p.member("two")
		issuer := newSigner(t, "School")
		for range 5 {
			body, kind := multipartForm("file", "b.json", issuer.sign(t, issuer.badge("A", "one@people.test")), "csrf", a.token())
			a.send("POST", "/add", kind, body, "Accept", "application/json").is(t, 202)
		}
		if err := p.merge.Do(t.Context(), a.person.ID, b.person.ID); err != nil {
			t.Fatal(err)
		}
		p.write(`UPDATE job SET run_at = 0`)
		p.drain(t, `SELECT count(*) FROM badge_import WHERE state = 'running'`)
		if n := p.count(`SELECT count(*) FROM badge WHERE person = $1`, b.person.ID); n != 5 {
			t.Errorf("%d badges, imports %s", n, p.rows("badge_import"))
		}
	})
}

// breaks is an owner that fails at the end of a merge.
type breaks struct{ merge.Owner }

func (breaks) Merge(context.Context, *db.Tx, int64, int64) error { return errors.New("the power went") }

// TestAMergeThatEndsInTheMiddleIsNone leaves every row as it was.
func TestAMergeThatEndsInTheMiddleIsNone(t *testing.T) {
	p := startPassport(t, options{})
	m := marker("")
	fill(t, p, m)
	keeper := p.member("keeper")
	before := p.counts()
	broken := merge.New(merge.Deps{Base: p.base, Accounts: p.accounts, Badges: p.badges, Owners: append(slices.Clone(p.merge.Owners), breaks{p.accounts})})
	from := int64(p.count(`SELECT id FROM person WHERE handle = $1`, m))
	if err := broken.Do(t.Context(), from, keeper.person.ID); err == nil {
		t.Fatal("it did not break")
	}
	after := p.counts()
	for _, volatile := range []string{"job", "rate", "job_period"} {
		delete(before, volatile)
		delete(after, volatile)
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Error(diff)
	}
}

// TestMergingNeedsBothProofs: nobody merges an account that they have not just
// signed in to.
func TestMergingNeedsBothProofs(t *testing.T) {
	p := startPassport(t, options{})
	a, b := p.member("one"), p.member("two")
	started := func() *visitor {
		v := p.enter(a.person)
		v.post("/settings/merge").is(t, 303)
		token, err := p.accounts.Start(t.Context(), b.person.ID, "", "")
		if err != nil {
			t.Fatal(err)
		}
		v.setCookie("osier", token)
		return v
	}
	v := p.enter(b.person) // began nothing
	v.post("/settings/merge/preview", "keep", b.person.PublicID).is(t, 303)
	v = started() // the first account signed out elsewhere since
	if err := p.accounts.RevokeOthers(t.Context(), a.person.ID, nil); err != nil {
		t.Fatal(err)
	}
	v.post("/settings/merge/preview", "keep", b.person.PublicID).is(t, 303)
	v = started() // an old sign-in
	p.write(`UPDATE session SET fresh_at = 1 WHERE person = $1`, a.person.ID)
	v.post("/settings/merge/preview", "keep", b.person.PublicID).is(t, 303)
	v = started()
	p.write(`UPDATE session SET fresh_at = 1 WHERE person = $1`, b.person.ID)
	v.post("/settings/merge/preview", "keep", b.person.PublicID).is(t, 303)
	if n := p.count(`SELECT count(*) FROM person`); n != 2 {
		t.Fatal("merged without a proof")
	}
	v = started()
	v.post("/settings/merge/cancel").is(t, 303)
	if a := v.get("/settings").is(t, 200); !strings.Contains(string(a.body), "@one") && !strings.Contains(string(a.body), `value="one"`) {
		t.Error("cancelling does not give the first account back")
	}
	v = started()
	v.post("/settings/merge/preview", "keep", a.person.PublicID).is(t, 303)
	if _, err := p.accounts.PersonByID(t.Context(), p.base.Read(), b.person.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("the other account is left: %v", err)
	}
	before := 4 // of the visitors above, after all were signed out once
	if n := p.count(`SELECT count(*) FROM session WHERE person = $1`, a.person.ID); n != before {
		t.Errorf("%d sessions, want %d: the one that began is followed by another, and none is left over", n, before)
	}
	if gone := p.visitor().get("/@two").is(t, 301, 308); gone.location() != "/@one" {
		t.Errorf("%s", gone)
	}
	_, err := p.accounts.SignUp(t.Context(), account.NewPerson{Name: "x", Handle: "two", Address: "x@people.test", Password: "a long enough one"})
	if err == nil {
		t.Error("the old handle was given away")
	}
}

func migrations(t *testing.T) []string {
	t.Helper()
	files, err := db.Schema(db.SQLite)
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(files, "*.sql")
	if err != nil || len(names) == 0 {
		t.Fatalf("migrations %v, %v", names, err)
	}
	return names
}

func read(t *testing.T, r io.ReadCloser) string {
	t.Helper()
	defer r.Close()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	up, _, _ := strings.Cut(string(text), "-- +goose Down")
	return up
}
