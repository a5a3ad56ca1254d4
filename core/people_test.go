package core

import (
	"encoding/csv"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/people"
)

// TestAdministeringPeople walks through what an administrator does about people, on
// both databases.
func TestAdministeringPeople(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { administerPeople(t) })
	t.Run("postgres", func(t *testing.T) {
		url := dbtest.PostgresURL(t)
		administerPeople(t, func(c *config.Config) { c.Database = url })
	})
}

// crew is a passport with an administrator and people in every state.
type crew struct {
	*passport
	t     *testing.T
	admin *visitor
	later *atomic.Int64
}

func administerPeople(t *testing.T, configure ...func(*config.Config)) {
	t.Helper()
	var later atomic.Int64
	configure = append(configure, func(c *config.Config) { // a mail server that is down: mail waits in the outbox
		c.SMTP = config.SMTP{Host: "127.0.0.1", Port: 1, TLS: "none", From: "badges@people.test"}
	})
	p := startPassport(t, options{clock: func() time.Time { return time.Now().Add(time.Duration(later.Load())) }}, configure...)
	c := &crew{passport: p, t: t, admin: p.administrator("keeper"), later: &later}
	c.finds()
	c.givesRoles()
	c.locksOut()
	c.sendsLinks()
	c.removes()
	c.keepsTheRecord()
}

// path is the page of a person for administrators.
func (c *crew) path(handle string) string {
	c.t.Helper()
	return "/admin/people/" + c.texts(`SELECT public_id FROM person WHERE handle = $1`, handle)[0]
}

// fresh signs the administrator in anew.
func (c *crew) fresh() { c.admin = c.enter(c.admin.person) }

// listed are the handles that a page of the list shows, in its order.
func (c *crew) listed(query string) string {
	c.t.Helper()
	var out []string
	for part := range strings.SplitSeq(string(c.admin.get("/admin/people?"+query).is(c.t, 200).body), `<span class="person-note">@`) {
		if end := strings.IndexAny(part, " <"); end > 0 && !strings.HasPrefix(part, "<") {
			out = append(out, part[:end])
		}
	}
	return strings.Join(out, " ")
}

func (c *crew) finds() {
	t := c.t
	ada := c.member("ada")
	ada.post("/settings/profile", "name", "=Ada Løve-Lace, É").is(t, 303)
	bo := c.member("bo")
	who, err := c.accounts.CreatePerson(t.Context(), account.NewPerson{Name: "Cleo", Handle: "cleo", Address: "cleo@elsewhere.test", Password: "cleo and a secret"}, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.accounts.AnswerAge(t.Context(), bo.person.ID, account.AgeUnder, "guardian@people.test"); err != nil {
		t.Fatal(err)
	}
	c.write(`UPDATE person_day SET day = day - 86400000000 WHERE person = $1`, ada.person.ID)
	c.write(`INSERT INTO explore_place (person, country, country_for) VALUES ($1, 'FR', 'members'), ($2, 'FI', 'private')`, ada.person.ID, who.ID)
	for query, want := range map[string]string{
		"":                               "cleo bo ada keeper",
		"sort=name":                      "ada bo cleo keeper",
		"sort=seen":                      "bo keeper ada cleo", // of one day the newest first; cleo was never here
		"q=lov":                          "",
		"q=l%C3%B8v":                     "ada",
		"q=LACE+ada":                     "ada",
		"q=%40ad":                        "ada",
		"q=bo%40people":                  "bo",
		"q=%40elsewhere.test":            "cleo",
		"q=%40people.test&sort=name":     "ada bo keeper",
		"state=active&sort=name":         "ada keeper",
		"state=unconfirmed":              "cleo",
		"state=waiting":                  "bo",
		"state=disabled":                 "",
		"state=unheard-of&sort=name":     "ada bo cleo keeper",
		"role=admin":                     "keeper",
		"role=member&sort=name":          "ada bo cleo",
		"country=FR":                     "ada",
		"country=FI":                     "", // shown to nobody
		"way=password":                   "cleo",
		"way=mail&sort=name":             "ada bo keeper",
		"way=passkey":                    "",
		"way=at%3Anone":                  "",
		"after=none":                     "",
		"sort=seen&after=none":           "",
		"state=active&role=member&q=ada": "ada",
	} {
		if got := c.listed(query); got != want && (query != "sort=seen" || got != "keeper bo ada cleo") {
			t.Errorf("/admin/people?%s lists %q, want %q", query, got, want)
		}
	}
	for order := range strings.SplitSeq(" seen name", " ") { // keyset: pages of one add up to the list
		all, _, err := c.people.List(t.Context(), people.Filter{Order: order}, "", 10)
		if err != nil || len(all) != 4 {
			t.Fatalf("%d people by %q: %v", len(all), order, err)
		}
		after := ""
		for i := range all {
			one, next, err := c.people.List(t.Context(), people.Filter{Order: order}, after, 1)
			if err != nil || len(one) != 1 || one[0].Handle != all[i].Handle || (next == "") != (i == 3) {
				t.Errorf("page %d by %q: %v, %v", i, order, one, err)
			}
			after = next
		}
	}
	c.table()
	for _, path := range []string{"/admin/people", "/admin/record", c.path("bo"), c.path("bo") + "/remove"} {
		ada.get(path).is(t, 403)
	}
	ada.post("/admin/people.csv").is(t, 403)
	page := string(c.admin.get(c.path("cleo")).is(t, 200).body)
	for _, want := range []string{"cleo@elsewhere.test", "Not confirmed yet", "Password", "E-mail addresses"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page of a person lacks %q", want)
		}
	}
	if strings.Contains(page, "/@cleo/") || strings.Contains(page, "FI") && strings.Contains(page, "Finland") {
		t.Error("the page of a person shows what is shown to nobody")
	}
}

// table reads the CSV of a selection, in which nothing is a formula.
func (c *crew) table() {
	t := c.t
	c.write(`INSERT INTO answer (person, question, value, at) SELECT id, 'club', '=weavers', 1 FROM person WHERE handle = 'ada'`)
	c.admin.get(c.path("ada")).is(t, 200).has(t, "=weavers").has(t, "Your club")
	got := c.admin.post("/admin/people.csv", "sort", "name", "q", "@people.test").is(t, 200)
	if !strings.Contains(string(got.body), "\r\n") || !strings.HasPrefix(got.header.Get("Content-Type"), "text/csv") {
		t.Errorf("%s is no CSV: %.80q", got.header.Get("Content-Type"), string(got.body))
	}
	rows, err := csv.NewReader(strings.NewReader(string(got.body))).ReadAll()
	if last := len(rows[0]) - 1; rows[0][last] != "club" || rows[1][last] != "'=weavers" || rows[2][last] != "" {
		t.Errorf("answers: %q", rows)
	}
	if err != nil || len(rows) != 4 {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	if rows[1][0] != "'=Ada Løve-Lace, É" || rows[1][2] != "ada@people.test" || rows[1][4] != "active" || rows[2][4] != "waiting" || rows[3][5] != "admin" {
		t.Errorf("%q", rows)
	}
}

func (c *crew) givesRoles() {
	t, ada := c.t, c.path("ada")
	c.admin.post(ada+"/role", "role", "admin").is(t, 303)
	if got := c.listed("role=admin&sort=name"); got != "ada keeper" {
		t.Errorf("administrators are %q", got)
	}
	c.admin.post(ada+"/role", "role", "member").is(t, 303)
	c.admin.post(c.path("keeper")+"/role", "role", "member").is(t, 303) // refused: the last one
	if got := c.listed("role=admin"); got != "keeper" {
		t.Errorf("administrators are %q", got)
	}
	if err := c.people.Demote(t.Context(), people.Actor{}, c.admin.person.ID); !fault.Is(err, fault.Conflict) {
		t.Errorf("the command demotes the last administrator: %v", err)
	}
	if err := c.people.Disable(t.Context(), people.Actor{}, c.admin.person.ID, people.Notice{}); !fault.Is(err, fault.Conflict) {
		t.Errorf("the command disables the last administrator: %v", err)
	}
	c.later.Add(int64(11 * time.Minute)) // the sign-in is no fresh proof any more
	for _, path := range []string{"/role", "/disable", "/enable", "/remove"} {
		if to := c.admin.post(ada+path, "role", "admin", "when", "now", "handle", "ada").is(t, 303).location(); !strings.HasPrefix(to, "/login/fresh") {
			t.Errorf("%s without a fresh proof leads to %s", path, to)
		}
	}
	if to := c.admin.post("/admin/people.csv").is(t, 303).location(); !strings.HasPrefix(to, "/login/fresh") {
		t.Errorf("the list without a fresh proof leads to %s", to)
	}
	c.fresh()
}

func (c *crew) locksOut() {
	t := c.t
	ada := c.enter(c.named("ada"))
	c.admin.post(c.path("ada")+"/disable", "mail", "1", "words", "Too many\nforged badges.").is(t, 303)
	ada.get("/settings").is(t, 303)
	c.visitor().get("/@ada").is(t, 404)
	if got := c.listed("state=disabled"); got != "ada" {
		t.Errorf("disabled are %q", got)
	}
	if n := c.count(`SELECT count(*) FROM mail_outbox WHERE recipient = 'ada@people.test' AND template = 'decision' AND body_text LIKE '%forged badges.%'`); n != 1 {
		t.Errorf("%d mails say why", n)
	}
	c.admin.post(c.path("ada")+"/disable").is(t, 303) // twice is once
	c.admin.post(c.path("keeper")+"/disable").is(t, 303)
	c.admin.post(c.path("keeper")+"/remove", "when", "later").is(t, 303)
	c.admin.get("/admin/people").is(t, 200)
	c.admin.post(c.path("ada")+"/enable", "mail", "1").is(t, 303)
	c.visitor().get("/@ada").is(t, 200)
	ada = c.enter(c.named("ada"))
	c.admin.post(c.path("ada"), "action", "sessions").is(t, 303)
	ada.get("/settings").is(t, 303)
	c.admin.post(c.path("ada"), "action", "dance").is(t, 422)
}

// named is the person who has a handle.
func (c *crew) named(handle string) account.Person {
	c.t.Helper()
	who, err := c.accounts.Named(c.t.Context(), c.base.Read(), handle)
	if err != nil {
		c.t.Fatal(err)
	}
	return who
}

func (c *crew) sendsLinks() {
	t := c.t
	mails := func(template, to string) int {
		return c.count(`SELECT count(*) FROM mail_outbox WHERE template = $1 AND recipient = $2`, template, to)
	}
	had := mails("confirm", "cleo@elsewhere.test")
	c.admin.post(c.path("cleo"), "action", "confirm").is(t, 303)
	c.admin.post(c.path("ada"), "action", "confirm").is(t, 303)
	if n := mails("confirm", "cleo@elsewhere.test") - had; n != 1 || mails("confirm", "ada@people.test") != 0 {
		t.Errorf("%d confirmations", n)
	}
	for range 4 {
		c.admin.post(c.path("ada"), "action", "enter").is(t, 303)
	}
	c.admin.post(c.path("cleo"), "action", "enter").is(t, 303)
	if n := mails("enter", "ada@people.test"); n != 3 || mails("enter", "cleo@elsewhere.test") != 0 {
		t.Errorf("%d links to sign in by", n)
	}
}

func (c *crew) removes() {
	t := c.t
	c.admin.post(c.path("ada")+"/remove", "when", "now", "handle", "bo").is(t, 422)
	c.admin.post(c.path("ada")+"/remove", "when", "later", "mail", "1", "words", "Goodbye.").is(t, 303)
	c.admin.post(c.path("cleo")+"/remove", "when", "later").is(t, 303)
	if got := c.listed("state=leaving&sort=name"); got != "ada cleo" {
		t.Errorf("leaving are %q", got)
	}
	c.visitor().get("/@ada").is(t, 404)
	if err := c.people.RemoveDue(t.Context()); err != nil || c.count(`SELECT count(*) FROM erasure`) != 0 {
		t.Errorf("removed before the day: %v", err)
	}
	c.admin.post(c.path("cleo")+"/enable").is(t, 303) // called off
	c.later.Add(int64(14*24*time.Hour + time.Minute))
	c.fresh()
	if err := c.people.RemoveDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.visitor().get("/@ada").is(t, 410)
	bo := c.path("bo")
	to := c.admin.post(bo+"/remove", "when", "now", "handle", "@bo", "mail", "1", "words", "Forged, all of it.", "comments", "keep").is(t, 303).location()
	if to != "/admin/record" {
		t.Errorf("the removal leads to %s", to)
	}
	c.drainPastMails(t, `SELECT count(*) FROM erasure WHERE person > 0`)
	c.drainPastMails(t, `SELECT count(*) FROM person WHERE handle IN ('ada', 'bo')`)
	c.admin.get(bo).is(t, 404)
	for to, words := range map[string]string{"ada@people.test": "This is the last mail", "bo@people.test": "Forged, all of it."} {
		if n := c.count(`SELECT count(*) FROM mail_outbox WHERE recipient = $1 AND template = 'farewell' AND body_text LIKE $2`, to, "%"+words+"%"); n != 1 {
			t.Errorf("%d last mails wait for %s", n, to)
		}
	}
}

// keepsTheRecord finds every act in the record, and nobody who has left.
func (c *crew) keepsTheRecord() {
	t := c.t
	page := string(c.admin.get("/admin/record").is(t, 200).body)
	for _, want := range []string{
		"Made an administrator", "No administrator any more", "Signed out everywhere", "Confirmation sent again", "Sign-in link sent",
		"Disabled", "Opened again", "Disabled, to be removed", "Removed", "List of people downloaded", "on the day that was set", "keeper", "Cleo", "/removed/",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the record lacks %q", want)
		}
	}
	if gone := regexp.MustCompile(`(?i)\bada\b|@bo\b|forged|goodbye`).FindString(page); gone != "" {
		t.Errorf("the record holds %q of who has left", gone)
	}
	if n := c.count(`SELECT count(*) FROM admin_act WHERE subject <> 0 AND subject NOT IN (SELECT id FROM person)`); n != 0 {
		t.Errorf("%d acts on nobody", n)
	}
	c.admin.get(c.path("cleo")).is(t, 200)
}
