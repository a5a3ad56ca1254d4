package badge

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// updateEquality writes the short name of a credential, unless another badge of its
// holder has it.
func updateEquality(ctx context.Context, tx *db.Tx, badge int64, short string) error {
	_, err := tx.Exec(ctx, `UPDATE badge SET equality = $2 WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM badge o WHERE o.person = badge.person AND o.equality = $2)`, badge, short)
	return err
}

func updateEvidence(ctx context.Context, tx *db.Tx, badge int64, text string) error {
	_, err := tx.Exec(ctx, `UPDATE badge SET evidence = $2 WHERE id = $1`, badge, text)
	return err
}

// shortenOf writes the names of the badges of a person short, before they are compared.
func shortenOf(ctx context.Context, tx *db.Tx, person int64) error {
	type row struct {
		id       int64
		equality string
	}
	list, err := db.Select(ctx, tx, func(s db.Scanner) (r row, err error) { return r, s.Scan(&r.id, &r.equality) },
		`SELECT id, equality FROM badge WHERE person = $1`, person)
	if err != nil {
		return err
	}
	for _, r := range list {
		if !isLong(r.equality) {
			continue
		}
		if err := updateEquality(ctx, tx, r.id, sameness(r.equality).short()); err != nil {
			return err
		}
	}
	return nil
}
