package social

import (
	"context"
	"errors"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
)

// talk is how much is said about a badge.
type talk struct {
	badge.Marks

	badge int64
}

// countTalk counts the comments on badges of a person that the person may see, and those
// of others that came after what the person has read.
func countTalk(ctx context.Context, d db.DB, person int64, badges []int64) ([]talk, error) {
	return db.Select(ctx, d, func(s db.Scanner) (talk, error) {
		var t talk
		return t, s.Scan(&t.badge, &t.Comments, &t.NewComments)
	}, `SELECT c.badge, count(*), CAST(sum(CASE WHEN c.person <> $1 AND c.id > COALESCE(s.last, 0) THEN 1 ELSE 0 END) AS BIGINT)
		FROM comment c JOIN person p ON p.id = c.person LEFT JOIN comment_seen s ON s.badge = c.badge
		WHERE c.badge IN `+badge.MarkedSQL+` AND NOT c.hidden AND `+account.ShownSQL("p", 1)+` GROUP BY c.badge`, badge.MarkedArgs(person, badges)...)
}

func seenUpTo(ctx context.Context, d db.DB, badgeID int64) (int64, error) {
	last, err := db.One[int64](d.QueryRow(ctx, `SELECT last FROM comment_seen WHERE badge = $1`, badgeID))
	if errors.Is(err, db.ErrNotFound) {
		return 0, nil
	}
	return last, err
}

// upsertSeen notes the newest comment that the holder of a badge has read.
func upsertSeen(ctx context.Context, tx *db.Tx, badgeID, last int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO comment_seen (badge, last) SELECT b.id, CAST($2 AS BIGINT) FROM badge b WHERE b.id = $1
		ON CONFLICT (badge) DO UPDATE SET last = CASE WHEN comment_seen.last < excluded.last THEN excluded.last ELSE comment_seen.last END`, badgeID, last)
	return err
}

func deleteSeenOn(ctx context.Context, tx *db.Tx, badgeID int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM comment_seen WHERE badge = $1`, badgeID)
	return err
}
