package badge

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/db"
)

func getHealth(ctx context.Context, d db.DB, host string) (health, error) {
	var h health
	var since, until int64
	err := d.QueryRow(ctx, `SELECT fails, since, until FROM host_health WHERE host = $1`, host).Scan(&h.fails, &since, &until)
	h.since, h.until = db.Time(since), db.Time(until)
	return h, err
}

func upsertHealth(ctx context.Context, tx *db.Tx, host string, h health) error {
	_, err := tx.Exec(ctx, `INSERT INTO host_health (host, fails, since, until) VALUES ($1, $2, $3, $4)
		ON CONFLICT (host) DO UPDATE SET fails = excluded.fails, until = excluded.until`, host, h.fails, db.Micros(h.since), db.Micros(h.until))
	return err
}

// deleteHealth forgets the failures of a host that answers.
func deleteHealth(ctx context.Context, tx *db.Tx, host string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM badge_host WHERE host = $1`, host); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM host_health WHERE host = $1`, host)
	return err
}

func insertBadgeHost(ctx context.Context, tx *db.Tx, badge int64, host string) error {
	_, err := tx.Exec(ctx, `INSERT INTO badge_host (badge, host) VALUES ($1, $2) ON CONFLICT DO NOTHING`, badge, host)
	return err
}

// deleteBadgeHosts forgets the silent hosts of a badge, and what is known of
// those that no other badge hangs on: the name of a host may say who somebody is.
func deleteBadgeHosts(ctx context.Context, tx *db.Tx, badge int64) error {
	hosts, err := db.Select(ctx, tx, db.One[string], `DELETE FROM badge_host WHERE badge = $1 RETURNING host`, badge)
	if err != nil {
		return err
	}
	for _, h := range hosts {
		_, err := tx.Exec(ctx, `DELETE FROM host_health WHERE host = $1 AND NOT EXISTS (SELECT 1 FROM badge_host b WHERE b.host = $1)`, h)
		if err != nil {
			return err
		}
	}
	return nil
}

// listSilent gives hosts that do not answer, those that were silent longest before
// the others.
func listSilent(ctx context.Context, d db.DB, after HostCursor, limit int) ([]SilentHost, error) {
	return db.Select(ctx, d, func(s db.Scanner) (SilentHost, error) {
		var h SilentHost
		var since, until int64
		err := s.Scan(&h.Host, &h.Fails, &since, &until, &h.Badges)
		h.Since, h.Next = db.Time(since), db.Time(until)
		return h, err
	}, `SELECT h.host, h.fails, h.since, h.until, (SELECT count(*) FROM badge_host b WHERE b.host = h.host) FROM host_health h
		WHERE (h.since, h.host) > ($1, $2) ORDER BY h.since, h.host LIMIT $3`, after.since, after.host, limit)
}

func countSilent(ctx context.Context, d db.DB) (hosts, badges int, err error) {
	err = d.QueryRow(ctx, `SELECT (SELECT count(*) FROM host_health), (SELECT count(DISTINCT badge) FROM badge_host)`).Scan(&hosts, &badges)
	return hosts, badges, err
}

// updateHealthDue ends the pause of a silent host: 0 rows when it is not silent.
// The failure that may follow counts in place of the last one.
func updateHealthDue(ctx context.Context, tx *db.Tx, host string) (int64, error) {
	return tx.Exec(ctx, `UPDATE host_health SET until = CASE WHEN until > $2 THEN $2 ELSE until END,
		fails = CASE WHEN until > $2 AND fails > 0 THEN fails - 1 ELSE fails END WHERE host = $1`, host, db.Micros(tx.Now()))
}

// updateHostDue has the badges that hang on a host checked within the hour.
func updateHostDue(ctx context.Context, tx *db.Tx, host string) error {
	_, err := tx.Exec(ctx, `UPDATE badge SET next_check = $2 + id % 3600 * 1000000
		WHERE id IN (SELECT badge FROM badge_host WHERE host = $1) AND next_check > $2 + 3600000000`, host, db.Micros(tx.Now()))
	return err
}

// getBadgeOfHost gives one badge that hangs on a host.
func getBadgeOfHost(ctx context.Context, d db.DB, host string) (Badge, error) {
	return scanBadge(d.QueryRow(ctx, `SELECT `+badgeColumns+badgeTables+`WHERE b.id = (SELECT min(badge) FROM badge_host WHERE host = $1)`, host))
}

// planBatch is how many badges are planned in one transaction.
const planBatch = 500

// planForgotten gives at most so many of the badges that have no time of their next
// check one within ten days, spread by their ids, and tells how many these were.
func planForgotten(ctx context.Context, tx *db.Tx, now time.Time, most int64) (int64, error) {
	return tx.Exec(ctx, `UPDATE badge SET next_check = $1 + 302400000000 + (id % 1000003) * 604801 % 604800000000
		WHERE id IN (SELECT id FROM badge WHERE next_check = 0 LIMIT $2)`, db.Micros(now), most)
}
