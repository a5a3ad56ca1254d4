package core

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fetch"
	"github.com/osier-passport/osier/core/share"
)

// The child of TestKillInTheMiddleOfSending: a passport that shares, in a process
// that can be killed. Its environment says where its data and its remote are.
const (
	killData   = "OSIER_TEST_SHARES"
	killRemote = "OSIER_TEST_REMOTE"
	killCA     = "OSIER_TEST_CA"
	killBadge  = "OSIER_TEST_BADGE"
	killBegan  = "OSIER_TEST_BEGAN" // the clock runs faster from then on
	killShares = "OSIER_TEST_COUNT" // shares to queue, none at the end

	faster = 60
)

// sharesInAChild queues shares and works on them until it is killed, or, when it
// queues none, until nothing waits.
func sharesInAChild() error {
	ctx := context.Background()
	c := config.Default()
	c.Data = os.Getenv(killData)
	ca, err := os.ReadFile(os.Getenv(killCA))
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	nanos, err := strconv.ParseInt(os.Getenv(killBegan), 10, 64)
	if err != nil {
		return err
	}
	began := time.Unix(0, nanos)
	a, err := open(ctx, c, slog.New(slog.NewTextHandler(os.Stderr, nil)), options{
		clock: func() time.Time { return began.Add(time.Since(began) * faster) },
		fetch: fetch.Options{Roots: roots, Connect: func(ctx context.Context, network, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, network, os.Getenv(killRemote))
		}},
		pluginEnv: []string{"SSL_CERT_FILE=" + os.Getenv(killCA)},
	})
	if err != nil {
		return err
	}
	a.share.Settle()
	n, err := strconv.Atoi(os.Getenv(killShares))
	if err != nil {
		return err
	}
	work, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan error, 1)
	go func() { done <- a.queue.Run(work) }()
	if n > 0 {
		return errors.Join(a.queueShares(ctx, n), <-done) // until it is killed
	}
	end := time.Now().Add(2 * time.Minute)
	for {
		var waiting int
		err := a.base.Read().QueryRow(ctx, `SELECT count(*) FROM share_job WHERE state IN ('queued', 'sending', 'pending') OR state = 'uncertain' AND next_at > 0`).Scan(&waiting)
		if err != nil || waiting == 0 || time.Now().After(end) {
			stop()
			return errors.Join(err, <-done, a.close(ctx))
		}
		<-time.After(50 * time.Millisecond)
	}
}

func (a *app) queueShares(ctx context.Context, n int) error {
	var person int64
	if err := a.base.Read().QueryRow(ctx, `SELECT id FROM person WHERE handle = 'ada'`).Scan(&person); err != nil {
		return err
	}
	accounts, err := a.share.Accounts(ctx, person)
	if err != nil {
		return err
	}
	for i := range n {
		account := accounts[i%len(accounts)]
		_, wrong, err := a.share.Post(ctx, person, share.PostOrder{
			Target: account.Target, Subject: os.Getenv(killBadge), Account: account.ID, Lang: "en", Text: fmt.Sprintf("share %d of %d", i, os.Getpid()),
		})
		if err != nil || len(wrong) > 0 {
			return fmt.Errorf("queue: %v, %w", wrong, err)
		}
	}
	return nil
}

// TestKillInTheMiddleOfSending kills -9 a passport again and again while it posts
// with connected accounts, by a plugin that is a process too. Nothing is posted
// twice, and each share ends as posted, failed or uncertain.
func TestKillInTheMiddleOfSending(t *testing.T) {
	if testing.Short() {
		t.Skip("kills processes for half a minute")
	}
	s := newSharer(t)
	for _, target := range []string{"keyed", "looking", "blind"} {
		s.connect(t, "fake."+target)
	}
	s.write(`UPDATE share_account SET token_expires_at = 0`) // the clock of the child runs fast
	s.write(`INSERT INTO share_limit (target, person_day) VALUES ('fake.keyed', 100000)`)
	s.stop()
	env := append(os.Environ(), killData+"="+s.dir, killRemote+"="+s.remote.server.Listener.Addr().String(), killCA+"="+filepath.Join(s.remote.dir, "ca.pem"),
		killBadge+"="+s.badge, killBegan+"="+strconv.FormatInt(time.Now().UnixNano(), 10))
	s.remote.mu.Lock()
	s.remote.slow = 30 * time.Millisecond // so that a kill finds posts on their way
	s.remote.mu.Unlock()
	const kills = 10
	for i := range kills {
		asked := s.remote.asked()
		child := startChild(t, env, 3)
		<-asked
		<-time.After(time.Duration(rand.IntN(120)) * time.Millisecond)
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := child.Wait(); err == nil {
			t.Errorf("round %d ended by itself", i)
		}
	}
	last := startChild(t, env, 0)
	if err := last.Wait(); err != nil {
		t.Fatal(err)
	}
	s.countTwice(t, kills*3)
}

// startChild starts a child that queues n shares.
func startChild(t *testing.T, env []string, n int) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), self)
	child.Env = append(slices.Clone(env), killShares+"="+strconv.Itoa(n))
	child.Stderr = &strings.Builder{}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	return child
}

// countTwice holds what the remote has against what the passport says.
func (s *sharer) countTwice(t *testing.T, most int) {
	t.Helper()
	b, err := db.Open(t.Context(), db.Options{URL: s.config.DatabaseURL()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}()
	type row struct{ text, state string }
	rows, err := db.Select(t.Context(), b.Read(), func(r db.Scanner) (row, error) {
		var j row
		return j, r.Scan(&j.text, &j.state)
	}, `SELECT body, state FROM share_job`)
	if err != nil {
		t.Fatal(err)
	}
	s.remote.mu.Lock()
	defer s.remote.mu.Unlock()
	times := map[string]int{}
	for _, text := range s.remote.posts {
		times[strings.SplitN(text, " Data steward", 2)[0]]++
	}
	states := map[string]int{}
	for _, r := range rows {
		states[r.state]++
		switch n := times[r.text]; {
		case n > 1:
			t.Errorf("%q is posted %d times", r.text, n)
		case r.state == share.JobPosted && n != 1:
			t.Errorf("%q counts as posted and is there %d times", r.text, n)
		case r.state == share.StateFailed && n != 0:
			t.Errorf("%q counts as failed and is there", r.text)
		case r.state != share.JobPosted && r.state != share.StateFailed && r.state != share.JobUncertain:
			t.Errorf("%q ended as %s", r.text, r.state)
		}
	}
	t.Logf("%d shares: %v; %d posts in %d requests", len(rows), states, len(s.remote.posts), s.remote.tries)
	if len(rows) < most/3 || states[share.JobPosted] < len(rows)/2 {
		t.Errorf("only %v of %d", states, len(rows))
	}
}
