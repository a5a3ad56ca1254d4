package request

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/db"
)

func insertLink(ctx context.Context, tx *db.Tx, hash, sealed []byte, until time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO data_request (token_hash, address, expires_at) VALUES ($1, $2, $3)`, hash, sealed, db.Micros(until))
	return err
}

func findLink(ctx context.Context, d db.DB, hash []byte, now time.Time) ([]byte, error) {
	return db.One[[]byte](d.QueryRow(ctx, `SELECT address FROM data_request WHERE token_hash = $1 AND expires_at > $2`, hash, db.Micros(now)))
}

type link struct{ hash, sealed []byte }

// listLinks gives the links that wait: those of half an hour.
func listLinks(ctx context.Context, d db.DB) ([]link, error) {
	return db.Select(ctx, d, func(s db.Scanner) (link, error) {
		var l link
		err := s.Scan(&l.hash, &l.sealed)
		return l, err
	}, `SELECT token_hash, address FROM data_request`)
}

// deleteLink reports whether the link was there: of several that try, one hears so.
func deleteLink(ctx context.Context, tx *db.Tx, hash []byte) (bool, error) {
	n, err := tx.Exec(ctx, `DELETE FROM data_request WHERE token_hash = $1`, hash)
	return n > 0, err
}

func deleteOld(ctx context.Context, tx *db.Tx, now time.Time) error {
	_, err := tx.Exec(ctx, `DELETE FROM data_request WHERE expires_at <= $1`, db.Micros(now))
	return err
}
