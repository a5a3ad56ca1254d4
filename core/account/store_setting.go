package account

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

func setSetting(ctx context.Context, tx *db.Tx, name, value string) error {
	_, err := tx.Exec(ctx, `INSERT INTO setting (name, value, changed_at) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at`,
		name, value, db.Micros(tx.Now()))
	return err
}

func settings(ctx context.Context, d db.DB) (map[string]string, error) {
	type pair struct{ name, value string }
	rows, err := db.Select(ctx, d, func(s db.Scanner) (pair, error) {
		var p pair
		err := s.Scan(&p.name, &p.value)
		return p, err
	}, `SELECT name, value FROM setting`)
	if err != nil {
		return nil, err
	}
	m := make(map[string]string, len(rows))
	for _, p := range rows {
		m[p.name] = p.value
	}
	return m, nil
}

func settingValue(ctx context.Context, d db.DB, name string) (string, error) {
	var v string
	err := d.QueryRow(ctx, `SELECT value FROM setting WHERE name = $1`, name).Scan(&v)
	return v, err
}

// takeSetting deletes a setting that has this value: of several that try, one
// gets it, the others db.ErrNotFound.
func takeSetting(ctx context.Context, tx *db.Tx, name, value string) error {
	n, err := tx.Exec(ctx, `DELETE FROM setting WHERE name = $1 AND value = $2`, name, value)
	return oneRow(n, err)
}
