package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
)

// sizes collects the payloads of each lot.
func sizes(lots *[][]string) func(context.Context, []*Task) error {
	return func(_ context.Context, tasks []*Task) error {
		var lot []string
		for _, t := range tasks {
			lot = append(lot, string(t.Payload))
		}
		*lots = append(*lots, lot)
		return nil
	}
}

func TestJobsOfAKindAreHandedOutInLots(t *testing.T) {
	clocked(t, func(t *testing.T, b *db.Base, _ func(time.Duration)) {
		q := New(b, nil)
		var lots [][]string
		others := 0
		q.HandleMany("many", Lots{Size: 3}, sizes(&lots))
		q.Handle("single", func(context.Context, []byte) error { others++; return nil })
		for n := range 5 {
			add(t, b, q, "many", n, Options{})
			add(t, b, q, "single", n, Options{})
		}
		add(t, b, q, "many", "later", Options{At: b.Now().Add(time.Hour)})
		drain(t, q)
		for _, l := range lots {
			slices.Sort(l)
		}
		if diff := cmp.Diff([][]string{{"0", "1", "2"}, {"3", "4"}}, lots); diff != "" {
			t.Error(diff)
		}
		if others != 5 || count(t, b, "TRUE") != 1 {
			t.Errorf("%d others, %d jobs left", others, count(t, b, "TRUE"))
		}
	})
}

// TestTasksOfALotEndEachInItsOwnWay: one is finished with its outcome, one goes
// wrong, one is given back, one is left to the handler's own end.
func TestTasksOfALotEndEachInItsOwnWay(t *testing.T) {
	clocked(t, func(t *testing.T, b *db.Base, _ func(time.Duration)) {
		q := New(b, nil)
		wrong := errors.New("wrong")
		q.HandleMany("many", Lots{Size: 9}, func(ctx context.Context, tasks []*Task) error {
			for _, task := range tasks {
				switch string(task.Payload) {
				case "0":
					if err := b.Tx(ctx, func(tx *db.Tx) error { return q.Finish(ctx, tx, task) }); err != nil {
						return err
					}
				case "1":
					task.Fail(wrong)
				case "2":
					task.Release()
				}
			}
			return nil
		})
		for n := range 4 {
			add(t, b, q, "many", n, Options{})
		}
		lot, err := q.claim(t.Context())
		if err != nil || len(lot) != 4 {
			t.Fatalf("%d tasks, %v", len(lot), err)
		}
		if err := q.run(t.Context(), lot); !errors.Is(err, wrong) {
			t.Errorf("%v", err)
		}
		now := db.Micros(b.Now())
		for payload, want := range map[string]string{
			"1": fmt.Sprintf("attempts = 1 AND last_error = 'internal' AND lease_until = 0 AND run_at > %d", now),
			"2": fmt.Sprintf("attempts = 0 AND last_error = '' AND lease_until = 0 AND run_at <= %d", now),
		} {
			if count(t, b, "payload = '"+payload+"' AND "+want) != 1 {
				t.Errorf("job %s is not: %s", payload, want)
			}
		}
		if n := count(t, b, "TRUE"); n != 2 {
			t.Errorf("%d jobs left", n)
		}
	})
}

// TestAFinishThatIsRolledBackLeavesTheJob: the outcome and the end of the job
// hold together.
func TestAFinishThatIsRolledBackLeavesTheJob(t *testing.T) {
	clocked(t, func(t *testing.T, b *db.Base, _ func(time.Duration)) {
		q := New(b, nil)
		wrong := errors.New("wrong")
		q.HandleMany("many", Lots{Size: 2}, func(ctx context.Context, tasks []*Task) error {
			return b.Tx(ctx, func(tx *db.Tx) error { return errors.Join(q.Finish(ctx, tx, tasks[0]), wrong) })
		})
		add(t, b, q, "many", 1, Options{})
		if err := q.Drain(t.Context()); !errors.Is(err, wrong) {
			t.Errorf("%v", err)
		}
		if count(t, b, "attempts = 1 AND run_at > created_at") != 1 {
			t.Error("the job is gone, or due at once")
		}
	})
}

// TestWhatWasTriedBeforeComesAlone: whatever ended the process is among the jobs
// that ran; the next time it can end nobody but itself.
func TestWhatWasTriedBeforeComesAlone(t *testing.T) {
	clocked(t, func(t *testing.T, b *db.Base, pass func(time.Duration)) {
		q := New(b, nil)
		var lots [][]string
		q.HandleMany("many", Lots{Size: 9}, sizes(&lots))
		for n := range 3 {
			add(t, b, q, "many", n, Options{})
		}
		if killed, err := q.claim(t.Context()); err != nil || len(killed) != 3 {
			t.Fatalf("%d tasks, %v", len(killed), err)
		}
		pass(lease + time.Second)
		for n := range 2 {
			add(t, b, q, "many", 3+n, Options{})
		}
		drain(t, q)
		if diff := cmp.Diff([][]string{{"0"}, {"1"}, {"2"}, {"3", "4"}}, lots); diff != "" {
			t.Error(diff)
		}
	})
}

func TestLotsAtOnceAreLimited(t *testing.T) {
	b := dbtest.SQLite(t)
	q := New(b, nil)
	var mu sync.Mutex
	running, most, done := 0, 0, 0
	full, all := make(chan struct{}), make(chan struct{})
	q.HandleMany("many", Lots{Size: 1, AtOnce: 2}, func(context.Context, []*Task) error {
		mu.Lock()
		running++
		most = max(most, running)
		if running == 2 && most == 2 && done == 0 {
			close(full)
		}
		mu.Unlock()
		<-full
		mu.Lock()
		defer mu.Unlock()
		running--
		if done++; done == 6 {
			close(all)
		}
		return nil
	})
	mails := make(chan struct{})
	q.Handle("mail", func(context.Context, []byte) error { close(mails); return nil })
	for n := range 6 {
		add(t, b, q, "many", n, Options{})
	}
	add(t, b, q, "mail", 0, Options{})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- q.Run(ctx) }()
	<-mails
	<-all
	stop()
	if err := <-ended; err != nil || most != 2 {
		t.Errorf("%d at once, %v", most, err)
	}
}
