package core

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db/dbtest"
)

// names gives the words of the elements that a selector finds.
func (a answer) names(t testing.TB, selector string) []string {
	t.Helper()
	list := []string{}
	for _, n := range a.all(t, selector) {
		list = append(list, words(n))
	}
	return list
}

// TestTagsAreFoldedAndTheHoldersOwn: tags compare without case and accents, find
// badges, and nobody else can set or see them.
func TestTagsAreFoldedAndTheHoldersOwn(t *testing.T) {
	eachPassport(t, func(t *testing.T, p *passport) {
		ada, bob, issuer := p.member("ada"), p.member("bob"), newSigner(t, "School")
		first, second := ada.take(t, issuer, issuer.badge("First", "ada@people.test")), ada.take(t, issuer, issuer.badge("Second", "ada@people.test"))
		ada.post("/b/"+first+"/tags", "tags", "Épée, #épée; EPEE,  , Data science").is(t, 303)
		ada.post("/b/"+second+"/tags", "tags", "data  SCIENCE").is(t, 303)
		ada.post("/b/"+first+"/visibility", "visibility", "public").is(t, 303)
		if got := p.texts(`SELECT tag FROM badge_tag ORDER BY folded, tag`); !slices.Equal(got, []string{"Data science", "data SCIENCE", "Épée"}) {
			t.Errorf("tags %q", got)
		}
		for query, want := range map[string][]string{"tag=epee": {"First"}, "tag=DATA+Science": {"Second", "First"}, "tag=none": {}} {
			if got := ada.get("/badges?"+query).names(t, ".badge-card-name"); !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", query, got, want)
			}
		}
		ada.post("/b/"+first+"/tags", "remove", "épée").is(t, 303)
		if n := p.count(`SELECT count(*) FROM badge_tag WHERE folded = 'epee'`); n != 0 {
			t.Error("the tag is still there")
		}
		ada.post("/b/"+first+"/tags", "tags", strings.Repeat("x", 61)).is(t, 422)
		ada.post("/b/"+first+"/tags", "tags", "a\x00b").is(t, 400, 422)
		ada.post("/b/"+first+"/tags", "tags", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30").is(t, 422)
		bob.post("/b/"+first+"/tags", "tags", "mine").is(t, 404)
		bob.post("/b/"+first+"/tags", "remove", "data science").is(t, 404)
		if page := bob.get("/b/"+first).is(t, 200); strings.Contains(string(page.body), "Data science") {
			t.Error("a stranger reads a tag")
		}
		if n := p.count(`SELECT count(*) FROM badge_tag`); n != 2 {
			t.Errorf("%d tags, want 2: what is refused changes nothing", n)
		}
	})
}

// TestCollections are made, named, ordered and deleted, and only by their owner.
func TestCollections(t *testing.T) {
	eachPassport(t, func(t *testing.T, p *passport) {
		ada, bob, issuer := p.member("ada"), p.member("bob"), newSigner(t, "School")
		var badges []string
		for _, name := range []string{"A", "B", "C"} {
			badges = append(badges, ada.take(t, issuer, issuer.badge(name, "ada@people.test")))
		}
		at := ada.post("/badges/collections", "name", " Data  work ").is(t, 303).location()
		ada.post("/badges/collections", "name", "data WORK").is(t, 303) // the same one
		ada.post("/badges/collections", "name", "Second").is(t, 303)
		ada.post("/badges/collections", "name", " ").is(t, 422)
		id := strings.TrimPrefix(at, "/badges/collections/")
		for _, b := range badges {
			ada.post("/b/"+b+"/collections", "collection", id).is(t, 303)
		}
		order := func(want ...string) {
			t.Helper()
			if got := ada.get(at).is(t, 200).names(t, ".rows-plate .row-text > a"); !slices.Equal(got, want) {
				t.Errorf("badges %q, want %q", got, want)
			}
		}
		order("A", "B", "C")
		ada.post(at, "action", "before", "badge", badges[2]).is(t, 303)
		ada.post(at, "action", "before", "badge", badges[0]).is(t, 303) // the first already
		order("A", "C", "B")
		ada.post(at, "action", "out", "badge", badges[0]).is(t, 303)
		order("C", "B")
		ada.post(at, "action", "rename", "name", "Work").is(t, 303)
		ada.post(at, "action", "down").is(t, 303)
		if got := ada.get("/badges/collections").names(t, ".link-name"); !slices.Equal(got, []string{"Second", "Work"}) {
			t.Errorf("collections %q", got)
		}
		bob.get(at).is(t, 404)
		bob.post(at, "action", "delete").is(t, 404)
		bob.post("/b/"+badges[0]+"/collections", "collection", id).is(t, 404)
		ada.post(at, "action", "unheard of").is(t, 400)
		ada.post("/b/"+badges[1]+"/remove").is(t, 303)
		order("C")
		ada.post(at, "action", "delete").is(t, 303)
		ada.get(at).is(t, 404)
		if n := p.count(`SELECT count(*) FROM collection_badge`) + p.count(`SELECT count(*) FROM badge`)*10; n != 20 {
			t.Errorf("%d: badges go with their collection, or rows stay", n)
		}
	})
}

// bulk does one thing to badges and gives the id of the change.
func (v *visitor) bulk(t testing.TB, pairs ...string) string {
	t.Helper()
	at := v.post("/badges/bulk", pairs...).is(t, 303).location()
	page := v.get(at).is(t, 200)
	if len(page.all(t, `input[name="change"]`)) == 0 {
		return ""
	}
	return page.attribute(t, `input[name="change"]`, "value")
}

// TestManyAtOnceAndBack: what is done to many badges is taken back whole: tags
// that were there before stay, a link is the same, a removed badge is as it was.
func TestManyAtOnceAndBack(t *testing.T) {
	eachPassport(t, func(t *testing.T, p *passport) {
		ada, bob, issuer := p.member("ada"), p.member("bob"), newSigner(t, "School")
		a, b := ada.take(t, issuer, issuer.badge("A", "ada@people.test")), ada.take(t, issuer, issuer.badge("B", "ada@people.test"))
		foreign := bob.take(t, issuer, issuer.badge("C", "bob@people.test"))
		ada.post("/b/"+a+"/tags", "tags", "kept").is(t, 303)
		ada.post("/b/"+a+"/visibility", "visibility", "link").is(t, 303)
		ada.post("/badges/collections", "name", "Mine").is(t, 303)
		collection := p.texts(`SELECT public_id FROM collection`)[0]
		state := func() string {
			return strings.Join(p.texts(`SELECT b.public_id || b.visibility || b.link_secret || b.removed_at || ' ' || (SELECT count(*) FROM badge_tag t WHERE t.badge = b.id) || (SELECT count(*) FROM collection_badge m WHERE m.badge = b.id) FROM badge b ORDER BY b.id`), "\n")
		}
		before := state()
		for _, c := range [][]string{
			{"do", "tag", "value", "Kept, more"},
			{"do", "untag", "value", "kept"},
			{"do", "visibility", "value", "members"},
			{"do", "visibility", "value", "private"},
			{"do", "collect", "value", collection},
			{"do", "remove", "value", "yes"},
		} {
			change := ada.bulk(t, append(c, "badge", a, "badge", b, "badge", foreign)...)
			if now := state(); now == before || change == "" {
				t.Errorf("%q changed nothing", c)
			}
			bob.post("/badges/undo", "change", change).is(t, 410)
			ada.post("/badges/undo", "change", change).is(t, 303)
			if now := state(); now != before {
				t.Errorf("%q is not taken back:\n%s\nwant\n%s", c, now, before)
			}
			ada.post("/badges/undo", "change", change).is(t, 410)
		}
		if ada.bulk(t, "all", "1", "q", "a", "state", "valid", "do", "tag", "value", "all of A") == "" || p.count(`SELECT count(*) FROM badge_tag WHERE folded = 'all of a'`) != 2 {
			t.Error("all that match are not those that match") // the issuer's name has an a too
		}
		ada.post("/badges/bulk", "do", "remove").is(t, 303) // nothing is chosen
		ada.post("/badges/bulk", "badge", a, "do", "unheard of").is(t, 400)
		if page := ada.post("/badges/bulk", "badge", a, "do", "remove").is(t, 200); !strings.Contains(string(page.body), "Secret link to") {
			t.Error("the question does not say that the link breaks")
		}
	})
}

// TestARemovedBadgeIsHiddenAtOnceAndThenGone: nobody finds it, adding it again
// brings it back, and when the hour is over nothing of it is left.
func TestARemovedBadgeIsHiddenAtOnceAndThenGone(t *testing.T) {
	eachLater(t, func(t *testing.T, p *passport, later func(time.Duration)) {
		ada, issuer := p.member("ada"), newSigner(t, "School")
		c := issuer.badge("A", "ada@people.test")
		file := issuer.sign(t, c)
		a := strings.TrimSuffix(strings.TrimPrefix(ada.upload("/add", "file", "a.json", file).is(t, 303).location(), "/b/"), "?new=1")
		ada.post("/b/"+a+"/visibility", "visibility", "public").is(t, 303)
		class := p.texts(`SELECT public_id FROM badge_class`)[0]
		ada.bulk(t, "badge", a, "do", "remove", "value", "yes")
		for _, v := range []*visitor{ada, p.visitor()} {
			v.get("/b/"+a).is(t, 404)
			v.get("/c/"+class).is(t, 404)
		}
		ada.post("/b/"+a+"/visibility", "visibility", "private").is(t, 404)
		if n := p.count(`SELECT holders FROM badge_class`); n != 0 {
			t.Errorf("%d holders are counted", n)
		}
		ada.upload("/add", "file", "a.json", file).is(t, 409)
		ada.get("/b/"+a).is(t, 200)
		ada.bulk(t, "badge", a, "do", "remove", "value", "yes")
		later(2 * time.Hour)
		p.until(t, `SELECT count(*) FROM badge`, 0)
		p.until(t, `SELECT count(*) FROM badge_change`, 0)
		if n := p.count(`SELECT count(*) FROM verification`) + p.count(`SELECT count(*) FROM blob`) + p.count(`SELECT count(*) FROM badge_class`); n != 0 {
			t.Errorf("%d rows are left", n)
		}
	})
}

// eachLater is eachPassport with a clock that can be put forward.
func eachLater(t *testing.T, f func(t *testing.T, p *passport, later func(time.Duration)), more ...func(*config.Config)) {
	t.Helper()
	run := func(t *testing.T, configure ...func(*config.Config)) {
		t.Helper()
		var ahead atomic.Int64
		p := startPassport(t, options{clock: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }}, append(configure, more...)...)
		f(t, p, func(d time.Duration) { ahead.Add(int64(d)) })
	}
	t.Run("sqlite", func(t *testing.T) { run(t) })
	t.Run("postgres", func(t *testing.T) {
		url := dbtest.PostgresURL(t)
		run(t, func(c *config.Config) { c.Database = url })
	})
}

// TestRemindersAndTheCalendar: each badge is told of once for each term, all of a
// person in one mail, and who stopped these mails gets none; the address of the
// calendar shows what expires until it is replaced.
func TestRemindersAndTheCalendar(t *testing.T) {
	eachLater(t, func(t *testing.T, p *passport, later func(time.Duration)) {
		ada, bob, issuer := p.member("ada"), p.member("bob"), newSigner(t, "School; of, all")
		day := func(days int) time.Time { return time.Now().AddDate(0, 0, days).UTC().Truncate(time.Second) }
		take := func(v *visitor, name string, days int) string {
			c := issuer.badge(name, v.person.Handle+"@people.test")
			c.Expires = day(days)
			return v.take(t, issuer, c)
		}
		bob.post("/settings/notifications", "mail", "follow").is(t, 303)
		a := take(ada, "Soon, very", 25)
		take(ada, "Later", 60)
		take(bob, "His", 25)
		gone := take(ada, "Removed", 20)
		ada.bulk(t, "badge", gone, "do", "remove", "value", "yes")
		mails := func(want int) {
			t.Helper()
			if n := p.count(`SELECT count(*) FROM mail_outbox WHERE template = 'expiring'`); n != want {
				t.Errorf("%d mails, want %d", n, want)
			}
		}
		remind := func() {
			t.Helper()
			for range 2 {
				if err := p.badges.Remind(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		remind()
		mails(1)
		later(20 * 24 * time.Hour)
		p.write(`UPDATE badge SET next_check = 0`)
		remind()
		mails(2)
		if n := p.count(`SELECT count(*) FROM badge_reminder r JOIN badge b ON b.id = r.badge WHERE b.public_id = $1`, a); n != 2 {
			t.Errorf("%d reminders of a badge", n)
		}

		ada.post("/badges/calendar", "action", "make").is(t, 303)
		feed := strings.TrimPrefix(ada.get("/badges/calendar").is(t, 200).attribute(t, "#feed", "value"), p.url)
		file := p.visitor().get(feed).is(t, 200)
		if text := strings.ReplaceAll(string(file.body), "\r\n ", ""); !strings.Contains(text, `Soon\, very`) || !strings.Contains(text, "UID:expiry-"+a+"@") || strings.Contains(text, "Removed") || strings.Contains(text, "“His”") {
			t.Errorf("%s", file)
		}
		if kind := file.header.Get("Content-Type"); kind != "text/calendar; charset=utf-8" {
			t.Error(kind)
		}
		ada.post("/badges/calendar", "action", "make").is(t, 303)
		p.visitor().get(feed).is(t, 404)
		feed = strings.TrimPrefix(ada.get("/badges/calendar").is(t, 200).attribute(t, "#feed", "value"), p.url)
		p.visitor().get(strings.TrimSuffix(feed, ".ics")).is(t, 404)
		p.visitor().get(feed).is(t, 200)
		ada.post("/badges/calendar", "action", "end").is(t, 303)
		p.visitor().get(feed).is(t, 404)
		for _, stored := range p.rows("calendar_feed") {
			t.Errorf("left: %s", stored)
		}
	}, func(c *config.Config) {
		c.SMTP = config.SMTP{Host: "127.0.0.1", Port: 1, TLS: "none", From: "badges@people.test"}
	})
}
