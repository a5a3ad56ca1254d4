package badge

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// listIssuedTo gives the texts of badges by their masked address, "" for those
// that hide it, which are most: those are gone through by their ids.
func listIssuedTo(ctx context.Context, d db.DB, masked string, after int64, limit int) ([]credentialRow, error) {
	if masked == "" {
		return db.Select(ctx, d, scanCredential, `SELECT b.id, `+packedColumns+packedTables+`WHERE b.issued_to = '' AND b.id > $1
			AND b.anonymised_at = 0 ORDER BY b.id LIMIT $2`, after, limit)
	}
	return db.Select(ctx, d, scanCredential, `SELECT b.id, `+packedColumns+packedTables+`WHERE lower(b.issued_to) = lower($1) AND b.issued_to <> ''
		AND b.id > $2 AND b.anonymised_at = 0 ORDER BY b.id LIMIT $3`, masked, after, limit)
}

func getAny(ctx context.Context, d db.DB, id int64) (Badge, error) {
	return scanBadge(d.QueryRow(ctx, `SELECT `+badgeColumns+badgeTables+`WHERE b.id = $1`, id))
}

// listAllWaiting gives the imports of all people whose bytes are kept: those that
// wait for their address, and those that can be tried again.
func listAllWaiting(ctx context.Context, d db.DB) ([]Import, error) {
	return db.Select(ctx, d, scanImport, `SELECT `+importColumns+` FROM badge_import WHERE state = 'mismatch' OR state = 'refused' AND received <> '' ORDER BY changed_at`)
}
