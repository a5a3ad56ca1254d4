package badge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/jobs"
	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/bake"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// StateMismatch is an import that is a good badge, issued to an address that is
// not the person's. Its bytes wait, for a week, until the person confirms the
// address or keeps the badge unclaimed.
const StateMismatch = "mismatch"

const (
	jobClaim      = "badge.claim"
	mismatchKeep  = 7 * 24 * time.Hour
	mismatchLimit = 50 // that wait for one person
)

// claimable reports whether a badge was refused for its recipient alone, and
// could become the person's.
func claimable(why verify.Step) bool {
	return why.Name == verify.CheckRecipient && (why.Reason == "recipient" || why.Reason == "recipient-hidden")
}

// wait leaves an import with its bytes, for its person to decide. It reports
// false when too many wait already.
func (s *Badges) wait(ctx context.Context, tx *db.Tx, im Import, why verify.Step) (bool, error) {
	n, err := countMismatches(ctx, tx, im.Person)
	if err != nil || n >= mismatchLimit {
		return false, err
	}
	im.State, im.Reason, im.Detail = StateMismatch, why.Reason, clip(why.Detail, 300)
	return true, endWaiting(ctx, tx, im)
}

// Mismatch is a badge that waits for its address.
type Mismatch struct {
	Import     Import
	Credential *openbadge.Credential // as it was received
}

// Plain is the address that the badge names openly, or "".
func (m Mismatch) Plain() string {
	if list := plainAddresses(m.Credential.Recipient); len(list) > 0 {
		return list[0]
	}
	return ""
}

// MismatchByID gives an import of the person's own that waits for its address.
// It returns a fault NotFound when there is none.
func (s *Badges) MismatchByID(ctx context.Context, person int64, publicID string) (Mismatch, error) {
	im, err := s.ImportByID(ctx, person, publicID)
	if err == nil && im.State != StateMismatch {
		err = fault.New(fault.NotFound, "badge.error.import_not_found")
	}
	if err != nil {
		return Mismatch{}, err
	}
	data, _, err := s.Blobs.Get(ctx, s.Base.Read(), im.Received)
	if err != nil {
		return Mismatch{}, fmt.Errorf("read upload: %w", err)
	}
	m := Mismatch{Import: im, Credential: &openbadge.Credential{Name: im.Title}}
	if found, err := bake.Extract(data); err == nil {
		if c, err := openbadge.Parse(found.Payload); err == nil {
			m.Credential = c
		}
	}
	return m, nil
}

// Keep takes a waiting import in without its address: the badge is unclaimed,
// for the person's eyes alone. It returns a fault NotFound when none waits.
func (s *Badges) Keep(ctx context.Context, person int64, publicID string) (Import, error) {
	err := s.Base.Tx(ctx, func(tx *db.Tx) error {
		id, err := keepMismatch(ctx, tx, person, publicID)
		if errors.Is(err, db.ErrNotFound) {
			return fault.New(fault.NotFound, "badge.error.import_not_found")
		}
		if err != nil {
			return err
		}
		return s.Queue.Add(ctx, tx, jobImport, importPayload{id}, jobs.Options{})
	})
	if err != nil {
		return Import{}, err
	}
	return s.ImportByID(ctx, person, publicID)
}

type claimPayload struct {
	Person int64 `json:"person"`
}

// onAddressConfirmed tries the badges again that waited for an address.
func (s *Badges) onAddressConfirmed(ctx context.Context, tx *db.Tx, e account.AddressConfirmed) error {
	waiting, err := retryMismatches(ctx, tx, e.Person)
	if err != nil {
		return err
	}
	for _, id := range waiting {
		if err := s.Queue.Add(ctx, tx, jobImport, importPayload{id}, jobs.Options{}); err != nil {
			return err
		}
	}
	n, err := countUnclaimed(ctx, tx, e.Person)
	if err != nil || n == 0 {
		return err
	}
	return s.Queue.Add(ctx, tx, jobClaim, claimPayload{e.Person}, jobs.Options{Person: e.Person})
}

// runClaim is the job: the unclaimed badges of a person that were issued to an
// address of theirs are verified with it, and become theirs.
func (s *Badges) runClaim(ctx context.Context, payload []byte) error {
	var p claimPayload
	if err := json.Unmarshal(payload, &p); err != nil {
		return jobs.Permanent(fmt.Errorf("read claim job: %w", err))
	}
	list, err := listUnclaimed(ctx, s.Base.Read(), p.Person)
	if err != nil {
		return err
	}
	for _, b := range list {
		if err := s.claim(ctx, b); err != nil {
			return fmt.Errorf("claim a badge: %w", err)
		}
	}
	return nil
}

// claim verifies an unclaimed badge with the person's addresses.
func (s *Badges) claim(ctx context.Context, b Badge) error {
	credential, err := getCredential(ctx, s.Base.Read(), b.ID)
	if err != nil {
		return ignoreAbsent(err)
	}
	addresses, err := s.Addresses.Confirmed(ctx, s.Base.Read(), b.Person)
	if err != nil {
		return err
	}
	if c, err := openbadge.Parse(credential); err == nil {
		if _, ok := c.Recipient.Match(addresses); !ok {
			return nil
		}
	}
	w := s.wary(true)
	checking, cancel := context.WithTimeout(ctx, verifyTimeout)
	defer cancel()
	r := verify.Check(checking, credential, verify.Options{At: s.Base.Now(), Fetcher: w, Lists: &s.lists, Recipients: append([]string{}, addresses...)})
	if r, err = s.notOfAnother(ctx, b.Person, addresses, r); err != nil || ctx.Err() != nil {
		return errors.Join(err, ctx.Err())
	}
	if r.Verdict == verify.Invalid || r.Credential == nil {
		return nil // it stays unclaimed; checks again find out what else is wrong
	}
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		first, err := updateClaimed(ctx, tx, b)
		if err != nil || !first {
			return err
		}
		if err := s.note(ctx, tx, noted{b, r, w, true}); err != nil {
			return err
		}
		if err := event.Publish(ctx, tx, s.Bus, Received{Badge: b.ID, Class: b.Class.ID, Person: b.Person}); err != nil {
			return err
		}
		return s.arrived(ctx, tx, b, true)
	})
}

func ignoreAbsent(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	return err
}

func errUnclaimed(publicID string) error {
	return fault.New(fault.Conflict, "badge.error.unclaimed").At("/b/" + publicID)
}

// endMismatches lets go of badges that waited too long.
func (s *Badges) endMismatches(ctx context.Context) error {
	old, err := listMismatches(ctx, s.Base.Read(), db.Micros(s.Base.Now().Add(-mismatchKeep)))
	if err != nil {
		return err
	}
	for _, im := range old {
		err := s.Base.Tx(ctx, func(tx *db.Tx) error {
			ended, err := forgetMismatch(ctx, tx, im.ID)
			if err != nil || !ended {
				return err
			}
			return errors.Join(s.dropLoneRecord(ctx, tx, im.Record), s.Blobs.Drop(ctx, tx, im.Received))
		})
		if err != nil {
			return err
		}
	}
	return nil
}
