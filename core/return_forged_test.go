package core

import (
	"fmt"
	"strings"
	"testing"
)

// TestForgedCommentsAreNotPosted: comments come back from an archive that this
// passport sealed, of somebody who is not here any more or of who brings it back.
// An archive that only says so, or whose comments were changed, brings none, so
// that nobody posts past the hourly limit.
func TestForgedCommentsAreNotPosted(t *testing.T) {
	p := startPassport(t, options{})
	who, _, _ := lived(t, p, "ada")
	archive := who.export().body
	said := func(v *visitor) int { return p.count(`SELECT count(*) FROM comment WHERE person = $1`, v.person.ID) }

	files := openZIP(t, archive)
	row := string(files["social/comments.json"])
	row = row[strings.Index(row, "{") : strings.LastIndex(row, "}")+1]
	var many []string
	for n := range 300 {
		many = append(many, strings.Replace(row, "I want that one.", fmt.Sprintf("Buy number %d.", n), 1))
	}
	files["social/comments.json"] = []byte("[" + strings.Join(many, ",") + "]")
	forger := p.member("forger")
	forger.bringBack(sealed(t, files))
	if n := said(forger); n != 0 {
		t.Errorf("%d comments of a changed archive", n)
	}
	who.bringBack(sealed(t, files))
	if n := said(who); n != 1 {
		t.Errorf("%d comments of a changed archive of one's own", n)
	}

	copier := p.member("copier")
	copier.bringBack(archive)
	if n := said(copier); n != 0 {
		t.Errorf("%d comments of somebody who is here", n)
	}
	p.write(`DELETE FROM comment WHERE person = $1`, who.person.ID)
	who.bringBack(archive)
	if n := said(who); n != 1 {
		t.Errorf("%d comments of one's own archive", n)
	}
}

// TestAnArchiveThatSaysThingsTwice is taken in, each of them once.
func TestAnArchiveThatSaysThingsTwice(t *testing.T) {
	onBoth(t, func(t *testing.T, p *passport) {
		who, _, _ := lived(t, p, "ada")
		files := openZIP(t, who.export().body)
		for _, name := range []string{"account/emails.json", "social/following.json", "badges/badges.json", "badges/records.json", "account/invitations.json"} {
			list := strings.TrimSpace(string(files[name]))
			inside := strings.TrimSpace(list[1 : len(list)-1])
			files[name] = []byte("[" + inside + "," + inside + "]")
		}
		files["account/emails.json"] = []byte(strings.Replace(string(files["account/emails.json"]), "ada.two@people.test", "ADA.two@People.test", 1))
		if err := p.remove(who.person.ID); err != nil {
			t.Fatal(err)
		}
		again := p.member("ada-again")
		p.write(`UPDATE email SET address = 'ada@people.test', address_key = 'ada@people.test' WHERE person = $1`, again.person.ID)
		page := again.bringBack(sealed(t, files)).is(t, 200)
		if !strings.Contains(string(page.body), "data-focus") {
			t.Fatalf("not done: %s", words(page.all(t, "main")[0]))
		}
		for query, want := range map[string]int{
			`SELECT count(*) FROM email WHERE person = $1`: 2, `SELECT count(*) FROM badge WHERE person = $1`: 5,
			`SELECT count(*) FROM badge_record WHERE person = $1`: 1, `SELECT count(*) FROM follow WHERE follower = $1`: 2,
			`SELECT count(*) FROM invitation WHERE maker = $1`: 1,
		} {
			if n := p.count(query, again.person.ID); n != want {
				t.Errorf("%d, not %d: %s", n, want, query)
			}
		}
	})
}
