package jobs

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/db"
)

// job is a job that this process has leased.
type job struct {
	id      int64
	kind    string
	payload string
	key     string
	tries   int // with the one that runs; it also tells this lease from a later one
}

// nullable gives the stored form of a key: NULL is equal to nothing.
func nullable(key string) any {
	if key == "" {
		return nil
	}
	return key
}

// insert adds a job, or moves the waiting one with the same key forward. That
// is a write on purpose: a process that takes the waiting job at the same time
// loses the race, so that the work never begins before this transaction.
func insert(ctx context.Context, tx *db.Tx, kind, payload string, o Options) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO job (id, kind, payload, unique_key, person, run_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (unique_key) DO UPDATE SET
			payload = excluded.payload,
			run_at = CASE WHEN excluded.run_at < job.run_at THEN excluded.run_at ELSE job.run_at END`,
		tx.NewID(), kind, payload, nullable(o.Key), o.Person, db.Micros(o.At), db.Micros(tx.Now()))
	return err
}

// deleteWaiting deletes the job that waits under a key. A job that runs has none.
func deleteWaiting(ctx context.Context, tx *db.Tx, key string) error {
	_, err := tx.Exec(ctx, `DELETE FROM job WHERE unique_key = $1`, key)
	return err
}

// list writes placeholders from $first on for n arguments.
func list(first, n int) string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("$%d", first+i)
	}
	return strings.Join(out, ", ")
}

// claim leases the job that is due the longest, or returns db.ErrNotFound. Its
// key is free from then on: what is asked for while it runs is another job.
func claim(ctx context.Context, tx *db.Tx, kinds []any) (job, error) {
	now := tx.Now()
	args := append([]any{db.Micros(now.Add(lease)), db.Micros(now)}, kinds...)
	var j job
	row := tx.QueryRow(ctx, `
		UPDATE job SET lease_until = $1, attempts = attempts + 1
		WHERE id = (
			SELECT id FROM job
			WHERE failed = FALSE AND run_at <= $2 AND lease_until <= $2 AND kind IN (`+list(3, len(kinds))+`)
			ORDER BY run_at, id LIMIT 1)
		RETURNING id, kind, payload, COALESCE(unique_key, ''), attempts`, args...)
	if err := row.Scan(&j.id, &j.kind, &j.payload, &j.key, &j.tries); err != nil {
		return job{}, err
	}
	if j.key == "" {
		return j, nil
	}
	_, err := tx.Exec(ctx, `UPDATE job SET unique_key = NULL WHERE id = $1`, j.id)
	return j, err
}

// claimMore leases other jobs of a kind that are due and have not been tried
// before, those that are due the longest.
func claimMore(ctx context.Context, tx *db.Tx, kind string, n int) ([]job, error) {
	now := tx.Now()
	lot, err := db.Select(ctx, tx, func(s db.Scanner) (job, error) {
		var j job
		return j, s.Scan(&j.id, &j.kind, &j.payload, &j.key, &j.tries)
	}, `
		UPDATE job SET lease_until = $1, attempts = attempts + 1
		WHERE id IN (
			SELECT id FROM job
			WHERE failed = FALSE AND run_at <= $2 AND lease_until <= $2 AND kind = $3 AND attempts = 0
			ORDER BY run_at, id LIMIT $4)
		RETURNING id, kind, payload, COALESCE(unique_key, ''), attempts`, db.Micros(now.Add(lease)), db.Micros(now), kind, n)
	if err != nil {
		return nil, err
	}
	for _, j := range lot {
		if j.key == "" {
			continue
		}
		if _, err := tx.Exec(ctx, `UPDATE job SET unique_key = NULL WHERE id = $1`, j.id); err != nil {
			return nil, err
		}
	}
	return lot, nil
}

// due gives the time at which the next job can be taken, or db.ErrNotFound.
func due(ctx context.Context, d db.DB, kinds []any) (time.Time, error) {
	var at int64
	err := d.QueryRow(ctx, `
		SELECT CASE WHEN run_at > lease_until THEN run_at ELSE lease_until END AS due FROM job
		WHERE failed = FALSE AND kind IN (`+list(1, len(kinds))+`)
		ORDER BY due LIMIT 1`, kinds...).Scan(&at)
	return db.Time(at), err
}

func renew(ctx context.Context, tx *db.Tx, j job) (int64, error) {
	return tx.Exec(ctx, `UPDATE job SET lease_until = $1 WHERE id = $2 AND attempts = $3`,
		db.Micros(tx.Now().Add(lease)), j.id, j.tries)
}

func finish(ctx context.Context, tx *db.Tx, j job) error {
	_, err := tx.Exec(ctx, `DELETE FROM job WHERE id = $1 AND attempts = $2`, j.id, j.tries)
	return err
}

func giveUp(ctx context.Context, tx *db.Tx, j job, why string) error {
	_, err := tx.Exec(ctx, `UPDATE job SET failed = TRUE, lease_until = 0, last_error = $1 WHERE id = $2 AND attempts = $3`,
		why, j.id, j.tries)
	return err
}

// pause is when a job is tried again, as which try, and why.
type pause struct {
	until time.Time
	tries int
	why   string
}

// again puts a job back with its key. When the key has been taken since, the
// job that took it does the work, and this one goes.
func again(ctx context.Context, tx *db.Tx, j job, p pause) error {
	if j.key != "" {
		taken, err := keyTaken(ctx, tx, j.key)
		if err != nil {
			return err
		}
		if taken {
			return finish(ctx, tx, j)
		}
	}
	_, err := tx.Exec(ctx, `
		UPDATE job SET run_at = $1, lease_until = 0, attempts = $2, last_error = $3, unique_key = $4 WHERE id = $5 AND attempts = $6`,
		db.Micros(p.until), p.tries, p.why, nullable(j.key), j.id, j.tries)
	return err
}

func keyTaken(ctx context.Context, d db.DB, key string) (bool, error) {
	return db.Exists(ctx, d, `SELECT 1 FROM job WHERE unique_key = $1`, key)
}

// freeAll ends all leases. Only the one process of a SQLite database may do so.
func freeAll(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, `UPDATE job SET lease_until = 0 WHERE lease_until > 0`)
	return err
}

func revive(ctx context.Context, tx *db.Tx, id int64) (int64, error) {
	return tx.Exec(ctx, `UPDATE job SET failed = FALSE, attempts = 0, run_at = $1 WHERE id = $2 AND failed = TRUE`,
		db.Micros(tx.Now()), id)
}

func failures(ctx context.Context, d db.DB, limit int) ([]Failed, error) {
	return db.Select(ctx, d, func(s db.Scanner) (Failed, error) {
		var f Failed
		var created int64
		err := s.Scan(&f.ID, &f.Kind, &f.Tries, &f.Reason, &created)
		f.Created = db.Time(created)
		return f, err
	}, `SELECT id, kind, attempts, last_error, created_at FROM job WHERE failed = TRUE ORDER BY id DESC LIMIT $1`, limit)
}

// exported is a job in the export of a person's data.
type exported struct {
	Kind    string    `json:"kind"`
	Created time.Time `json:"created"`
	Runs    time.Time `json:"runs"`
	Tries   int       `json:"tries"`
	Failed  bool      `json:"failed"`
}

func ofPerson(ctx context.Context, d db.DB, person int64) ([]exported, error) {
	return db.Select(ctx, d, func(s db.Scanner) (exported, error) {
		var e exported
		var created, runs int64
		err := s.Scan(&e.Kind, &created, &runs, &e.Tries, &e.Failed)
		e.Created, e.Runs = db.Time(created), db.Time(runs)
		return e, err
	}, `SELECT kind, created_at, run_at, attempts, failed FROM job WHERE person = $1 ORDER BY id`, person)
}

func eraseJobs(ctx context.Context, tx *db.Tx, person int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM job WHERE person = $1 AND person > 0`, person)
	return err
}

// nextPeriod gives when a period is due, making its row the first time.
func nextPeriod(ctx context.Context, tx *db.Tx, name string) (time.Time, error) {
	_, err := tx.Exec(ctx, `INSERT INTO job_period (name, next_at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`, name, db.Micros(tx.Now()))
	if err != nil {
		return time.Time{}, err
	}
	var at int64
	err = tx.QueryRow(ctx, `SELECT next_at FROM job_period WHERE name = $1`, name).Scan(&at)
	return db.Time(at), err
}

// movePeriod takes a period that is due; the one process that changes the row has it.
func movePeriod(ctx context.Context, tx *db.Tx, name string, next time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE job_period SET next_at = $1 WHERE name = $2 AND next_at <= $3`,
		db.Micros(next), name, db.Micros(tx.Now()))
	return n == 1, err
}
