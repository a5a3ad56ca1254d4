package demo

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/blob"
	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/endorse"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/feed"
	"github.com/osier-passport/osier/core/fetch"
	"github.com/osier-passport/osier/core/file"
	"github.com/osier-passport/osier/core/i18n"
	"github.com/osier-passport/osier/core/jobs"
	"github.com/osier-passport/osier/core/mail"
	"github.com/osier-passport/osier/core/openbadge/bake"
	"github.com/osier-passport/osier/core/openbadge/verify"
	"github.com/osier-passport/osier/core/page"
	"github.com/osier-passport/osier/core/secret"
	"github.com/osier-passport/osier/core/sign"
	"github.com/osier-passport/osier/core/social"
	"github.com/osier-passport/osier/core/theme"
	"github.com/osier-passport/osier/core/web/webtest"
	"github.com/osier-passport/osier/themes"
)

const site = "http://localhost:8080"

// town is a seeded passport without its web server.
type town struct {
	*Community
	Deps

	base *db.Base
	feed *feed.Feed
	keys *secret.Keys
	log  *webtest.Log
}

// settle seeds a passport in a data folder of its own. Nothing but the
// documents of the issuers can be fetched.
func settle(t testing.TB) *town {
	t.Helper()
	began := time.Now()
	c, err := New(site)
	if err != nil {
		t.Fatal(err)
	}
	w := &town{Community: c, log: &webtest.Log{}}
	log := slog.New(slog.NewJSONHandler(w.log, &slog.HandlerOptions{Level: slog.LevelWarn}))
	path := filepath.Join(t.TempDir(), "passport.db")
	dbtest.Migrated(t, path)
	w.base, err = db.Open(t.Context(), db.Options{URL: path, Clock: c.Now, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	if w.keys, err = secret.RandomKeys(); err != nil {
		t.Fatal(err)
	}
	catalogue, err := i18n.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	bus, queue := event.New(log), jobs.New(w.base, log)
	t.Cleanup(func() {
		bus.Wait()
		if err := w.base.Close(); err != nil {
			t.Error(err)
		}
	})
	mailer, err := mail.New(mail.Options{Base: w.base, Queue: queue, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	client := fetch.New(fetch.Options{Documents: c.Documents(), Offline: true, Log: log})
	accounts := account.New(account.Options{
		Base: w.base, Bus: bus, Keys: w.keys, Mailer: mailer, Catalogue: catalogue,
		Config: config.Default(), URL: func(path string) string { return site + path }, HTTP: client.HTTP(), Log: log,
	})
	w.Deps = Deps{
		Base: w.base, Accounts: accounts, Queue: queue, Social: social.New(w.base, bus, nil, nil),
		Badges: badge.New(badge.Deps{Base: w.base, Blobs: blob.Store{}, Bus: bus, Queue: queue, Fetch: client, Addresses: accounts, Log: log}),
	}
	address := func(path string) string { return site + path }
	w.Endorse = endorse.New(endorse.Deps{
		Base: w.base, Bus: bus, Queue: queue, Keys: w.keys, Accounts: accounts, Badges: w.Badges, Mailer: mailer, URL: address, Log: log,
		Signer: sign.New(sign.Deps{Base: w.base, Keys: w.keys, URL: address}),
	})
	w.feed = feed.New(w.base, bus, queue)
	looks, err := theme.Open(theme.Options{Bundled: themes.FS, Catalogue: catalogue})
	if err != nil {
		t.Fatal(err)
	}
	w.Pages = page.New(page.Deps{
		Base: w.base, Bus: bus, Queue: queue, Accounts: accounts, Badges: w.Badges, Theme: looks, Keys: w.keys,
		Files: file.New(file.Deps{Base: w.base, Blobs: blob.Store{}, Bus: bus, Rules: config.Default().Files}),
	})
	if err := c.Seed(t.Context(), w.Deps); err != nil {
		t.Fatal(err)
	}
	t.Logf("seeded in %s", time.Since(began).Round(time.Millisecond))
	return w
}

func TestCommunity(t *testing.T) {
	w := settle(t)
	t.Run("is the same each time", w.testAgain)
	t.Run("is as large as promised", w.testCounts)
	t.Run("badges come to the verdicts that were meant", w.testVerdicts)
	t.Run("forms and carriers are mixed", w.testMixture)
	t.Run("feeds are alive", w.testFeeds)
	t.Run("pages are shown as meant", w.testPages)
	t.Run("badges of the college need no network", w.testOffline)
	t.Run("samples do what they say", w.testSamples)
	t.Run("web", w.testWeb)
	if errors := w.log.Errors(); errors != "" {
		t.Error(errors)
	}
}

func count(t *testing.T, d db.DB, query string) int {
	t.Helper()
	var n int
	if err := d.QueryRow(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func (w *town) testCounts(t *testing.T) {
	for what, c := range map[string]struct {
		query string
		want  int
	}{
		"people":         {`SELECT count(*) FROM person`, 12},
		"administrators": {`SELECT count(*) FROM person WHERE role = 'admin'`, 1},
		"French":         {`SELECT count(*) FROM person WHERE language = 'fr'`, 2},
		"pictures":       {`SELECT count(*) FROM person WHERE picture <> ''`, 7},
		"addresses":      {`SELECT count(*) FROM email WHERE confirmed_at > 0`, 12},
		"issuers":        {`SELECT count(*) FROM issuer`, 3},
		"classes":        {`SELECT count(*) FROM badge_class`, 20},
		"badges":         {`SELECT count(*) FROM badge`, 60},
		"with art":       {`SELECT count(*) FROM badge WHERE thumbnail <> ''`, 60},
		"public":         {`SELECT count(*) FROM badge WHERE visibility = 'public'`, 49},
		"comments":       {`SELECT count(*) FROM comment`, len(comments())},
		"imports left":   {`SELECT count(*) FROM badge_import WHERE state <> 'done'`, 0},
	} {
		if got := count(t, w.base.Read(), c.query); got != c.want {
			t.Errorf("%d %s, want %d", got, what, c.want)
		}
	}
}

// mine gives a person's badges by credential id.
func (w *town) mine(t *testing.T, handle string) map[string]badge.Badge {
	t.Helper()
	list, err := w.Badges.List(t.Context(), w.ids[handle], badge.Range{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]badge.Badge{}
	for _, b := range list {
		m[b.WireID] = b
	}
	return m
}

func (w *town) testVerdicts(t *testing.T) {
	for _, a := range w.awards {
		b, ok := w.mine(t, a.who)[w.credential(a).ID]
		if !ok {
			t.Errorf("%s does not hold %s", a.who, a.class)
			continue
		}
		if b.Verdict != a.expected() || b.Visibility != a.level() {
			t.Errorf("%s of %s is %s and %s, want %s and %s", a.class, a.who, b.Verdict, b.Visibility, a.expected(), a.level())
		}
		ledger, err := w.Badges.Ledger(t.Context(), b, 50)
		if err != nil {
			t.Fatal(err)
		}
		if len(ledger) == 0 {
			t.Errorf("%s of %s has no report", a.class, a.who)
			continue
		}
		for _, check := range ledger[len(ledger)-1].Report.Checks {
			if check.Result != verify.Pass && a.expected() == verify.Valid {
				t.Errorf("%s of %s: %s is %s (%s %s)", a.class, a.who, check.Name, check.Result, check.Reason, check.Detail)
			}
			if check.Name == verify.CheckRecipient && check.Result != verify.Pass && a.expected() != verify.Unverifiable {
				t.Errorf("%s of %s: recipient %s %s", a.class, a.who, check.Result, check.Reason)
			}
		}
	}
}

func (w *town) testMixture(t *testing.T) {
	got := map[string]int{}
	for _, r := range residents() {
		for _, b := range w.mine(t, r.handle) {
			got[string(b.Version)+" "+string(b.Form)]++
			got[b.Carrier]++
			got["verdict "+string(b.Verdict)]++
		}
	}
	want := map[string]int{
		"2.0 hosted": 13, "2.0 jws": 8, "3.0 vc-jwt": 21, "3.0 embedded": 18, "png": 36, "svg": 9, "json": 6, "jws": 9,
		"verdict valid": 57, "verdict expired": 1, "verdict revoked": 1, "verdict unverifiable": 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func (w *town) all(t *testing.T, viewer int64, f feed.Filter) []feed.Event {
	t.Helper()
	var list []feed.Event
	for before := int64(0); ; {
		p, err := w.feed.Community(t.Context(), viewer, f, badge.Range{Before: before, Limit: 50})
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, p.Events...)
		if before = p.Older; before == 0 {
			return list
		}
	}
}

func (w *town) testFeeds(t *testing.T) {
	events := w.all(t, 0, feed.All)
	if !slices.IsSortedFunc(events, func(a, b feed.Event) int { return b.At.Compare(a.At) }) {
		t.Error("events are not in the order of their times")
	}
	newest, oldest := time.Since(events[0].At), time.Since(events[len(events)-1].At)
	if newest > 45*time.Minute || newest < 0 || oldest < 40*24*time.Hour {
		t.Errorf("events happened from %s to %s ago", oldest, newest)
	}
	if n := len(w.all(t, 0, feed.Comments)); n != len(comments()) || n < 25 {
		t.Errorf("%d comments are to be seen, want %d", n, len(comments()))
	}
	if n := len(w.all(t, 0, feed.Badges)); n != 49 {
		t.Errorf("%d published badges are to be seen, want 49", n)
	}
	for _, r := range residents() {
		p, err := w.feed.Of(t.Context(), w.ids[r.handle], feed.All, badge.Range{Limit: 50})
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Events) < 10 {
			t.Errorf("the feed of %s has %d events", r.handle, len(p.Events))
		}
	}
}

// testPages looks at each page as its owner and as who it is for.
func (w *town) testPages(t *testing.T) {
	styles, kinds := map[string]bool{}, map[page.Kind]bool{}
	for _, f := range folios() {
		list, err := w.Pages.List(t.Context(), w.ids[f.who], page.Query{Limit: 10})
		if err != nil || len(list) != 1 {
			t.Fatalf("%d pages of %s, %v", len(list), f.who, err)
		}
		p, err := w.Pages.Mine(t.Context(), w.ids[f.who], list[0].PublicID)
		if err != nil || p.Title != f.title || p.Visibility != f.sharing.Visibility || p.HasPassword != (f.sharing.Password != "") || len(p.Blocks) != len(f.blocks) {
			t.Errorf("%s: %+v %v", f.title, p, err)
		}
		styles[p.Style] = true
		for i, b := range p.Blocks {
			if kinds[b.Kind] = true; len(b.Badges) != len(f.blocks[i].badges) {
				t.Errorf("%s: block %d has %d badges", f.title, i, len(b.Badges))
			}
		}
		if hidden, err := w.Pages.Concealed(t.Context(), p, p.Visibility); err != nil || len(hidden) != f.kept {
			t.Errorf("%s: %d badges that its readers do not see, %v", f.title, len(hidden), err)
		}
		_, err = w.Pages.Everybodys(t.Context(), p.PublicID)
		if open := f.sharing.Visibility == badge.Public && f.sharing.Password == ""; open != (err == nil) {
			t.Errorf("%s: %v", f.title, err)
		}
		if f.sharing.Password == "" {
			continue
		}
		if ok, err := w.Pages.Opens(t.Context(), p, PagePassword); !ok || err != nil || p.PublicID != w.locked {
			t.Errorf("%s does not open: %v", f.title, err)
		}
	}
	if len(styles) != 5 || len(kinds) < 8 {
		t.Errorf("looks %v, blocks %v", styles, kinds)
	}
	if n := len(w.all(t, 0, feed.Arranges)); n != 2 {
		t.Errorf("%d pages are news for everybody, want 2", n)
	}
}

func (w *town) testOffline(t *testing.T) {
	for _, a := range w.awards {
		k := w.classes[a.class]
		if k.issuer != college {
			continue
		}
		data, err := w.file(t.Context(), w.credential(a), a.form, a.in, k)
		if err != nil {
			t.Fatal(err)
		}
		found, err := bake.Extract(data)
		if err != nil {
			t.Fatal(err)
		}
		r := verify.Check(t.Context(), found.Payload, verify.Options{At: time.Now()})
		if r.Verdict != verify.Valid {
			t.Errorf("%s of %s: %s %+v", a.class, a.who, r.Verdict, r.Checks)
		}
	}
}

// upload adds a file as one of the people and gives how that ended.
func (w *town) upload(t *testing.T, handle string, u badge.Upload) badge.Import {
	t.Helper()
	im, err := w.Badges.Begin(t.Context(), w.ids[handle], u)
	if err != nil {
		return badge.Import{State: badge.StateRefused, Reason: err.Error()}
	}
	if err := w.Queue.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if im, err = w.Badges.ImportByID(t.Context(), w.ids[handle], im.PublicID); err != nil {
		t.Fatal(err)
	}
	return im
}

func (w *town) testSamples(t *testing.T) {
	const who = "luz"
	for _, s := range samples() {
		data, err := w.sampleFile(t.Context(), s, who+"@"+domain)
		if err != nil {
			t.Fatal(err)
		}
		state, reason := badge.StateDone, ""
		switch {
		case s.changed:
			state, reason = badge.StateRefused, "signature"
		case s.to != "":
			state, reason = badge.StateMismatch, "recipient"
		}
		im := w.upload(t, who, badge.Upload{File: data, Filename: s.file})
		if im.State != state || im.Reason != reason {
			t.Errorf("%s: %s %q, want %s %q", s.file, im.State, im.Reason, state, reason)
		}
		if s.to != "" && im.Detail != "r…@harbour.example" {
			t.Errorf("%s: detail %q", s.file, im.Detail)
		}
		again, err := w.sampleFile(t.Context(), s, who+"@"+domain)
		if err != nil {
			t.Fatal(err)
		}
		if im := w.upload(t, who, badge.Upload{File: again}); state == badge.StateDone && im.State != badge.StateDuplicate {
			t.Errorf("%s the second time: %s", s.file, im.State)
		}
	}
	if im := w.upload(t, who, badge.Upload{URL: w.welcomeURL(who)}); im.State != badge.StateDone {
		t.Errorf("the hosted welcome badge: %s %s %s", im.State, im.Reason, im.Detail)
	}
}

func (w *town) testAgain(t *testing.T) {
	if underRace {
		t.Skip("seeding once shows the races; drawing the art twice takes minutes")
	}
	if diff := cmp.Diff(w.words(t), settle(t).words(t)); diff != "" {
		t.Errorf("-first +second\n%s", diff)
	}
}

// words are the names and texts of a seeded passport, and who did what in which order.
func (w *town) words(t *testing.T) []string {
	t.Helper()
	list := []string{}
	for _, e := range w.all(t, w.ids["maren"], feed.All) {
		list = append(list, strings.Join([]string{string(e.Verb), e.Actor.Name, e.ClassName, e.Issuer, e.Person.Handle, e.Comment, string(e.Verdict)}, "|"))
	}
	names, err := db.Select(context.WithoutCancel(t.Context()), w.base.Read(), db.One[string],
		`SELECT p.handle || ' ' || c.name || ' ' || b.form || ' ' || b.carrier || ' ' || b.visibility FROM badge b
			JOIN person p ON p.id = b.person JOIN badge_class c ON c.id = b.class ORDER BY p.handle, c.name, b.issued_at`)
	if err != nil {
		t.Fatal(err)
	}
	return append(list, names...)
}
