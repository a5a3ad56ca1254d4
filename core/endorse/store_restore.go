package endorse

import (
	"context"
	"encoding/json"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/db"
)

func hasPublic(ctx context.Context, d db.DB, publicID string) (bool, error) {
	return db.Exists(ctx, d, `SELECT 1 FROM endorsement WHERE public_id = $1`, publicID)
}

// memberShown gives a member whom the person may know of; neither has blocked the other.
func memberShown(ctx context.Context, d db.DB, person int64, publicID string) (Person, error) {
	var p Person
	err := d.QueryRow(ctx, `SELECT p.id, p.public_id, p.handle, p.name, p.picture FROM person p WHERE p.public_id = $2 AND p.id <> $1 AND `+account.ShownSQL("p", 1)+`
		AND NOT EXISTS (SELECT 1 FROM block k WHERE k.person = $1 AND k.blocked = p.id)`, person, publicID).
		Scan(&p.ID, &p.PublicID, &p.Handle, &p.Name, &p.Picture)
	return p, err
}

// returning gives a place in the status list of who signed that waits for what stood
// on it to come back.
func returning(ctx context.Context, d db.DB, holder string, at int) (int64, error) {
	return db.One[int64](d.QueryRow(ctx, `SELECT id FROM endorsement_place WHERE holder = $1 AND place = $2 AND returns`, holder, at))
}

func updateReturned(ctx context.Context, tx *db.Tx, place int64) error {
	_, err := tx.Exec(ctx, `UPDATE endorsement_place SET returns = FALSE WHERE id = $1`, place)
	return err
}

// insertBrought keeps an accepted one that came back; nothing where there is one.
func insertBrought(ctx context.Context, tx *db.Tx, e Endorsement, signed string, place int64) (int64, error) {
	skills, err := json.Marshal(append([]string{}, e.Skills...))
	if err != nil {
		return 0, err
	}
	return tx.Exec(ctx, `INSERT INTO endorsement (id, public_id, badge, person, state, request, body, skills, token_hash, credential, verdict, asked_at, written_at, decided_at, place)
		VALUES ($1, $2, $3, $4, 'accepted', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT DO NOTHING`,
		e.ID, e.PublicID, e.Subject.ID, e.By.ID, e.Request, e.Body, string(skills), []byte{}, signed, e.Verdict,
		db.Micros(e.AskedAt), db.Micros(e.WrittenAt), db.Micros(e.DecidedAt), place)
}
