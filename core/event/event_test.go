package event_test

import (
	"context"
	"errors"
	"log/slog"
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
