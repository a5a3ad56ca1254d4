// Package kill9 kills the real server again and again while people write, and
// while an export is made, an archive is taken in and an account is erased: what
// it acknowledged must be there in the end, what it began must end, and the
// database must be whole. Two servers on one database have to agree within a second.
//
// It owns no table. OSIER_BINARY names the binary (built when unset).
package kill9

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3" // the driver, to look at the database from outside

	"github.com/osier-passport/osier/test/issuer"
	"github.com/osier-passport/osier/test/server"
)

const (
	cycles   = 20
	people   = 4
	uploads  = 5 // of one person in a cycle; more would meet the limits that people have
	together = 6 // files of the last of them
	comments = 2
	password = "correct horse battery staple"
)

func TestKill9(t *testing.T) {
	i := issuer.Start(t)
	i.SetLatency(30 * time.Millisecond) // so that imports are under way when the server dies
	o := server.Options{
		Dir: t.TempDir(), Listen: server.FreeAddress(t), Env: i.Env(),
		Config: "[fetch]\nallow = [\"" + strings.Join(i.Hosts(), `", "`) + "\"]\n",
	}
	s := server.Start(t, o)
	s.Stop(t)
	var clients []*client
	for n := range people {
		c := newClient(t, s.URL, fmt.Sprint("person", n), fmt.Sprintf("person%d@example.org", n))
		s.Run(t, password+"\n", "user", "create", "--config", s.ConfigFile(), "--name", "Person", "--email", c.address, c.handle)
		clients = append(clients, c)
	}
	s = server.Start(t, o)
	enter(t, i, clients)

	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // moments to kill at
	t.Logf("seed %d", seed)
	for cycle := range cycles {
		writeAndKill(t, s, i, clients, cycle, random)
		s.CheckLog(t)
		s = server.Start(t, o)
	}
	checkAll(t, clients)
	s.Stop(t)
	checkDatabase(t, filepath.Join(s.Data(), "passport.db"))
}

// enter signs all in and shows one badge, so that there is something to talk about.
func enter(t *testing.T, i *issuer.Issuer, clients []*client) {
	t.Helper()
	for _, c := range clients {
		if err := c.signIn(t.Context(), password); err != nil {
			t.Fatal(err)
		}
	}
	first := clients[0]
	_, a, err := first.add(t.Context(), "first.json", false, i.Embedded(t, "2.0", "First Of All", first.address))
	if err != nil {
		t.Fatal(err)
	}
	badge, _, _ := strings.Cut(a.location, "?")
	if err := first.settled(t.Context()); err != nil || !strings.HasPrefix(badge, "/b/") {
		t.Fatalf("the first badge: %q, %v", a.location, err)
	}
	if a, err = first.post(t.Context(), badge+"/visibility", map[string][]string{"visibility": {"public"}}); err != nil || a.status != http.StatusSeeOther {
		t.Fatalf("publish: %d, %v", a.status, err)
	}
	page, err := first.get(t.Context(), badge)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page.body), `href="/c/`)
	id, _, _ := strings.Cut(rest, `"`)
	for _, c := range clients {
		c.class = "/c/" + id
	}
}

// writeAndKill lets all write at once, and kills the server at a moment that
// nobody knows before.
func writeAndKill(t *testing.T, s *server.Server, i *issuer.Issuer, clients []*client, cycle int, random *rand.Rand) {
	t.Helper()
	var acknowledged atomic.Int64
	after := 1 + random.Int64N(people*(uploads+comments)*3/4)
	pause := time.Duration(random.Int64N(int64(15 * time.Millisecond)))
	enough, done := make(chan struct{}), make(chan struct{})
	count := func() {
		if acknowledged.Add(1) == after {
			close(enough)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var work sync.WaitGroup
	for _, c := range clients {
		work.Go(func() { c.write(ctx, t, i, cycle, count) })
	}
	go func() {
		work.Wait()
		close(done)
	}()
	select {
	case <-enough:
		<-time.After(pause)
	case <-done:
	case <-time.After(30 * time.Second):
		t.Errorf("cycle %d: %d acknowledged within 30 s, not %d", cycle, acknowledged.Load(), after)
	}
	cancel() // a request under way ends either way; only its error no longer counts
	s.Kill(t)
	<-done
}

// write sends badges of several kinds, and comments, until the server is gone.
func (c *client) write(ctx context.Context, t *testing.T, i *issuer.Issuer, cycle int, count func()) {
	for n := range uploads {
		name := fmt.Sprintf("Badge %d-%d", cycle, n)
		files := [][]byte{i.Embedded(t, "2.0", name, c.address)}
		switch {
		case n%2 == 1:
			files = [][]byte{i.HostedFile(t, name, c.address)}
		case n == uploads-1: // several at once: all of them are acknowledged, or none
			for more := range together - 1 {
				files = append(files, i.Embedded(t, "2.0", fmt.Sprintf("%s of %d", name, more), c.address))
			}
		}
		c.badges += len(files)
		if ok, _, err := c.add(context.WithoutCancel(ctx), name+".json", n%3 != 0, files...); !ok {
			c.lost(ctx, t, err)
			return
		}
		count()
		if n < comments {
			c.comments++
			if ok, err := c.comment(context.WithoutCancel(ctx), fmt.Sprintf("comment %s %d-%d.", c.handle, cycle, n)); !ok {
				c.lost(ctx, t, err)
				return
			}
			count()
		}
	}
}

// lost is fine once the server is being killed.
func (c *client) lost(ctx context.Context, t *testing.T, err error) {
	if ctx.Err() == nil {
		t.Errorf("%s: before the kill: %v", c.handle, err)
	}
}

// checkAll asks each person's own export for what was acknowledged.
func checkAll(t *testing.T, clients []*client) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	badges, words, sent := 0, 0, 0
	for _, c := range clients {
		if err := c.settled(ctx); err != nil {
			t.Errorf("%s: %v", c.handle, err)
			continue
		}
		files, said, err := c.held(ctx)
		if err != nil {
			t.Errorf("%s: %v", c.handle, err)
			continue
		}
		for _, data := range c.ackBadges {
			if n := files[string(data)]; n != 1 {
				t.Errorf("%s: an acknowledged badge is there %d times: %.200s", c.handle, n, data)
			}
		}
		for _, text := range c.ackComments {
			if strings.Count(said, text) != 1 {
				t.Errorf("%s: an acknowledged comment is lost: %s", c.handle, text)
			}
		}
		badges, words, sent = badges+len(c.ackBadges), words+len(c.ackComments), sent+c.badges+c.comments
	}
	t.Logf("%d kills; %d badges and %d comments acknowledged of %d writes", cycles, badges, words, sent)
	if badges < cycles {
		t.Errorf("only %d badges were acknowledged: the test proves little", badges)
	}
}

// checkDatabase looks at the file from outside.
func checkDatabase(t *testing.T, path string) {
	t.Helper()
	d, err := sql.Open("sqlite3", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	var verdict string
	if err := d.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("integrity_check: %s, %v", verdict, err)
	}
	rows, err := d.QueryContext(t.Context(), "PRAGMA foreign_key_check")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if rows.Next() || rows.Err() != nil {
		t.Errorf("foreign_key_check finds something (%v)", rows.Err())
	}
}
