package event_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/event"
)

type happened struct{ what string }

func TestHandlersRunInsideAndAfterTheTransaction(t *testing.T) {
	b := dbtest.SQLite(t)
	bus := event.New(slog.New(slog.DiscardHandler))
	var got []string
	event.On(bus, func(_ context.Context, _ *db.Tx, e happened) error {
		got = append(got, "inside "+e.what)
		return nil
	})
	event.After(bus, func(_ context.Context, e happened) error {
		got = append(got, "after "+e.what)
		return nil
	})
	event.After(bus, func(context.Context, happened) error { panic("a bad handler") })
	err := b.Tx(t.Context(), func(tx *db.Tx) error {
		if err := event.Publish(t.Context(), tx, bus, happened{"x"}); err != nil {
			return err
		}
		got = append(got, "end of tx")
		return nil
	})
	bus.Wait()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"inside x", "end of tx", "after x"}
	for i, w := range want {
		if i >= len(got) || got[i] != w {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
}

func TestAFailedTransactionTellsNobodyAfterwards(t *testing.T) {
	b := dbtest.SQLite(t)
	bus := event.New(slog.New(slog.DiscardHandler))
	told := false
	event.After(bus, func(context.Context, happened) error { told = true; return nil })
	boom := errors.New("boom")
	err := b.Tx(t.Context(), func(tx *db.Tx) error {
		if err := event.Publish(t.Context(), tx, bus, happened{"x"}); err != nil {
			return err
		}
		return boom
	})
	bus.Wait()
	if !errors.Is(err, boom) || told {
		t.Errorf("err %v, told %v", err, told)
	}
}

// Many start work and many wait at once, around the moments when none runs.
func TestBackgroundIsWaitedForByAnyoneAtAnyMoment(t *testing.T) {
	var b, callers event.Background
	log := slog.New(slog.DiscardHandler)
	var began, ended atomic.Int64
	for range 8 {
		callers.Go(log, "caller", func() {
			for range 200 {
				began.Add(1)
				b.Go(log, "work", func() {
					defer ended.Add(1)
					if began.Load()%3 == 0 {
						panic("a defect")
					}
				})
				before := began.Load()
				b.Wait()
				if got := ended.Load(); got < before-7 { // 7 others may have counted what they are about to start
					t.Errorf("%d ended of %d that had begun", got, before)
				}
			}
		})
	}
	callers.Wait()
	b.Wait()
	if began.Load() != 1600 || ended.Load() != 1600 {
		t.Errorf("%d began, %d ended", began.Load(), ended.Load())
	}
}
