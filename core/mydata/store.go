package mydata

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/db"
)

const taskColumns = `id, public_id, person, kind, state, reason, detail, step, done, total, size, link_hash, choices, created_at, changed_at, expires_at`

func scanTask(s db.Scanner) (Task, error) {
	var t Task
	var created, changed, expires int64
	err := s.Scan(&t.ID, &t.PublicID, &t.Person, &t.Kind, &t.State, &t.Reason, &t.Detail, &t.Step, &t.Done, &t.Total, &t.Size, &t.LinkHash, &t.Choices,
		&created, &changed, &expires)
	t.CreatedAt, t.ChangedAt, t.ExpiresAt = db.Time(created), db.Time(changed), db.Time(expires)
	return t, err
}

func insertTask(ctx context.Context, tx *db.Tx, t Task) error {
	_, err := tx.Exec(ctx, `INSERT INTO data_task (id, public_id, person, kind, state, total, created_at, changed_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)`,
		t.ID, t.PublicID, t.Person, t.Kind, t.State, t.Total, db.Micros(t.CreatedAt), db.Micros(t.ExpiresAt))
	return err
}

func getTask(ctx context.Context, d db.DB, id int64) (Task, error) {
	return scanTask(d.QueryRow(ctx, `SELECT `+taskColumns+` FROM data_task WHERE id = $1`, id))
}

func findTask(ctx context.Context, d db.DB, person int64, publicID string) (Task, error) {
	return scanTask(d.QueryRow(ctx, `SELECT `+taskColumns+` FROM data_task WHERE public_id = $2 AND person = $1`, person, publicID))
}

func newestTask(ctx context.Context, d db.DB, person int64, kind string) (Task, error) {
	return scanTask(d.QueryRow(ctx, `SELECT `+taskColumns+` FROM data_task WHERE person = $1 AND kind = $2 ORDER BY id DESC LIMIT 1`, person, kind))
}

func listTasks(ctx context.Context, d db.DB, person int64) ([]Task, error) {
	return db.Select(ctx, d, scanTask, `SELECT `+taskColumns+` FROM data_task WHERE person = $1 ORDER BY kind, id`, person)
}

// updateTask writes what changes while work goes on. It returns db.ErrNotFound
// when the task is gone: the person took it back, or left.
func updateTask(ctx context.Context, tx *db.Tx, t Task) error {
	n, err := tx.Exec(ctx, `UPDATE data_task SET state = $2, reason = $3, detail = $4, step = $5, done = $6, total = $7, size = $8, link_hash = $9,
		choices = $10, changed_at = $11, expires_at = $12 WHERE id = $1`,
		t.ID, t.State, t.Reason, t.Detail, t.Step, t.Done, t.Total, t.Size, t.LinkHash, t.Choices, db.Micros(tx.Now()), db.Micros(t.ExpiresAt))
	if err == nil && n == 0 {
		err = db.ErrNotFound
	}
	return err
}

// takeLink uses the secret of a mailed link up.
func takeLink(ctx context.Context, tx *db.Tx, task int64, hash string) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE data_task SET link_hash = '' WHERE id = $1 AND link_hash = $2 AND link_hash <> ''`, task, hash)
	return n == 1, err
}

func expiredTasks(ctx context.Context, d db.DB, now time.Time) ([]int64, error) {
	return db.Select(ctx, d, db.One[int64], `SELECT id FROM data_task WHERE expires_at < $1 ORDER BY expires_at LIMIT 100`, db.Micros(now))
}

// deleteTask deletes some pieces, and the task with the last of them.
func deleteTask(ctx context.Context, tx *db.Tx, task int64) (more bool, err error) {
	n, err := tx.Exec(ctx, `DELETE FROM data_part WHERE task = $1 AND number IN (SELECT number FROM data_part WHERE task = $1 ORDER BY number LIMIT 16)`, task)
	if err != nil || n == 16 {
		return n == 16, err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM data_item WHERE task = $1`, task); err != nil {
		return false, err
	}
	_, err = tx.Exec(ctx, `DELETE FROM data_task WHERE id = $1`, task)
	return false, err
}

func deleteTasksOf(ctx context.Context, tx *db.Tx, person int64) error {
	for _, q := range []string{
		`DELETE FROM data_part WHERE task IN (SELECT id FROM data_task WHERE person = $1)`,
		`DELETE FROM data_item WHERE task IN (SELECT id FROM data_task WHERE person = $1)`,
		`DELETE FROM data_task WHERE person = $1`,
	} {
		if _, err := tx.Exec(ctx, q, person); err != nil {
			return err
		}
	}
	return nil
}

// part is a piece of the bytes of a task, sealed.
type part struct {
	number, start, size int64
	data, entries       []byte
}

func insertPart(ctx context.Context, tx *db.Tx, task int64, p part) error {
	_, err := tx.Exec(ctx, `INSERT INTO data_part (task, number, start, size, data, entries) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (task, number) DO UPDATE SET start = excluded.start, size = excluded.size, data = excluded.data, entries = excluded.entries`,
		task, p.number, p.start, p.size, p.data, p.entries)
	return err
}

// listParts gives the pieces without their bytes.
func listParts(ctx context.Context, d db.DB, task int64) ([]part, error) {
	return db.Select(ctx, d, func(s db.Scanner) (part, error) {
		var p part
		err := s.Scan(&p.number, &p.start, &p.size, &p.entries)
		return p, err
	}, `SELECT number, start, size, entries FROM data_part WHERE task = $1 ORDER BY number`, task)
}

func getPart(ctx context.Context, d db.DB, task, number int64) ([]byte, error) {
	return db.One[[]byte](d.QueryRow(ctx, `SELECT data FROM data_part WHERE task = $1 AND number = $2`, task, number))
}
