package share

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/jobs"
	"github.com/osier-passport/osier/core/share/host"
	"github.com/osier-passport/osier/plugins/sdk"
)

const (
	maxTries  = 8
	firstWait = 30 * time.Second // after the first try that did not succeed, doubled each time
	maxWait   = 6 * time.Hour
	believed  = 2                // tries for which a remote's own word of how long to wait is taken
	busyWait  = 2 * time.Second  // while another share of the same person and target runs
	firstLook = 20 * time.Second // time for the remote to end what it is at; doubled each time

	silentWait = 15 * time.Second // for a plugin to say what it offers
	silentOf   = 7 * 24 * time.Hour
	pendingOf  = 24 * time.Hour // then nobody waits for a pending share any more
)

// task is one turn of a job: what it is about and what is needed for it.
type task struct {
	Job

	target  sdk.TargetInfo
	plugin  string
	was     string // the state before this turn
	account Account
	grant   grant
	request host.Request
	silent  bool // the plugin has not said what it offers
}

// work has one turn with a job. It writes down what it is about to do before it
// asks the plugin: whoever finds a job "sending" knows that a process died over it,
// and takes it for uncertain. So it may run twice and posts once.
func (s *Share) work(ctx context.Context, payload []byte) error {
	var p workPayload
	if err := json.Unmarshal(payload, &p); err != nil {
		return jobs.Permanent(fmt.Errorf("read a share: %w", err))
	}
	t, ready, err := s.begin(ctx, p)
	if err != nil || !ready {
		return err
	}
	defer s.lanes.enter(t.plugin)()
	return s.turn(ctx, t)
}

// begin claims a job for a turn: ready is false when there is nothing to do now.
func (s *Share) begin(ctx context.Context, p workPayload) (t task, ready bool, err error) {
	err = s.base.Tx(ctx, func(tx *db.Tx) error {
		t, ready = task{}, false
		j, err := getJob(ctx, tx, p.Job)
		if errors.Is(err, db.ErrNotFound) {
			return nil // gone with its badge or person
		}
		if err != nil || !p.of(j) {
			return err
		}
		t, ready, err = s.claim(ctx, tx, j)
		return err
	})
	if t.silent {
		s.look(ctx)
	}
	return t, ready, err
}

func (s *Share) claim(ctx context.Context, tx *db.Tx, j Job) (task, bool, error) {
	t := task{Job: j, was: j.State}
	t.plugin, _, _ = strings.Cut(j.Target, ".")
	if j.State == JobSending { // its process died
		t.State, t.was, t.Next = JobUncertain, JobUncertain, tx.Now()
	}
	var err error
	if t.target, err = s.targetInfo(j.Target); err != nil {
		return s.claimSilent(ctx, tx, t)
	}
	t.turn++
	if s.lanes.full(t.plugin) {
		return t, false, s.postpone(ctx, tx, t.Job, tx.Now().Add(busyWait+rand.N(busyWait)))
	}
	switch t.State {
	case JobQueued:
		return s.claimQueued(ctx, tx, t)
	case JobPending, JobUncertain, JobRetracting:
	default:
		return t, false, nil
	}
	return t, true, saveJob(ctx, tx, t.Job)
}

// claimSilent puts a job off whose plugin has not said what it offers, or is gone.
func (s *Share) claimSilent(ctx context.Context, tx *db.Tx, t task) (task, bool, error) {
	t.silent = true
	if !t.Waits() && (t.State != JobUncertain || t.Next.IsZero()) {
		return t, false, nil // ended, or the person's to resolve
	}
	t.turn++
	if tx.Now().Sub(t.At) > silentOf {
		t.State, t.Reason, t.Next, t.Done = endOfSilent(t.State), "share.error.no_target", time.Time{}, tx.Now()
		return t, false, saveJob(ctx, tx, t.Job)
	}
	return t, false, s.postpone(ctx, tx, t.Job, tx.Now().Add(silentWait))
}

// postpone plans another turn in place of this one.
func (s *Share) postpone(ctx context.Context, tx *db.Tx, j Job, at time.Time) error {
	return errors.Join(saveJob(ctx, tx, j), s.schedule(ctx, tx, j, at))
}

// endOfSilent is what becomes of a job whose plugin did not come back: what the
// remote has taken may be there.
func endOfSilent(state string) string {
	switch state {
	case JobPending, JobUncertain:
		return JobUncertain
	case JobRetracting:
		return JobPosted
	}
	return StateFailed
}

func (s *Share) claimQueued(ctx context.Context, tx *db.Tx, t task) (task, bool, error) {
	if wait := t.Next.Sub(tx.Now()); wait > 0 {
		return t, false, s.postpone(ctx, tx, t.Job, t.Next)
	}
	busy, err := countSending(ctx, tx, t.person, t.Target)
	if err != nil {
		return t, false, err
	}
	if busy > 0 {
		return t, false, s.postpone(ctx, tx, t.Job, tx.Now().Add(busyWait))
	}
	t.State, t.tries, t.Reason, t.Detail = JobSending, t.tries+1, "", ""
	if t.sentAt.IsZero() {
		t.sentAt = tx.Now()
	}
	return t, true, saveJob(ctx, tx, t.Job)
}

// turn does what the state asks for and writes down how it went.
func (s *Share) turn(ctx context.Context, t task) error {
	if err := s.prepare(ctx, &t); err != nil {
		return s.unprepared(ctx, t, err)
	}
	switch t.was {
	case JobQueued:
		if t.target.ByMail {
			return s.sendMail(ctx, t)
		}
		posted, err := s.call(ctx, &t, func(ctx context.Context) (host.Posted, error) { return s.host.Submit(ctx, t.plugin, t.request) })
		return s.sent(ctx, t, posted, err)
	case JobPending:
		posted, err := s.call(ctx, &t, func(ctx context.Context) (host.Posted, error) {
			return s.host.Resume(ctx, t.plugin, t.request, t.pending, false)
		})
		return s.resumed(ctx, t, posted, err)
	case JobUncertain:
		return s.resolve(ctx, t)
	default:
		return s.takeBack(ctx, t)
	}
}

// call makes a call that needs the account's token: one that is refused is
// refreshed, once.
func (s *Share) call(ctx context.Context, t *task, f func(context.Context) (host.Posted, error)) (host.Posted, error) {
	posted, err := f(ctx)
	if err == nil || host.AsFailure(err).Code != host.Reauth || t.Job.account == 0 {
		return posted, err
	}
	a, g, failed := s.refresh(ctx, t.Job.account, t.grant.Access)
	if failed != nil {
		return posted, errors.Join(failed, err)
	}
	t.account, t.grant = a, g
	t.request.Grant = g.toHost(a)
	return f(ctx)
}

// prepare reads what a call needs: the badge, the account with a token that is
// good for a while, the settings.
func (s *Share) prepare(ctx context.Context, t *task) error {
	sub, err := s.ofJob(ctx, t.Job)
	if err != nil {
		return err
	}
	if t.was == JobQueued && !sub.Public {
		return fault.New(fault.Conflict, "share.error.not_public")
	}
	settings, err := s.settingsOf(ctx, t.plugin)
	if err != nil {
		return err
	}
	if t.Job.account != 0 {
		if t.account, t.grant, err = s.readGrant(ctx, t.Job.account); err != nil {
			return err
		}
		if t.account.State == AccountBlocked {
			return errReconnect
		}
		if soon := s.base.Now().Add(refreshEarly); t.grant.Refresh != "" && !t.account.expires.IsZero() && t.account.expires.Before(soon) {
			if t.account, t.grant, err = s.refresh(ctx, t.Job.account, t.grant.Access); err != nil {
				return err
			}
		}
		if t.account.State == AccountReconnect {
			return errReconnect
		}
	} else if needsAccount(t.target) {
		return fault.New(fault.NotFound, "share.reason.disconnected")
	}
	t.request = s.requestOf(ctx, sub, t.Job, t.target)
	t.request.Settings, t.request.Grant = settings, t.grant.toHost(t.account)
	return nil
}

// requestOf is what the plugin learns of what is shared and of the person's words.
func (s *Share) requestOf(ctx context.Context, sub Subject, j Job, t sdk.TargetInfo) host.Request {
	r := host.Request{Target: t.ID, Item: s.item(sub, j.lang), Options: j.optionValues(), Key: j.key, ImageAlt: sub.alt()}
	delete(r.Options, mailReply)
	r.Item.Text = j.Text
	if t.Limits.MaxImageBytes > 0 {
		png, err := s.cardOf(ctx, sub, j.lang)
		if err != nil {
			s.log.WarnContext(ctx, "a post goes without its picture", "share", j.ID, "error", err)
		} else if len(png) <= min(t.Limits.MaxImageBytes, maxImage) {
			r.Image = png
		}
	}
	return r
}

// maxImage leaves room for the rest of a message to a plugin.
const maxImage = 800 << 10

// unprepared ends a turn in which nothing was asked.
func (s *Share) unprepared(ctx context.Context, t task, err error) error {
	if t.State == JobSending {
		t.State, t.tries = JobQueued, t.tries-1
		if t.tries == 0 {
			t.sentAt = time.Time{}
		}
	}
	f, known := fault.As(err)
	switch {
	case errors.Is(err, errReconnect):
		return s.park(ctx, t)
	case errors.Is(err, db.ErrNotFound):
		return s.end(ctx, t, StateFailed, "share.reason.disconnected")
	case known && f.Kind == fault.Unavailable: // the token could not be refreshed now
		return s.later(ctx, t, &host.Failure{Code: host.Retry, Cause: f})
	case known:
		return s.end(ctx, t, StateFailed, f.Key)
	}
	return errors.Join(err, s.save(ctx, t, time.Time{}))
}

// sent writes down how the sending went.
func (s *Share) sent(ctx context.Context, t task, posted host.Posted, err error) error {
	if errors.Is(err, errReconnect) {
		t.State = JobQueued
		return s.park(ctx, t)
	}
	if err == nil {
		return s.done(ctx, t, posted)
	}
	f := host.AsFailure(err)
	t.note(f)
	switch f.Code {
	case host.Retry:
		return s.later(ctx, t, f)
	case host.Reauth, host.Disconnect:
		return s.refused(ctx, t, f)
	case host.Rejected:
		return s.end(ctx, t, StateFailed, t.Reason)
	}
	if !s.inWindow(t) && (!t.target.Resume || t.looks > 0) {
		return s.leaveOpen(ctx, t)
	}
	t.State, t.Next = JobUncertain, s.base.Now().Add(s.lookAfter(t))
	return s.save(ctx, t, t.Next)
}

// note keeps what people are told of a failure.
func (t *task) note(f *host.Failure) {
	t.Reason, t.Detail = "share.reason."+string(f.Code), detailOf(f)
	if f.Cause != nil && f.Cause.Key != "" {
		t.Reason = f.Cause.Key
	}
}

// later has another try, with the same key, when the remote said or after a pause
// that doubles: 30 s, 1 min … 6 h, each up to 30 % shorter or longer.
func (s *Share) later(ctx context.Context, t task, f *host.Failure) error {
	if t.tries >= maxTries {
		return s.end(ctx, t, StateFailed, "share.reason.gave_up")
	}
	t.note(f)
	t.State, t.Next = JobQueued, s.base.Now().Add(waitFor(t.tries, f.After))
	return s.save(ctx, t, t.Next)
}

// waitFor is the pause before another try. A remote that names a time is believed
// twice (up to 30 % later, so that not all come at once); then, or when it names none,
// the pause that doubles is the least.
func waitFor(tries int, named time.Duration) time.Duration {
	if named > 0 && tries <= believed {
		return time.Duration(float64(named) * (1 + 0.3*rand.Float64()))
	}
	return max(backOff(tries), named)
}

func backOff(tries int) time.Duration {
	d := firstWait << min(max(tries-1, 0), 10)
	return time.Duration(float64(min(d, maxWait)) * (0.7 + 0.6*rand.Float64()))
}

// refused ends with an account that cannot be used: the job waits for another.
func (s *Share) refused(ctx context.Context, t task, f *host.Failure) error {
	state := AccountReconnect
	if f.Code == host.Disconnect {
		state = AccountBlocked
	}
	if t.Job.account == 0 {
		return s.end(ctx, t, StateFailed, t.Reason)
	}
	if err := s.setAccountState(ctx, t.Job.account, state); err != nil {
		return err
	}
	return s.park(ctx, t)
}

// park leaves a job until its account is connected again.
func (s *Share) park(ctx context.Context, t task) error {
	if t.State == JobSending {
		t.State = JobQueued
	}
	t.Reason, t.Next = parked, time.Time{}
	return s.save(ctx, t, never)
}

// wakeParked goes on with what waited for an account.
func (s *Share) wakeParked(ctx context.Context, tx *db.Tx, account int64) error {
	list, err := listParked(ctx, tx, account, parked)
	if err != nil {
		return err
	}
	for _, j := range list {
		j.Reason = ""
		if err := errors.Join(saveJob(ctx, tx, j), s.schedule(ctx, tx, j, time.Time{})); err != nil {
			return err
		}
	}
	return nil
}

// done is a share that the remote has.
func (s *Share) done(ctx context.Context, t task, p host.Posted) error {
	t.Reason, t.Detail = "", ""
	if p.Pending != nil {
		return s.wait(ctx, t, *p.Pending)
	}
	t.State, t.remoteID, t.URL, t.pending = JobPosted, p.RemoteID, p.URL, ""
	return s.save(ctx, t, never)
}

// wait asks again later, each time a second later than before, up to a minute. Nobody
// waits for ever: then the person is asked.
func (s *Share) wait(ctx context.Context, t task, p host.Pending) error {
	if s.base.Now().Sub(t.sentAt) > pendingOf {
		return s.leaveOpen(ctx, t)
	}
	t.looks++
	t.State, t.pending = JobPending, p.State
	return s.save(ctx, t, s.base.Now().Add(max(p.After, min(time.Duration(t.looks)*time.Second, time.Minute))))
}

func (s *Share) end(ctx context.Context, t task, state, reason string) error {
	t.State, t.Reason, t.Next = state, reason, time.Time{}
	return s.save(ctx, t, never)
}

// never: there is no next turn.
var never = time.Unix(1<<40, 0)

// save writes down the outcome of a turn, unless a later turn has begun, and plans
// the next one. It does so even when the work was stopped: what a plugin has
// answered must not be lost.
func (s *Share) save(ctx context.Context, t task, next time.Time) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 4*time.Second)
	defer cancel()
	return s.base.Tx(ctx, func(tx *db.Tx) error {
		now, err := getJob(ctx, tx, t.row)
		if errors.Is(err, db.ErrNotFound) || err == nil && now.turn != t.turn {
			return nil // gone, or somebody else's turn by now
		}
		if err != nil {
			return err
		}
		if t.Done = (time.Time{}); !t.Waits() {
			t.Done = tx.Now()
		}
		if t.State == JobPosted && t.Job.account != 0 {
			if err := touchAccount(ctx, tx, t.Job.account); err != nil {
				return err
			}
		}
		if err := saveJob(ctx, tx, t.Job); err != nil || next.Equal(never) {
			return err
		}
		return s.schedule(ctx, tx, t.Job, next)
	})
}
