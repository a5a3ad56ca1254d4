package gone

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

func insertAll(ctx context.Context, tx *db.Tx, shown Query) error {
	_, err := tx.Exec(ctx, `INSERT INTO gone (mark) `+shown.SQL+` ON CONFLICT (mark) DO NOTHING`, shown.Args...)
	return err
}

func insert(ctx context.Context, tx *db.Tx, mark string) error {
	_, err := tx.Exec(ctx, `INSERT INTO gone (mark) VALUES ($1) ON CONFLICT (mark) DO NOTHING`, mark)
	return err
}

func isMarked(ctx context.Context, d db.DB, publicID, link string) (bool, error) {
	return db.Exists(ctx, d, `SELECT 1 FROM gone WHERE mark IN ($1, $2)`, publicID, link)
}

type link struct{ id, secret string }

func list(ctx context.Context, tx *db.Tx, linked Query) ([]link, error) {
	return db.Select(ctx, tx, func(s db.Scanner) (link, error) {
		var l link
		err := s.Scan(&l.id, &l.secret)
		return l, err
	}, linked.SQL, linked.Args...)
}
