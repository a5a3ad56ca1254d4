package social_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/social"
)

func open(t *testing.T, b *db.Base) (*social.Social, *event.Bus) {
	t.Helper()
	bus := event.New(slog.New(slog.DiscardHandler))
	err := b.Tx(t.Context(), func(tx *db.Tx) error {
		for _, q := range []string{
			`INSERT INTO person (id, public_id, handle, name, created_at) VALUES (1, 'a', 'ada', 'Ada', 1), (2, 'b', 'bob', 'Bob', 1)`,
			`INSERT INTO issuer (id, public_id, wire_id, name, first_seen) VALUES (1, 'i', 'https://i.test', 'Issuer', 1)`,
			`INSERT INTO badge_class (id, public_id, content_hash, issuer, name, created_at) VALUES (1, 'c', 'c', 1, 'Class', 1)`,
		} {
			if _, err := tx.Exec(t.Context(), q); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return social.New(b, bus, nil, nil), bus
}

func TestFollowingCountsOnceHoweverOftenItIsAsked(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		s, bus := open(t, b)
		ctx := t.Context()
		var told sync.Map
		event.On(bus, func(_ context.Context, _ *db.Tx, e social.Followed) error { told.Store(e, true); return nil })
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				if err := s.Follow(ctx, 1, social.Class, 1); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		st, err := s.Standing(ctx, 1, social.Class, 1)
		if err != nil || st != (social.Standing{Following: true, Followers: 1}) {
			t.Errorf("%+v, %v", st, err)
		}
		if n, err := s.Following(ctx, 1); err != nil || n != 1 {
			t.Errorf("follows %d, %v", n, err)
		}
		for range 2 {
			if err := s.Unfollow(ctx, 1, social.Class, 1); err != nil {
				t.Fatal(err)
			}
		}
		if st, err = s.Standing(ctx, 1, social.Class, 1); err != nil || st != (social.Standing{}) {
			t.Errorf("after unfollowing: %+v, %v", st, err)
		}
	})
}

func TestNobodyFollowsThemselves(t *testing.T) {
	s, _ := open(t, dbtest.SQLite(t))
	if err := s.Follow(t.Context(), 1, social.Person, 1); !fault.Is(err, fault.Invalid) {
		t.Errorf("got %v", err)
	}
}

func TestCommentsKeepTheTextAndTheirAuthor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		s, _ := open(t, b)
		ctx := t.Context()
		for _, bad := range []string{"", "   ", strings.Repeat("x", social.MaxComment+1)} {
			if _, err := s.Comment(ctx, 1, 1, bad); !fault.Is(err, fault.Invalid) {
				t.Errorf("%.10q: %v", bad, err)
			}
		}
		made, err := s.Comment(ctx, 1, 1, "Well *done* 🎉\n<b>you</b>")
		if err != nil {
			t.Fatal(err)
		}
		list, err := s.Comments(ctx, 0, 1, 0, 10)
		if err != nil || len(list) != 1 || list[0].Author.Handle != "ada" {
			t.Fatalf("%+v, %v", list, err)
		}
		if diff := cmp.Diff("Well *done* 🎉\n<b>you</b>", list[0].Body); diff != "" {
			t.Error(diff)
		}
		if err := s.RemoveComment(ctx, 2, false, made.PublicID); !fault.Is(err, fault.NotFound) {
			t.Errorf("somebody else removed it: %v", err)
		}
		if err := s.RemoveComment(ctx, 2, true, made.PublicID); err != nil {
			t.Errorf("an administrator: %v", err)
		}
	})
}

func TestErasingAPersonKeepsTheCountersOfOthersRight(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		s, _ := open(t, b)
		ctx := t.Context()
		for _, err := range []error{
			s.Follow(ctx, 1, social.Person, 2), s.Follow(ctx, 2, social.Person, 1), s.Follow(ctx, 1, social.Class, 1), s.Follow(ctx, 2, social.Class, 1),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := b.Tx(ctx, func(tx *db.Tx) error { return s.Erase(ctx, tx, 1) }); err != nil {
			t.Fatal(err)
		}
		bob, err := s.Standing(ctx, 0, social.Person, 2)
		if err != nil || bob.Followers != 0 {
			t.Errorf("bob: %+v, %v", bob, err)
		}
		class, err := s.Standing(ctx, 2, social.Class, 1)
		if err != nil || class != (social.Standing{Following: true, Followers: 1}) {
			t.Errorf("class: %+v, %v", class, err)
		}
		if n, err := s.Following(ctx, 2); err != nil || n != 1 {
			t.Errorf("bob follows %d, %v", n, err)
		}
	})
}
