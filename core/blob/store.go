package blob

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// insert adds a blob, or touches the one that is there. The touch is a write on
// purpose: on PostgreSQL it makes a Drop of the same bytes at the same time lose
// the race and look again. SQLite has one writer and is spared the rewrite.
func insert(ctx context.Context, tx *db.Tx, hash, mime string, data []byte) error {
	if tx.Engine() == db.SQLite {
		_, err := tx.Exec(ctx, `INSERT INTO blob (hash, mime, data, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT (hash) DO NOTHING`,
			hash, mime, data, db.Micros(tx.Now()))
		return err
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO blob (hash, mime, data, created_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (hash) DO UPDATE SET created_at = excluded.created_at`,
		hash, mime, data, db.Micros(tx.Now()))
	return err
}

// touch reports whether a blob is there, and on PostgreSQL touches it, as insert does.
func touch(ctx context.Context, tx *db.Tx, hash string) (bool, error) {
	if tx.Engine() == db.SQLite {
		return db.Exists(ctx, tx, `SELECT 1 FROM blob WHERE hash = $1`, hash)
	}
	n, err := tx.Exec(ctx, `UPDATE blob SET created_at = $2 WHERE hash = $1`, hash, db.Micros(tx.Now()))
	return n > 0, err
}

func read(ctx context.Context, d db.DB, hash string) ([]byte, string, error) {
	var data []byte
	var mime string
	err := d.QueryRow(ctx, `SELECT data, mime FROM blob WHERE hash = $1`, hash).Scan(&data, &mime)
	return data, mime, err
}

func remove(ctx context.Context, tx *db.Tx, hash string) error {
	_, err := tx.Exec(ctx, dropStatement(), hash)
	return err
}
