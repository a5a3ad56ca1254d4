package share

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

func getSettings(ctx context.Context, d db.DB, plugin string) ([]byte, error) {
	return db.One[[]byte](d.QueryRow(ctx, `SELECT sealed FROM plugin_setting WHERE plugin = $1`, plugin))
}

func upsertSettings(ctx context.Context, tx *db.Tx, plugin string, sealed []byte) error {
	_, err := tx.Exec(ctx, `INSERT INTO plugin_setting (plugin, sealed, changed_at) VALUES ($1, $2, $3)
		ON CONFLICT (plugin) DO UPDATE SET sealed = excluded.sealed, changed_at = excluded.changed_at`, plugin, sealed, db.Micros(tx.Now()))
	return err
}

func getLimits(ctx context.Context, d db.DB, target string) (Limits, error) {
	var l Limits
	err := d.QueryRow(ctx, `SELECT person_day, month, month_cents FROM share_limit WHERE target = $1`, target).Scan(&l.PersonDay, &l.Month, &l.MonthCents)
	return l, err
}

func upsertLimits(ctx context.Context, tx *db.Tx, target string, l Limits) error {
	_, err := tx.Exec(ctx, `INSERT INTO share_limit (target, person_day, month, month_cents) VALUES ($1, $2, $3, $4)
		ON CONFLICT (target) DO UPDATE SET person_day = excluded.person_day, month = excluded.month, month_cents = excluded.month_cents`,
		target, l.PersonDay, l.Month, l.MonthCents)
	return err
}

// countUse gives how much a target was used since a time, and what that cost.
func countUse(ctx context.Context, d db.DB, target string, since int64) (shares, cents int, err error) {
	err = d.QueryRow(ctx, `SELECT count(*), COALESCE(sum(cost_cents), 0) FROM share_job WHERE target = $1 AND created_at >= $2 AND state <> 'failed'`, target, since).Scan(&shares, &cents)
	return shares, cents, err
}

func countPersonUse(ctx context.Context, d db.DB, person int64, target string, since int64) (int, error) {
	return db.One[int](d.QueryRow(ctx, `SELECT count(*) FROM share_job WHERE person = $1 AND target = $2 AND created_at >= $3 AND state <> 'failed'`, person, target, since))
}
