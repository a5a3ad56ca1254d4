package share

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

func countAll(ctx context.Context, d db.DB, person int64) (int, error) {
	return db.One[int](d.QueryRow(ctx, `SELECT count(*) FROM share WHERE person = $1`, person))
}

func countPlaces(ctx context.Context, d db.DB, person int64) ([]Place, error) {
	return db.Select(ctx, d, func(s db.Scanner) (Place, error) {
		var p Place
		err := s.Scan(&p.Target, &p.Badges)
		return p, err
	}, `SELECT target, count(DISTINCT badge) FROM share WHERE person = $1 AND state <> 'failed' GROUP BY target ORDER BY target`, person)
}
