package share

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/db"
)

func scanJob(s db.Scanner) (Job, error) {
	var j Job
	var next, sent, at, done int64
	err := s.Scan(&j.row, &j.ID, &j.person, &j.badge, &j.badgeID, &j.subject, &j.Target, &j.account, &j.State, &j.key, &j.lang, &j.Text, &j.options,
		&j.turn, &j.tries, &j.looks, &next, &sent, &j.pending, &j.remoteID, &j.URL, &j.Reason, &j.Detail, &j.cost, &at, &done)
	j.Next, j.sentAt, j.At, j.Done = db.Time(next), db.Time(sent), db.Time(at), db.Time(done)
	return j, err
}

func insertJob(ctx context.Context, tx *db.Tx, j Job) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO share_job (id, public_id, person, badge, subject, target, account, state, unique_key, lang, body, options, cost_cents, created_at)
		VALUES ($1, $2, $3, NULLIF(CAST($4 AS BIGINT), 0), $5, $6, NULLIF(CAST($7 AS BIGINT), 0), $8, $9, $10, $11, $12, $13, $14)`,
		j.row, j.ID, j.person, j.badge, j.subject, j.Target, j.account, j.State, j.key, j.lang, j.Text, j.options, j.cost, db.Micros(j.At))
	return err
}

// saveJob stores all of a job that can change.
func saveJob(ctx context.Context, tx *db.Tx, j Job) error {
	_, err := tx.Exec(ctx, `
		UPDATE share_job SET state = $2, turn = $3, tries = $4, looks = $5, next_at = $6, sent_at = $7, pending = $8, remote_id = $9,
			url = $10, reason = $11, detail = $12, done_at = $13 WHERE id = $1`,
		j.row, j.State, j.turn, j.tries, j.looks, db.Micros(j.Next), db.Micros(j.sentAt), j.pending, j.remoteID,
		j.URL, j.Reason, j.Detail, db.Micros(j.Done))
	return err
}

func getJob(ctx context.Context, d db.DB, row int64) (Job, error) {
	return scanJob(d.QueryRow(ctx, `
		SELECT j.id, j.public_id, j.person, COALESCE(j.badge, 0), COALESCE(b.public_id, ''), j.subject, j.target, COALESCE(j.account, 0), j.state, j.unique_key, j.lang, j.body, j.options,
			j.turn, j.tries, j.looks, j.next_at, j.sent_at, j.pending, j.remote_id, j.url, j.reason, j.detail, j.cost_cents, j.created_at, j.done_at
		FROM share_job j LEFT JOIN badge b ON b.id = j.badge WHERE j.id = $1`, row))
}

func findJob(ctx context.Context, d db.DB, person int64, id string) (Job, error) {
	return scanJob(d.QueryRow(ctx, `
		SELECT j.id, j.public_id, j.person, COALESCE(j.badge, 0), COALESCE(b.public_id, ''), j.subject, j.target, COALESCE(j.account, 0), j.state, j.unique_key, j.lang, j.body, j.options,
			j.turn, j.tries, j.looks, j.next_at, j.sent_at, j.pending, j.remote_id, j.url, j.reason, j.detail, j.cost_cents, j.created_at, j.done_at
		FROM share_job j LEFT JOIN badge b ON b.id = j.badge WHERE j.public_id = $2 AND j.person = $1`, person, id))
}

func listJobs(ctx context.Context, d db.DB, person, badge int64, limit int) ([]Job, error) {
	return db.Select(ctx, d, scanJob, `
		SELECT j.id, j.public_id, j.person, COALESCE(j.badge, 0), COALESCE(b.public_id, ''), j.subject, j.target, COALESCE(j.account, 0), j.state, j.unique_key, j.lang, j.body, j.options,
			j.turn, j.tries, j.looks, j.next_at, j.sent_at, j.pending, j.remote_id, j.url, j.reason, j.detail, j.cost_cents, j.created_at, j.done_at
		FROM share_job j LEFT JOIN badge b ON b.id = j.badge WHERE j.badge = $2 AND j.person = $1 ORDER BY j.id DESC LIMIT $3`, person, badge, limit)
}

// listJobsAbout is listJobs for what is no badge.
func listJobsAbout(ctx context.Context, d db.DB, person int64, subject string, limit int) ([]Job, error) {
	return db.Select(ctx, d, scanJob, `
		SELECT j.id, j.public_id, j.person, COALESCE(j.badge, 0), COALESCE(b.public_id, ''), j.subject, j.target, COALESCE(j.account, 0), j.state, j.unique_key, j.lang, j.body, j.options,
			j.turn, j.tries, j.looks, j.next_at, j.sent_at, j.pending, j.remote_id, j.url, j.reason, j.detail, j.cost_cents, j.created_at, j.done_at
		FROM share_job j LEFT JOIN badge b ON b.id = j.badge WHERE j.person = $1 AND j.subject = $2 ORDER BY j.id DESC LIMIT $3`, person, subject, limit)
}

// listParked gives what waits in a state of an account, for a reason.
func listParked(ctx context.Context, d db.DB, account int64, reason string) ([]Job, error) {
	return db.Select(ctx, d, scanJob, `
		SELECT j.id, j.public_id, j.person, COALESCE(j.badge, 0), COALESCE(b.public_id, ''), j.subject, j.target, COALESCE(j.account, 0), j.state, j.unique_key, j.lang, j.body, j.options,
			j.turn, j.tries, j.looks, j.next_at, j.sent_at, j.pending, j.remote_id, j.url, j.reason, j.detail, j.cost_cents, j.created_at, j.done_at
		FROM share_job j LEFT JOIN badge b ON b.id = j.badge WHERE j.account = $1 AND j.state = 'queued' AND j.reason = $2 ORDER BY j.id`, account, reason)
}

// listPosted gives what is at remotes of a person and could be taken back.
func listPosted(ctx context.Context, d db.DB, person int64) ([]Job, error) {
	return db.Select(ctx, d, scanJob, `
		SELECT j.id, j.public_id, j.person, COALESCE(j.badge, 0), COALESCE(b.public_id, ''), j.subject, j.target, COALESCE(j.account, 0), j.state, j.unique_key, j.lang, j.body, j.options,
			j.turn, j.tries, j.looks, j.next_at, j.sent_at, j.pending, j.remote_id, j.url, j.reason, j.detail, j.cost_cents, j.created_at, j.done_at
		FROM share_job j LEFT JOIN badge b ON b.id = j.badge WHERE j.person = $1 AND j.state = 'posted' AND j.remote_id <> '' ORDER BY j.id DESC`, person)
}

func countSending(ctx context.Context, d db.DB, person int64, target string) (int, error) {
	return db.One[int](d.QueryRow(ctx, `SELECT count(*) FROM share_job WHERE person = $1 AND target = $2 AND state = 'sending'`, person, target))
}

// endJobsOf ends what waits for an account and lets go of it.
func endJobsOf(ctx context.Context, tx *db.Tx, account int64, reason string) error {
	_, err := tx.Exec(ctx, `
		UPDATE share_job SET account = NULL, turn = turn + 1,
			state = CASE WHEN state = 'queued' THEN 'failed' WHEN state IN ('sending', 'pending') THEN 'uncertain' WHEN state = 'retracting' THEN 'posted' ELSE state END,
			reason = CASE WHEN state IN ('queued', 'sending', 'pending', 'retracting') THEN $2 ELSE reason END, next_at = 0
		WHERE account = $1`, account, reason)
	return err
}

// forgetWords erases what people wrote and to whom, of shares made before a time.
func forgetWords(ctx context.Context, tx *db.Tx, before time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE share_job SET body = '', options = '{}', detail = '' WHERE created_at < $1 AND (body <> '' OR options <> '{}' OR detail <> '')`, db.Micros(before))
	return err
}

func deleteJobsOfBadge(ctx context.Context, tx *db.Tx, badge int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM share_job WHERE badge = $1`, badge)
	return err
}

func deleteJobsOf(ctx context.Context, tx *db.Tx, person int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM share_job WHERE person = $1`, person)
	return err
}
