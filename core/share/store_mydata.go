package share

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// countOf gives the entries of each document of the export.
func countOf(ctx context.Context, d db.DB, person int64) (map[string]int, error) {
	var shares, accounts, posts, places int
	err := d.QueryRow(ctx, `SELECT (SELECT count(*) FROM share WHERE person = $1), (SELECT count(*) FROM share_account WHERE person = $1),
		(SELECT count(*) FROM share_job WHERE person = $1), (SELECT count(*) FROM share_choice WHERE person = $1)`, person).Scan(&shares, &accounts, &posts, &places)
	return map[string]int{"share/shares.json": shares, "share/accounts.json": accounts, "share/posts.json": posts, "share/places.json": places}, err
}

func listJobsOf(ctx context.Context, d db.DB, person int64) ([]Job, error) {
	return db.Select(ctx, d, scanJob, `
		SELECT j.id, j.public_id, j.person, COALESCE(j.badge, 0), COALESCE(b.public_id, ''), j.subject, j.target, COALESCE(j.account, 0), j.state, j.unique_key, j.lang, j.body, j.options,
			j.turn, j.tries, j.looks, j.next_at, j.sent_at, j.pending, j.remote_id, j.url, j.reason, j.detail, j.cost_cents, j.created_at, j.done_at
		FROM share_job j LEFT JOIN badge b ON b.id = j.badge WHERE j.person = $1 ORDER BY j.id`, person)
}

func countPlaces(ctx context.Context, d db.DB, person int64) ([]Place, error) {
	return db.Select(ctx, d, func(s db.Scanner) (Place, error) {
		var p Place
		err := s.Scan(&p.Target, &p.Badges)
		return p, err
	}, `
		SELECT target, count(DISTINCT COALESCE(badge, 0)) FROM share WHERE person = $1 AND state <> 'failed' GROUP BY target
		UNION ALL SELECT target, count(DISTINCT COALESCE(badge, 0)) FROM share_job WHERE person = $1 AND state = 'posted' GROUP BY target
		ORDER BY target`, person)
}
