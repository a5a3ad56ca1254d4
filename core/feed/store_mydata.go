package feed

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

func countOwn(ctx context.Context, d db.DB, person int64) (int, error) {
	return db.One[int](d.QueryRow(ctx, `SELECT count(*) FROM event WHERE actor = $1`, person))
}

func someOwn(ctx context.Context, d db.DB, person int64, limit int) ([]int64, error) {
	return db.Select(ctx, d, db.One[int64], `SELECT id FROM event WHERE actor = $1 ORDER BY id LIMIT $2`, person, limit)
}
