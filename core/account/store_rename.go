package account

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/db"
)

func oldHandlesOf(ctx context.Context, d db.DB, person int64, since time.Time) ([]OldHandle, error) {
	return db.Select(ctx, d, func(s db.Scanner) (OldHandle, error) {
		var h OldHandle
		var left int64
		err := s.Scan(&h.Handle, &left)
		h.Left = db.Time(left)
		h.KeptTill = h.Left.Add(handleKept)
		return h, err
	}, `SELECT handle, left_at FROM old_handle WHERE person = $1 AND left_at > $2 ORDER BY left_at DESC, handle`, person, db.Micros(since))
}

func oldHandle(ctx context.Context, d db.DB, handle string) (owner int64, left time.Time, err error) {
	var at int64
	err = d.QueryRow(ctx, `SELECT person, left_at FROM old_handle WHERE handle = $1`, handle).Scan(&owner, &at)
	return owner, db.Time(at), err
}

func insertOldHandle(ctx context.Context, tx *db.Tx, handle string, person int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO old_handle (handle, person, left_at, skeleton) VALUES ($1, $2, $3, $4)
		ON CONFLICT (handle) DO UPDATE SET person = excluded.person, left_at = excluded.left_at`, handle, person, db.Micros(tx.Now()), handleSkeleton(handle))
	return err
}

func deleteOldHandle(ctx context.Context, tx *db.Tx, handle string) error {
	_, err := tx.Exec(ctx, `DELETE FROM old_handle WHERE handle = $1`, handle)
	return err
}

func countRenames(ctx context.Context, d db.DB, person int64, since time.Time) (int, error) {
	return db.One[int](d.QueryRow(ctx, `SELECT count(*) FROM old_handle WHERE person = $1 AND left_at > $2`, person, db.Micros(since)))
}

// handleAlike reports whether another person has a handle that looks like this one,
// or had it after a time.
func handleAlike(ctx context.Context, d db.DB, person int64, handle string, since time.Time) (bool, error) {
	return db.Exists(ctx, d, `SELECT 1 FROM person WHERE skeleton = $1 AND id <> $2 AND handle <> $3
		UNION ALL SELECT 1 FROM old_handle WHERE skeleton = $1 AND person <> $2 AND handle <> $3 AND left_at > $4`,
		handleSkeleton(handle), person, handle, db.Micros(since))
}
