package account

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/account/oidc/oidctest"
	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fetch"
	"github.com/osier-passport/osier/core/jobs"
	"github.com/osier-passport/osier/core/mail"
	"github.com/osier-passport/osier/core/secret"
	"github.com/osier-passport/osier/core/web"
	"github.com/osier-passport/osier/core/web/webtest"
)

const password = "correct horse battery"

// site is a running passport with this feature alone.
type site struct {
	*webtest.Server
	t        *testing.T
	change   func(*config.Config)
	accounts *Accounts
	bus      *event.Bus
	joined   counter[Joined]
	owned    counter[AddressConfirmed]
	removed  counter[Removed]
}

// counter keeps the events of a type.
type counter[E any] struct {
	mu   sync.Mutex
	list []E
}

func (c *counter[E]) add(_ context.Context, _ *db.Tx, e E) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list = append(c.list, e)
	return nil
}

// serve starts the feature; providers are the doubles to sign in with.
func serve(t *testing.T, b *db.Base, providers ...*oidctest.Provider) *site {
	t.Helper()
	return serveWith(t, b, nil, providers...)
}

// serveWith is serve with a changed configuration.
func serveWith(t *testing.T, b *db.Base, change func(*config.Config), providers ...*oidctest.Provider) *site {
	t.Helper()
	s := &site{t: t, change: change}
	s.Server = webtest.Start(t, b, webtest.Options{
		Configure: func(o *web.Options) { s.wire(o, providers) },
		Mount:     func(w *webtest.Server) { s.accounts.Mount(w.Router()) },
	})
	return s
}

func (s *site) wire(o *web.Options, providers []*oidctest.Provider) {
	s.t.Helper()
	o.Config.TrustedProxies = []string{"127.0.0.1"} // visitors say where they are
	var allow []string
	for i, p := range providers {
		o.Config.OIDC = append(o.Config.OIDC, config.OIDC{
			ID: []string{"uni", "club", "work"}[i], Name: []string{"University", "Club", "Work"}[i], Issuer: p.Issuer,
			ClientID: oidctest.ClientID, ClientSecret: oidctest.ClientSecret, Scopes: []string{"openid", "email", "profile"},
		})
		allow = append(allow, p.Host())
	}
	if s.change != nil {
		s.change(&o.Config)
	}
	s.bus = event.New(o.Log)
	event.On(s.bus, s.joined.add)
	event.On(s.bus, s.owned.add)
	event.On(s.bus, s.removed.add)
	mailer, err := mail.New(mail.Options{Base: o.Base, Queue: jobs.New(o.Base, o.Log), Keys: o.Keys, Renderer: o.Theme, Log: o.Log})
	if err != nil {
		s.t.Fatal(err)
	}
	s.accounts = New(Options{
		Base: o.Base, Bus: s.bus, Keys: o.Keys, Mailer: mailer, Catalogue: o.Catalogue, Config: o.Config, Log: o.Log,
		URL:  func(path string) string { return s.App.URL(path) },
		HTTP: fetch.New(fetch.Options{Allow: allow, PerSecond: 1000}).HTTP(),
	})
	s.accounts.hasher.kib = 64 // TestHashes holds the real cost, of which there are hundreds here
	o.Sessions, o.Site, o.SetLanguage = s.accounts, s.accounts.Site, s.accounts.SetLanguage
}

// withMail gives the site a mail server. Mails wait in the outbox: no queue runs.
func (s *site) withMail() {
	s.t.Helper()
	keys, err := secret.RandomKeys()
	if err != nil {
		s.t.Fatal(err)
	}
	s.accounts.mailer, err = mail.New(mail.Options{
		Base: s.Base, Queue: jobs.New(s.Base, nil), Keys: keys, Renderer: s.Theme,
		SMTP: config.SMTP{Host: "mail.test", Port: 25, From: "passport@mail.test"},
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// each runs a scenario on both engines.
func each(t *testing.T, f func(t *testing.T, s *site)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, b *db.Base) { f(t, serve(t, b)) })
}

// eachProvider runs a scenario with a provider on both engines.
func eachProvider(t *testing.T, f func(t *testing.T, s *site, p *oidctest.Provider)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		p := oidctest.New(t)
		f(t, serve(t, b, p), p)
	})
}

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) time() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// timed serves the feature on SQLite with a clock.
func timed(t *testing.T, providers ...*oidctest.Provider) (*site, *clock) {
	t.Helper()
	c := &clock{now: time.Now().UTC().Truncate(time.Second)}
	for _, p := range providers {
		p.Now = c.time
	}
	return serve(t, dbtest.Open(t, c.time), providers...), c
}

// person makes an account whose address is confirmed.
func (s *site) person(handle string) Person {
	s.t.Helper()
	p, err := s.accounts.CreatePerson(s.t.Context(), NewPerson{
		Name: "The " + handle, Handle: handle, Address: handle + "@example.org", Password: password,
	}, true)
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

// signedIn gives a browser of a person.
func (s *site) signedIn(p Person) *webtest.Client {
	s.t.Helper()
	c := s.Client()
	c.PostForm("/login", "address", p.Handle, "password", password).Goes(home)
	return c
}

// mails gives the texts of the mails to an address, the newest first.
func (s *site) mails(to string) []mail.Mail {
	s.t.Helper()
	s.bus.Wait()
	all, err := s.accounts.mailer.Outbox(s.t.Context(), 500)
	if err != nil {
		s.t.Fatal(err)
	}
	var out []mail.Mail
	for _, m := range all {
		if m.To == to {
			out = append(out, m)
		}
	}
	return out
}

var links = regexp.MustCompile(`http://\S+/(?:confirm|reset|link|join)/([\w-]+)`)

// link gives the token in the newest mail to an address.
func (s *site) link(to, template string) string {
	s.t.Helper()
	for _, m := range s.mails(to) {
		if m.Template != template {
			continue
		}
		found := links.FindStringSubmatch(m.Text)
		if found == nil || !strings.Contains(m.HTML, found[1]) {
			s.t.Fatalf("no link in %s", m.Text)
		}
		return found[1]
	}
	s.t.Fatalf("no mail %s to %s", template, to)
	return ""
}

// count runs a query that answers a number.
func (s *site) count(query string, args ...any) int {
	s.t.Helper()
	var n int
	if err := s.Base.Read().QueryRow(s.t.Context(), query, args...).Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	return n
}

// write runs a statement that no page offers.
func (s *site) write(query string, args ...any) {
	s.t.Helper()
	err := s.Base.Tx(s.t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(s.t.Context(), query, args...)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// atOnce runs f n times at once and counts those that succeed.
func atOnce(n int, f func(i int) error) (won int, lost []error) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	for i := range n {
		wg.Go(func() {
			err := f(i)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else {
				lost = append(lost, err)
			}
		})
	}
	wg.Wait()
	return won, lost
}
