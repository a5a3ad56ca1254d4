package share

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/share/host"
)

// inWindow tells whether the remote still knows the key of a share, so that it can
// be sent again without being posted twice. A tenth of the window is left for the
// difference of clocks and for the call.
func (s *Share) inWindow(t task) bool {
	end := t.sentAt.Add(t.target.Idempotent * 9 / 10)
	return t.target.Idempotent > 0 && s.base.Now().Before(end) && t.tries < maxTries
}

// lookAfter is how long a share of unknown outcome is left alone.
func (s *Share) lookAfter(t task) time.Duration {
	if t.target.Idempotent > 0 {
		return min(firstLook<<min(max(t.tries-1, 0), 10), t.target.Idempotent/4)
	}
	return firstLook
}

// resolve finds out whether a share is there whose answer was lost. Inside the
// window of its key it is sent again; else the plugin looks, once; else the person
// is asked.
func (s *Share) resolve(ctx context.Context, t task) error {
	if s.inWindow(t) {
		return s.again(ctx, t)
	}
	if !t.target.Resume || t.looks > 0 {
		return s.leaveOpen(ctx, t)
	}
	return s.lookUp(ctx, t)
}

// again sends with the same key.
func (s *Share) again(ctx context.Context, t task) error {
	t.State, t.Next = JobQueued, s.base.Now()
	return s.save(ctx, t, t.Next)
}

// lookUp asks the plugin whether a share is there.
func (s *Share) lookUp(ctx context.Context, t task) error {
	t.looks++
	posted, err := s.call(ctx, &t, func(ctx context.Context) (host.Posted, error) {
		return s.host.Resume(ctx, t.plugin, t.request, "", true)
	})
	if err == nil {
		return s.done(ctx, t, posted)
	}
	f := host.AsFailure(err)
	if f.Code == host.Retry && f.Cause == nil { // the plugin's own word: surely not there
		return s.later(ctx, t, f)
	}
	t.note(f)
	return s.leaveOpen(ctx, t)
}

// leaveOpen has the person say what became of a share.
func (s *Share) leaveOpen(ctx context.Context, t task) error {
	t.State, t.Next = JobUncertain, time.Time{}
	return s.save(ctx, t, never)
}

// resumed writes down what asking after a pending share gave.
func (s *Share) resumed(ctx context.Context, t task, posted host.Posted, err error) error {
	if err == nil {
		return s.done(ctx, t, posted)
	}
	f := host.AsFailure(err)
	old := s.base.Now().Sub(t.sentAt) > pendingOf
	switch {
	case errors.Is(err, errReconnect) || f.Code == host.Reauth || f.Code == host.Disconnect:
		t.looks = 0 // what was asked meanwhile is no look after a lost answer
		return s.end(ctx, t, JobUncertain, parked)
	case f.Code == host.Rejected:
		t.note(f)
		return s.end(ctx, t, StateFailed, t.Reason)
	case old:
		t.note(f)
		return s.end(ctx, t, JobUncertain, t.Reason)
	default:
		t.looks++
		return s.save(ctx, t, s.base.Now().Add(max(backOff(t.looks), f.After)))
	}
}

// takeBack retracts a share.
func (s *Share) takeBack(ctx context.Context, t task) error {
	_, err := s.call(ctx, &t, func(ctx context.Context) (host.Posted, error) {
		return host.Posted{}, s.host.Retract(ctx, t.plugin, t.made())
	})
	if err == nil {
		return s.end(ctx, t, JobRetracted, "")
	}
	f := host.AsFailure(err)
	t.note(f)
	if errors.Is(err, errReconnect) || f.Code == host.Reauth || f.Code == host.Disconnect {
		return s.end(ctx, t, JobPosted, parked)
	}
	if f.Code == host.Rejected || t.looks >= maxTries {
		return s.end(ctx, t, JobPosted, t.Reason)
	}
	t.looks++
	return s.save(ctx, t, s.base.Now().Add(max(backOff(t.looks), f.After)))
}

// made is what the share became.
func (t *task) made() host.Made {
	return host.Made{Target: t.target.ID, Grant: t.request.Grant, Settings: t.request.Settings, Posted: host.Posted{RemoteID: t.remoteID, URL: t.URL}}
}

// Choice is what a person says about a share.
type Choice string

// The choices.
const (
	ChooseLook    Choice = "look"    // look once more whether it is there
	ChooseAgain   Choice = "again"   // post it again
	ChooseThere   Choice = "there"   // it is there
	ChooseRetract Choice = "retract" // take it back
	ChooseCancel  Choice = "cancel"  // do not send it
)

// Choose does what a person says about a share of theirs. It returns a fault
// Conflict when that cannot be done in the share's state.
func (s *Share) Choose(ctx context.Context, person int64, id string, c Choice) error {
	return s.base.Tx(ctx, func(tx *db.Tx) error {
		j, err := findJob(ctx, tx, person, id)
		if errors.Is(err, db.ErrNotFound) {
			return fault.New(fault.NotFound, "share.error.no_share")
		}
		if err != nil {
			return err
		}
		if !slices.Contains(s.choices(j), c) {
			return fault.New(fault.Conflict, "share.error.choice")
		}
		return s.chosen(ctx, tx, j, c)
	})
}

// choices are what can be said about a share as it is. Nobody is asked about one
// that we are still looking for.
func (s *Share) choices(j Job) []Choice {
	t, err := s.targetInfo(j.Target)
	switch {
	case j.State == JobQueued:
		return []Choice{ChooseCancel}
	case j.State == JobUncertain && j.Next.IsZero():
		list := []Choice{ChooseAgain, ChooseThere}
		if err == nil && t.Resume {
			list = append([]Choice{ChooseLook}, list...)
		}
		return list
	case j.State == JobPosted && err == nil && t.Retract && (j.remoteID != "" || j.URL != "") && (j.account != 0 || !needsAccount(t)):
		return []Choice{ChooseRetract}
	}
	return nil
}

func (s *Share) chosen(ctx context.Context, tx *db.Tx, j Job, c Choice) error {
	j.Reason, j.Detail, j.Next = "", "", time.Time{}
	j.turn++
	switch c {
	case ChooseLook:
		j.looks, j.Next = 0, tx.Now()
	case ChooseAgain:
		j.State, j.tries, j.looks, j.sentAt = JobQueued, 0, 0, time.Time{}
	case ChooseThere:
		j.State, j.Done = JobPosted, tx.Now()
		return saveJob(ctx, tx, j)
	case ChooseRetract:
		j.State, j.looks = JobRetracting, 0
	case ChooseCancel:
		j.State, j.Reason, j.Done = StateFailed, "share.reason.cancelled", tx.Now()
		return saveJob(ctx, tx, j)
	}
	if err := saveJob(ctx, tx, j); err != nil {
		return err
	}
	return s.schedule(ctx, tx, j, time.Time{})
}
