package badge

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

const (
	recheckEvery   = 10 * time.Minute
	recheckBatch   = 400             // badges a run: 400,000 a week
	recheckWorkers = 4               // at once
	recheckBudget  = 4 * time.Minute // then no other badge is begun
	recheckBusy    = 10 * time.Minute
	surelySilent   = 3 // failures in a row before others are believed to be unreachable unasked
)

// Reverify checks a badge again now, because its holder asks, and writes the
// outcome to the ledger. What an earlier check has proven binds the later ones;
// a badge that is proven for the first time is taken in anew, as it is proven. It
// returns a fault Gone for a badge that was anonymised.
func (s *Badges) Reverify(ctx context.Context, b Badge) (verify.Report, error) {
	if err := b.whole(); err != nil {
		return verify.Report{}, err
	}
	w := s.wary(true)
	r, err := s.check(ctx, b, w)
	if err != nil {
		return r, err
	}
	err = s.Base.Tx(ctx, func(tx *db.Tx) error { return s.note(ctx, tx, noted{b, r, w, true}) })
	if err == nil {
		err = s.lateArt(ctx, b, r)
	}
	return r, err
}

// check verifies a badge with the documents of today.
func (s *Badges) check(ctx context.Context, b Badge, w *wary) (verify.Report, error) {
	credential, err := getCredential(ctx, s.Base.Read(), b.ID)
	if err != nil {
		return verify.Report{}, err
	}
	known, err := proofOf(ctx, s.Base.Read(), b.ID)
	if err != nil {
		return verify.Report{}, err
	}
	bound, err := s.bondOf(ctx, b, credential)
	if err != nil {
		return verify.Report{}, err
	}
	o := verify.Options{At: s.Base.Now(), Fetcher: w, Lists: &s.lists, Earlier: s.earlier(ctx, b.Person, bound)}
	if known.equality == "" && !b.Unclaimed {
		addresses, err := s.Addresses.Confirmed(ctx, s.Base.Read(), b.Person)
		if err != nil {
			return verify.Report{}, err
		}
		o.Recipients = append([]string{}, addresses...)
	}
	checking, cancel := context.WithTimeout(ctx, verifyTimeout)
	defer cancel()
	r := verify.Check(checking, credential, o)
	if known.equality != "" {
		r = keepsTo(known, r)
		r.Checks = bound.dated(r.Checks)
	}
	return r, ctx.Err() // what was cut off says nothing
}

// noted is the outcome of a check that is written down.
type noted struct {
	badge  Badge
	report verify.Report
	hosts  *wary
	seen   bool // the holder has it before their eyes
}

func (s *Badges) note(ctx context.Context, tx *db.Tx, n noted) error {
	r := n.report
	b, err := lockMine(ctx, tx, n.badge.Person, n.badge.PublicID)
	if fault.Is(err, fault.NotFound) {
		return deleteBadgeHosts(ctx, tx, n.badge.ID) // the badge was removed meanwhile
	}
	if err != nil || !b.AnonymisedAt.IsZero() {
		return err
	}
	silent, err := n.hosts.settle(ctx, tx, b.ID)
	if err != nil {
		return err
	}
	if r, err = s.firstProof(ctx, tx, &b, r); err != nil {
		return err
	}
	now, err := updateVerdict(ctx, tx, b.ID, r, nextCheck(b.ID, r, silent))
	if err != nil {
		return err
	}
	packed, err := packReport(storedReport(r), r.At)
	if err != nil {
		return err
	}
	if err := s.keep(ctx, tx, newMemo(), b, kept{r, packed}); err != nil {
		return err
	}
	if b.Verdict != r.Verdict {
		countHolders(ctx, tx, b.Class.ID)
	}
	if err := s.tell(ctx, tx, b, now, n.seen); err != nil {
		return err
	}
	return event.Publish(ctx, tx, s.Bus, Verified{Badge: b.ID, Person: b.Person, Verdict: r.Verdict})
}

// recheck is the periodic job: it checks the badges that are due, each by itself,
// a few at once, until its time is over. The others stay due.
func (s *Badges) recheck(ctx context.Context) error {
	due, err := listDue(ctx, s.Base.Read(), db.Micros(s.Base.Now()), recheckBatch)
	if err != nil {
		return err
	}
	budget, cancel := context.WithTimeout(ctx, recheckBudget)
	defer cancel()
	work := make(chan Badge)
	var workers sync.WaitGroup
	for range min(recheckWorkers, len(due)) {
		workers.Go(func() {
			for b := range work {
				s.recheckOne(ctx, b)
			}
		})
	}
	for _, b := range due {
		select {
		case work <- b:
			continue
		case <-budget.Done():
		}
		break
	}
	close(work)
	workers.Wait()
	return ctx.Err()
}

// recheckOne checks one badge that is due. What goes wrong with it is logged and
// keeps no other badge from being checked.
func (s *Badges) recheckOne(ctx context.Context, b Badge) {
	w := s.wary(false)
	r, err := s.check(ctx, b, w)
	if err == nil {
		if until, ok := w.postpone(b, r); ok {
			err = s.postpone(ctx, b, until.Add(spread(b.ID, r.At, backOffFirst)))
		} else {
			err = s.Base.Tx(ctx, func(tx *db.Tx) error { return s.note(ctx, tx, noted{b, r, w, false}) })
		}
	}
	if err == nil {
		err = s.refreshCriteria(ctx, b)
	}
	if err == nil {
		err = s.lateArt(ctx, b, r)
	}
	if err != nil && !errors.Is(err, db.ErrNotFound) && ctx.Err() == nil {
		s.Log.Warn("badge not checked again", "badge", b.ID, "error", err)
	}
}

// postpone reports whether a check is not worth writing down, and until when: we
// had no time for it, or a host was left alone and nothing else is new. A badge
// is called unreachable without asking only once its host was silent several times.
func (w *wary) postpone(b Badge, r verify.Report) (time.Time, bool) {
	if w.busy {
		return r.At.Add(recheckBusy), true
	}
	if len(w.spared) == 0 || len(w.silent) > 0 {
		return time.Time{}, false
	}
	var until time.Time
	sure := false
	for _, h := range w.spared {
		until = later(until, h.until)
		sure = sure || h.fails >= surelySilent
	}
	news := r.Verdict != b.Verdict && (sure || r.Verdict != verify.Unverifiable)
	return until, !news
}

// postpone moves a badge on without a word in the ledger. An outage that goes on
// is told here too.
func (s *Badges) postpone(ctx context.Context, b Badge, until time.Time) error {
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		now, err := updateNextCheck(ctx, tx, b.ID, until)
		if err != nil {
			return err
		}
		return s.tell(ctx, tx, b, now, false)
	})
}

// Sweep forgets the outcomes of old imports and badges that waited a week for
// their address, ends imports whose job was given up, so that they neither wait
// for ever nor keep their bytes, and plans the next check of badges without one.
func (s *Badges) Sweep(ctx context.Context) error {
	if err := s.planForgotten(ctx, planBatch); err != nil {
		return err
	}
	before := db.Micros(s.Base.Now().Add(-importKeep))
	err := s.Base.Tx(ctx, func(tx *db.Tx) error {
		if err := endChanges(ctx, tx); err != nil {
			return err
		}
		return s.forgetEnded(ctx, tx, before)
	})
	if err != nil {
		return err
	}
	if err := s.endMismatches(ctx); err != nil {
		return err
	}
	stuck, err := listStuck(ctx, s.Base.Read(), before)
	if err != nil {
		return err
	}
	for _, im := range stuck {
		end := s.refusing(im, verify.Step{Reason: "timeout"})
		if err := s.Base.Tx(ctx, func(tx *db.Tx) error { return end(ctx, tx, newMemo()) }); err != nil {
			return err
		}
	}
	return nil
}

// planForgotten plans the next check of badges without one, so many in each
// transaction: after a large restore there may be a million, and others write meanwhile.
func (s *Badges) planForgotten(ctx context.Context, batch int64) error {
	for {
		n := int64(0)
		err := s.Base.Tx(ctx, func(tx *db.Tx) error {
			tx.Quiet() // when a badge is checked again is shown nowhere
			var err error
			n, err = planForgotten(ctx, tx, tx.Now(), batch)
			return err
		})
		if err != nil || n < batch {
			return err
		}
	}
}
