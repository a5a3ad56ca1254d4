package badge

import (
	"context"
	"errors"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

const (
	recheckAfter = 7 * 24 * time.Hour
	recheckBatch = 100
)

// Reverify checks a badge again now and writes the outcome to the ledger. Whom
// it was issued to was proven when it came in and is not asked again: a badge
// does not depend on an address staying.
func (s *Badges) Reverify(ctx context.Context, b Badge) (verify.Report, error) {
	credential, err := getCredential(ctx, s.Base.Read(), b.ID)
	if err != nil {
		return verify.Report{}, err
	}
	earlier, err := s.Ledger(ctx, b, 1)
	if err != nil {
		return verify.Report{}, err
	}
	checking, cancel := context.WithTimeout(ctx, verifyTimeout)
	defer cancel()
	r := verify.Check(checking, credential, verify.Options{At: s.Base.Now(), Fetcher: fetcher{s.Fetch}})
	if len(earlier) > 0 {
		r.Checks = keepRecipient(r.Checks, earlier[0].Report.Checks)
	}
	return r, s.Base.Tx(ctx, func(tx *db.Tx) error { return s.note(ctx, tx, b, r) })
}

// keepRecipient carries the outcome of the recipient check over.
func keepRecipient(now, earlier []verify.Step) []verify.Step {
	var kept verify.Step
	for _, c := range earlier {
		if c.Name == verify.CheckRecipient {
			kept = c
		}
	}
	for i, c := range now {
		if c.Name == verify.CheckRecipient && kept.Name != "" {
			now[i] = kept
		}
	}
	return now
}

func (s *Badges) note(ctx context.Context, tx *db.Tx, b Badge, r verify.Report) error {
	n, err := updateVerdict(ctx, tx, b.ID, r)
	if err != nil || n == 0 {
		return err // removed meanwhile
	}
	if err := insertLedger(ctx, tx, b.ID, r); err != nil {
		return err
	}
	if err := countHolders(ctx, tx, b.Class.ID); err != nil {
		return err
	}
	return event.Publish(ctx, tx, s.Bus, Verified{Badge: b.ID, Person: b.Person, Verdict: r.Verdict})
}

// recheck is the periodic job: the badges that were not checked for longest, and
// the outcomes of old imports go.
func (s *Badges) recheck(ctx context.Context) error {
	if err := s.sweepImports(ctx); err != nil {
		return err
	}
	due, err := listDue(ctx, s.Base.Read(), db.Micros(s.Base.Now().Add(-recheckAfter)), recheckBatch)
	if err != nil {
		return err
	}
	for _, b := range due {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if _, err := s.Reverify(ctx, b); err != nil && !errors.Is(err, db.ErrNotFound) {
			s.Log.Warn("badge not checked again", "badge", b.ID, "error", err)
		}
	}
	return nil
}

// sweepImports forgets the outcomes of old imports and ends those whose job was
// given up, so that they neither wait for ever nor keep their bytes.
func (s *Badges) sweepImports(ctx context.Context) error {
	before := db.Micros(s.Base.Now().Add(-importKeep))
	err := s.Base.Tx(ctx, func(tx *db.Tx) error { return deleteEndedImports(ctx, tx, before) })
	if err != nil {
		return err
	}
	stuck, err := listStuck(ctx, s.Base.Read(), before)
	if err != nil {
		return err
	}
	for _, im := range stuck {
		if err := s.refuse(ctx, im, verify.Step{Reason: "timeout"}); err != nil {
			return err
		}
	}
	return nil
}
