package badge

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

func scanTag(s db.Scanner) (Tag, error) {
	var t Tag
	return t, s.Scan(&t.Name, &t.Folded, &t.Count)
}

func insertTag(ctx context.Context, tx *db.Tx, badge int64, t Tag) error {
	_, err := tx.Exec(ctx, `INSERT INTO badge_tag (badge, folded, tag) VALUES ($1, $2, $3) ON CONFLICT (badge, folded) DO NOTHING`, badge, t.Folded, t.Name)
	return err
}

func deleteTag(ctx context.Context, tx *db.Tx, badge int64, folded string) error {
	_, err := tx.Exec(ctx, `DELETE FROM badge_tag WHERE badge = $1 AND folded = $2`, badge, folded)
	return err
}

// listTags gives each tag of a person once, in the spelling that sorts first.
func listTags(ctx context.Context, d db.DB, person int64) ([]Tag, error) {
	return db.Select(ctx, d, scanTag, `SELECT min(t.tag), t.folded, count(*) FROM badge b JOIN badge_tag t ON t.badge = b.id
		WHERE b.person = $1 AND b.removed_at = 0 GROUP BY t.folded ORDER BY t.folded`, person)
}

func listTagsOf(ctx context.Context, d db.DB, badge int64) ([]Tag, error) {
	return db.Select(ctx, d, scanTag, `SELECT tag, folded, 1 FROM badge_tag WHERE badge = $1 ORDER BY folded`, badge)
}

// deleteShelf forgets how a badge was arranged.
func deleteShelf(ctx context.Context, tx *db.Tx, badge int64) error {
	if _, err := tx.Exec(ctx, `DELETE FROM badge_tag WHERE badge = $1`, badge); err != nil {
		return err
	}
	if err := deleteReminders(ctx, tx, badge); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM badge_change_row WHERE badge = $1`, badge); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM collection_badge WHERE badge = $1`, badge)
	return err
}
