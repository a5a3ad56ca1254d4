package core

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
)

// passport is a whole one, wired as `osier serve` wires it, on a real listener.
type passport struct {
	*app
	t       testing.TB
	address string // host:port that is listened on
	url     string // public, without a slash at its end
	dir     string // of the data
	log     *logged
	guests  atomic.Int64 // visitors so far
	stop    func()

	transport *http.Transport
}

// startPassport serves an empty passport until the test ends.
func startPassport(t testing.TB, o options, configure ...func(*config.Config)) *passport {
	t.Helper()
	c := config.Default()
	c.Data = t.TempDir()
	c.SignUp.Fields = []config.Field{{Key: "club", Kind: config.FieldText, Seen: config.SeenByNobody, Labels: map[string]string{"en": "Your club"}}}
	c.TrustedProxies = []string{"127.0.0.1"} // each visitor of a test has an address of its own
	for _, f := range configure {
		f(&c)
	}
	if c.Database == "" {
		dbtest.Migrated(t, c.DatabaseURL())
	}
	p := &passport{t: t, dir: c.Data, log: &logged{}}
	log := slog.New(slog.NewJSONHandler(p.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	ctx, cancel := context.WithCancel(context.Background())
	var err error
	if p.app, err = open(ctx, c, log, o); err != nil {
		cancel()
		t.Fatal(err)
	}
	ln, err := listenOn(ctx, "127.0.0.1:0")
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	p.address = ln.Addr().String()
	p.transport = newTransport(p.address)
	ready, done := make(chan struct{}), make(chan error, 1)
	go func() {
		done <- p.serve(ctx, ln, func(context.Context) error { close(ready); return nil })
	}()
	select {
	case <-ready:
	case err := <-done:
		cancel()
		t.Fatal(errors.Join(errors.New("the passport ended before it served"), err))
	}
	p.url = p.web.URL("")
	p.stop = sync.OnceFunc(func() {
		p.transport.CloseIdleConnections()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := p.close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(p.stop)
	return p
}

// member makes an account with a confirmed address and signs it in on a new
// browser, without the work that a password takes.
func (p *passport) member(handle string) *visitor {
	p.t.Helper()
	who, err := p.accounts.CreatePerson(p.t.Context(), account.NewPerson{Name: handle, Handle: handle, Address: handle + "@people.test"}, true)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.enter(who)
}

// enter signs a person in on a new browser.
func (p *passport) enter(who account.Person) *visitor {
	p.t.Helper()
	token, err := p.accounts.Start(p.t.Context(), who.ID, "browser of a test", "")
	if err != nil {
		p.t.Fatal(err)
	}
	v := p.visitor()
	v.person = who
	v.setCookie("osier", token)
	return v
}

// indexed waits until search and explore know of all that was done.
func (p *passport) indexed() {
	p.t.Helper()
	if err := p.gallery.Settle(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
}

// administrator is a member with that role.
func (p *passport) administrator(handle string) *visitor {
	p.t.Helper()
	v := p.member(handle)
	if err := p.accounts.MakeAdmin(p.t.Context(), handle); err != nil {
		p.t.Fatal(err)
	}
	return v
}

// count is the number that a statement answers.
func (p *passport) count(query string, args ...any) int {
	p.t.Helper()
	var n int
	if err := p.base.Read().QueryRow(p.t.Context(), query, args...).Scan(&n); err != nil {
		p.t.Fatalf("%s: %v", query, err)
	}
	return n
}

// write runs a statement that no page offers.
func (p *passport) write(query string, args ...any) {
	p.t.Helper()
	ctx := p.t.Context()
	err := p.base.Tx(ctx, func(tx *db.Tx) error { _, err := tx.Exec(ctx, query, args...); return err })
	if err != nil {
		p.t.Fatalf("%s: %v", query, err)
	}
}

// texts is the first column of what a statement answers.
func (p *passport) texts(query string, args ...any) []string {
	p.t.Helper()
	list, err := db.Select(p.t.Context(), p.base.Read(), db.One[string], query, args...)
	if err != nil {
		p.t.Fatalf("%s: %v", query, err)
	}
	return list
}

// logged keeps what was logged.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// lines checks that each line is one JSON object without control characters, and
// gives those of a level.
func (l *logged) lines(t testing.TB, level string) []string {
	t.Helper()
	var list []string
	for line := range strings.Lines(l.String()) {
		var entry struct{ Level string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Errorf("a log line is no JSON: %q: %v", line, err)
		}
		if strings.ContainsFunc(strings.TrimSuffix(line, "\n"), func(r rune) bool { return r < ' ' }) {
			t.Errorf("control characters in the log line %q", line)
		}
		if entry.Level == level {
			list = append(list, line)
		}
	}
	return list
}

// sharedFolder is where material for tests lies beside the checkout; the test
// is skipped without it.
func sharedFolder(t testing.TB, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("not in a checkout")
		}
		dir = up
	}
	dir = filepath.Join(dir, "..", "shared", name)
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no " + name + " folder here")
	}
	return dir
}
