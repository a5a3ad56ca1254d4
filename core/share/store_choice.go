package share

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

func listChoices(ctx context.Context, d db.DB, person int64) ([]preferred, error) {
	return db.Select(ctx, d, func(s db.Scanner) (preferred, error) {
		var p preferred
		var agreed int64
		err := s.Scan(&p.target, &p.place, &p.hidden, &agreed)
		p.agreed = agreed > 0
		return p, err
	}, `SELECT target, place, hidden, agreed_at FROM share_choice WHERE person = $1 ORDER BY target`, person)
}

func upsertChoice(ctx context.Context, tx *db.Tx, person int64, p preferred) error {
	_, err := tx.Exec(ctx, `INSERT INTO share_choice (person, target, place, hidden) VALUES ($1, $2, $3, $4)
		ON CONFLICT (person, target) DO UPDATE SET place = excluded.place, hidden = excluded.hidden`, person, p.target, p.place, p.hidden)
	return err
}

// agree notes that a person knows what leaves for a target.
func agree(ctx context.Context, tx *db.Tx, person int64, target string) error {
	now := db.Micros(tx.Now())
	_, err := tx.Exec(ctx, `INSERT INTO share_choice (person, target, agreed_at) VALUES ($1, $2, $3)
		ON CONFLICT (person, target) DO UPDATE SET agreed_at = CASE WHEN share_choice.agreed_at = 0 THEN excluded.agreed_at ELSE share_choice.agreed_at END`, person, target, now)
	return err
}

func deleteChoicesOf(ctx context.Context, tx *db.Tx, person int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM share_choice WHERE person = $1`, person)
	return err
}
