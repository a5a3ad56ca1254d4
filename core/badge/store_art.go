package badge

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// classHashes are the content hashes of a class before and after a change.
type classHashes struct{ before, after string }

// updateArt gives a badge its art, and its class where that still has the content before,
// unless there is a class with the content after.
func updateArt(ctx context.Context, tx *db.Tx, b Badge, art string, h classHashes) error {
	if _, err := tx.Exec(ctx, `UPDATE badge SET thumbnail = $2 WHERE id = $1 AND thumbnail = ''`, b.ID, art); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE badge_class SET thumbnail = $2, content_hash = $4 WHERE id = $1 AND thumbnail = '' AND content_hash = $3
		AND NOT EXISTS (SELECT 1 FROM badge_class o WHERE o.content_hash = $4)`, b.Class.ID, art, h.before, h.after)
	return err
}
