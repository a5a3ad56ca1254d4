package mydata

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/osier-passport/osier/core/db"
)

const receiptColumns = `receipt, person, state, step, keep_comments, take_posts, posts_taken, posts_left, counts, begun_at, done_at`

func scanReceipt(s db.Scanner) (Receipt, error) {
	var r Receipt
	var counts string
	var begun, done int64
	if err := s.Scan(&r.Number, &r.Person, &r.State, &r.Step, &r.KeepComments, &r.TakePosts, &r.PostsTaken, &r.PostsLeft, &counts, &begun, &done); err != nil {
		return r, err
	}
	r.BegunAt, r.DoneAt = db.Time(begun), db.Time(done)
	return r, json.Unmarshal([]byte(counts), &r.Counts)
}

func insertErasure(ctx context.Context, tx *db.Tx, r Receipt) error {
	counts, err := json.Marshal(r.Counts)
	if err != nil {
		return fmt.Errorf("write a receipt: %w", err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO erasure (receipt, person, state, keep_comments, take_posts, counts, begun_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		r.Number, r.Person, r.State, r.KeepComments, r.TakePosts, string(counts), db.Micros(r.BegunAt))
	return err
}

func findReceipt(ctx context.Context, d db.DB, number string) (Receipt, error) {
	return scanReceipt(d.QueryRow(ctx, `SELECT `+receiptColumns+` FROM erasure WHERE receipt = $1`, number))
}

// receiptOf gives the receipt of an account that is being erased.
func receiptOf(ctx context.Context, d db.DB, person int64) (Receipt, error) {
	return scanReceipt(d.QueryRow(ctx, `SELECT `+receiptColumns+` FROM erasure WHERE person = $1 AND person > 0`, person))
}

func updateErasure(ctx context.Context, tx *db.Tx, number, step string) error {
	_, err := tx.Exec(ctx, `UPDATE erasure SET state = 'running', step = $2 WHERE receipt = $1`, number, step)
	return err
}

// addParted notes what others did with what was posted for the person. Of several
// turns each takes some more back, and the last says what is left.
func addParted(ctx context.Context, tx *db.Tx, number string, taken, left int) error {
	_, err := tx.Exec(ctx, `UPDATE erasure SET posts_taken = posts_taken + $2, posts_left = $3 WHERE receipt = $1`, number, taken, left)
	return err
}

// endErasure notes that all is gone, and forgets whose it was.
func endErasure(ctx context.Context, tx *db.Tx, number string) error {
	_, err := tx.Exec(ctx, `UPDATE erasure SET state = 'done', step = '', person = 0, done_at = $2 WHERE receipt = $1`, number, db.Micros(tx.Now()))
	return err
}

// erasuresAt gives the numbers of those that are at a step.
func erasuresAt(ctx context.Context, d db.DB, step string) ([]string, error) {
	return db.Select(ctx, d, db.One[string], `SELECT receipt FROM erasure WHERE person > 0 AND step = $1 ORDER BY person`, step)
}

// openErasures gives the numbers of those that have not ended.
func openErasures(ctx context.Context, d db.DB) ([]string, error) {
	return db.Select(ctx, d, db.One[string], `SELECT receipt FROM erasure WHERE person > 0 ORDER BY person`)
}
