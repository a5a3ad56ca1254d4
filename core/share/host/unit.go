package host

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/plugins/sdk"
)

// unit supervises one plugin: at most one process, at most callsAtOnce calls.
type unit struct {
	host  *Host
	id    string
	slots chan struct{} // one taken by each running call
	logs  *tail

	mu       sync.Mutex
	src      source
	barred   *fault.Error // why the plugin may not run; nil when it may
	proc     *process
	stuck    *process // proc, when a call hangs in it or it is to begin anew: not used any longer than its other calls last
	starting *attempt
	inFlight int
	lastUsed time.Time
	starts   int
	version  string

	crashes []time.Time  // within crashWindow
	streak  int          // crashes since the last good call
	hangs   int          // calls in a row that gave no answer in time
	retryAt time.Time    // not started before
	tripped bool         // disabled by crashes
	last    *fault.Error // the last crash
	closed  bool
	tally   tally
}

// attempt is a start that callers wait for together.
type attempt struct {
	done chan struct{}
	err  error // valid after done
}

func newUnit(h *Host, src source) *unit {
	u := &unit{
		host: h, id: src.id, src: src, version: src.version,
		slots: make(chan struct{}, callsAtOnce),
		logs:  newTail(h.opt.Log.With("plugin", src.id), h.opt.Clock),
	}
	u.logs.redact = h.secrets.redact
	return u
}

func (u *unit) community() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.src.from == Community
}

// name is what the plugin is called in the folder.
func (u *unit) name() string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return filepath.Base(u.src.path)
}

func (u *unit) bundledDescriptor() *sdk.Descriptor {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.src.descriptor
}

// setSource takes over what the folder holds now. A process that runs from an
// older file ends when its calls have.
func (u *unit) setSource(src source, barred *fault.Error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if barred != nil && (u.barred == nil || u.barred.Key != barred.Key) {
		u.host.opt.Log.Warn("plugin is not used", "plugin", u.id, "reason", barred.Error(), "path", src.path)
	}
	u.src, u.barred = src, barred
	if src.version != "" {
		u.version = src.version
	}
}

// forgive forgets all crashes.
func (u *unit) forgive() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.crashes, u.streak, u.hangs, u.tripped, u.retryAt, u.last = nil, 0, 0, false, time.Time{}, nil
}

func (u *unit) status() Status {
	u.mu.Lock()
	defer u.mu.Unlock()
	s := Status{
		ID: u.id, Version: u.version, Source: u.src.from, Path: u.src.path, State: OK,
		Restarts: max(u.starts-1, 0), LastLogs: u.logs.lines(), Announced: u.src.announced, Anywhere: u.src.anywhere, place: u.src.place,
	}
	if d := u.src.descriptor; d != nil {
		s.Version = d.Version
	}
	if u.proc != nil {
		s.PID = u.proc.run.pid()
		s.Memory = memoryOf(s.PID)
	}
	s.Calls, s.Failures, s.Errors = u.tally.calls, u.tally.failures, slices.Clone(u.tally.errors)
	if s.Reason = u.refusal(); s.Reason != nil {
		s.State = Disabled
		if u.barred == nil && !u.tripped {
			s.State = Backoff
		}
	}
	return s
}

// refusal is why the plugin cannot be used now. The caller holds u.mu.
func (u *unit) refusal() *fault.Error {
	switch left := u.retryAt.Sub(u.host.opt.Clock()); {
	case u.closed:
		return problem(u.id, "closed")
	case u.barred != nil:
		return u.barred
	case u.proc != nil, left <= 0:
		return nil
	case u.tripped:
		return problem(u.id, "crash_loop").With("detail", detailOf(u.last)).Wrap(u.last).After(left)
	default:
		return waiting(u.id, left).With("detail", detailOf(u.last)).Wrap(u.last)
	}
}

func detailOf(e *fault.Error) string {
	if e == nil {
		return ""
	}
	if d := e.Args["detail"]; d != "" {
		return d
	}
	return e.Key
}

// acquire gives the running process, started if need be, for one call that ends
// with release. Everybody waits for a start; then callsAtOnce go on, and the
// others wait a moment for one of them to end.
func (u *unit) acquire(ctx context.Context) (p *process, release func(), err error) {
	if _, err := u.running(ctx); err != nil {
		return nil, nil, err
	}
	if err := u.takeSlot(ctx); err != nil {
		return nil, nil, err
	}
	for {
		p, err := u.running(ctx)
		if err != nil {
			<-u.slots
			return nil, nil, err
		}
		if u.enter(p) {
			return p, func() { u.release(); <-u.slots }, nil
		}
	}
}

// takeSlot waits a moment for a place among the calls.
func (u *unit) takeSlot(ctx context.Context) error {
	select {
	case u.slots <- struct{}{}:
		return nil
	default:
	}
	wait := time.NewTimer(busyWait)
	defer wait.Stop()
	select {
	case u.slots <- struct{}{}:
		return nil
	case <-wait.C:
		return problem(u.id, "busy")
	case <-ctx.Done():
		return problem(u.id, "busy").Wrap(ctx.Err())
	}
}

// enter counts a call in p, unless p is no longer the unit's process.
func (u *unit) enter(p *process) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.proc != p {
		return false
	}
	u.inFlight++
	u.lastUsed = u.host.opt.Clock()
	return true
}

// running gives the process, started if need be.
func (u *unit) running(ctx context.Context) (*process, error) {
	for {
		u.mu.Lock()
		if why := u.refusal(); why != nil {
			if why == u.barred {
				why = disabled(u.id, why)
			}
			u.mu.Unlock()
			return nil, why
		}
		if p := u.proc; p != nil {
			if p.ended() { // and watch has not come to it yet
				u.mu.Unlock()
				u.watch(p)
				continue
			}
			u.mu.Unlock()
			return p, nil
		}
		a := u.starting
		if a == nil {
			a = &attempt{done: make(chan struct{})}
			u.starting = a
			src := u.src
			u.host.background(func() { u.start(context.WithoutCancel(ctx), src, a) })
		}
		u.mu.Unlock()
		select {
		case <-a.done:
			if a.err != nil {
				return nil, a.err
			}
		case <-u.host.stop:
			return nil, problem(u.id, "closed")
		case <-ctx.Done():
			return nil, problem(u.id, "timeout").Wrap(ctx.Err())
		}
	}
}

func (u *unit) release() {
	u.mu.Lock()
	u.inFlight--
	u.lastUsed = u.host.opt.Clock()
	u.leave()
	u.mu.Unlock()
}

// retire ends the process as soon as no call runs in it.
func (u *unit) retire() {
	u.mu.Lock()
	u.stuck = u.proc
	u.leave()
	u.mu.Unlock()
}

// leave ends a process that is not to be used any longer, once no call runs in it. The
// caller holds u.mu.
func (u *unit) leave() {
	p := u.proc
	if p == nil || p != u.stuck || u.inFlight > 0 {
		return
	}
	u.proc = nil
	u.host.background(func() { p.stop(stopGrace) })
}

// start runs one attempt. The start does not end with the caller who asked for
// it: others may wait for the same one.
func (u *unit) start(ctx context.Context, src source, a *attempt) {
	select {
	case u.host.starts <- struct{}{}:
		defer func() { <-u.host.starts }()
	case <-u.host.stop:
		u.started(nil, problem(u.id, "closed"), a)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, u.host.opt.StartTimeout)
	defer cancel()
	go func() {
		select {
		case <-u.host.stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	p, why := u.host.launch(ctx, src, u.logs)
	if late := u.started(p, why, a); late {
		p.stop(stopGrace)
	}
}

// started takes over the outcome of a start. It answers true when the host was
// closed meanwhile, so that p is of no use.
func (u *unit) started(p *process, why *fault.Error, a *attempt) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	defer close(a.done)
	u.starting = nil
	u.starts++
	switch {
	case u.closed:
		a.err = problem(u.id, "closed")
		return p != nil
	case why != nil:
		a.err = why
		u.crashed(why)
	default:
		u.proc, u.version, u.lastUsed = p, p.descriptor.Version, u.host.opt.Clock()
		u.host.background(func() { u.watch(p) })
	}
	return false
}

// watch notes when p ends without being asked to.
func (u *unit) watch(p *process) {
	<-p.run.exited
	u.drop(p, problem(u.id, "crashed").With("detail", p.run.epitaph()))
}

// drop gives up p, because of why, and counts that as a crash. It does nothing
// when p is no longer the unit's process.
func (u *unit) drop(p *process, why *fault.Error) {
	u.mu.Lock()
	mine := u.proc == p
	if mine {
		u.proc = nil
		u.crashed(why)
	}
	u.mu.Unlock()
	if mine {
		p.stop(0)
	}
}

// crashed counts a crash and decides when to try again. The caller holds u.mu.
func (u *unit) crashed(why *fault.Error) {
	now := u.host.opt.Clock()
	u.last, u.hangs = why, 0
	u.tally.mishap(now, why)
	u.streak++
	u.crashes = slices.DeleteFunc(u.crashes, func(t time.Time) bool { return now.Sub(t) > crashWindow })
	u.crashes = append(u.crashes, now)
	log := u.host.opt.Log.With("plugin", u.id, "reason", detailOf(why), "error", why)
	if u.tripped || len(u.crashes) >= crashLimit {
		u.tripped, u.retryAt = true, now.Add(halfOpenAfter)
		log.Error("plugin disabled after crashes", "until", u.retryAt, "last_lines", u.logs.lines())
		return
	}
	pause := min(time.Second<<min(u.streak-1, 6), maxBackoff)
	u.retryAt = now.Add(pause)
	log.Warn("plugin crashed", "next_start_after", pause)
}

// settle counts a call and draws the conclusion from it: err as a fault for the
// caller, and what it says about the process.
func (u *unit) settle(ctx context.Context, p *process, err error) *fault.Error {
	why := u.conclude(ctx, p, err)
	u.count(why)
	return why
}

func (u *unit) conclude(ctx context.Context, p *process, err error) *fault.Error {
	if err == nil {
		u.worked()
		return nil
	}
	switch status.Code(err) {
	case codes.DeadlineExceeded, codes.Canceled:
		if p.ended() {
			break
		}
		if !errors.Is(ctx.Err(), context.Canceled) {
			u.hung(ctx, p)
		}
		return problem(u.id, "timeout").Wrap(err)
	case codes.Unavailable, codes.Aborted:
	default:
		return badAnswer(u.id, errors.New(sdk.Clip(sdk.Plain(status.Convert(err).Message()), maxDetail, nil)))
	}
	p.awaitEnd(healthTimeout)
	why := problem(u.id, "crashed").With("detail", p.run.epitaph()).Wrap(err)
	u.drop(p, why)
	return why
}

// worked ends all suspicion.
func (u *unit) worked() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.streak, u.hangs = 0, 0
	if u.tripped {
		u.tripped, u.crashes, u.last = false, nil, nil
		u.host.opt.Log.Info("plugin works again", "plugin", u.id)
	}
}

// hung decides what to do with a process that did not answer in time: one that
// gives no sign of life has crashed, and so has one that is too slow again and
// again. Else it ends when its other calls have, since the call may hang in it
// for ever.
func (u *unit) hung(ctx context.Context, p *process) {
	alive := p.healthy(context.WithoutCancel(ctx), healthTimeout)
	u.mu.Lock()
	u.hangs++
	u.stuck = p
	give := !alive || u.hangs >= hangLimit
	u.mu.Unlock()
	if give {
		u.drop(p, problem(u.id, "hung").With("detail", "no answer in time"))
	}
}

// reap stops the process when nobody has used it for long, when it is old, or
// when the plugin may not run any more.
func (u *unit) reap(now time.Time) {
	u.mu.Lock()
	p := u.proc
	stop := p != nil && u.inFlight == 0 &&
		(u.barred != nil || p.accepted != u.src.accepted || now.Sub(u.lastUsed) >= u.host.opt.IdleAfter || now.Sub(p.since) >= maxAge)
	if stop {
		u.proc = nil
	}
	u.mu.Unlock()
	if stop {
		p.stop(stopGrace)
	}
}

// close ends the process for good. When ctx ends it is killed at once.
func (u *unit) close(ctx context.Context) {
	u.mu.Lock()
	u.closed = true
	p := u.proc
	u.proc = nil
	u.mu.Unlock()
	if p == nil {
		return
	}
	defer context.AfterFunc(ctx, p.run.kill)()
	p.stop(stopGrace)
}
