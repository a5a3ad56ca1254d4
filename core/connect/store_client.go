package connect

import (
	"context"
	"encoding/json"

	"github.com/osier-passport/osier/core/db"
)

const clientColumns = `id, known, secret_hash, metadata, created_at`

func scanClient(s db.Scanner) (Client, error) {
	var c Client
	var metadata string
	var created int64
	if err := s.Scan(&c.ID, &c.Known, &c.Secret, &metadata, &created); err != nil {
		return c, err
	}
	c.CreatedAt = db.Time(created)
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

func deleteClient(ctx context.Context, tx *db.Tx, id string) (int64, error) {
	if _, err := tx.Exec(ctx, `DELETE FROM oauth_grant WHERE client = $1`, id); err != nil {
		return 0, err
	}
	return tx.Exec(ctx, `DELETE FROM oauth_client WHERE id = $1`, id)
}
