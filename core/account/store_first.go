package account

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

func standingOf(ctx context.Context, d db.DB, person int64) (standing, error) {
	var st standing
	var confirmed, created int64
	err := d.QueryRow(ctx, `SELECT p.under_age, COALESCE(g.confirmed_at, 0), p.created_at FROM person p LEFT JOIN guardian g ON g.person = p.id
		WHERE p.id = $1`, person).Scan(&st.underAge, &confirmed, &created)
	st.guarded, st.createdAt = db.Time(confirmed), db.Time(created)
	return st, err
}
