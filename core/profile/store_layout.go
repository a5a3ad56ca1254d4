package profile

import (
	"context"
	"errors"

	"github.com/osier-passport/osier/core/db"
)

func blocksOf(ctx context.Context, d db.DB, person int64) ([]Block, error) {
	return db.Select(ctx, d, func(s db.Scanner) (Block, error) {
		var b Block
		return b, s.Scan(&b.Name, &b.Kind, &b.Title, &b.Of, &b.Hidden)
	}, `SELECT name, kind, title, of, hidden FROM profile_block WHERE person = $1 ORDER BY place, name`, person)
}

func replaceBlocks(ctx context.Context, tx *db.Tx, person int64, list []Block) error {
	if _, err := tx.Exec(ctx, `DELETE FROM profile_block WHERE person = $1`, person); err != nil {
		return err
	}
	for i, b := range list {
		_, err := tx.Exec(ctx, `INSERT INTO profile_block (person, name, kind, title, of, place, hidden) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			person, b.Name, b.Kind, b.Title, b.Of, i, b.Hidden)
		if err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `DELETE FROM profile_block_badge WHERE person = $1 AND name NOT IN (SELECT name FROM profile_block WHERE person = $1)`, person)
	return err
}

func blockBadges(ctx context.Context, d db.DB, person int64, name string) ([]int64, error) {
	return db.Select(ctx, d, db.One[int64], `SELECT badge FROM profile_block_badge WHERE person = $1 AND name = $2 ORDER BY place, badge`, person, name)
}

func replaceBlockBadges(ctx context.Context, tx *db.Tx, person int64, name string, list []int64) error {
	if _, err := tx.Exec(ctx, `DELETE FROM profile_block_badge WHERE person = $1 AND name = $2`, person, name); err != nil {
		return err
	}
	for i, id := range list {
		_, err := tx.Exec(ctx, `INSERT INTO profile_block_badge (person, name, badge, place) VALUES ($1, $2, $3, $4)`, person, name, id, i)
		if err != nil {
			return err
		}
	}
	return nil
}

// moveChosen gives the places of a badge that became part of another to that one.
func moveChosen(ctx context.Context, tx *db.Tx, from, into int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO profile_block_badge (person, name, badge, place) SELECT person, name, CAST($2 AS BIGINT), place
		FROM profile_block_badge WHERE badge = $1 ON CONFLICT (person, name, badge) DO NOTHING`, from, into)
	if err != nil {
		return err
	}
	return deleteChosen(ctx, tx, from)
}

func deleteChosen(ctx context.Context, tx *db.Tx, badge int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM profile_block_badge WHERE badge = $1`, badge)
	return err
}

func styleOf(ctx context.Context, d db.DB, person int64) (string, error) {
	style, err := db.One[string](d.QueryRow(ctx, `SELECT style FROM profile_choice WHERE person = $1`, person))
	if errors.Is(err, db.ErrNotFound) {
		return "", nil
	}
	return style, err
}

func upsertStyle(ctx context.Context, tx *db.Tx, person int64, style string) error {
	_, err := tx.Exec(ctx, `INSERT INTO profile_choice (person, style) VALUES ($1, $2) ON CONFLICT (person) DO UPDATE SET style = excluded.style`, person, style)
	return err
}
