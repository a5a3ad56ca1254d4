package share

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/db"
)

// use is a badge that was shared at a target.
type use struct {
	badge, target, url string
	at                 time.Time
}

// listUses gives what was shared at a target, or at least opened there, and was
// not taken back.
func listUses(ctx context.Context, d db.DB, person int64) ([]use, error) {
	return db.Select(ctx, d, func(s db.Scanner) (use, error) {
		var u use
		var at int64
		err := s.Scan(&u.badge, &u.target, &u.url, &at)
		u.at = db.Time(at)
		return u, err
	}, `SELECT b.public_id, s.target, '', s.at FROM share s JOIN badge b ON b.id = s.badge WHERE s.person = $1 AND s.state <> 'failed'
		UNION ALL SELECT b.public_id, j.target, j.url, j.done_at FROM share_job j JOIN badge b ON b.id = j.badge WHERE j.person = $1 AND j.state = 'posted'
		ORDER BY 4 DESC`, person)
}
