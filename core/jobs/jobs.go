// Package jobs is the durable queue: work that is done after an answer was
// given, again when it went wrong, and periodically.
//
// It owns the tables job and job_period and no event. A job is a row written in
// the transaction that wants the work, so it is done exactly when that
// transaction holds. Whoever takes a job leases it for a short while and keeps
// renewing; when a process dies the lease runs out and another takes the job
// again. Jobs of one kind may be handed out in lots, so that their outcomes are
// written together. So a handler may run more than once and must be idempotent. Replicas
// on one PostgreSQL share the queue. Features add jobs; core runs the queue.
package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
)

const (
	// MaxTries is how often a job is tried before it counts as failed.
	MaxTries = 8
	// MaxRun is how long a handler may take.
	MaxRun = 5 * time.Minute

	workers  = 8                // jobs at once in one process
	lengthy  = 2                // of them for kinds that take long
	lease    = 30 * time.Second // renewed every third of it
	patience = 4 * time.Second  // with running jobs when the process ends
	poll     = 5 * time.Second  // looks for what other processes have added
	retake   = 50 * time.Millisecond
)

// Options say when a job runs and which jobs are the same.
type Options struct {
	At     time.Time // not before; the zero time is at once
	Key    string    // while a job with this key waits, adding another only updates it
	Person int64     // whose job it is, 0 for nobody's; erased with the person
}

// Queue runs jobs. Handle and Every are called before Run or Drain.
type Queue struct {
	base     *db.Base
	log      *slog.Logger
	handlers map[string]*handler
	order    []string   // the kinds of handlers
	busy     sync.Mutex // guards how many lots run, and the next
	lengthy  int        // long jobs that run
	ticking  sync.Mutex // guards what periods hold
	periods  []*period
	wake     chan struct{}
	grace    time.Duration
}

// New makes a queue over b. log may be nil.
func New(b *db.Base, log *slog.Logger) *Queue {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Queue{base: b, log: log, handlers: make(map[string]*handler), wake: make(chan struct{}, 1), grace: patience}
}

// Handle says who does the jobs of a kind, one at a time. Its errors should be
// faults: their key is what the job row keeps, for an error text may hold what
// belongs to a person. It panics when the kind has a handler.
func (q *Queue) Handle(kind string, f func(ctx context.Context, payload []byte) error) {
	q.HandleMany(kind, Lots{Size: 1}, func(ctx context.Context, tasks []*Task) error { return f(ctx, tasks[0].Payload) })
}

// HandleLong is Handle for a kind that keeps a worker busy for minutes, such as
// the export of a large account. At most two of all such jobs run at once in one
// process, so that the others always find a free worker. A handler that needs
// longer than MaxRun stops in time and adds a job that goes on.
func (q *Queue) HandleLong(kind string, f func(ctx context.Context, payload []byte) error) {
	q.Handle(kind, f)
	q.handlers[kind].long = true
}

// Add puts a job into the queue as part of tx. payload becomes JSON and holds
// ids rather than what they stand for. Work begins as soon as tx is committed.
func (q *Queue) Add(ctx context.Context, tx *db.Tx, kind string, payload any, o Options) error {
	text, err := json.Marshal(payload)
	if err != nil {
		return fmt.Errorf("add a job %s: %w", kind, err)
	}
	if o.At.IsZero() {
		o.At = tx.Now()
	}
	if err := insert(ctx, tx, kind, string(text), o); err != nil {
		return fmt.Errorf("add a job %s: %w", kind, err)
	}
	tx.After(q.signal)
	return nil
}

// Drop takes back a job that waits under a key, as part of tx: the work is done.
func (q *Queue) Drop(ctx context.Context, tx *db.Tx, key string) error {
	if err := deleteWaiting(ctx, tx, key); err != nil {
		return fmt.Errorf("drop a job: %w", err)
	}
	return nil
}

// signal wakes Run, if it waits.
func (q *Queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// permanent marks errors that trying again does not mend.
type permanent struct{ error }

// Unwrap gives the cause.
func (p permanent) Unwrap() error { return p.error }

// Permanent says that err stays as it is however often the job is tried. It
// gives nil for nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return permanent{err}
}

// IsPermanent reports whether err was marked by Permanent.
func IsPermanent(err error) bool {
	_, ok := errors.AsType[permanent](err)
	return ok
}

// reason is what a job row keeps of an error: nothing of what it may quote.
func reason(err error) string {
	if f, ok := fault.As(err); ok {
		return f.Key
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "timeout"
	}
	return "internal"
}

// Failed is a job that was given up.
type Failed struct {
	ID      int64
	Kind    string
	Tries   int
	Reason  string // message key, "timeout", "crashed" or "internal"
	Created time.Time
}

// Failures lists the jobs that were given up, newest first.
func (q *Queue) Failures(ctx context.Context, limit int) ([]Failed, error) {
	return failures(ctx, q.base.Read(), limit)
}

// Retry has a job that was given up tried again from the start. It returns
// db.ErrNotFound when there is no such job.
func (q *Queue) Retry(ctx context.Context, id int64) error {
	return q.base.Tx(ctx, func(tx *db.Tx) error {
		n, err := revive(ctx, tx, id)
		if err == nil && n == 0 {
			err = db.ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("retry job %d: %w", id, err)
		}
		tx.After(q.signal)
		return nil
	})
}

// OwnerName names this part of a person's data.
func (q *Queue) OwnerName() string { return "jobs" }

// OwnerTables lists the tables whose rows refer to a person.
func (q *Queue) OwnerTables() []string { return []string{"job"} }

// Returns says what of this feature's part of an archive comes back.
func (q *Queue) Returns() []archive.Return {
	return []archive.Return{{Document: "jobs", Anew: archive.Passing}}
}

// Export puts the person's waiting jobs.
func (q *Queue) Export(ctx context.Context, person int64, put func(name string, content []byte) error) error {
	list, err := ofPerson(ctx, q.base.Read(), person)
	if err != nil || len(list) == 0 {
		return err
	}
	return archive.Put(put, "jobs/jobs.json", list)
}

// Erase deletes the person's jobs.
func (q *Queue) Erase(ctx context.Context, tx *db.Tx, person int64) error {
	return eraseJobs(ctx, tx, person)
}
