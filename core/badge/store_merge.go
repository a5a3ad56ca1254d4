package badge

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// findTwin gives the public id of the copy that a person holds of a badge.
func findTwin(ctx context.Context, d db.DB, person, badge int64) (string, error) {
	return db.One[string](d.QueryRow(ctx, `SELECT o.public_id FROM badge b JOIN badge o ON o.person = $1 AND o.equality = b.equality WHERE b.id = $2`, person, badge))
}

func moveBadge(ctx context.Context, tx *db.Tx, badge, into int64) error {
	_, err := tx.Exec(ctx, `UPDATE badge SET person = $2 WHERE id = $1`, badge, into)
	return err
}

func moveImports(ctx context.Context, tx *db.Tx, from, into int64) error {
	for _, q := range []string{
		`UPDATE badge_import SET person = $2 WHERE person = $1`,
		`UPDATE badge_record SET person = $2 WHERE person = $1`,
		`UPDATE badge_alias SET person = $2 WHERE person = $1`,
		`DELETE FROM calendar_feed WHERE person = $1 AND CAST($2 AS BIGINT) <> 0`, // its address names nobody any more
		`UPDATE badge_change SET person = $2 WHERE person = $1`,
		`UPDATE collection SET person = $2, place = place + (SELECT COALESCE(max(o.place), 0) FROM collection o WHERE o.person = $2) WHERE person = $1`,
	} {
		if _, err := tx.Exec(ctx, q, from, into); err != nil {
			return err
		}
	}
	return nil
}

// recountHolders writes the counters of the classes of a person's badges: two
// badges of one class had two holders and have one now.
func recountHolders(ctx context.Context, tx *db.Tx, person int64) error {
	classes, err := db.Select(ctx, tx, db.One[int64], `SELECT DISTINCT class FROM badge WHERE person = $1`, person)
	if err != nil {
		return err
	}
	for _, c := range classes {
		countHolders(ctx, tx, c)
	}
	return nil
}

// joinRows gives what belongs to a badge to its copy, with the older dates, the
// narrower settings and the proof that either has.
func joinRows(ctx context.Context, tx *db.Tx, gone, into Badge) error {
	_, err := tx.Exec(ctx, `UPDATE badge SET visibility = $3, link_secret = $4, show_name = $5, link_name = $7, unclaimed = $6,
			link_at = CASE WHEN badge.link_at = 0 THEN o.link_at ELSE badge.link_at END,
			link_until = CASE WHEN badge.link_until = 0 OR o.link_until > 0 AND o.link_until < badge.link_until THEN o.link_until ELSE badge.link_until END,
			created_at = CASE WHEN o.created_at < badge.created_at THEN o.created_at ELSE badge.created_at END,
			published_at = CASE WHEN badge.published_at = 0 OR o.published_at > 0 AND o.published_at < badge.published_at THEN o.published_at ELSE badge.published_at END,
			valid_at = CASE WHEN o.valid_at > badge.valid_at THEN o.valid_at ELSE badge.valid_at END,
			address_proof = CASE WHEN badge.address_proof = 0 THEN o.address_proof ELSE badge.address_proof END,
			record = CASE WHEN badge.record = 0 THEN o.record ELSE badge.record END
		FROM badge o WHERE o.id = $1 AND badge.id = $2`,
		gone.ID, into.ID, into.Visibility, into.Secret, into.ShowName && gone.ShowName, into.Unclaimed && gone.Unclaimed, into.LinkName && gone.LinkName)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE verification SET badge = $2 WHERE badge = $1`, gone.ID, into.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO link_hit (badge, day, hits) SELECT CAST($2 AS BIGINT), day, hits FROM link_hit WHERE badge = $1
		ON CONFLICT (badge, day) DO UPDATE SET hits = link_hit.hits + excluded.hits`, gone.ID, into.ID); err != nil {
		return err
	}
	if err := joinShelf(ctx, tx, gone.ID, into.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE badge_alias SET badge = $2 WHERE badge = $1`, gone.PublicID, into.PublicID); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE badge_import SET badge = $2 WHERE person = $3 AND badge = $1`, gone.PublicID, into.PublicID, gone.Person); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO badge_alias (public_id, badge, person, link_secret, received, carrier, filename, joined_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		gone.PublicID, into.PublicID, into.Person, gone.Secret, gone.Received, gone.Carrier, gone.Filename, db.Micros(tx.Now()))
	return err
}

// joinShelf gives the tags of a badge, and its places in collections, to its copy.
func joinShelf(ctx context.Context, tx *db.Tx, gone, into int64) error {
	if _, err := tx.Exec(ctx, `INSERT INTO badge_tag (badge, folded, tag) SELECT CAST($2 AS BIGINT), folded, tag FROM badge_tag WHERE badge = $1
		ON CONFLICT (badge, folded) DO NOTHING`, gone, into); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO collection_badge (collection, badge, place) SELECT collection, CAST($2 AS BIGINT), place FROM collection_badge WHERE badge = $1
		ON CONFLICT (collection, badge) DO NOTHING`, gone, into)
	return err
}

// deleteJoined deletes the copy that is joined, whose ledger is the other's now.
func deleteJoined(ctx context.Context, tx *db.Tx, b Badge) error {
	if err := deleteBadgeHosts(ctx, tx, b.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM link_hit WHERE badge = $1`, b.ID); err != nil {
		return err
	}
	if err := deleteShelf(ctx, tx, b.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM badge WHERE id = $1`, b.ID); err != nil {
		return err
	}
	countHolders(ctx, tx, b.Class.ID)
	return nil
}

// findAlias gives the public id of the badge that a joined one became part of,
// with its link's secret for who has the secret of the joined one's link.
func findAlias(ctx context.Context, d db.DB, publicID, linkSecret string) (id, secret string, err error) {
	err = d.QueryRow(ctx, `SELECT a.badge, CASE WHEN $2 <> '' AND a.link_secret = $2 THEN b.link_secret ELSE $2 END
		FROM badge_alias a JOIN badge b ON b.public_id = a.badge WHERE a.public_id = $1`, publicID, linkSecret).Scan(&id, &secret)
	return id, secret, err
}

// endAliasLinks ends the links of the badges that were joined with b when the link
// of b itself is about to end or to change.
func endAliasLinks(ctx context.Context, tx *db.Tx, b Badge) error {
	_, err := tx.Exec(ctx, `UPDATE badge_alias SET link_secret = '' WHERE badge = $1 AND link_secret <> ''
		AND NOT EXISTS (SELECT 1 FROM badge b WHERE b.public_id = $1 AND b.link_secret = $2)`, b.PublicID, b.Secret)
	return err
}

func countTwins(ctx context.Context, d db.DB, a, b int64) (int, error) {
	return db.One[int](d.QueryRow(ctx, `SELECT count(*) FROM badge x JOIN badge y ON y.person = $2 AND y.equality = x.equality WHERE x.person = $1`, a, b))
}

// alias is a copy of a badge that was joined with another.
type alias struct {
	publicID, badge, received, carrier, filename string
}

func scanAlias(s db.Scanner) (alias, error) {
	var a alias
	err := s.Scan(&a.publicID, &a.badge, &a.received, &a.carrier, &a.filename)
	return a, err
}

func listAliases(ctx context.Context, d db.DB, person int64) ([]alias, error) {
	return db.Select(ctx, d, scanAlias, `SELECT public_id, badge, received, carrier, filename FROM badge_alias WHERE person = $1 ORDER BY public_id`, person)
}

// deleteAliases forgets the copies of a badge and gives their files.
func deleteAliases(ctx context.Context, tx *db.Tx, publicID string) ([]string, error) {
	return db.Select(ctx, tx, db.One[string], `DELETE FROM badge_alias WHERE badge = $1 RETURNING received`, publicID)
}
