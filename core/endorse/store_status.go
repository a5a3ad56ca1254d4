package endorse

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// insertPlace takes a place: false when something stood on it before.
func insertPlace(ctx context.Context, tx *db.Tx, p place) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO endorsement_place (id, holder, person, place, created_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (holder, place) DO NOTHING`, p.id, p.holder, p.person, p.at, db.Micros(tx.Now()))
	return n > 0, err
}

// takenPlace is a place that something was signed for. It is free when that is not
// shown any more.
type takenPlace struct {
	at     int
	person int64
	free   bool
}

func listPlacesOf(ctx context.Context, d db.DB, holder string) ([]takenPlace, error) {
	return db.Select(ctx, d, func(s db.Scanner) (takenPlace, error) {
		var p takenPlace
		err := s.Scan(&p.at, &p.person, &p.free)
		return p, err
	}, `SELECT q.place, q.person, NOT EXISTS (SELECT 1 FROM endorsement e WHERE e.place = q.id AND e.place <> 0 AND e.state = 'accepted')
		FROM endorsement_place q WHERE q.holder = $1 ORDER BY q.place`, holder)
}

// deletePlaces deletes the places of a person who leaves: their keys go too, and
// with them all that they signed.
func deletePlaces(ctx context.Context, tx *db.Tx, person int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM endorsement_place WHERE person = $1 AND person <> 0`, person)
	return err
}

func deletePlacesOf(ctx context.Context, tx *db.Tx, holder string) error {
	_, err := tx.Exec(ctx, `DELETE FROM endorsement_place WHERE holder = $1`, holder)
	return err
}
