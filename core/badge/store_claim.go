package badge

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

func countMismatches(ctx context.Context, d db.DB, person int64) (int, error) {
	return db.One[int](d.QueryRow(ctx, `SELECT count(*) FROM badge_import WHERE person = $1 AND state = 'mismatch'`, person))
}

// endWaiting writes what was found out of an import whose bytes are kept.
func endWaiting(ctx context.Context, tx *db.Tx, im Import) error {
	text, err := marshalChecks(im.Checks)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE badge_import SET state = $2, title = $3, checks = $4, reason = $5, detail = $6, changed_at = $7
		WHERE id = $1 AND state = 'running'`, im.ID, im.State, im.Title, text, im.Reason, im.Detail, db.Micros(tx.Now()))
	return err
}

// keepMismatch sends a waiting import through the checks again, without that of
// its recipient. Of several that try one succeeds, the others get db.ErrNotFound.
func keepMismatch(ctx context.Context, tx *db.Tx, person int64, publicID string) (int64, error) {
	return db.One[int64](tx.QueryRow(ctx, `UPDATE badge_import SET state = 'running', unclaimed = TRUE, checks = '[]', reason = '', detail = '', changed_at = $3
		WHERE person = $1 AND public_id = $2 AND state = 'mismatch' RETURNING id`, person, publicID, db.Micros(tx.Now())))
}

// retryMismatches sends all waiting imports of a person through the checks again.
func retryMismatches(ctx context.Context, tx *db.Tx, person int64) ([]int64, error) {
	return db.Select(ctx, tx, db.One[int64], `UPDATE badge_import SET state = 'running', waited = TRUE, checks = '[]', reason = '', detail = '', changed_at = $2
		WHERE person = $1 AND state = 'mismatch' RETURNING id`, person, db.Micros(tx.Now()))
}

func listMismatches(ctx context.Context, d db.DB, before int64) ([]Import, error) {
	return db.Select(ctx, d, scanImport, `SELECT `+importColumns+` FROM badge_import WHERE state = 'mismatch' AND changed_at < $1 ORDER BY id LIMIT 100`, before)
}

func listWaiting(ctx context.Context, d db.DB, person int64) ([]Import, error) {
	return db.Select(ctx, d, scanImport, `SELECT `+importColumns+` FROM badge_import WHERE person = $1 AND state = 'mismatch' ORDER BY id DESC LIMIT 50`, person)
}

func forgetMismatch(ctx context.Context, tx *db.Tx, id int64) (bool, error) {
	n, err := tx.Exec(ctx, `DELETE FROM badge_import WHERE id = $1 AND state IN ('mismatch', 'refused')`, id)
	return n > 0, err
}

func countUnclaimed(ctx context.Context, d db.DB, person int64) (int, error) {
	return db.One[int](d.QueryRow(ctx, `SELECT count(*) FROM badge WHERE person = $1 AND unclaimed AND anonymised_at = 0`, person))
}

func listUnclaimed(ctx context.Context, d db.DB, person int64) ([]Badge, error) {
	return db.Select(ctx, d, scanBadge, `SELECT `+badgeColumns+badgeTables+`WHERE b.person = $1 AND b.unclaimed AND b.anonymised_at = 0 ORDER BY b.id`, person)
}

// updateClaimed makes an unclaimed badge its holder's own; false when it is already.
func updateClaimed(ctx context.Context, tx *db.Tx, b Badge) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE badge SET unclaimed = FALSE WHERE id = $1 AND person = $2 AND unclaimed AND anonymised_at = 0`, b.ID, b.Person)
	return n > 0, err
}
