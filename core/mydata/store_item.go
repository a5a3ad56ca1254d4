package mydata

import (
	"context"
	"slices"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/db"
)

func insertItem(ctx context.Context, tx *db.Tx, task int64, i archive.Item) error {
	_, err := tx.Exec(ctx, `INSERT INTO data_item (task, number, kind, title, source, state, reason, detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		task, i.Number, i.Kind, i.Title, i.Source, string(i.State), i.Reason, i.Detail)
	return err
}

func updateItem(ctx context.Context, tx *db.Tx, task int64, i archive.Item) error {
	_, err := tx.Exec(ctx, `UPDATE data_item SET state = $3, reason = $4, detail = $5 WHERE task = $1 AND number = $2`,
		task, i.Number, string(i.State), i.Reason, i.Detail)
	return err
}

// tally is how many items of a kind are in a state.
type tally struct {
	kind  string
	state archive.State
	n     int
}

func tallyItems(ctx context.Context, d db.DB, task int64) ([]tally, error) {
	return db.Select(ctx, d, func(s db.Scanner) (tally, error) {
		var t tally
		err := s.Scan(&t.kind, &t.state, &t.n)
		return t, err
	}, `SELECT kind, state, count(*) FROM data_item WHERE task = $1 GROUP BY kind, state`, task)
}

// countItems counts those of some kinds that can be taken in.
func countItems(ctx context.Context, d db.DB, task int64, kinds []string) (int, error) {
	list, err := tallyItems(ctx, d, task)
	n := 0
	for _, t := range list {
		if t.state == archive.Add && slices.Contains(kinds, t.kind) {
			n += t.n
		}
	}
	return n, err
}

// waitingItems gives the numbers of the items that are still to be taken in.
func waitingItems(ctx context.Context, d db.DB, task int64) (map[int]bool, error) {
	list, err := db.Select(ctx, d, db.One[int], `SELECT number FROM data_item WHERE task = $1 AND state = 'add'`, task)
	m := map[int]bool{}
	for _, n := range list {
		m[n] = true
	}
	return m, err
}

func listItems(ctx context.Context, d db.DB, task int64, state archive.State, limit int) ([]archive.Item, error) {
	return db.Select(ctx, d, func(s db.Scanner) (archive.Item, error) {
		var i archive.Item
		err := s.Scan(&i.Number, &i.Kind, &i.Title, &i.Source, &i.State, &i.Reason, &i.Detail)
		return i, err
	}, `SELECT number, kind, title, source, state, reason, detail FROM data_item WHERE task = $1 AND state = $2 ORDER BY number LIMIT $3`, task, string(state), limit)
}

func deleteParts(ctx context.Context, tx *db.Tx, task int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM data_part WHERE task = $1`, task)
	return err
}
