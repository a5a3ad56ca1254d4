package people

import (
	"context"
	"errors"
	"time"

	"github.com/osier-passport/osier/core/db"
)

func scanRemoval(s db.Scanner) (Removal, error) {
	var r Removal
	var due int64
	err := s.Scan(&r.Person, &due, &r.Told)
	r.Due = db.Time(due)
	return r, err
}

func insertRemoval(ctx context.Context, tx *db.Tx, r Removal) error {
	_, err := tx.Exec(ctx, `INSERT INTO removal (person, due_at, told) VALUES ($1, $2, $3)`, r.Person, db.Micros(r.Due), r.Told)
	return err
}

// removalOf gives the removal of a person that waits for its day, the zero Removal for
// none.
func removalOf(ctx context.Context, d db.DB, person int64) (Removal, error) {
	r, err := scanRemoval(d.QueryRow(ctx, `SELECT person, due_at, told FROM removal WHERE person = $1`, person))
	if errors.Is(err, db.ErrNotFound) {
		return Removal{}, nil
	}
	return r, err
}

func deleteRemoval(ctx context.Context, tx *db.Tx, person int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM removal WHERE person = $1`, person)
	return err
}

func dueRemovals(ctx context.Context, d db.DB, now time.Time) ([]Removal, error) {
	return db.Select(ctx, d, scanRemoval, `SELECT person, due_at, told FROM removal WHERE due_at <= $1 ORDER BY due_at, person LIMIT 100`, db.Micros(now))
}
