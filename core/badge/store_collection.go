package badge

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

const collectionColumns = `c.id, c.public_id, c.name, c.created_at,
	(SELECT count(*) FROM collection_badge cb JOIN badge b ON b.id = cb.badge WHERE cb.collection = c.id AND b.removed_at = 0)`

func scanCollection(s db.Scanner) (Collection, error) {
	var c Collection
	var created int64
	err := s.Scan(&c.ID, &c.PublicID, &c.Name, &created, &c.Count)
	c.CreatedAt = db.Time(created)
	return c, err
}

func listCollections(ctx context.Context, d db.DB, person int64) ([]Collection, error) {
	return db.Select(ctx, d, scanCollection, `SELECT `+collectionColumns+` FROM collection c WHERE c.person = $1 ORDER BY c.place, c.id`, person)
}

func getCollection(ctx context.Context, d db.DB, person int64, publicID string) (Collection, error) {
	return scanCollection(d.QueryRow(ctx, `SELECT `+collectionColumns+` FROM collection c WHERE c.public_id = $2 AND c.person = $1`, person, publicID))
}

// listCollectionsOf gives the collections that a badge is in.
func listCollectionsOf(ctx context.Context, d db.DB, badge int64) ([]Collection, error) {
	return db.Select(ctx, d, scanCollection, `SELECT `+collectionColumns+` FROM collection_badge m JOIN collection c ON c.id = m.collection WHERE m.badge = $1 ORDER BY c.place, c.id`, badge)
}

func insertCollection(ctx context.Context, tx *db.Tx, person int64, c Collection) error {
	_, err := tx.Exec(ctx, `INSERT INTO collection (id, public_id, person, name, created_at, place)
		VALUES ($1, $2, $3, $4, $5, (SELECT COALESCE(max(place), 0) + 1 FROM collection WHERE person = $3))`,
		c.ID, c.PublicID, person, c.Name, db.Micros(c.CreatedAt))
	return err
}

func updateCollectionName(ctx context.Context, tx *db.Tx, id int64, name string) error {
	_, err := tx.Exec(ctx, `UPDATE collection SET name = $2 WHERE id = $1`, id, name)
	return err
}

func updateCollectionPlace(ctx context.Context, tx *db.Tx, id int64, place int) error {
	_, err := tx.Exec(ctx, `UPDATE collection SET place = $2 WHERE id = $1`, id, place)
	return err
}

func deleteCollection(ctx context.Context, tx *db.Tx, id int64) error {
	if _, err := tx.Exec(ctx, `DELETE FROM collection_badge WHERE collection = $1`, id); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM collection WHERE id = $1`, id)
	return err
}

// deleteCollections deletes the collections of a person whose badges are gone.
func deleteCollections(ctx context.Context, tx *db.Tx, person int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM collection WHERE person = $1`, person)
	return err
}

// insertCollected puts a badge at the end, unless it is in the collection.
func insertCollected(ctx context.Context, tx *db.Tx, collection, badge int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO collection_badge (collection, badge, place)
		VALUES ($1, $2, (SELECT COALESCE(max(place), 0) + 1 FROM collection_badge WHERE collection = $1)) ON CONFLICT (collection, badge) DO NOTHING`, collection, badge)
	return err
}

func deleteCollected(ctx context.Context, tx *db.Tx, collection, badge int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM collection_badge WHERE collection = $1 AND badge = $2`, collection, badge)
	return err
}

// listCollected gives the badges of a collection in its order, for cards.
func listCollected(ctx context.Context, d db.DB, collection int64, r Range) ([]Badge, error) {
	return db.Select(ctx, d, scanCard, `SELECT `+cardColumns+` FROM collection_badge m JOIN badge b ON b.id = m.badge JOIN person p ON p.id = b.person
		JOIN badge_class c ON c.id = b.class JOIN issuer i ON i.id = c.issuer
		WHERE m.collection = $1 AND b.removed_at = 0
		AND (CAST($2 AS BIGINT) = 0 OR m.place > (SELECT o.place FROM collection_badge o WHERE o.collection = $1 AND o.badge = $2))
		ORDER BY m.place, m.badge LIMIT $3`, collection, r.Before, r.Limit)
}

// neighbour gives the badge before (-1) or after (1) another in a collection.
func neighbour(ctx context.Context, d db.DB, collection, badge int64, by int) (int64, error) {
	return db.One[int64](d.QueryRow(ctx, `SELECT o.badge FROM collection_badge m JOIN collection_badge o ON o.collection = m.collection
		JOIN badge b ON b.id = o.badge AND b.removed_at = 0
		WHERE m.collection = $1 AND m.badge = $2 AND (o.place - m.place) * CAST($3 AS BIGINT) > 0
		ORDER BY (o.place - m.place) * CAST($3 AS BIGINT) LIMIT 1`, collection, badge, by))
}

func getPlace(ctx context.Context, d db.DB, collection, badge int64) (int64, error) {
	return db.One[int64](d.QueryRow(ctx, `SELECT place FROM collection_badge WHERE collection = $1 AND badge = $2`, collection, badge))
}

func updatePlace(ctx context.Context, tx *db.Tx, collection, badge, place int64) error {
	_, err := tx.Exec(ctx, `UPDATE collection_badge SET place = $3 WHERE collection = $1 AND badge = $2`, collection, badge, place)
	return err
}
