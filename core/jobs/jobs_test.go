package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/fault"
)

func add(t *testing.T, b *db.Base, q *Queue, kind string, payload any, o Options) {
	t.Helper()
	if err := b.Tx(t.Context(), func(tx *db.Tx) error { return q.Add(t.Context(), tx, kind, payload, o) }); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, b *db.Base, where string) int {
	t.Helper()
	var n int
	if err := b.Read().QueryRow(t.Context(), `SELECT count(*) FROM job WHERE `+where).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func drain(t *testing.T, q *Queue) {
	t.Helper()
	if err := q.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// clocked runs f on databases of both engines with a clock that f moves.
func clocked(t *testing.T, f func(t *testing.T, b *db.Base, pass func(time.Duration))) {
	t.Helper()
	run := func(open func(t *testing.T, clock func() time.Time) *db.Base) func(t *testing.T) {
		return func(t *testing.T) {
			var shift atomic.Int64
			b := open(t, func() time.Time { return time.Now().Add(time.Duration(shift.Load())) })
			f(t, b, func(d time.Duration) { shift.Add(int64(d)) })
		}
	}
	t.Run("sqlite", run(func(t *testing.T, clock func() time.Time) *db.Base {
		t.Helper()
		return dbtest.Open(t, clock)
	}))
	t.Run("postgres", run(func(t *testing.T, clock func() time.Time) *db.Base {
		t.Helper()
		b, err := db.Open(t.Context(), db.Options{URL: dbtest.PostgresURL(t), Clock: clock})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { b.Close() })
		return b
	}))
}

func TestJobsRunWithTheirTransaction(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		q := New(b, nil)
		var got []string
		q.Handle("note", func(_ context.Context, payload []byte) error {
			got = append(got, string(payload))
			return nil
		})
		add(t, b, q, "note", map[string]int{"id": 1}, Options{})
		err := b.Tx(t.Context(), func(tx *db.Tx) error {
			if err := q.Add(t.Context(), tx, "note", "never", Options{}); err != nil {
				return err
			}
			return errors.New("changed my mind")
		})
		if err == nil {
			t.Fatal("no error")
		}
		add(t, b, q, "note", 2, Options{At: b.Now().Add(time.Hour)})
		add(t, b, q, "nobody handles this", 3, Options{})
		drain(t, q)
		if diff := cmp.Diff([]string{`{"id":1}`}, got); diff != "" {
			t.Error(diff)
		}
		if n := count(t, b, "TRUE"); n != 2 {
			t.Errorf("%d jobs left, want 2", n)
		}
	})
}

func TestRetries(t *testing.T) {
	clocked(t, func(t *testing.T, b *db.Base, pass func(time.Duration)) {
		q := New(b, nil)
		runs := 0
		q.Handle("broken", func(context.Context, []byte) error {
			runs++
			return fmt.Errorf("tell person@example.test: %w", fault.New(fault.Unavailable, "some.reason"))
		})
		add(t, b, q, "broken", nil, Options{})
		for try := 1; try <= MaxTries; try++ {
			if err := q.Drain(t.Context()); err == nil {
				t.Fatal("the error is not told")
			}
			if runs != try {
				t.Fatalf("%d runs after try %d", runs, try)
			}
			pass(backOff(try) / 2)
			drain(t, q) // not yet
			pass(backOff(try) * 2)
		}
		drain(t, q)
		list, err := q.Failures(t.Context(), 10)
		if err != nil || len(list) != 1 || list[0].Kind != "broken" || list[0].Tries != MaxTries || list[0].Reason != "some.reason" {
			t.Fatalf("%+v, %v", list, err)
		}
		if err := q.Retry(t.Context(), list[0].ID); err != nil {
			t.Fatal(err)
		}
		if err := q.Drain(t.Context()); err == nil || runs != MaxTries+1 {
			t.Errorf("%d runs, %v", runs, err)
		}
		if err := q.Retry(t.Context(), list[0].ID); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("retry of a job that waits: %v", err)
		}
	})
}

func TestPermanentAndPanic(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		q := New(b, nil)
		cause := errors.New("no such person@example.test")
		q.Handle("permanent", func(context.Context, []byte) error { return fmt.Errorf("wrapped: %w", Permanent(cause)) })
		q.Handle("panic", func(context.Context, []byte) error { panic("broken") })
		add(t, b, q, "permanent", nil, Options{})
		add(t, b, q, "panic", nil, Options{})
		if err := q.Drain(t.Context()); !errors.Is(err, cause) || !strings.Contains(err.Error(), "broken") {
			t.Errorf("got %v", err)
		}
		if count(t, b, "failed = TRUE AND kind = 'permanent' AND last_error = 'internal'") != 1 || count(t, b, "failed = FALSE AND kind = 'panic' AND attempts = 1") != 1 {
			t.Error("not as it should be")
		}
		if Permanent(nil) != nil || IsPermanent(cause) {
			t.Error("permanent without need")
		}
	})
}

func TestKeys(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		q := New(b, nil)
		var got []string
		again := true
		q.Handle("check", func(ctx context.Context, payload []byte) error {
			got = append(got, string(payload))
			if again {
				again = false
				// Asked for while it runs: that is another job.
				return b.Tx(ctx, func(tx *db.Tx) error { return q.Add(ctx, tx, "check", 3, Options{Key: "check/1"}) })
			}
			return nil
		})
		add(t, b, q, "check", 1, Options{Key: "check/1", At: b.Now().Add(time.Hour)})
		drain(t, q)
		add(t, b, q, "check", 2, Options{Key: "check/1"}) // earlier, newer
		add(t, b, q, "check", 4, Options{Key: "check/2"})
		drain(t, q)
		if diff := cmp.Diff([]string{"2", "4", "3"}, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestDrop(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		q := New(b, nil)
		q.Handle("work", func(context.Context, []byte) error { t.Error("a job that was taken back ran"); return nil })
		add(t, b, q, "work", 1, Options{Key: "work.1"})
		add(t, b, q, "work", 2, Options{Key: "work.2", At: b.Now().Add(time.Hour)})
		if err := b.Tx(t.Context(), func(tx *db.Tx) error { return q.Drop(t.Context(), tx, "work.1") }); err != nil {
			t.Fatal(err)
		}
		drain(t, q)
		if n := count(t, b, "unique_key = 'work.2'"); n != 1 {
			t.Errorf("%d other jobs", n)
		}
	})
}

func TestKeyTakenWhileRunning(t *testing.T) {
	clocked(t, func(t *testing.T, b *db.Base, pass func(time.Duration)) {
		q := New(b, nil)
		runs := 0
		q.Handle("check", func(ctx context.Context, _ []byte) error {
			if runs++; runs > 1 {
				return nil
			}
			err := b.Tx(ctx, func(tx *db.Tx) error {
				return q.Add(ctx, tx, "check", nil, Options{Key: "k", At: tx.Now().Add(time.Minute)})
			})
			return errors.Join(errors.New("wrong"), err)
		})
		add(t, b, q, "check", nil, Options{Key: "k"})
		if err := q.Drain(t.Context()); err == nil {
			t.Fatal("no error")
		}
		if n := count(t, b, "TRUE"); n != 1 {
			t.Errorf("%d jobs wait under one key", n)
		}
		pass(time.Hour)
		drain(t, q)
		if runs != 2 || count(t, b, "TRUE") != 0 {
			t.Errorf("%d runs, %d jobs left", runs, count(t, b, "TRUE"))
		}
	})
}

func TestKilledJobsRunAgain(t *testing.T) {
	clocked(t, func(t *testing.T, b *db.Base, pass func(time.Duration)) {
		q := New(b, nil)
		runs := 0
		q.Handle("work", func(context.Context, []byte) error { runs++; return nil })
		add(t, b, q, "work", nil, Options{Key: "k"})
		killed, err := q.claim(t.Context()) // a process that goes no further
		if err != nil {
			t.Fatal(err)
		}
		drain(t, q)
		if runs != 0 {
			t.Fatal("a leased job ran")
		}
		pass(lease + time.Second)
		drain(t, q)
		if runs != 1 || count(t, b, "TRUE") != 0 {
			t.Errorf("%d runs, %d jobs left", runs, count(t, b, "TRUE"))
		}
		// The one that was thought dead comes back: nothing of it counts.
		add(t, b, q, "work", nil, Options{Key: "k"})
		if err := b.Tx(t.Context(), func(tx *db.Tx) error { return finish(t.Context(), tx, killed[0].job) }); err != nil {
			t.Fatal(err)
		}
		if count(t, b, "TRUE") != 1 {
			t.Error("a late finish took another job")
		}
	})
}

func TestJobThatKillsTheProcess(t *testing.T) {
	clocked(t, func(t *testing.T, b *db.Base, pass func(time.Duration)) {
		q := New(b, nil)
		q.Handle("poison", func(context.Context, []byte) error { t.Error("ran once more"); return nil })
		add(t, b, q, "poison", nil, Options{})
		for range MaxTries {
			if _, err := q.claim(t.Context()); err != nil {
				t.Fatal(err)
			}
			pass(lease + time.Second)
		}
		if err := q.Drain(t.Context()); err == nil {
			t.Error("no error")
		}
		if count(t, b, "failed = TRUE AND last_error = 'crashed'") != 1 {
			t.Error("it is not given up")
		}
	})
}

func TestLeaseOfALateProcess(t *testing.T) {
	clocked(t, func(t *testing.T, b *db.Base, pass func(time.Duration)) {
		q := New(b, nil)
		q.Handle("work", func(context.Context, []byte) error { return nil })
		add(t, b, q, "work", nil, Options{})
		lot, err := q.claim(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		late := lot[0].job
		pass(lease + time.Second)
		if _, err := q.claim(t.Context()); err != nil {
			t.Fatal(err)
		}
		err = b.Tx(t.Context(), func(tx *db.Tx) error {
			n, err := renew(t.Context(), tx, late)
			if n != 0 {
				t.Error("a lost lease was renewed")
			}
			return errors.Join(err, finish(t.Context(), tx, late), giveUp(t.Context(), tx, late, "x"), again(t.Context(), tx, late, pause{tx.Now(), 0, "x"}))
		})
		if err != nil {
			t.Fatal(err)
		}
		if count(t, b, "failed = FALSE AND attempts = 2 AND last_error = ''") != 1 {
			t.Error("the late process changed the job")
		}
	})
}

func TestRunWakesAtOnceAndEndsCleanly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		q := New(b, nil)
		q.grace = 10 * time.Millisecond
		done := make(chan time.Time)
		q.Handle("work", func(context.Context, []byte) error { done <- time.Now(); return nil })
		blocked := make(chan struct{})
		q.Handle("long", func(ctx context.Context, _ []byte) error {
			close(blocked)
			<-ctx.Done()
			return ctx.Err()
		})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- q.Run(ctx) }()
		for range 20 {
			add(t, b, q, "work", nil, Options{})
			start := time.Now()
			if took := (<-done).Sub(start); took > poll/2 {
				t.Errorf("began after %v", took)
			}
		}
		add(t, b, q, "long", nil, Options{Key: "long"})
		<-blocked
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("end: %v", err)
		}
		if count(t, b, "kind = 'long' AND failed = FALSE AND lease_until = 0 AND attempts = 0 AND unique_key = 'long'") != 1 {
			t.Error("the job that did not finish is not put back as it was")
		}
	})
}

func TestRunThatEndsBeforeItBeginsEndsCleanly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := New(b, nil).Run(ctx); err != nil {
			t.Error(err)
		}
	})
}

func TestReplicasShareTheQueue(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		const jobs = 60
		var mu sync.Mutex
		seen := make(map[int]int)
		all := make(chan struct{})
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		var first *Queue
		replicas := 3
		if b.Engine() == db.SQLite {
			replicas = 1 // a second process may not open the file, and the first frees what is leased when it starts
		}
		for range replicas {
			q := New(b, nil)
			first = q
			q.Handle("work", func(_ context.Context, payload []byte) error {
				var n int
				if err := json.Unmarshal(payload, &n); err != nil {
					return err
				}
				mu.Lock()
				defer mu.Unlock()
				seen[n]++
				if len(seen) == jobs {
					close(all)
				}
				return nil
			})
			wg.Go(func() {
				if err := q.Run(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		for n := range jobs {
			add(t, b, first, "work", n, Options{})
		}
		<-all
		cancel()
		wg.Wait()
		for n, times := range seen {
			if times != 1 {
				t.Errorf("job %d ran %d times", n, times)
			}
		}
		if n := count(t, b, "TRUE"); n != 0 {
			t.Errorf("%d jobs left", n)
		}
	})
}

func TestEvery(t *testing.T) {
	clocked(t, func(t *testing.T, b *db.Base, pass func(time.Duration)) {
		var runs, broken int
		replica := func() *Queue {
			q := New(b, nil)
			q.Every("count", time.Hour, func(context.Context) error { runs++; return nil })
			q.Every("broken", 24*time.Hour, func(context.Context) error { broken++; return errors.New("wrong") })
			return q
		}
		one, two := replica(), replica()
		if err := one.Drain(t.Context()); err == nil {
			t.Error("no error")
		}
		drain(t, two)
		if runs != 1 || broken != 1 {
			t.Errorf("%d and %d runs at the start", runs, broken)
		}
		pass(59 * time.Minute)
		_ = two.Drain(t.Context())
		if runs != 1 || broken < 2 {
			t.Errorf("%d and %d runs: nothing is tried again, or too early", runs, broken)
		}
		pass(2 * time.Minute)
		_, _ = one.Drain(t.Context()), two.Drain(t.Context())
		if runs != 2 {
			t.Errorf("%d runs after the period", runs)
		}
		pass(100 * time.Hour)
		_, _ = two.Drain(t.Context()), one.Drain(t.Context())
		if runs != 3 {
			t.Errorf("%d runs after many periods", runs)
		}
		_ = replica().Drain(t.Context()) // a restart
		if runs != 3 {
			t.Errorf("%d runs after a restart", runs)
		}
	})
}

func TestOwner(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		q := New(b, nil)
		add(t, b, q, "work", 1, Options{Person: 7})
		add(t, b, q, "work", 1, Options{Person: 8})
		add(t, b, q, "work", 1, Options{})
		var files []string
		put := func(name string, content []byte) error {
			files = append(files, name)
			if !json.Valid(content) || !strings.Contains(string(content), `"kind": "work"`) {
				t.Errorf("%s", content)
			}
			return nil
		}
		if err := errors.Join(q.Export(t.Context(), 7, put), q.Export(t.Context(), 9, put)); err != nil || len(files) != 1 {
			t.Errorf("%v, %v", files, err)
		}
		if err := b.Tx(t.Context(), func(tx *db.Tx) error { return errors.Join(q.Erase(t.Context(), tx, 7), q.Erase(t.Context(), tx, 0)) }); err != nil {
			t.Fatal(err)
		}
		if count(t, b, "person = 7") != 0 || count(t, b, "TRUE") != 2 || q.OwnerName() != "jobs" || q.OwnerTables()[0] != "job" {
			t.Error("not as it should be")
		}
	})
}

func TestBackOff(t *testing.T) {
	least, most := time.Duration(0), time.Duration(0)
	for try := 1; try < MaxTries; try++ {
		d := backOff(try)
		least, most = least+d*5/6, most+d
		if d < 8*time.Second || d > 3*time.Hour {
			t.Errorf("try %d: %v", try, d)
		}
	}
	if least < time.Hour || most > 6*time.Hour {
		t.Errorf("all tries within %v", most)
	}
}
