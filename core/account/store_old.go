package account

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/db"
)

// oldWork is the most rounds that one of the old hashes takes that are left, 0 when
// none is.
func oldWork(ctx context.Context, d db.DB) (int, error) {
	return db.One[int](d.QueryRow(ctx, `SELECT COALESCE(max(old_work), 0) FROM password WHERE old_work > 0`))
}

// insertOldPassword keeps argon2id over the key of an old hash.
func insertOldPassword(ctx context.Context, tx *db.Tx, person int64, hash string, old oldHash) error {
	_, err := tx.Exec(ctx, `INSERT INTO password (person, hash, changed_at, old, old_work) VALUES ($1, $2, $3, $4, $5)`,
		person, hash, db.Micros(tx.Now()), old.String(), old.rounds)
	return err
}

// dropOldHash puts a hash in place of one that is over an old one, if that is still
// there.
func dropOldHash(ctx context.Context, tx *db.Tx, person int64, was, hash string) error {
	_, err := tx.Exec(ctx, `UPDATE password SET hash = $3, old = '', old_work = 0 WHERE person = $1 AND hash = $2`, person, was, hash)
	return err
}

func updateJoined(ctx context.Context, tx *db.Tx, person int64, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE person SET created_at = $2 WHERE id = $1`, person, db.Micros(at))
	return err
}

// holderOf is who has an address confirmed, or else, where listed counts too, as their
// own first one: 0 for nobody.
func holderOf(ctx context.Context, d db.DB, key string, confirmed bool) (int64, error) {
	return db.One[int64](d.QueryRow(ctx, `SELECT COALESCE((SELECT person FROM email WHERE address_key = $1 AND (confirmed_at > 0 OR is_primary AND NOT $2)
		ORDER BY confirmed_at DESC, id LIMIT 1), 0)`, key, confirmed))
}
