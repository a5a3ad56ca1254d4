package feed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/jobs"
	"github.com/osier-passport/osier/core/openbadge/verify"
	"github.com/osier-passport/osier/core/social"
)

// world is a community made by direct inserts, so that a test says exactly what is in it.
type world struct {
	base   *db.Base
	bus    *event.Bus
	feed   *Feed
	social *social.Social
}

func newWorld(t testing.TB, b *db.Base) *world {
	t.Helper()
	bus := event.New(slog.New(slog.DiscardHandler))
	w := &world{base: b, bus: bus, social: social.New(b, bus, nil, nil)}
	w.feed = New(b, bus, jobs.New(b, slog.New(slog.DiscardHandler)))
	w.tx(t, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO issuer (id, public_id, wire_id, name, first_seen) VALUES (1, 'i', 'https://i.test', 'Issuer', 1)`)
		return err
	})
	return w
}

func (w *world) tx(t testing.TB, f func(ctx context.Context, tx *db.Tx) error) {
	t.Helper()
	if err := w.base.Tx(t.Context(), func(tx *db.Tx) error { return f(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

func (w *world) person(t testing.TB, id int64) {
	t.Helper()
	w.tx(t, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO person (id, public_id, handle, name, created_at) VALUES ($1, $2, $2, $3, 1)`,
			id, fmt.Sprintf("p%d", id), fmt.Sprintf("Person %d", id))
		return err
	})
}

func (w *world) class(t testing.TB, id int64) {
	t.Helper()
	w.tx(t, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO badge_class (id, public_id, content_hash, issuer, name, created_at) VALUES ($1, $2, $2, 1, $3, 1)`,
			id, fmt.Sprintf("c%d", id), fmt.Sprintf("Class %d", id))
		return err
	})
}

func (w *world) badge(t testing.TB, id, person, class int64, visibility badge.Visibility) {
	t.Helper()
	w.tx(t, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO badge (id, public_id, person, class, equality, version, form, carrier, received, credential, verdict, verified_at, visibility, created_at)
			VALUES ($1, $2, $3, $4, $2, '3.0', 'vc-jwt', 'jws', '', '', 'valid', 1, $5, 1)`, id, fmt.Sprintf("b%d", id), person, class, visibility)
		return err
	})
}

func (w *world) publish(t testing.TB, id, person, class int64) {
	t.Helper()
	w.tx(t, func(ctx context.Context, tx *db.Tx) error {
		return event.Publish(ctx, tx, w.bus, badge.Published{Badge: id, Class: class, Person: person})
	})
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// naive is the exact answer by the plain definition.
func (w *world) naive(t testing.TB, reader int64) []int64 {
	t.Helper()
	return must[[]int64](t)(db.Select(t.Context(), w.base.Read(), db.One[int64], `SELECT DISTINCT s.ev FROM follow f
		JOIN event_src s ON s.src = f.src WHERE f.follower = $1 ORDER BY s.ev DESC`, reader))
}

func (w *world) walk(t testing.TB, reader int64, size int) []int64 {
	t.Helper()
	var ids []int64
	for before := int64(0); ; {
		p := must[Page](t)(w.feed.Of(t.Context(), reader, All, badge.Range{Before: before, Limit: size}))
		for _, e := range p.Events {
			ids = append(ids, e.ID)
		}
		if p.Older == 0 {
			return ids
		}
		before = p.Older
	}
}

func TestEveryWayOfReadingGivesTheExactAnswer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		w := newWorld(t, b)
		r := rand.New(rand.NewPCG(1, 2))
		const people, classes, events = 80, 12, 2600
		for id := range int64(people) {
			w.person(t, id+1)
		}
		for id := range int64(classes) {
			w.class(t, id+1)
			w.badge(t, id+1, 1, id+1, badge.Public)
		}
		w.tx(t, func(ctx context.Context, tx *db.Tx) error {
			for range events {
				// Person 1 is busy, person 80 nearly silent.
				actor := 1 + int64(float64(people)*r.Float64()*r.Float64())
				class := 1 + r.Int64N(classes)
				if err := w.feed.write(ctx, tx, row{verb: Followed, actor: actor, class: class}); err != nil {
					return err
				}
			}
			return nil
		})
		follow := func(reader int64, k social.Kind, objects ...int64) {
			for _, o := range objects {
				if err := w.social.Follow(t.Context(), reader, k, o); err != nil {
					t.Fatal(err)
				}
			}
		}
		follow(80, social.Person, 79)      // sparse: merged
		follow(79, social.Person, 1, 2, 3) // dense: scanned
		follow(79, social.Class, 1, 2)
		for id := int64(2); id < 60; id++ {
			follow(78, social.Person, id) // many: the newest sources first
		}
		follow(78, social.Class, 3)
		w.tx(t, func(ctx context.Context, tx *db.Tx) error {
			// Reader 78 is made to look sparse, so that the merge is taken.
			_, err := tx.Exec(ctx, `UPDATE person SET density = 0 WHERE id = 78`)
			return err
		})
		for _, reader := range []int64{80, 79, 78, 77} {
			if diff := cmp.Diff(w.naive(t, reader), append([]int64{}, w.walk(t, reader, 20)...)); diff != "" {
				t.Errorf("reader %d: %s", reader, diff)
			}
		}
	})
}

func TestAnEventIsShownOnlyToWhoMaySeeIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		w := newWorld(t, b)
		for id := range int64(3) {
			w.person(t, id+1)
		}
		w.class(t, 1)
		if err := w.social.Follow(t.Context(), 2, social.Person, 1); err != nil {
			t.Fatal(err)
		}
		for i, v := range []badge.Visibility{badge.Private, badge.Link, badge.Members, badge.Public} {
			id := int64(i + 1)
			w.badge(t, id, 1, 1, v)
			w.publish(t, id, 1, 1)
		}
		badges := func(p Page) []string {
			list := []string{}
			for _, e := range p.Events {
				if e.Verb == Published {
					list = append(list, e.BadgeID)
				}
			}
			slices.Sort(list)
			return list
		}
		page := must[Page](t)
		ctx := t.Context()
		if got, want := badges(page(w.feed.Of(ctx, 2, All, badge.Range{Limit: 20}))), []string{"b3", "b4"}; !cmp.Equal(got, want) {
			t.Errorf("follower: got %v, want %v", got, want)
		}
		if got, want := badges(page(w.feed.Community(ctx, 0, All, badge.Range{Limit: 20}))), []string{"b4"}; !cmp.Equal(got, want) {
			t.Errorf("visitor: got %v, want %v", got, want)
		}
		if got, want := badges(page(w.feed.By(ctx, 3, 1, Badges, badge.Range{Limit: 20}))), []string{"b3", "b4"}; !cmp.Equal(got, want) {
			t.Errorf("member on the profile: got %v, want %v", got, want)
		}
		for _, change := range []string{
			`UPDATE badge SET visibility = 'private' WHERE id = 4`,
			`UPDATE badge SET visibility = 'public', show_name = FALSE WHERE id = 4`,
			`UPDATE badge SET show_name = TRUE, verdict = 'invalid' WHERE id = 4`,
		} {
			w.tx(t, func(ctx context.Context, tx *db.Tx) error { _, err := tx.Exec(ctx, change); return err })
			if got := badges(page(w.feed.Community(ctx, 0, All, badge.Range{Limit: 20}))); len(got) != 0 {
				t.Errorf("after %q a visitor sees %v", change, got)
			}
		}
	})
}

func TestAFullPageIsFilledPastHiddenEvents(t *testing.T) {
	b := dbtest.SQLite(t)
	w := newWorld(t, b)
	w.person(t, 1)
	w.class(t, 1)
	for id := int64(1); id <= 60; id++ {
		v := badge.Private
		if id <= 5 || id%20 == 0 {
			v = badge.Public
		}
		w.badge(t, id, 1, 1, v)
		w.publish(t, id, 1, 1)
	}
	p := must[Page](t)(w.feed.Community(t.Context(), 0, All, badge.Range{Limit: 6}))
	if len(p.Events) != 6 || p.Older == 0 {
		t.Fatalf("got %d events, cursor %d", len(p.Events), p.Older)
	}
	rest := must[Page](t)(w.feed.Community(t.Context(), 0, All, badge.Range{Before: p.Older, Limit: 6}))
	if len(rest.Events) != 2 || rest.Older != 0 {
		t.Errorf("got %d events, cursor %d", len(rest.Events), rest.Older)
	}
}

// TestVisitorsSeeWhatIsBehindManyFollows: who follows whom is for members, and hundreds of
// such events hide nothing of what is for everybody.
func TestVisitorsSeeWhatIsBehindManyFollows(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		w := newWorld(t, b)
		const followed = 500
		w.person(t, 1)
		w.class(t, 1)
		w.badge(t, 1, 1, 1, badge.Public)
		w.publish(t, 1, 1, 1)
		w.person(t, 2)
		if err := w.social.Follow(t.Context(), 1, social.Person, 2); err != nil {
			t.Fatal(err)
		}
		w.tx(t, func(ctx context.Context, tx *db.Tx) error {
			src, err := db.One[int64](tx.QueryRow(ctx, `SELECT object FROM event WHERE verb = 'followed'`))
			for range followed {
				err = errors.Join(err, w.feed.write(ctx, tx, row{verb: Followed, actor: 1, object: src}))
			}
			return err
		})
		verbs := func(p Page, err error) (list []Verb) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range p.Events {
				list = append(list, e.Verb)
			}
			return list
		}
		r := badge.Range{Limit: 2}
		for who, got := range map[string][]Verb{"by": verbs(w.feed.By(t.Context(), 0, 1, All, r)), "community": verbs(w.feed.Community(t.Context(), 0, All, r))} {
			if want := []Verb{Published}; !slices.Equal(got, want) {
				t.Errorf("%s: a visitor sees %v, want %v", who, got, want)
			}
		}
		if got, want := verbs(w.feed.By(t.Context(), 2, 1, All, r)), []Verb{Followed, Followed}; !slices.Equal(got, want) {
			t.Errorf("a member sees %v, want %v", got, want)
		}
	})
}

func TestEventsGoWithWhatTheyAreAbout(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		w := newWorld(t, b)
		for id := range int64(3) {
			w.person(t, id+1)
		}
		w.class(t, 1)
		w.badge(t, 1, 1, 1, badge.Public)
		w.publish(t, 1, 1, 1)
		ctx := t.Context()
		c, err := w.social.Comment(ctx, 2, 1, "Well done!")
		if err != nil {
			t.Fatal(err)
		}
		for _, follow := range []func() error{
			func() error { return w.social.Follow(ctx, 2, social.Person, 1) },
			func() error { return w.social.Follow(ctx, 2, social.Class, 1) },
			func() error { return w.social.Unfollow(ctx, 2, social.Class, 1) },
			func() error { return w.social.RemoveComment(ctx, 2, false, c.PublicID) },
		} {
			if err := follow(); err != nil {
				t.Fatal(err)
			}
		}
		w.tx(t, func(ctx context.Context, tx *db.Tx) error {
			return event.Publish(ctx, tx, w.bus, badge.Removed{Badge: 1, Person: 1})
		})
		w.tx(t, func(ctx context.Context, tx *db.Tx) error {
			if err := w.feed.Erase(ctx, tx, 1); err != nil {
				return err
			}
			return w.social.Erase(ctx, tx, 1)
		})
		for _, table := range []string{"event", "event_src", "follow"} {
			var n int
			if err := b.Read().QueryRow(ctx, `SELECT count(*) FROM `+table).Scan(&n); err != nil || n != 0 {
				t.Errorf("%s: %d rows, %v", table, n, err)
			}
		}
		var total, wrong int
		if err := b.Read().QueryRow(ctx, `SELECT (SELECT events FROM feed_total), (SELECT count(*) FROM source WHERE events <> 0 OR followers <> 0)`).Scan(&total, &wrong); err != nil || total != 0 || wrong != 0 {
			t.Errorf("counters: total %d, %d sources wrong, %v", total, wrong, err)
		}
	})
}

func BenchmarkFeedPage(b *testing.B) {
	base := dbtest.SQLite(b)
	w := newWorld(b, base)
	r := rand.New(rand.NewPCG(3, 4))
	for id := range int64(500) {
		w.person(b, id+1)
	}
	for id := range int64(50) {
		w.class(b, id+1)
		w.badge(b, id+1, 1, id+1, badge.Public)
	}
	for range 40 {
		w.tx(b, func(ctx context.Context, tx *db.Tx) error {
			for range 500 {
				if err := w.feed.write(ctx, tx, row{verb: Published, actor: 1 + r.Int64N(500), class: 1 + r.Int64N(50), badge: 1 + r.Int64N(50)}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	for id := int64(2); id < 200; id++ {
		if err := w.social.Follow(b.Context(), 1, social.Person, id); err != nil {
			b.Fatal(err)
		}
	}
	started := time.Now()
	for b.Loop() {
		if p, err := w.feed.Of(b.Context(), 1, All, badge.Range{Limit: 20}); err != nil || len(p.Events) != 20 {
			b.Fatal(len(p.Events), err)
		}
	}
	guided := time.Since(started) / time.Duration(b.N)
	started = time.Now()
	for range 5 {
		w.naive(b, 1)
	}
	b.ReportMetric(float64(time.Since(started)/5)/float64(guided), "x-faster-than-join-all")
}

func TestACardOfTheFeedSaysThatItsBadgeHasExpired(t *testing.T) {
	end := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	e := Event{Verb: Published, BadgeID: "b", Verdict: verify.Valid, ExpiresAt: end}
	for at, want := range map[time.Time]verify.Verdict{end.Add(-1): verify.Valid, end: verify.Expired} {
		if got := e.view(at).Badge.Verdict; got != string(want) {
			t.Errorf("%v: got %s, want %s", at, got, want)
		}
	}
}
