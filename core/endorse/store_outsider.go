package endorse

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// upsertOutsider gives who has an address, by its mark, and notes them when they
// are new.
func upsertOutsider(ctx context.Context, tx *db.Tx, o Outsider, mark string) (Outsider, error) {
	err := tx.QueryRow(ctx, `INSERT INTO outsider (id, public_id, address_mark, address, language, created_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (address_mark) DO UPDATE SET address = excluded.address RETURNING id, public_id, name, language, address`,
		o.ID, o.PublicID, mark, o.sealed, o.Language, db.Micros(tx.Now())).Scan(&o.ID, &o.PublicID, &o.Name, &o.Language, &o.sealed)
	return o, err
}

func outsiderByMark(ctx context.Context, d db.DB, mark string) (Outsider, error) {
	var o Outsider
	err := d.QueryRow(ctx, `SELECT id, public_id, name, language, address FROM outsider WHERE address_mark = $1`, mark).
		Scan(&o.ID, &o.PublicID, &o.Name, &o.Language, &o.sealed)
	return o, err
}

func updateName(ctx context.Context, tx *db.Tx, outsider int64, name string) error {
	_, err := tx.Exec(ctx, `UPDATE outsider SET name = $2 WHERE id = $1`, outsider, name)
	return err
}

// deleteLone deletes somebody about whom nothing is left and gives their public
// id, db.ErrNotFound while there is something.
func deleteLone(ctx context.Context, tx *db.Tx, outsider int64) (string, error) {
	return db.One[string](tx.QueryRow(ctx, `DELETE FROM outsider WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM endorsement e WHERE e.outsider = $1 AND e.outsider <> 0)
		RETURNING public_id`, outsider))
}

func deleteOfOutsider(ctx context.Context, tx *db.Tx, outsider int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM endorsement WHERE outsider = $1 AND outsider <> 0`, outsider)
	return err
}

func insertStop(ctx context.Context, tx *db.Tx, mark string) error {
	_, err := tx.Exec(ctx, `INSERT INTO outsider_stop (address_mark, at) VALUES ($1, $2) ON CONFLICT (address_mark) DO NOTHING`, mark, db.Micros(tx.Now()))
	return err
}

func hasStopped(ctx context.Context, d db.DB, mark string) (bool, error) {
	return db.Exists(ctx, d, `SELECT 1 FROM outsider_stop WHERE address_mark = $1`, mark)
}

// deleteUnanswered deletes what nobody answered while its link worked.
func deleteUnanswered(ctx context.Context, tx *db.Tx) ([]int64, error) {
	return db.Select(ctx, tx, db.One[int64], `DELETE FROM endorsement WHERE outsider <> 0 AND token_until < $1 AND state IN ('asked', 'refused') RETURNING outsider`, db.Micros(tx.Now()))
}
