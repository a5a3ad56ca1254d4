package account

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/osier-passport/osier/core/db"
)

// keptAnswer is an answer as it is kept.
type keptAnswer struct {
	value string
	at    time.Time
}

// answersOf gives a person's answers by the keys of the questions.
func answersOf(ctx context.Context, d db.DB, person int64) (map[string]keptAnswer, error) {
	type row struct {
		key string
		keptAnswer
	}
	list, err := db.Select(ctx, d, func(s db.Scanner) (row, error) {
		var r row
		var at int64
		err := s.Scan(&r.key, &r.value, &at)
		r.at = db.Time(at)
		return r, err
	}, `SELECT question, value, at FROM answer WHERE person = $1`, person)
	out := make(map[string]keptAnswer, len(list))
	for _, r := range list {
		out[r.key] = r.keptAnswer
	}
	return out, err
}

// setAnswer keeps an answer; one that is the same keeps its time.
func setAnswer(ctx context.Context, tx *db.Tx, person int64, key string, a keptAnswer) error {
	_, err := tx.Exec(ctx, `INSERT INTO answer (person, question, value, at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (person, question) DO UPDATE SET value = excluded.value, at = excluded.at WHERE answer.value <> excluded.value`,
		person, key, a.value, db.Micros(a.at))
	return err
}

func deleteAnswer(ctx context.Context, tx *db.Tx, person int64, key string) error {
	_, err := tx.Exec(ctx, `DELETE FROM answer WHERE person = $1 AND question = $2`, person, key)
	return err
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
