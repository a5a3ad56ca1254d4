package account

import (
	"context"
	"errors"
	"time"

	"github.com/osier-passport/osier/core/db"
)

// insertDay begins the row of the day on which a person was here last: none yet.
func insertDay(ctx context.Context, tx *db.Tx, person int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO person_day (person, day) VALUES ($1, 0) ON CONFLICT (person) DO NOTHING`, person)
	return err
}

// moveDay notes that a person was here, to the day in UTC: no more is kept. It writes
// once a day.
func moveDay(ctx context.Context, tx *db.Tx, person int64, seen time.Time) error {
	day := db.Micros(seen.UTC().Truncate(24 * time.Hour))
	_, err := tx.Exec(ctx, `UPDATE person_day SET day = $2 WHERE person = $1 AND day < $2`, person, day)
	return err
}

// dayOf is the day on which a person was here last; zero for never.
func dayOf(ctx context.Context, d db.DB, person int64) (time.Time, error) {
	day, err := db.One[int64](d.QueryRow(ctx, `SELECT day FROM person_day WHERE person = $1`, person))
	if errors.Is(err, db.ErrNotFound) {
		err = nil
	}
	return db.Time(day), err
}
