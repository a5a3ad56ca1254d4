package share

import (
	"context"
	"errors"
	"slices"

	"github.com/osier-passport/osier/core/db"
)

// Merge gives what one person shared and connected to another account of theirs.
func (s *Share) Merge(ctx context.Context, tx *db.Tx, from, into int64) error {
	if err := s.mergeAccounts(ctx, tx, from, into); err != nil {
		return err
	}
	if err := deleteConnections(ctx, tx, from); err != nil {
		return err
	}
	return errors.Join(moveShares(ctx, tx, from, into), moveJobs(ctx, tx, from, into),
		moveChoices(ctx, tx, from, into), deleteChoicesOf(ctx, tx, from))
}

// mergeAccounts seals what one person connected for the other. Of an account that
// both connected the grant of the account that stays is kept.
func (s *Share) mergeAccounts(ctx context.Context, tx *db.Tx, from, into int64) error {
	mine, err := listAccounts(ctx, tx, from)
	if err != nil {
		return err
	}
	theirs, err := listAccounts(ctx, tx, into)
	if err != nil {
		return err
	}
	for _, a := range mine {
		same := slices.IndexFunc(theirs, func(b Account) bool { return b.Target == a.Target && b.remoteID == a.remoteID })
		if same >= 0 {
			if err := errors.Join(rebindAccountJobs(ctx, tx, a.row, theirs[same].row), deleteAccount(ctx, tx, a.row)); err != nil {
				return err
			}
			continue
		}
		g, err := s.openGrant(a)
		if err != nil { // sealed with a key that is gone: it has to be connected again
			s.log.WarnContext(ctx, "a grant cannot be moved", "target", a.Target, "error", err)
			a.State = AccountReconnect
		}
		a.person = into
		if a.sealed, err = s.sealGrant(a, g); err != nil {
			return err
		}
		if err := errors.Join(moveAccount(ctx, tx, a), updateAccountState(ctx, tx, a.row, a.State)); err != nil {
			return err
		}
	}
	return nil
}
