package badge

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/db"
)

// wiresSQL is the condition that $1 holds the badge and that programs may hand its text on.
var wiresSQL = ` WHERE b.person = $1 AND ` + VisibleSQL("b", 1) + ` AND b.version = '3.0' AND NOT b.unclaimed AND b.verdict <> 'invalid'
	AND b.anonymised_at = 0 AND b.issued_at > $2`

func countWires(ctx context.Context, d db.DB, person int64, since time.Time) (int, error) {
	return db.One[int](d.QueryRow(ctx, `SELECT count(*) FROM badge b`+wiresSQL, person, db.Micros(since)))
}

func listWires(ctx context.Context, d db.DB, person int64, p WirePart) ([]credentialRow, error) {
	return db.Select(ctx, d, scanCredential, `SELECT b.id, `+packedColumns+packedTables+wiresSQL+` ORDER BY b.id DESC LIMIT $3 OFFSET $4`,
		person, db.Micros(p.Since), p.Limit, p.Offset)
}
