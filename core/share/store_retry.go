package share

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

func findAnyJob(ctx context.Context, d db.DB, id string) (Job, error) {
	return scanJob(d.QueryRow(ctx, `
		SELECT j.id, j.public_id, j.person, COALESCE(j.badge, 0), COALESCE(b.public_id, ''), j.subject, j.target, COALESCE(j.account, 0), j.state, j.unique_key, j.lang, j.body, j.options,
			j.turn, j.tries, j.looks, j.next_at, j.sent_at, j.pending, j.remote_id, j.url, j.reason, j.detail, j.cost_cents, j.created_at, j.done_at
		FROM share_job j LEFT JOIN badge b ON b.id = j.badge WHERE j.public_id = $1`, id))
}

// listUndone gives the newest shares since a time that are not at their remotes.
func listUndone(ctx context.Context, d db.DB, since int64, limit int) ([]Job, error) {
	return db.Select(ctx, d, scanJob, `
		SELECT j.id, j.public_id, j.person, COALESCE(j.badge, 0), COALESCE(b.public_id, ''), j.subject, j.target, COALESCE(j.account, 0), j.state, j.unique_key, j.lang, j.body, j.options,
			j.turn, j.tries, j.looks, j.next_at, j.sent_at, j.pending, j.remote_id, j.url, j.reason, j.detail, j.cost_cents, j.created_at, j.done_at
		FROM share_job j LEFT JOIN badge b ON b.id = j.badge WHERE j.created_at > $1 AND j.state IN ('queued', 'failed', 'uncertain')
		ORDER BY j.created_at DESC LIMIT $2`, since, limit)
}
