package sign

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

const keyColumns = `id, holder, person, public_key, sealed, created_at, retired_at`

func scanKey(s db.Scanner) (storedKey, error) {
	var k storedKey
	var created, retired int64
	err := s.Scan(&k.id, &k.holder, &k.person, &k.public, &k.sealed, &created, &retired)
	k.createdAt, k.retiredAt = db.Time(created), db.Time(retired)
	return k, err
}

func currentKey(ctx context.Context, tx *db.Tx, holder string) (storedKey, error) {
	return scanKey(tx.QueryRow(ctx, `SELECT `+keyColumns+` FROM signing_key WHERE holder = $1 AND retired_at = 0`, holder))
}

func insertKey(ctx context.Context, tx *db.Tx, k storedKey) error {
	_, err := tx.Exec(ctx, `INSERT INTO signing_key (id, holder, person, public_key, sealed, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		k.id, k.holder, k.person, k.public, k.sealed, db.Micros(tx.Now()))
	return err
}

// retireKeys ends the key in use and drops its private part.
func retireKeys(ctx context.Context, tx *db.Tx, holder string) error {
	_, err := tx.Exec(ctx, `UPDATE signing_key SET retired_at = $2, sealed = $3 WHERE holder = $1 AND retired_at = 0`, holder, db.Micros(tx.Now()), []byte{})
	return err
}

// publishedKeys gives the public keys of a holder, unless they have left.
func publishedKeys(ctx context.Context, d db.DB, holder string) ([]string, error) {
	return db.Select(ctx, d, db.One[string], `SELECT k.public_key FROM signing_key k WHERE k.holder = $1
		AND NOT EXISTS (SELECT 1 FROM signing_end e WHERE e.holder = k.holder)
		AND NOT EXISTS (SELECT 1 FROM person p JOIN tombstone t ON t.public_id = p.public_id WHERE p.id = k.person) ORDER BY k.created_at, k.id`, holder)
}

// hasEnded reports whether a holder has left: an account that was removed, or
// somebody without one who had everything deleted.
func hasEnded(ctx context.Context, d db.DB, holder string) (bool, error) {
	return db.Exists(ctx, d, `SELECT 1 FROM signing_end WHERE holder = $1 UNION ALL SELECT 1 FROM tombstone WHERE public_id = $1
		UNION ALL SELECT 1 FROM signing_key k JOIN person p ON p.id = k.person JOIN tombstone t ON t.public_id = p.public_id WHERE k.holder = $1`, holder)
}

func insertEnd(ctx context.Context, tx *db.Tx, holder string) error {
	_, err := tx.Exec(ctx, `INSERT INTO signing_end (holder, at) VALUES ($1, $2) ON CONFLICT (holder) DO NOTHING`, holder, db.Micros(tx.Now()))
	return err
}

func deleteKeysOf(ctx context.Context, tx *db.Tx, holder string) error {
	_, err := tx.Exec(ctx, `DELETE FROM signing_key WHERE holder = $1`, holder)
	return err
}

func listKeys(ctx context.Context, d db.DB, person int64) ([]storedKey, error) {
	return db.Select(ctx, d, scanKey, `SELECT `+keyColumns+` FROM signing_key WHERE person = $1 AND person <> 0 ORDER BY created_at, id`, person)
}

func countKeys(ctx context.Context, d db.DB, person int64) (int, error) {
	return db.One[int](d.QueryRow(ctx, `SELECT count(*) FROM signing_key WHERE person = $1 AND person <> 0`, person))
}

// deleteKeys deletes the keys of a person and notes that their documents are gone.
func deleteKeys(ctx context.Context, tx *db.Tx, person int64) error {
	if _, err := tx.Exec(ctx, `INSERT INTO signing_end (holder, at) SELECT DISTINCT holder, CAST($2 AS BIGINT) FROM signing_key WHERE person = $1 AND person <> 0
		ON CONFLICT (holder) DO NOTHING`, person, db.Micros(tx.Now())); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM signing_key WHERE person = $1 AND person <> 0`, person)
	return err
}
