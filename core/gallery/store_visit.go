package gallery

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

func getVisit(ctx context.Context, d db.DB, person int64) (before, at int64, err error) {
	err = d.QueryRow(ctx, `SELECT before_at, at FROM explore_visit WHERE person = $1`, person).Scan(&before, &at)
	return before, at, err
}

func putVisit(ctx context.Context, tx *db.Tx, person, before, at int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO explore_visit (person, before_at, at) VALUES ($1, $2, $3)
		ON CONFLICT (person) DO UPDATE SET before_at = excluded.before_at, at = excluded.at`, person, before, at)
	return err
}

// countNew counts what members may find and came after a time.
func countNew(ctx context.Context, d db.DB, kind string, after int64, most int) (int, error) {
	return db.One[int](d.QueryRow(ctx, `SELECT count(*) FROM (SELECT d.id FROM search_doc d WHERE d.kind = $1 AND d.at > $2 AND d.members > 0 LIMIT $3) n`, kind, after, most))
}
