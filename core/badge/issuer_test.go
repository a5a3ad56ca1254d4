package badge_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/blob"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fetch"
	"github.com/osier-passport/osier/core/jobs"
	"github.com/osier-passport/osier/core/mail"
	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/issue"
)

const (
	day  = 24 * time.Hour
	week = 7 * day
)

// school is an issuer on a server of its own that can be ill, and counts what is
// asked of it.
type school struct {
	*httptest.Server
	mu      sync.Mutex
	answers map[string]answer
	down    bool // it takes connections and says nothing
	asked   int
	hold    chan struct{} // what is not nil holds answers back until it is closed
}

type answer struct {
	mime, body string
}

func newSchool(t *testing.T) *school {
	t.Helper()
	s := &school{answers: map[string]answer{}}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	s.Config.SetKeepAlivesEnabled(false) // or a client asks again by itself
	t.Cleanup(s.Close)
	return s
}

func (s *school) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	hold := s.hold
	s.mu.Unlock()
	if hold != nil {
		<-hold
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	if s.down {
		panic(http.ErrAbortHandler)
	}
	a, ok := s.answers[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", a.mime)
	_, _ = w.Write([]byte(a.body))
}

func (s *school) put(path, mime string, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[path] = answer{mime, string(body)}
}

func (s *school) setDown(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
}

// requests gives how often it was asked since the last time.
func (s *school) requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.asked
	s.asked = 0
	return n
}

// signed publishes a class and an issuer with a key, and gives a badge signed
// with it (OB2 §SignedBadge).
func (s *school) signed(t *testing.T, key issue.Key, name, id, address string) []byte {
	t.Helper()
	c := s.credential(id, address)
	keyAddress := s.URL + "/keys/" + name
	keyDoc, err := key.CryptographicKey(keyAddress, c.Issuer.ID)
	if err != nil {
		t.Fatal(err)
	}
	s.put("/keys/"+name, "application/json", keyDoc)
	profile := issue.Profile2(c.Issuer, keyAddress)
	profile["revocationList"] = s.URL + "/revoked"
	s.putJSON(t, "/issuer", profile)
	s.putJSON(t, "/class", issue.Class2(c))
	s.revoke(t, nil)
	file, err := key.Signed2(c, keyAddress)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func (s *school) credential(id, address string) openbadge.Credential {
	return openbadge.Credential{
		ID: "urn:uuid:" + id, AchievementID: s.URL + "/class", Name: "Weaver", Description: "Weaves.", CriteriaID: s.URL + "/criteria", Image: s.URL + "/image",
		Issuer:    openbadge.Issuer{ID: s.URL + "/issuer", Name: "School of Craft", URL: s.URL, Email: "office@school.example"},
		Recipient: openbadge.Recipient{Identities: []openbadge.Identity{{Type: "email", Value: address}}},
		IssuedOn:  time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC),
	}
}

// revoke publishes the list of revoked badges.
func (s *school) revoke(t *testing.T, list map[string]string) {
	t.Helper()
	doc, err := issue.RevocationList2(s.URL+"/revoked", s.URL+"/issuer", list)
	if err != nil {
		t.Fatal(err)
	}
	s.put("/revoked", "application/json", doc)
}

func (s *school) putJSON(t *testing.T, path string, doc map[string]any) {
	t.Helper()
	text, err := issue.JSON(doc)
	if err != nil {
		t.Fatal(err)
	}
	s.put(path, "application/json", text)
}

// letters keeps the mails that were written; a transaction that is tried again
// writes once.
type letters struct {
	mu   sync.Mutex
	sent []mail.Message
}

func (l *letters) Mail(_ context.Context, tx *db.Tx, m mail.Message) error {
	tx.After(func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.sent = append(l.sent, m)
	})
	return nil
}

func (l *letters) Announce(ctx context.Context, tx *db.Tx, n account.Announcement) error {
	return l.Mail(ctx, tx, mail.Message{Template: n.Template, Data: n.Data, Person: n.Person, Kind: n.Kind})
}

// verdicts gives what the mails since the last time say.
func (l *letters) verdicts(t *testing.T) []string {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	list := []string{}
	for _, m := range l.sent {
		v, ok := m.Data.(badge.VerdictLetter)
		if !ok || m.Template != "verdict" || m.Person == 0 {
			t.Fatalf("mail %+v", m)
		}
		list = append(list, m.Lang+" "+m.To+" "+v.Verdict)
	}
	l.sent = nil
	return list
}

// term is a passport whose clock moves, with a school on the web.
type term struct {
	*passport
	school  *school
	letters *letters
	later   atomic.Int64
}

func (p *term) pass(d time.Duration) { p.later.Add(int64(d)) }

// clocked runs f on both engines, with a clock that f moves.
func clocked(t *testing.T, f func(t *testing.T, p *term)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		p := &term{}
		p.start(t, dbtest.Open(t, p.now))
		f(t, p)
	})
	t.Run("postgres", func(t *testing.T) {
		p := &term{}
		b, err := db.Open(t.Context(), db.Options{URL: dbtest.PostgresURL(t), Clock: p.now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { b.Close() })
		p.start(t, b)
		f(t, p)
	})
}

func (p *term) now() time.Time { return time.Now().Add(time.Duration(p.later.Load())) }

func (p *term) start(t *testing.T, b *db.Base) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	p.school, p.letters = newSchool(t), &letters{}
	p.passport = &passport{base: b, queue: jobs.New(b, log), bus: event.New(log), key: issue.Ed25519FromSeed("badge tests")}
	p.Badges = badge.New(badge.Deps{
		Base: b, Blobs: blob.Store{}, Bus: p.bus, Queue: p.queue, Log: log,
		Fetch:     fetch.New(fetch.Options{Log: log, Allow: []string{p.school.Listener.Addr().String()}, Clock: p.now}),
		Addresses: addresses{ada: {"ada@example.org"}, bob: {"bob@example.org"}},
		Letters:   p.letters, URL: func(path string) string { return "https://passport.example" + path },
	})
	p.tx(t, func(ctx context.Context, tx *db.Tx) error {
		for id, name := range map[int64]string{ada: "ada", bob: "bob"} {
			if _, err := tx.Exec(ctx, `INSERT INTO person (id, public_id, handle, name, language, created_at) VALUES ($1, $2, $2, $2, 'fr', 1)`, id, name); err != nil {
				return err
			}
		}
		return nil
	})
}

// drain does what is due.
func (p *term) drain(t *testing.T) {
	t.Helper()
	if err := p.queue.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// hold takes a badge in and gives it.
func (p *term) hold(t *testing.T, person int64, file []byte) badge.Badge {
	t.Helper()
	im := p.take(t, person, file)
	if im.State != badge.StateDone {
		t.Fatalf("import %+v", im)
	}
	return p.mine(t, person, im.Badge)
}

func (p *term) mine(t *testing.T, person int64, id string) badge.Badge {
	t.Helper()
	b, err := p.Mine(t.Context(), person, id)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
