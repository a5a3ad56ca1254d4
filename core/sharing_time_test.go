package core

import (
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/jobs"
	"github.com/osier-passport/osier/core/share"
)

const day = 24 * 3600 * 1_000_000 // microseconds

// TestAMonthHasABudget: what a service charges for is refused once the month's budget
// would be passed, for all people together; what failed costs nothing, and the next
// month has its own.
func TestAMonthHasABudget(t *testing.T) {
	s := newSharer(t)
	account := s.connect(t, "fake.blind")
	if err := s.share.SetTargetLimits(t.Context(), "fake.blind", share.Limits{MonthCents: 60}); err != nil {
		t.Fatal(err)
	}
	queue := func() int {
		s.who.post("/share/fake.blind/"+s.badge, "account", account, "words", "again", "agree", "yes").is(t, 303)
		return s.count(`SELECT count(*) FROM share_job`)
	}
	for i, want := range []int{1, 2, 2} {
		if n := queue(); n != want {
			t.Fatalf("%d shares after %d", n, i+1)
		}
	}
	if page := s.who.get("/b/"+s.badge+"/share").is(t, 200); !strings.Contains(string(page.body), "month") {
		t.Error("nobody is told of the month")
	}
	if cost := s.count(`SELECT sum(cost_cents) FROM share_job`); cost != 50 {
		t.Errorf("they cost %d", cost)
	}
	s.write(`UPDATE share_job SET state = 'failed' WHERE id = (SELECT min(id) FROM share_job)`)
	if n := queue(); n != 3 {
		t.Errorf("%d shares: what failed is counted", n)
	}
	s.write(`UPDATE share_job SET created_at = created_at - $1`, 32*day)
	if n := queue(); n != 4 {
		t.Errorf("%d shares: the month before is counted", n)
	}
}

// TestWordsOfSharesAreForgotten: after 90 days what was written, and to whom, is gone;
// what was shared where stays.
func TestWordsOfSharesAreForgotten(t *testing.T) {
	s := newSharer(t)
	account := s.connect(t, "fake.keyed")
	old := s.share1(t, "keyed", account, "words of long ago")
	s.becomes(t, old, share.JobPosted)
	recent := s.share1(t, "keyed", account, "words of today")
	s.becomes(t, recent, share.JobPosted)
	s.write(`UPDATE share_job SET detail = 'said', created_at = created_at - $1 WHERE public_id = $2`, 91*day, old)
	s.write(`UPDATE share_job SET created_at = created_at - $1 WHERE public_id = $2`, 89*day, recent)
	err := s.base.Tx(t.Context(), func(tx *db.Tx) error {
		return s.queue.Add(t.Context(), tx, "every/share.sweep", struct{}{}, jobs.Options{})
	})
	if err != nil {
		t.Fatal(err)
	}
	s.until(t, `SELECT count(*) FROM share_job WHERE body = '' AND options = '{}' AND detail = '' AND state = 'posted' AND url <> '' AND public_id = '`+old+`'`, 1)
	if n := s.count(`SELECT count(*) FROM share_job WHERE body = 'words of today' AND options <> '{}'`); n != 1 {
		t.Error("words of less than 90 days are gone")
	}
}

// TestAPendingShareIsAskedAfter until it is there; after a day of waiting nobody asks
// any more but the person.
func TestAPendingShareIsAskedAfter(t *testing.T) {
	s := newSharer(t)
	account := s.connect(t, "fake.looking")
	id := s.share1(t, "looking", account, "in a while")
	if j := s.becomes(t, id, share.JobPosted); j.URL == "" {
		t.Error("posted without an address")
	}
	id = s.share1(t, "looking", account, "for ever")
	s.becomes(t, id, share.JobPending)
	for asked := 0; asked < 3; asked = s.count(`SELECT looks FROM share_job WHERE public_id = $1`, id) {
		s.queueTurn(t)
	}
	s.becomes(t, id, share.JobPending)
	s.write(`UPDATE share_job SET sent_at = sent_at - $1 WHERE public_id = $2`, day+60*1_000_000, id)
	s.becomes(t, id, share.JobUncertain)
	for range 5 {
		s.queueTurn(t)
	}
	s.becomes(t, id, share.JobUncertain)
	if posts, _ := s.remote.count(); posts != 1 {
		t.Errorf("%d posts", posts)
	}
}

// TestAForgottenRegistrationIsMadeAnew: a server that forgot us refuses; the next
// connection registers again, and what waited goes on.
func TestAForgottenRegistrationIsMadeAnew(t *testing.T) {
	s := newSharer(t)
	away := s.who.post("/connect/fake.keyed", "instance", remoteHost).is(t, 200)
	s.remote.forget()
	s.who.get(s.remote.grant(attr(away.all(t, `a[href^="https://`+remoteHost+`"]`)[0], "href"))).is(t, 503)
	account := s.connect(t, "fake.keyed")
	s.becomes(t, s.share1(t, "keyed", account, "with a new registration"), share.JobPosted)

	s.remote.forget() // after that no token can be refreshed
	s.remote.expire()
	id := s.share1(t, "keyed", account, "after the second")
	s.until(t, `SELECT count(*) FROM share_account WHERE state = 'reconnect'`, 1)
	s.connect(t, "fake.keyed")
	s.becomes(t, id, share.JobPosted)

	s.remote.forget()
	s.write(`UPDATE share_app SET made_at = made_at - $1`, day+1)
	s.connect(t, "fake.keyed") // nobody was refused, but it is old
}

// TestGrantsComeAlongInAMerge: sealed for one person, they open for the other, and
// what is sent with them is sent; of an account that both have, one stays.
func TestGrantsComeAlongInAMerge(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { grantsMerged(t, newSharer(t)) })
	t.Run("postgres", func(t *testing.T) {
		url := dbtest.PostgresURL(t)
		grantsMerged(t, newSharer(t, func(c *config.Config) { c.Database = url }))
	})
}

func grantsMerged(t *testing.T, s *sharer) {
	t.Helper()
	both, ada := s.connect(t, "fake.keyed"), s.who
	s.connect(t, "fake.looking")
	waiting := s.share1(t, "keyed", both, "written before")
	s.becomes(t, waiting, share.JobPosted)
	keeper := s.member("keeper")
	s.who = keeper
	kept := s.connect(t, "fake.keyed")
	s.who = ada

	ada.post("/settings/merge").is(t, 303)
	token, err := s.accounts.Start(t.Context(), keeper.person.ID, "", "")
	if err != nil {
		t.Fatal(err)
	}
	ada.setCookie("osier", token)
	ada.get("/settings/merge/preview").is(t, 200)
	ada.post("/settings/merge/preview", "keep", keeper.person.PublicID).is(t, 303)
	ada.get("/settings/merge/done").is(t, 200)

	s.who = keeper
	list, err := s.share.Accounts(t.Context(), keeper.person.ID)
	if err != nil || len(list) != 2 || list[0].ID != kept || list[0].State != share.AccountOK || list[1].State != share.AccountOK {
		t.Fatalf("accounts %+v, %v", list, err)
	}
	for i, target := range []string{"keyed", "looking"} {
		s.becomes(t, s.share1(t, target, list[i].ID, "after the merge"), share.JobPosted)
	}
	keeper.post("/shares/"+waiting, "do", "retract").is(t, 303) // with the grant that stays
	s.becomes(t, waiting, share.JobRetracted)
}
