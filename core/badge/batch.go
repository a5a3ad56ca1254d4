package badge

import (
	"context"
	"errors"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/jobs"
)

// CancelBatch stops what of a batch of the person's own has not ended yet: nothing
// of it is kept. What came in already stays. It returns a fault NotFound when there
// is no such batch.
func (s *Badges) CancelBatch(ctx context.Context, person int64, batch string) error {
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		list, err := ownBatch(ctx, tx, person, batch)
		if err != nil {
			return err
		}
		for _, im := range list {
			if im.State != StateRunning {
				continue
			}
			im.State = StateCancelled
			if _, err := s.end(ctx, tx, im); err != nil {
				return err
			}
		}
		return nil
	})
}

// RetryBatch sends what of a batch was refused or waits for its address through
// the checks again, and gives how many there are. Files that are no badges at all
// are not among them.
func (s *Badges) RetryBatch(ctx context.Context, person int64, batch string) (n int, err error) {
	err = s.Base.Tx(ctx, func(tx *db.Tx) error {
		if _, err := ownBatch(ctx, tx, person, batch); err != nil {
			return err
		}
		ids, err := retryRefused(ctx, tx, person, batch)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := s.Queue.Add(ctx, tx, jobImport, importPayload{id}, jobs.Options{}); err != nil {
				return err
			}
		}
		n = len(ids)
		return nil
	})
	return n, err
}

func ownBatch(ctx context.Context, tx *db.Tx, person int64, batch string) ([]Import, error) {
	list, err := listBatch(ctx, tx, person, batch)
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "badge.error.import_not_found")
	}
	return list, err
}

// forgetEnded deletes the outcomes of imports that ended a day ago, with the bytes
// of those that could have been tried again.
func (s *Badges) forgetEnded(ctx context.Context, tx *db.Tx, before int64) error {
	kept, err := listRefused(ctx, tx, before)
	if err != nil {
		return err
	}
	if err := deleteEndedImports(ctx, tx, before); err != nil {
		return err
	}
	var failed []error
	for _, hash := range kept {
		failed = append(failed, s.Blobs.Drop(ctx, tx, hash))
	}
	return errors.Join(failed...)
}
