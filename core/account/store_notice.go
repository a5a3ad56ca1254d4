package account

import (
	"context"
	"errors"
	"strings"

	"github.com/osier-passport/osier/core/db"
)

func mailsOff(ctx context.Context, d db.DB, person int64) ([]string, error) {
	off, err := db.One[string](d.QueryRow(ctx, `SELECT mails_off FROM preference WHERE person = $1`, person))
	if errors.Is(err, db.ErrNotFound) {
		return nil, nil
	}
	return strings.Fields(off), err
}

func updateMailsOff(ctx context.Context, tx *db.Tx, person int64, off []string) error {
	_, err := tx.Exec(ctx, `INSERT INTO preference (person, mails_off) VALUES ($1, $2)
		ON CONFLICT (person) DO UPDATE SET mails_off = excluded.mails_off`, person, strings.Join(off, " "))
	return err
}

func personByPublicID(ctx context.Context, d db.DB, id string) (Person, error) {
	return scanPerson(d.QueryRow(ctx, `SELECT `+personColumns+` FROM person p WHERE p.public_id = $1`, id))
}
