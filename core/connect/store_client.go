package connect

import (
	"context"
	"encoding/json"

	"github.com/osier-passport/osier/core/db"
)

const clientColumns = `id, known, secret_hash, metadata, created_at, used_at`

func scanClient(s db.Scanner) (Client, error) {
	var c Client
	var metadata string
	var created, used int64
	if err := s.Scan(&c.ID, &c.Known, &c.Secret, &metadata, &created, &used); err != nil {
		return c, err
	}
	c.CreatedAt, c.UsedAt = db.Time(created), db.Time(used)
	return c, json.Unmarshal([]byte(metadata), &c.Metadata)
}

func insertClient(ctx context.Context, tx *db.Tx, c Client) error {
	metadata, err := c.Metadata.text()
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO oauth_client (id, known, secret_hash, name, metadata, created_at, used_at) VALUES ($1, $2, $3, $4, $5, $6, $6)`,
		c.ID, c.Known, c.Secret, c.Metadata.Name, metadata, db.Micros(c.CreatedAt))
	return err
}

func getClient(ctx context.Context, d db.DB, id string) (Client, error) {
	return scanClient(d.QueryRow(ctx, `SELECT `+clientColumns+` FROM oauth_client WHERE id = $1`, id))
}

func listKnown(ctx context.Context, d db.DB) ([]Client, error) {
	return db.Select(ctx, d, scanClient, `SELECT `+clientColumns+` FROM oauth_client WHERE known ORDER BY name, id`)
}

// listRegistered gives the apps that registered themselves, the last used first, below
// the app id that was used at a time.
func listRegistered(ctx context.Context, d db.DB, at int64, id string, limit int) ([]Client, error) {
	return db.Select(ctx, d, scanClient, `SELECT `+clientColumns+` FROM oauth_client WHERE NOT known AND used_at <= $1 AND (used_at < $1 OR id < $2)
		ORDER BY used_at DESC, id DESC LIMIT $3`, at, id, limit)
}

// countPeople is how many let an app in.
func countPeople(ctx context.Context, d db.DB, client string) (int, error) {
	return db.One[int](d.QueryRow(ctx, `SELECT count(DISTINCT person) FROM oauth_grant WHERE client = $1 AND redeemed_at > 0`, client))
}

func deleteClient(ctx context.Context, tx *db.Tx, id string) (int64, error) {
	if _, err := tx.Exec(ctx, `DELETE FROM oauth_grant WHERE client = $1`, id); err != nil {
		return 0, err
	}
	return tx.Exec(ctx, `DELETE FROM oauth_client WHERE id = $1`, id)
}
