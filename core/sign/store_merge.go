package sign

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// Merge gives the keys of one person to another account of theirs: documents at
// the address of the first stay, so that what was signed still verifies. Nothing
// more is signed with them.
func (s *Signer) Merge(ctx context.Context, tx *db.Tx, from, into int64) error {
	return moveKeys(ctx, tx, from, into)
}

func moveKeys(ctx context.Context, tx *db.Tx, from, into int64) error {
	_, err := tx.Exec(ctx, `UPDATE signing_key SET person = $2, retired_at = CASE WHEN retired_at = 0 THEN CAST($3 AS BIGINT) ELSE retired_at END, sealed = $4 WHERE person = $1 AND person <> 0`,
		from, into, db.Micros(tx.Now()), []byte{})
	return err
}
