package badge

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// Brought gives a badge of the person's own by the SHA-256 of the file that it came
// as: by that it is found again where its archive is brought back. It returns
// db.ErrNotFound where it did not come back.
func Brought(ctx context.Context, d db.DB, person int64, hash string) (id int64, publicID string, err error) {
	err = d.QueryRow(ctx, `SELECT id, public_id FROM badge
		WHERE person = $1 AND substr(received, 1, 12) = substr(CAST($2 AS TEXT), 1, 12) AND received = $2 AND inline AND removed_at = 0
		UNION ALL SELECT id, public_id FROM badge
		WHERE person = $1 AND substr(received, 1, 12) = substr(CAST($2 AS TEXT), 1, 12) AND received = $2 AND NOT inline AND removed_at = 0
		ORDER BY id LIMIT 1`, person, hash).Scan(&id, &publicID)
	return id, publicID, err
}

// listShelved gives the files of the badges of a collection, in its order.
func listShelved(ctx context.Context, d db.DB, person int64, name string) ([]string, error) {
	return db.Select(ctx, d, db.One[string], `SELECT b.received FROM collection c JOIN collection_badge m ON m.collection = c.id JOIN badge b ON b.id = m.badge
		WHERE c.person = $1 AND c.name = $2 AND b.removed_at = 0 ORDER BY m.place, m.badge`, person, name)
}

func hasCollection(ctx context.Context, d db.DB, person int64, name string) (bool, error) {
	return db.Exists(ctx, d, `SELECT 1 FROM collection WHERE person = $1 AND name = $2`, person, name)
}
