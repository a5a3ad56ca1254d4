package core

import (
	"net/url"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/mydata"
	"github.com/osier-passport/osier/core/share"
)

// away begins a connection and gives where the person is sent.
func (s *sharer) away(t *testing.T, v *visitor) string {
	t.Helper()
	page := v.post("/connect/fake.keyed", "instance", remoteHost).is(t, 200)
	return page.attribute(t, `a[href^="https://`+remoteHost+`"]`, "href")
}

// TestAConnectionIsOnesOwn: the way back leads into the browser that left, once.
func TestAConnectionIsOnesOwn(t *testing.T) {
	s := newSharer(t)
	eve := s.member("eve")
	again := s.enter(s.who.person) // the same person in another browser
	back := s.remote.grant(s.away(t, s.who))
	eve.get(back).is(t, 410)
	page := s.who.get(back).is(t, 303).location()
	s.who.get(back).is(t, 410)
	eve.get(page).is(t, 410)
	again.get(page).is(t, 410)
	eve.post(page, "answer", "yes").is(t, 410)
	s.who.get(page).is(t, 200)

	back = s.remote.grant(s.away(t, s.who))
	again.get(back).is(t, 410)
	s.who.get(back).is(t, 410) // the other browser has used it up
	back = strings.Replace(s.remote.grant(s.away(t, s.who)), url.QueryEscape("https://"+remoteHost), "https%3A%2F%2Fevil.example.com", 1)
	s.who.get(back).is(t, 503)
	u, err := url.Parse(s.away(t, s.who))
	if err != nil {
		t.Fatal(err)
	}
	s.who.get("/connect/callback?error=access_denied&state="+u.Query().Get("state")).is(t, 409)
	s.visitor().get(back).is(t, 303) // to sign in
	wrong := s.who.post("/connect/fake.keyed", "instance", "mistyped.example.net").is(t, 422).has(t, "This server could not be asked")
	if typed := wrong.attribute(t, "#f-instance", "value"); typed != "mistyped.example.net" {
		t.Errorf("what was typed is %q", typed)
	}
	if n := s.count(`SELECT count(*) FROM share_account`); n != 0 {
		t.Errorf("%d accounts", n)
	}
	s.who.post(page, "answer", "no").is(t, 303)
	if n := s.count(`SELECT count(*) FROM share_account`) + s.count(`SELECT count(*) FROM share_connect WHERE stage = 'confirm'`); n != 0 {
		t.Errorf("%d rows after a no", n)
	}
	s.remote.mu.Lock()
	defer s.remote.mu.Unlock()
	if len(s.remote.revoked) != 2 {
		t.Errorf("revoked %v", s.remote.revoked)
	}
}

func TestAnAddressThatWasTyped(t *testing.T) {
	s := newSharer(t)
	s.who.post("/connect/fake.direct", "connect_address", "javascript:alert(1)", "connect_password", "a-typed-password").is(t, 422)
	s.who.post("/connect/fake.direct", "connect_address", "https://"+remoteHost).is(t, 422)
	s.who.post("/connect/fake.direct", "connect_address", "https://"+remoteHost, "connect_password", "another password").is(t, 422)
	page := s.who.post("/connect/fake.direct", "connect_address", "https://"+remoteHost, "connect_password", "a-typed-password").is(t, 303).location()
	s.who.post(page, "answer", "yes").is(t, 303)
	list, err := s.share.Accounts(t.Context(), s.who.person.ID)
	if err != nil || len(list) != 1 {
		t.Fatalf("%v, %v", list, err)
	}
	s.becomes(t, s.share1(t, "direct", list[0].ID, "to an address"), share.JobPosted)
	s.noToken(t)
}

func TestALetterIsMailed(t *testing.T) {
	s := newSharer(t)
	to := "/share/fake.letter/" + s.badge
	s.who.post(to, "words", "Look", "option_to", "bo@people.test").is(t, 422) // nobody agreed that anything leaves
	s.who.post(to, "words", "Look", "option_to", "a@x.test, b@x.test, c@x.test, d@x.test, e@x.test, f@x.test", "agree", "yes").is(t, 422)
	s.who.post(to, "words", "Look", "option_to", "bo@people.test, no address", "agree", "yes").is(t, 422)
	s.who.post(to, "words", "Look", "option_to", "bo@people.test, cy@people.test", "agree", "yes").is(t, 303)
	id := s.texts(`SELECT public_id FROM share_job`)[0]
	s.becomes(t, id, share.JobPosted)
	for range 3 {
		s.queueTurn(t)
	}
	if list := s.texts(`SELECT recipient || ' ' || reply_to || ' ' || subject FROM mail_outbox WHERE template = 'share' ORDER BY id`); len(list) != 2 || list[0] != "bo@people.test  About Data steward" {
		t.Errorf("mails %q", list)
	}
	s.who.post(to, "words", "Look", "option_to", "bo@people.test", "option_reply_to_me", "true").is(t, 303)
	s.becomes(t, s.texts(`SELECT public_id FROM share_job ORDER BY id DESC LIMIT 1`)[0], share.JobPosted)
	if list := s.texts(`SELECT reply_to FROM mail_outbox WHERE template = 'share' ORDER BY id DESC LIMIT 1`); list[0] != "ada@people.test" {
		t.Errorf("answers go to %q", list)
	}
}

func TestBoundsOfATarget(t *testing.T) {
	s := newSharer(t)
	account := s.connect(t, "fake.blind")
	if err := s.share.SetTargetLimits(t.Context(), "fake.blind", share.Limits{PersonDay: 2, Month: 3, MonthCents: 100_00}); err != nil {
		t.Fatal(err)
	}
	queue := func() int {
		s.who.post("/share/fake.blind/"+s.badge, "account", account, "words", "again").is(t, 303)
		return s.count(`SELECT count(*) FROM share_job`)
	}
	for i, want := range []int{1, 2, 2} {
		if n := queue(); n != want {
			t.Errorf("%d shares after %d", n, i+1)
		}
	}
	s.write(`UPDATE share_limit SET person_day = 0`)
	for i, want := range []int{3, 3} {
		if n := queue(); n != want {
			t.Errorf("%d shares after %d more", n, i+1)
		}
	}
	if err := s.share.SetTargetLimits(t.Context(), "fake.nowhere", share.Limits{}); err == nil {
		t.Error("a target that is not there has a limit")
	}
}

func TestSettingsOfAPluginAreSealed(t *testing.T) {
	s := newSharer(t)
	wrong, err := s.share.SaveSettings(t.Context(), "fake", map[string]string{"api_key": "a wrong key"}, share.SaveOptions{Test: true})
	if err != nil || len(wrong) != 1 || wrong[0].Key != "api_key" {
		t.Errorf("%v, %v", wrong, err)
	}
	if wrong, err = s.share.SaveSettings(t.Context(), "fake", map[string]string{"api_key": "SETTINGSKEY-f00d"}, share.SaveOptions{}); err != nil || len(wrong) > 0 {
		t.Fatalf("%v, %v", wrong, err)
	}
	if wrong, err = s.share.SaveSettings(t.Context(), "fake", map[string]string{"api_key": ""}, share.SaveOptions{}); err != nil || len(wrong) > 0 {
		t.Fatalf("%v, %v", wrong, err)
	}
	values, set, err := s.share.Settings(t.Context(), "fake")
	if err != nil || values["api_key"] != "" || !set["api_key"] {
		t.Errorf("%v, %v, %v", values, set, err)
	}
	if n := s.count(`SELECT count(*) FROM plugin_setting WHERE CAST(sealed AS TEXT) LIKE '%SETTINGSKEY%'`); n != 0 {
		t.Error("a key lies open")
	}
}

// TestWhoLeavesTakesPostsAlong: with the account go the posts and the grants. The
// receipt says what a site did not delete.
func TestWhoLeavesTakesPostsAlong(t *testing.T) {
	s := newSharer(t)
	account := s.connect(t, "fake.keyed")
	s.becomes(t, s.share1(t, "keyed", account, "farewell"), share.JobPosted)
	s.becomes(t, s.share1(t, "keyed", account, "gone with its site"), share.JobPosted)
	s.remote.mu.Lock()
	s.remote.keeps = "gone with its site"
	s.remote.mu.Unlock()
	if page := s.who.get("/settings/remove?step=2").is(t, 200); len(page.all(t, `input[name=posts]`)) != 1 {
		t.Errorf("posts are not offered: %s", page.body)
	}
	receipt := s.who.post("/settings/remove", "handle", "ada", "posts", "remove").is(t, 303).location()
	if err := s.erased(mydata.Receipt{Number: strings.TrimPrefix(receipt, "/removed/")}); err != nil {
		t.Fatal(err)
	}
	if posts, _ := s.remote.count(); posts != 1 {
		t.Errorf("%d posts are left", posts)
	}
	if text := words(s.visitor().get(receipt).is(t, 200).all(t, "main")[0]); !strings.Contains(text, "1 deleted there") || !strings.Contains(text, "1 could not be deleted") {
		t.Errorf("the receipt: %s", text)
	}
	s.remote.mu.Lock()
	defer s.remote.mu.Unlock()
	if len(s.remote.revoked) != 2 || s.count(`SELECT count(*) FROM share_account`)+s.count(`SELECT count(*) FROM share_job`) != 0 {
		t.Errorf("revoked %v", s.remote.revoked)
	}
}
