package badge_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/blob"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/fetch"
	"github.com/osier-passport/osier/core/jobs"
	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

const (
	ada = int64(1)
	bob = int64(2)
)

// addresses are the confirmed addresses of the people of a test.
type addresses map[int64][]string

func (a addresses) Confirmed(_ context.Context, _ db.DB, person int64) ([]string, error) {
	return a[person], nil
}

// passport is a badge service with two people and an issuer that is its own key.
type passport struct {
	*badge.Badges
	base  *db.Base
	queue *jobs.Queue
	bus   *event.Bus
	key   issue.Key
}

func open(t *testing.T, b *db.Base) *passport {
	t.Helper()
	return openTo(t, b)
}

// openTo is open with hosts that may be asked though they are not public.
func openTo(t *testing.T, b *db.Base, hosts ...string) *passport {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	p := &passport{base: b, queue: jobs.New(b, log), bus: event.New(log), key: issue.Ed25519FromSeed("badge tests")}
	p.Badges = badge.New(badge.Deps{
		Base: b, Blobs: blob.Store{}, Bus: p.bus, Queue: p.queue, Fetch: fetch.New(fetch.Options{Log: log, Allow: hosts}), Log: log,
		Addresses: addresses{ada: {"ada@example.org"}, bob: {"bob@example.org"}},
	})
	p.TakeTime()
	p.tx(t, func(ctx context.Context, tx *db.Tx) error {
		for id, name := range map[int64]string{ada: "ada", bob: "bob"} {
			if _, err := tx.Exec(ctx, `INSERT INTO person (id, public_id, handle, name, created_at) VALUES ($1, $2, $2, $2, 1)`, id, name); err != nil {
				return err
			}
		}
		return nil
	})
	return p
}

func (p *passport) tx(t *testing.T, f func(ctx context.Context, tx *db.Tx) error) {
	t.Helper()
	if err := p.base.Tx(t.Context(), func(tx *db.Tx) error { return f(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

// credential signs a badge for an address.
func (p *passport) credential(t *testing.T, id, address string, change func(*openbadge.Credential)) []byte {
	t.Helper()
	c := p.weaver(id, address)
	if change != nil {
		change(&c)
	}
	out, err := p.key.Embed(t.Context(), issue.Credential3(c), issue.Proof{Method: p.method(), Created: c.IssuedOn})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (p *passport) method() string { return p.key.DIDKey() + "#" + p.key.Multibase() }

// weaver is what credential signs.
func (p *passport) weaver(id, address string) openbadge.Credential {
	return openbadge.Credential{
		Version: openbadge.V30, VCVersion: "2.0", ID: "urn:uuid:" + id, Name: "Willow weaver", Description: "Weaves baskets of willow.",
		AchievementID: "https://school.example/achievements/willow", CriteriaText: "Weave three baskets.",
		Issuer:    openbadge.Issuer{ID: p.key.DIDKey(), Name: "School of Craft", URL: "https://school.example"},
		Recipient: openbadge.Recipient{Identities: []openbadge.Identity{{Type: "email", Value: address}}},
		IssuedOn:  time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC),
	}
}

// take imports a file and gives the ended import.
func (p *passport) take(t *testing.T, person int64, file []byte) badge.Import {
	t.Helper()
	im, err := p.Begin(t.Context(), person, badge.Upload{File: file, Filename: "badge.json"})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.queue.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	im, err = p.ImportByID(t.Context(), person, im.PublicID)
	if err != nil {
		t.Fatal(err)
	}
	return im
}

func (p *passport) rows(t *testing.T, table string) int {
	t.Helper()
	var n int
	if err := p.base.Read().QueryRow(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestABadgeComesInAndKeepsItsBytes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		p := open(t, b)
		file := p.credential(t, "1", "ada@example.org", nil)
		im := p.take(t, ada, file)
		if im.State != badge.StateDone {
			t.Fatalf("import %+v", im)
		}
		got, err := p.Mine(t.Context(), ada, im.Badge)
		if err != nil {
			t.Fatal(err)
		}
		want := []any{"Willow weaver", "School of Craft", verify.Valid, badge.Private, "a…@example.org", true}
		if diff := cmp.Diff(want, []any{got.Class.Name, got.Class.Issuer.Name, got.Verdict, got.Visibility, got.IssuedTo, got.Plain}); diff != "" {
			t.Error(diff)
		}
		_, data, err := p.ReceivedFile(t.Context(), got)
		if err != nil || !bytes.Equal(data, file) {
			t.Errorf("the received bytes changed: %v", err)
		}
		ledger, err := p.Ledger(t.Context(), got, 10)
		if err != nil || len(ledger) != 1 || len(ledger[0].Report.Checks) < 5 {
			t.Errorf("ledger %+v, %v", ledger, err)
		}
	})
}

func TestTheSameBadgeIsHeldOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		p := open(t, b)
		first := p.take(t, ada, p.credential(t, "1", "ada@example.org", nil))
		again := p.take(t, ada, p.credential(t, "1", "ada@example.org", nil))
		if again.State != badge.StateDuplicate || again.Badge != first.Badge {
			t.Errorf("got %+v", again)
		}
		if n := p.rows(t, "badge"); n != 1 {
			t.Errorf("%d badges", n)
		}
	})
}

func TestImportingOneBadgeManyTimesAtOnceKeepsOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		p := open(t, b)
		file := p.credential(t, "1", "ada@example.org", nil)
		var wg sync.WaitGroup
		for range 15 {
			wg.Go(func() {
				if _, err := p.Begin(t.Context(), ada, badge.Upload{File: file}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if err := p.queue.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := p.rows(t, "badge"); n != 1 {
			t.Errorf("%d badges", n)
		}
		if n := p.rows(t, "badge_import WHERE state = 'duplicate'"); n != 14 {
			t.Errorf("%d duplicates", n)
		}
	})
}

func TestWhatIsRefusedLeavesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		p := open(t, b)
		signed := p.credential(t, "1", "ada@example.org", nil)
		for _, c := range []struct {
			name, reason string
			file         []byte
		}{
			{"tampered", "", bytes.Replace(signed, []byte("Willow weaver"), []byte("Willow master"), 1)},
		} {
			im := p.take(t, ada, c.file)
			if im.State != badge.StateRefused || im.Reason == "" || (c.reason != "" && im.Reason != c.reason) {
				t.Errorf("%s: %+v", c.name, im)
			}
		}
		for _, c := range []struct{ name, text string }{
			{"not a badge", "hello"}, {"JSON that is none", `{"a":1}`}, {"duplicate keys", strings.Replace(string(signed), `"name"`, `"name":"x","name"`, 1)},
		} {
			_, err := p.Begin(t.Context(), ada, badge.Upload{Text: c.text})
			if e, ok := fault.As(err); !ok || fault.Status(err) != 422 || !strings.HasPrefix(e.Key, "verify.reason.") {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		for _, table := range []string{"badge", "badge_class", "issuer", "verification", "blob", "job"} {
			if n := p.rows(t, table); n != 0 {
				t.Errorf("%s: %d rows left", table, n)
			}
		}
	})
}

func TestAnImportWhoseJobWasGivenUpEnds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		p := open(t, b)
		p.LeaveToWorkers()
		im, err := p.Begin(t.Context(), ada, badge.Upload{File: p.credential(t, "1", "ada@example.org", nil)})
		if err != nil {
			t.Fatal(err)
		}
		p.tx(t, func(ctx context.Context, tx *db.Tx) error {
			if _, err := tx.Exec(ctx, `DELETE FROM job`); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, `UPDATE badge_import SET changed_at = 1`)
			return err
		})
		if err := p.queue.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if im, err = p.ImportByID(t.Context(), ada, im.PublicID); err != nil || im.State != badge.StateRefused || im.Reason != "timeout" {
			t.Errorf("%+v, %v", im, err)
		}
		if n := p.rows(t, "blob"); n != 0 {
			t.Errorf("%d uploads left", n)
		}
	})
}

func TestWhoMaySeeABadge(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		p := open(t, b)
		ctx := t.Context()
		id := p.take(t, ada, p.credential(t, "1", "ada@example.org", nil)).Badge
		const nobody = int64(0)
		see := func(viewer int64, key string) bool {
			_, err := p.Get(ctx, viewer, id, key)
			if err != nil && !fault.Is(err, fault.NotFound) {
				t.Fatal(err)
			}
			return err == nil
		}
		listed := func(viewer int64) bool {
			shown, err := p.Shown(ctx, viewer, ada, badge.Range{Limit: 10})
			if err != nil {
				t.Fatal(err)
			}
			n, err := p.CountShown(ctx, viewer, ada)
			if err != nil || n != len(shown) {
				t.Fatalf("count %d, listed %d, %v", n, len(shown), err)
			}
			return len(shown) == 1
		}
		for _, c := range []struct {
			v                                          badge.Visibility
			owner, member, visitor, memberList, guests bool
		}{
			{badge.Private, true, false, false, false, false},
			{badge.Link, true, false, false, false, false},
			{badge.Members, true, true, false, true, false},
			{badge.Public, true, true, true, true, true},
			{badge.Private, true, false, false, false, false},
		} {
			if err := p.SetVisibility(ctx, ada, id, c.v); err != nil {
				t.Fatal(err)
			}
			got := []bool{see(ada, ""), see(bob, ""), see(nobody, ""), listed(bob), listed(nobody)}
			if want := []bool{c.owner, c.member, c.visitor, c.memberList, c.guests}; !cmp.Equal(got, want) {
				t.Errorf("%s: got %v, want %v", c.v, got, want)
			}
		}
		if err := p.SetVisibility(ctx, bob, id, badge.Public); !fault.Is(err, fault.NotFound) {
			t.Errorf("somebody else published it: %v", err)
		}
	})
}

func TestASecretLinkOpensTheBadgeUntilItIsRevoked(t *testing.T) {
	b := dbtest.SQLite(t)
	p := open(t, b)
	ctx := t.Context()
	id := p.take(t, ada, p.credential(t, "1", "ada@example.org", nil)).Badge
	if err := p.SetVisibility(ctx, ada, id, badge.Link); err != nil {
		t.Fatal(err)
	}
	mine, err := p.Mine(ctx, ada, id)
	if err != nil || len(mine.Secret) < 40 {
		t.Fatalf("secret %q, %v", mine.Secret, err)
	}
	got, err := p.Get(ctx, 0, id, mine.Secret)
	if err != nil || got.Secret != "" {
		t.Errorf("with the secret: %q, %v", got.Secret, err)
	}
	for _, key := range []string{"", "x", mine.Secret[1:]} {
		if _, err := p.Get(ctx, 0, id, key); !fault.Is(err, fault.NotFound) {
			t.Errorf("key %q: %v", key, err)
		}
	}
	for _, v := range []badge.Visibility{badge.Private, badge.Link} {
		if err := p.SetVisibility(ctx, ada, id, v); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Get(ctx, 0, id, mine.Secret); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: the old secret still works: %v", v, err)
		}
	}
}

func TestPublishingIsToldOnce(t *testing.T) {
	b := dbtest.SQLite(t)
	p := open(t, b)
	told := 0
	event.On(p.bus, func(context.Context, *db.Tx, badge.Published) error { told++; return nil })
	id := p.take(t, ada, p.credential(t, "1", "ada@example.org", nil)).Badge
	for _, v := range []badge.Visibility{badge.Link, badge.Members, badge.Public, badge.Private, badge.Public} {
		if err := p.SetVisibility(t.Context(), ada, id, v); err != nil {
			t.Fatal(err)
		}
	}
	if told != 1 {
		t.Errorf("told %d times", told)
	}
}

func TestANewBadgeIsShownAsItsOwnerChose(t *testing.T) {
	b := dbtest.SQLite(t)
	p := open(t, b)
	var told []int64
	event.On(p.bus, func(_ context.Context, _ *db.Tx, e badge.Published) error { told = append(told, e.Person); return nil })
	p.tx(t, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE person SET default_visibility = 'members' WHERE id = $1`, bob)
		return err
	})
	for who, address := range map[int64]string{ada: "ada@example.org", bob: "bob@example.org"} {
		got, err := p.Mine(t.Context(), who, p.take(t, who, p.credential(t, address, address, nil)).Badge)
		if want := map[int64]badge.Visibility{ada: badge.Private, bob: badge.Members}[who]; err != nil || got.Visibility != want {
			t.Errorf("%s: %s, %v", address, got.Visibility, err)
		}
	}
	if !cmp.Equal(told, []int64{bob}) {
		t.Errorf("told of %v", told)
	}
}

func TestRemovingTheLastBadgeOfAClassLeavesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		p := open(t, b)
		ctx := t.Context()
		var ids [2]string
		for i, who := range []int64{ada, bob} {
			address := map[int64]string{ada: "ada@example.org", bob: "bob@example.org"}[who]
			ids[i] = p.take(t, who, p.credential(t, fmt.Sprint(i), address, nil)).Badge
		}
		if n := p.rows(t, "badge_class"); n != 1 {
			t.Errorf("two holders make %d classes", n)
		}
		if err := p.Remove(ctx, ada, ids[1]); !fault.Is(err, fault.NotFound) {
			t.Errorf("somebody else removed it: %v", err)
		}
		if err := p.Remove(ctx, ada, ids[0]); err != nil {
			t.Fatal(err)
		}
		if n := p.rows(t, "badge_class"); n != 1 {
			t.Errorf("the class of the other holder is gone")
		}
		p.tx(t, func(ctx context.Context, tx *db.Tx) error { return p.Erase(ctx, tx, bob) })
		for _, table := range []string{"badge", "badge_class", "issuer", "verification", "blob"} {
			if n := p.rows(t, table); n != 0 {
				t.Errorf("%s: %d rows left", table, n)
			}
		}
	})
}

func TestTheLinkedInNumberOfAnIssuerIsKept(t *testing.T) {
	p := open(t, dbtest.SQLite(t))
	b, err := p.Mine(t.Context(), ada, p.take(t, ada, p.credential(t, "1", "ada@example.org", nil)).Badge)
	if err != nil {
		t.Fatal(err)
	}
	issuer := b.Class.Issuer.PublicID
	for number, want := range map[string]fault.Kind{"12x": fault.Invalid, "https://linkedin.com": fault.Invalid} {
		if err := p.SetLinkedIn(t.Context(), issuer, number); !fault.Is(err, want) {
			t.Errorf("%q: %v", number, err)
		}
	}
	if err := p.SetLinkedIn(t.Context(), "nobody", "12"); !fault.Is(err, fault.NotFound) {
		t.Errorf("unknown issuer: %v", err)
	}
	if err := p.SetLinkedIn(t.Context(), issuer, " 1234 "); err != nil {
		t.Fatal(err)
	}
	if b, err = p.Mine(t.Context(), ada, b.PublicID); err != nil || b.Class.Issuer.LinkedIn != "1234" {
		t.Errorf("got %q, %v", b.Class.Issuer.LinkedIn, err)
	}
}

func TestABadgeExpiresWithoutBeingCheckedAgain(t *testing.T) {
	b := badge.Badge{Verdict: verify.Valid, ExpiresAt: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	for at, want := range map[time.Time]verify.Verdict{
		b.ExpiresAt.Add(-time.Second): verify.Valid, b.ExpiresAt: verify.Expired,
	} {
		if got := b.VerdictAt(at); got != want {
			t.Errorf("%v: got %s", at, got)
		}
	}
}
