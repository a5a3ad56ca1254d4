package share

import (
	"context"
	"errors"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
)

// retryWithin is how old a share may be that an operator tries again: later the
// person has forgotten it.
const retryWithin = 7 * 24 * time.Hour

// Undone gives the newest shares that wait, failed or are uncertain, for operators:
// without the person's words.
func (s *Share) Undone(ctx context.Context) ([]Job, error) {
	list, err := listUndone(ctx, s.base.Read(), db.Micros(s.base.Now().Add(-retryWithin)), 50)
	for i := range list {
		list[i].Text = ""
	}
	return list, err
}

// Retry has a share tried now that waits for its next try, or that failed: neither
// is at the remote. It returns a fault NotFound, or Conflict for a share that may be
// there, of which the person decides, and for one that the person called off.
func (s *Share) Retry(ctx context.Context, id string) error {
	return s.base.Tx(ctx, func(tx *db.Tx) error {
		j, err := findAnyJob(ctx, tx, id)
		if errors.Is(err, db.ErrNotFound) {
			return fault.New(fault.NotFound, "share.error.no_share")
		}
		if err != nil {
			return err
		}
		if !retriable(j, tx.Now()) {
			return fault.New(fault.Conflict, "share.error.not_again").With("state", j.State)
		}
		j.State, j.Reason, j.Detail, j.Next, j.Done, j.sentAt = JobQueued, "", "", time.Time{}, time.Time{}, time.Time{}
		j.tries = 0
		j.turn++
		if err := saveJob(ctx, tx, j); err != nil {
			return err
		}
		return s.schedule(ctx, tx, j, time.Time{})
	})
}

func retriable(j Job, now time.Time) bool {
	switch {
	case now.Sub(j.At) > retryWithin:
		return false
	case j.State == JobQueued:
		return j.Reason != parked
	case j.State == StateFailed:
		return j.Reason != "share.reason.cancelled" && (j.account != 0 || j.remoteID == "")
	}
	return false
}
