package mydata

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/jobs"
)

// The kinds of tasks.
const (
	KindExport = "export"
	KindImport = "import"
)

// The states of a task. A message key "mydata.task." + kind + "." + state gives
// the sentence for each.
const (
	StateUpload  = "upload"  // an archive of which pieces are still to come
	StateWaiting = "waiting" // for a job
	StateReading = "reading" // the job reads an archive
	StateChoose  = "choose"  // the archive was read; the person says what to take
	StateRunning = "running"
	StateReady   = "ready" // an export can be fetched
	StateDone    = "done"  // an archive has been taken in
	StateFailed  = "failed"
)

// Task is an export that is made or an archive that is taken in. Its bytes are
// kept in sealed pieces, so that any replica goes on where another stopped, and
// so that a copy of the database without the key gives nothing away.
type Task struct {
	ID        int64
	PublicID  string
	Person    int64
	Kind      string
	State     string
	Reason    string // message key of what went wrong
	Detail    string
	Step      string // how often its job has gone wrong
	Done      int    // of Total
	Total     int
	Size      int64 // bytes
	LinkHash  string
	Choices   string
	CreatedAt time.Time
	ChangedAt time.Time
	ExpiresAt time.Time
}

// Busy reports whether a job works on it, or will.
func (t Task) Busy() bool {
	return t.State == StateWaiting || t.State == StateRunning || t.State == StateReading
}

// Percent is how much of it is done, 0 to 100.
func (t Task) Percent() int {
	if t.Total <= 0 {
		return 0
	}
	return min(100, 100*t.Done/t.Total)
}

// maxStumbles is how often work on a task may go wrong before it is given up.
const maxStumbles = 5

// stumble counts errors of a job on the task, and gives the task up in the end,
// so that its person hears of it. It gives back what the queue should know.
func (d *Data) stumble(ctx context.Context, task int64, err error) error {
	if err == nil || ctx.Err() != nil {
		return err
	}
	if _, gone := getTask(ctx, d.base.Read(), task); errors.Is(gone, db.ErrNotFound) {
		return nil // the person took it back, or left
	}
	given := false
	errTx := d.base.Tx(ctx, func(tx *db.Tx) error {
		t, err := getTask(ctx, tx, task)
		if err != nil {
			return ignoreGone(err)
		}
		n, _ := strconv.Atoi(t.Step) // "" is none yet
		if t.Step = strconv.Itoa(n + 1); n+1 >= maxStumbles {
			t.State, t.Reason, given = StateFailed, "mydata.error.failed", true
		}
		return updateTask(ctx, tx, t)
	})
	if given {
		return errors.Join(jobs.Permanent(err), errTx)
	}
	return errors.Join(err, errTx)
}

// Newest gives the person's last task of a kind; the zero Task when there is none.
func (d *Data) Newest(ctx context.Context, person int64, kind string) (Task, error) {
	t, err := newestTask(ctx, d.base.Read(), person, kind)
	if errors.Is(err, db.ErrNotFound) || err == nil && !t.Busy() && !d.base.Now().Before(t.ExpiresAt) { // it is swept soon
		return Task{}, nil
	}
	return t, err
}

// taskOf gives a task of the person's own; a fault NotFound otherwise.
func (d *Data) taskOf(ctx context.Context, q db.DB, person int64, publicID string) (Task, error) {
	t, err := findTask(ctx, q, person, publicID)
	if errors.Is(err, db.ErrNotFound) {
		return Task{}, fault.New(fault.NotFound, "mydata.error.no_task")
	}
	return t, err
}

// Forget deletes a task of the person's own with all its bytes.
func (d *Data) Forget(ctx context.Context, person int64, publicID string) error {
	t, err := d.taskOf(ctx, d.base.Read(), person, publicID)
	if err != nil {
		return err
	}
	return d.forget(ctx, t.ID)
}

// forget deletes the pieces a few at a time, so that nobody waits long, and then
// the task.
func (d *Data) forget(ctx context.Context, task int64) error {
	for {
		var more bool
		err := d.base.Tx(ctx, func(tx *db.Tx) (err error) {
			more, err = deleteTask(ctx, tx, task)
			return err
		})
		if err != nil || !more {
			return err
		}
	}
}

// sweep deletes what has expired.
func (d *Data) sweep(ctx context.Context) error {
	list, err := expiredTasks(ctx, d.base.Read(), d.base.Now())
	if err != nil {
		return err
	}
	for _, id := range list {
		if err := d.forget(ctx, id); err != nil {
			return err
		}
	}
	return nil
}
