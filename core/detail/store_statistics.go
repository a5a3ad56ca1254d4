package detail

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/db"
)

func scanCounted(s db.Scanner) (Counted, error) {
	var c Counted
	return c, s.Scan(&c.Key, &c.Name, &c.N)
}

// countStates counts the badges of a person by their verdicts as of now.
func countStates(ctx context.Context, d db.DB, person int64, now time.Time) ([]Counted, error) {
	return db.Select(ctx, d, scanCounted, `SELECT state, '', count(*) FROM
		(SELECT CASE WHEN b.verdict = 'valid' AND b.expires_at > 0 AND b.expires_at <= $2 THEN 'expired' ELSE b.verdict END AS state
			FROM badge b WHERE b.person = $1 AND b.removed_at = 0 AND NOT b.unclaimed) s GROUP BY state ORDER BY count(*) DESC, state`, person, db.Micros(now))
}

func countPublished(ctx context.Context, d db.DB, person int64) (int, error) {
	return db.One[int](d.QueryRow(ctx, `SELECT count(*) FROM badge WHERE person = $1 AND visibility IN ('members', 'public') AND removed_at = 0`, person))
}

// countAnswers counts what others said about the badges of a person: congratulations,
// comments and accepted endorsements, of people whom the person may know of.
func countAnswers(ctx context.Context, d db.DB, person int64) (cheers, comments, vouched int, err error) {
	for query, n := range map[string]*int{
		`SELECT count(*) FROM badge b CROSS JOIN congratulation g CROSS JOIN person p
			WHERE b.person = $1 AND b.removed_at = 0 AND g.badge = b.id AND p.id = g.person AND ` + account.ShownSQL("p", 1): &cheers,
		`SELECT count(*) FROM badge b CROSS JOIN comment c CROSS JOIN person p
			WHERE b.person = $1 AND b.removed_at = 0 AND c.badge = b.id AND c.person <> $1 AND NOT c.hidden AND p.id = c.person AND ` + account.ShownSQL("p", 1): &comments,
		`SELECT count(*) FROM badge b CROSS JOIN endorsement e WHERE b.person = $1 AND b.removed_at = 0 AND e.badge = b.id AND e.state = 'accepted'`: &vouched,
	} {
		if *n, err = db.One[int](d.QueryRow(ctx, query, person)); err != nil {
			return 0, 0, 0, err
		}
	}
	return cheers, comments, vouched, nil
}

// listAllViews gives the views of all badges of a person by the day, the last day last.
func listAllViews(ctx context.Context, d db.DB, person int64) ([]dayViews, error) {
	return db.Select(ctx, d, func(s db.Scanner) (dayViews, error) {
		var v dayViews
		return v, s.Scan(&v.day, &v.kind, &v.hits)
	}, `SELECT v.day, v.kind, CAST(sum(v.hits) AS BIGINT) FROM badge b CROSS JOIN badge_view v WHERE b.person = $1 AND b.removed_at = 0 AND v.badge = b.id
		GROUP BY v.day, v.kind ORDER BY v.day`, person)
}

// listMostSeen gives the badges of a person that others looked at most.
func listMostSeen(ctx context.Context, d db.DB, person int64, limit int) ([]Counted, error) {
	return db.Select(ctx, d, scanCounted, `SELECT b.public_id, c.name, CAST(sum(v.hits) AS BIGINT) FROM badge b CROSS JOIN badge_view v CROSS JOIN badge_class c
		WHERE b.person = $1 AND b.removed_at = 0 AND v.badge = b.id AND c.id = b.class GROUP BY b.id, b.public_id, c.name ORDER BY sum(v.hits) DESC, b.id DESC LIMIT $2`, person, limit)
}
