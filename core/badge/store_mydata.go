package badge

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// countAll counts the entries of each document of a person's export.
func countAll(ctx context.Context, d db.DB, person int64) (map[string]int, error) {
	var badges, records, imports, collections, changes, feeds int
	err := d.QueryRow(ctx, `SELECT (SELECT count(*) FROM badge WHERE person = $1), (SELECT count(*) FROM badge_record WHERE person = $1),
		(SELECT count(*) FROM badge_import WHERE person = $1),
		(SELECT count(*) FROM collection WHERE person = $1), (SELECT count(*) FROM badge_change WHERE person = $1),
		(SELECT count(*) FROM calendar_feed WHERE person = $1)`, person).Scan(&badges, &records, &imports, &collections, &changes, &feeds)
	counts := map[string]int{"badges/badges.json": badges, "badges/imports.json": imports}
	if records > 0 {
		counts["badges/records.json"] = records
	}
	if collections > 0 {
		counts["badges/collections.json"] = collections
	}
	if feeds > 0 {
		counts["badges/calendar.json"] = feeds
	}
	if changes > 0 {
		counts["badges/changes.json"] = changes
	}
	return counts, err
}

func getRemoved(ctx context.Context, d db.DB, badge int64) (int64, error) {
	return db.One[int64](d.QueryRow(ctx, `SELECT removed_at FROM badge WHERE id = $1`, badge))
}

// mapRecords gives the record of each badge that came in one, by its public id.
func mapRecords(ctx context.Context, d db.DB, person int64) (map[string]int64, error) {
	type pair struct {
		badge  string
		record int64
	}
	list, err := db.Select(ctx, d, func(s db.Scanner) (pair, error) {
		var p pair
		err := s.Scan(&p.badge, &p.record)
		return p, err
	}, `SELECT public_id, record FROM badge WHERE person = $1 AND record <> 0`, person)
	m := map[string]int64{}
	for _, p := range list {
		m[p.badge] = p.record
	}
	return m, err
}

func wireOfClass(ctx context.Context, d db.DB, class int64) (string, error) {
	return db.One[string](d.QueryRow(ctx, `SELECT wire_id FROM badge_class WHERE id = $1`, class))
}
