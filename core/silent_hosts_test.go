package core

import (
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/db"
)

// TestTheAdministratorSeesSilentHosts shows the page and its button to the one who
// may use them.
func TestTheAdministratorSeesSilentHosts(t *testing.T) {
	p := startPassport(t, options{})
	keeper, member := p.administrator("keeper"), p.member("ada")
	if page := string(keeper.get("/admin/hosts").is(t, 200).body); !strings.Contains(page, "Every server answers") {
		t.Errorf("without a silent host: %s", page)
	}
	if page := string(keeper.get("/admin").is(t, 200).body); !strings.Contains(page, "All that were asked answer.") {
		t.Error("the overview says nothing of hosts")
	}
	now := time.Now()
	p.write(`INSERT INTO host_health (host, fails, since, until) VALUES ('dead.school.test:8443', 5, $1, $2)`,
		db.Micros(now.Add(-240*time.Hour)), db.Micros(now.Add(24*time.Hour)))
	page := string(keeper.get("/admin/hosts").is(t, 200).body)
	for _, want := range []string{"dead.school.test:8443", "0 badges hang on it", "5 tries in vain", "Next try:", now.Add(-240 * time.Hour).UTC().Format("2006-01-02T15:04")} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if page := string(keeper.get("/admin").body); !strings.Contains(page, "1 does not answer") {
		t.Error("the overview does not count it")
	}
	member.get("/admin/hosts").is(t, 403)
	member.post("/admin/hosts", "host", "dead.school.test:8443").is(t, 403)
	keeper.post("/admin/hosts", "host", "other.test").is(t, 404)
	keeper.post("/admin/hosts", "host", "dead.school.test:8443").is(t, 303)
	if n := p.count(`SELECT count(*) FROM host_health WHERE fails = 4 AND until <= $1`, db.Micros(time.Now())); n != 1 {
		t.Error("it is left alone still")
	}
	if page := string(keeper.get("/admin/hosts").body); !strings.Contains(page, "It is being asked now") {
		t.Error("the page does not say that it is asked")
	}
}
