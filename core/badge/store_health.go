package badge

import (
	"context"

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
