package core

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/control"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/share"
	"github.com/osier-passport/osier/core/share/host"
)

// Many calls find the token dead at the same time: one of them gets a new one, for all.
func TestOneRefreshForManyCallers(t *testing.T) {
	s := newSharer(t)
	s.refreshTogether(t, 4, 2)
}

// The same on two replicas, of which neither makes more than two calls at once: three
// that wait for a new token are of both.
func TestOneRefreshForTwoReplicas(t *testing.T) {
	url := dbtest.PostgresURL(t)
	on := func(c *config.Config) { c.Database = url }
	s := newSharer(t, on)
	two := startPassport(t, s.remote.options(), on, withFake(t), func(c *config.Config) {
		key, err := os.ReadFile(s.config.KeyFile())
		if err == nil {
			err = os.WriteFile(c.KeyFile(), key, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	two.share.Settle()
	s.refreshTogether(t, 4, 3)
}

// refreshTogether takes n posts back with a token that is dead, until at one time so
// many callers were refused before any of them asked for a new token. On a machine that
// is too busy for that they come one after the other, and it begins again.
func (s *sharer) refreshTogether(t *testing.T, n, callers int) {
	t.Helper()
	account := s.connect(t, "fake.keyed")
	for range 10 {
		s.retractTogether(t, s.postedWith(t, account, n), callers)
		if s.remote.missing() == 0 {
			return
		}
	}
	t.Errorf("%d callers never came at the same time", callers)
}

// postedWith posts n times with one account.
func (s *sharer) postedWith(t *testing.T, account string, n int) []string {
	t.Helper()
	ids := make([]string, 0, n)
	for i := range n {
		id := s.share1(t, "keyed", account, fmt.Sprint("number ", i))
		s.becomes(t, id, share.JobPosted)
		ids = append(ids, id)
	}
	return ids
}

// retractTogether takes posts back with a token that is dead, which takes one new token
// however many callers find that out, and when.
func (s *sharer) retractTogether(t *testing.T, ids []string, callers int) {
	t.Helper()
	s.remote.expire()
	s.remote.gather(callers)
	s.remote.mu.Lock()
	given := s.remote.tokens
	s.remote.mu.Unlock()
	for _, id := range ids {
		s.who.post("/shares/"+id, "do", "retract").is(t, 303)
	}
	for _, id := range ids {
		s.becomes(t, id, share.JobRetracted)
	}
	s.remote.mu.Lock()
	defer s.remote.mu.Unlock()
	if n := s.remote.tokens - given; n != 1 {
		t.Errorf("%d new tokens for %d calls", n, len(ids))
	}
	if state := s.texts(`SELECT state FROM share_account`); !slices.Equal(state, []string{share.AccountOK}) {
		t.Errorf("the account is %v", state)
	}
}

// A person's shares to one target go one by one; those to another do not wait for them.
func TestOneCallAtATimeOfAPersonToATarget(t *testing.T) {
	s := newSharer(t)
	accounts := map[string]string{}
	for _, name := range []string{"keyed", "blind"} {
		s.connect(t, "fake."+name)
	}
	list, err := s.share.Accounts(t.Context(), s.who.person.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range list {
		accounts[a.Target] = a.ID
	}
	s.remote.mu.Lock()
	s.remote.slow = 40 * time.Millisecond
	s.remote.mu.Unlock()
	var ids []string
	for range 4 {
		ids = append(ids, s.share1(t, "keyed", accounts["fake.keyed"], "keyed"), s.share1(t, "blind", accounts["fake.blind"], "blind"))
	}
	for _, id := range ids {
		s.becomes(t, id, share.JobPosted)
	}
	s.remote.mu.Lock()
	defer s.remote.mu.Unlock()
	if len(s.remote.posts) != 8 || s.remote.most["keyed"] != 1 || s.remote.most["blind"] != 1 {
		t.Errorf("%d posts, at most %v at once", len(s.remote.posts), s.remote.most)
	}
}

// The commands of an operator, beside the passport that runs.
func TestLogsAndRetryByCommand(t *testing.T) {
	s := newSharer(t)
	file := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(file, fmt.Appendf(nil, "data = %q\n", s.dir), 0o600); err != nil {
		t.Fatal(err)
	}
	door, err := control.Listen(t.Context(), s.dir, s.operations(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := door.Close(); err != nil {
			t.Error(err)
		}
	})
	osier := func(args ...string) (int, string) {
		var out bytes.Buffer
		code := run(t.Context(), append(append([]string{"plugin"}, args...), "--config", file), Streams{Out: &out, Err: &out})
		return code, out.String()
	}
	account := s.connect(t, "fake.blind")
	within(t, func() bool {
		code, out := osier("logs", "fake")
		return code == exitOK && strings.Contains(out, "identify with") && !strings.Contains(out, "ACCESSTOKEN")
	})
	if code, out := osier("logs", "twitter"); code != exitOK || !strings.Contains(out, "has written nothing") {
		t.Errorf("%d: %s", code, out)
	}
	if code, out := osier("logs", "nobody"); code == exitOK {
		t.Errorf("%d: %s", code, out)
	}
	s.remote.goWrong("limit")
	id := s.share1(t, "blind", account, "slowly")
	within(t, func() bool {
		j, err := s.share.Job(t.Context(), s.who.person.ID, id)
		return err == nil && j.State == share.JobQueued && !j.Next.IsZero() // it was tried
	})
	within(t, func() bool {
		code, out := osier("retry")
		return code == exitOK && strings.Contains(out, id) && strings.Contains(out, "fake.blind  queued") && !strings.Contains(out, "slowly")
	})
	if code, out := osier("retry", id); code != exitOK || !strings.Contains(out, "is tried again") {
		t.Errorf("%d: %s", code, out)
	}
	within(t, func() bool {
		j, err := s.share.Job(t.Context(), s.who.person.ID, id)
		return err == nil && j.State == share.JobPosted
	})
	if code, out := osier("retry", id); code == exitOK {
		t.Errorf("a share that is there was tried again: %s", out)
	}
}

// After five crashes in ten minutes a plugin is switched off, and the administrator sees
// why: the exit status and the last 50 lines.
func TestAdministratorSeesWhyAPluginIsOff(t *testing.T) {
	now := atomic.Int64{}
	now.Store(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).UnixNano())
	p := startPassport(t, options{pluginClock: func() time.Time { return time.Unix(0, now.Load()) }}, func(c *config.Config) {
		dir := filepath.Join(c.Data, "plugins", "dead")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		script := "#!/bin/sh\ni=1\nwhile [ $i -le 60 ]; do echo \"word $i.\" >&2; i=$((i+1)); done\nexit 3\n"
		for name, text := range map[string]string{"plugin.yaml": deadManifest, "dead": script} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
				t.Fatal(err)
			}
		}
	})
	p.share.Settle()
	for range 4 { // the first was when the passport asked what it offers
		now.Add(int64(time.Minute))
		if _, err := p.plugins.Describe(t.Context(), "dead"); err == nil {
			t.Error("it works")
		}
	}
	page := string(p.administrator("keeper").get("/admin/plugins/dead").is(t, 200).body)
	for _, text := range []string{"exit status 3", "word 11.", "word 60."} {
		if !strings.Contains(page, text) {
			t.Errorf("%q is not on the page", text)
		}
	}
	if strings.Contains(page, "word 10.") {
		t.Error("more than the last 50 lines")
	}
	for _, s := range p.plugins.List() {
		if s.ID == "dead" && (s.State != host.Disabled || s.Restarts != 4) {
			t.Errorf("%s after %d restarts", s.State, s.Restarts)
		}
	}
}

// The remote takes a refresh token, and its answer is cut: the old one is dead and the
// new one unknown. The person connects again, and what waited is posted once.
func TestARefreshThatIsCut(t *testing.T) {
	s := newSharer(t)
	account := s.connect(t, "fake.keyed")
	s.remote.expire()
	s.remote.mu.Lock()
	s.remote.cut = true
	s.remote.mu.Unlock()
	id := s.share1(t, "keyed", account, "after all")
	within(t, func() bool {
		s.queueTurn(t)
		j, err := s.share.Job(t.Context(), s.who.person.ID, id)
		return err == nil && j.State == share.JobQueued && j.Reason == "share.reason.reconnect"
	})
	if posts, _ := s.remote.count(); posts != 0 {
		t.Errorf("%d posts without a token", posts)
	}
	sheet := "/b/" + s.badge + "/share"
	if page := string(s.who.get(sheet).is(t, 200).body); !strings.Contains(page, `href="/connect/fake.keyed?next=`+url.QueryEscape(sheet)+`"`) {
		t.Errorf("no way to connect again: %s", page)
	}
	s.connect(t, "fake.keyed")
	s.becomes(t, id, share.JobPosted)
	if posts, _ := s.remote.count(); posts != 1 {
		t.Errorf("%d posts", posts)
	}
	s.noToken(t)
}
