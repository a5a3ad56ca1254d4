package core

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/share"
)

// sharer is a person with a public badge at a passport with the test plugin.
type sharer struct {
	*passport
	who    *visitor
	remote *remote
	badge  string
}

func newSharer(t *testing.T, configure ...func(*config.Config)) *sharer {
	t.Helper()
	r := newRemote(t)
	p := startPassport(t, r.options(), append(configure, withFake(t))...)
	p.share.Settle()
	t.Cleanup(func() {
		if t.Failed() {
			for line := range strings.Lines(p.log.String()) {
				if strings.Contains(line, `"plugin"`) || strings.Contains(line, "ERROR") || strings.Contains(line, "WARN") {
					t.Log(line)
				}
			}
		}
	})
	if err := p.share.SetTargetLimits(t.Context(), "fake.blind", share.Limits{MonthCents: 100_00}); err != nil { // it charges
		t.Fatal(err)
	}
	who := p.member("ada")
	issuer := newSigner(t, "Open School")
	id := who.take(t, issuer, issuer.badge("Data steward", "ada@people.test"))
	who.post("/b/"+id+"/visibility", "visibility", "public").is(t, 303)
	return &sharer{p, who, r, id}
}

// connect connects the account of a target and gives its public id.
func (s *sharer) connect(t *testing.T, target string) string {
	t.Helper()
	out := s.who.post("/connect/"+target, "instance", "https://"+remoteHost+"/@ada", "next", "/b/"+s.badge+"/share").is(t, 200)
	away := out.all(t, `a[href^="https://`+remoteHost+`"]`)
	if len(away) == 0 {
		t.Fatalf("not sent away: %s", out.body)
	}
	back := s.who.get(s.remote.grant(attr(away[0], "href"))).is(t, 303).location()
	page := s.who.get(back).is(t, 200)
	if !strings.Contains(string(page.body), "@ada@"+remoteHost) {
		t.Fatalf("not asked whether the account is mine: %s", page.body)
	}
	s.who.post(back, "answer", "yes").is(t, 303)
	list, err := s.share.Accounts(t.Context(), s.who.person.ID)
	if err != nil || len(list) == 0 {
		t.Fatalf("accounts %v, %v", list, err)
	}
	return list[len(list)-1].ID
}

func (s *sharer) share1(t *testing.T, target, account, text string) string {
	t.Helper()
	s.who.post("/share/fake."+target+"/"+s.badge, "account", account, "words", text, "option_audience", "followers", "agree", "yes").is(t, 303)
	ids := s.texts(`SELECT public_id FROM share_job ORDER BY id DESC LIMIT 1`)
	if len(ids) == 0 {
		t.Fatal("nothing is queued")
	}
	return ids[0]
}

// becomes waits until a share is in a state.
func (s *sharer) becomes(t *testing.T, id, state string) share.Job {
	t.Helper()
	end := time.Now().Add(20 * time.Second)
	for {
		j, err := s.share.Job(t.Context(), s.who.person.ID, id)
		if err != nil {
			t.Fatal(err)
		}
		if j.State == state {
			return j
		}
		if time.Now().After(end) {
			t.Fatalf("the share is %s (%s %s), want %s", j.State, j.Reason, j.Detail, state)
		}
		s.queueTurn(t)
	}
}

// queueTurn gives the queue a moment: what waits for a later time is due now.
func (s *sharer) queueTurn(t *testing.T) {
	t.Helper()
	<-time.After(20 * time.Millisecond)
	s.write(`UPDATE share_job SET next_at = 1 WHERE next_at > 1`)
	s.write(`UPDATE job SET run_at = 1 WHERE kind = 'share.work' AND lease_until = 0`)
}

func TestAConnectedAccountPosts(t *testing.T) {
	s := newSharer(t)
	account := s.connect(t, "fake.keyed")
	j := s.becomes(t, s.share1(t, "keyed", account, "Look at this"), share.JobPosted)
	if j.URL != "https://fake.example.com/post-1" {
		t.Errorf("address %q", j.URL)
	}
	if posts, tries := s.remote.count(); posts != 1 || tries != 1 {
		t.Errorf("%d posts in %d tries", posts, tries)
	}
	for _, text := range s.remote.posts {
		if !strings.HasPrefix(text, "Look at this Data steward http") {
			t.Errorf("posted %q", text)
		}
	}
	if n, err := strconv.Atoi(s.remote.images[0]); err != nil || n < 5000 {
		t.Errorf("a picture of %d bytes, %v", n, err)
	}
	s.noToken(t)
}

// noToken looks for tokens in every file of the data and in the log.
func (s *sharer) noToken(t *testing.T) {
	t.Helper()
	for _, word := range []string{"ACCESSTOKEN-", "REFRESHTOKEN-", "the-secret-of-the-client", "a-typed-password"} {
		if strings.Contains(s.log.String(), word) {
			t.Errorf("the log has %s", word)
		}
		err := filepath.WalkDir(s.dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Base(path) == "fake" || strings.HasPrefix(filepath.Base(path), "fake-") || !d.Type().IsRegular() {
				return err
			}
			text, err := os.ReadFile(path)
			if strings.Contains(string(text), word) {
				t.Errorf("%s has %s", path, word)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

func TestALostAnswerIsNeverPostedTwice(t *testing.T) {
	for _, c := range []struct {
		name, target, wrong string
		state               string
		posts               int
	}{
		{"inside the window of its key it is sent again", "keyed", "lost", share.JobPosted, 1},
		{"a plugin that dies over it", "keyed", "crash", share.JobPosted, 1},
		{"nothing was kept: sent again", "keyed", "nothing", share.JobPosted, 1},
		{"the plugin looks and finds it", "looking", "lost", share.JobPosted, 1},
		{"the plugin looks and it is not there", "looking", "nothing", share.JobPosted, 1},
		{"nobody can look: the person is asked", "blind", "lost", share.JobUncertain, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSharer(t)
			account := s.connect(t, "fake."+c.target)
			s.remote.goWrong(c.wrong)
			id := s.share1(t, c.target, account, "once")
			s.becomes(t, id, c.state)
			for range 5 {
				s.queueTurn(t)
			}
			s.becomes(t, id, c.state)
			if posts, _ := s.remote.count(); posts != c.posts {
				t.Errorf("%d posts", posts)
			}
		})
	}
}

func TestWhatAPersonSaysOfAnUncertainShare(t *testing.T) {
	s := newSharer(t)
	account := s.connect(t, "fake.blind")
	s.remote.goWrong("nothing", "", "lost")
	id := s.share1(t, "blind", account, "unsure")
	s.becomes(t, id, share.JobUncertain)
	page := s.who.get("/b/"+s.badge+"/share").is(t, 200)
	if n := len(page.all(t, `form[action="/shares/`+id+`"] button`)); n != 2 {
		t.Errorf("%d answers are offered", n)
	}
	s.who.post("/shares/"+id, "do", "look").is(t, 409) // it cannot
	s.who.post("/shares/"+id, "do", "again").is(t, 303)
	s.becomes(t, id, share.JobPosted)
	s.who.post("/shares/"+id, "do", "retract").is(t, 303)
	s.becomes(t, id, share.JobRetracted)
	if posts, _ := s.remote.count(); posts != 0 {
		t.Errorf("%d posts are left", posts)
	}
	second := s.share1(t, "blind", account, "unsure too")
	s.becomes(t, second, share.JobUncertain)
	s.who.post("/shares/"+second, "do", "there").is(t, 303)
	s.becomes(t, second, share.JobPosted)
	s.visitor().post("/shares/"+second, "do", "again").is(t, 303, 401, 403)
	eve := s.member("eve")
	eve.post("/shares/"+second, "do", "again").is(t, 404)
	eve.post("/share/fake.blind/"+s.badge, "account", account, "agree", "yes").is(t, 404)
}

func TestTokensAreRefreshedAndAccountsReconnected(t *testing.T) {
	s := newSharer(t)
	account := s.connect(t, "fake.keyed")
	s.remote.expire()
	s.becomes(t, s.share1(t, "keyed", account, "with a new token"), share.JobPosted)
	s.remote.mu.Lock()
	if s.remote.tokens != 2 {
		t.Errorf("%d tokens were given", s.remote.tokens)
	}
	clear(s.remote.refresh) // and now the refresh token is dead too
	s.remote.mu.Unlock()
	s.remote.expire()
	id := s.share1(t, "keyed", account, "after connecting again")
	j := s.becomes(t, id, share.JobQueued)
	for range 3 {
		s.queueTurn(t)
		j = s.becomes(t, id, share.JobQueued)
	}
	if j.Reason != "share.reason.reconnect" {
		t.Errorf("it waits because of %q", j.Reason)
	}
	page := s.who.get("/settings/sharing").is(t, 200)
	if n := len(page.all(t, `a[href^="/connect/fake.keyed"]`)); n == 0 {
		t.Errorf("no way to connect again: %s", page.body)
	}
	s.connect(t, "fake.keyed")
	s.becomes(t, id, share.JobPosted)
	s.who.post("/settings/sharing/"+account, "do", "disconnect").is(t, 303)
	if n := s.count(`SELECT count(*) FROM share_account`); n != 0 {
		t.Errorf("%d accounts are left", n)
	}
	s.remote.mu.Lock()
	defer s.remote.mu.Unlock()
	if len(s.remote.revoked) != 2 {
		t.Errorf("revoked %v", s.remote.revoked)
	}
	s.noToken(t)
}

func TestARateLimitIsWaitedFor(t *testing.T) {
	s := newSharer(t)
	account := s.connect(t, "fake.blind")
	s.remote.goWrong("limit", "limit")
	s.becomes(t, s.share1(t, "blind", account, "slowly"), share.JobPosted)
	if posts, tries := s.remote.count(); posts != 1 || tries != 3 {
		t.Errorf("%d posts in %d tries", posts, tries)
	}
	s.remote.goWrong("blocked")
	id := s.share1(t, "blind", account, "blocked")
	for range 3 {
		s.queueTurn(t)
	}
	s.becomes(t, id, share.JobQueued)
	if state := s.texts(`SELECT state FROM share_account`)[0]; state != share.AccountBlocked {
		t.Errorf("the account is %s", state)
	}
}
