package share

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/secret"
)

// switched is what an administrator said of a plugin, or of a target ("links.xing").
type switched struct {
	id  string
	off bool
}

func listSwitched(ctx context.Context, d db.DB) ([]switched, error) {
	return db.Select(ctx, d, func(s db.Scanner) (switched, error) {
		var sw switched
		err := s.Scan(&sw.id, &sw.off)
		return sw, err
	}, `SELECT id, disabled FROM plugin`)
}

func upsertDisabled(ctx context.Context, tx *db.Tx, id string, off bool) error {
	_, err := tx.Exec(ctx, `INSERT INTO plugin (id, disabled, changed_at) VALUES ($1, $2, $3)
		ON CONFLICT (id) DO UPDATE SET disabled = excluded.disabled, changed_at = excluded.changed_at`, id, off, db.Micros(tx.Now()))
	return err
}

func insertShare(ctx context.Context, tx *db.Tx, sub Subject, s Shared) error {
	_, err := tx.Exec(ctx, `INSERT INTO share (id, public_id, person, badge, subject, target, state, detail, url, at)
		VALUES ($1, $2, $3, NULLIF(CAST($4 AS BIGINT), 0), $5, $6, $7, $8, $9, $10)`,
		tx.NewID(), secret.ID(), sub.person, sub.badge.ID, sub.row(), s.Target, s.State, s.Detail, s.URL, db.Micros(tx.Now()))
	return err
}

func scanShared(s db.Scanner) (Shared, error) {
	var r Shared
	var at int64
	err := s.Scan(&r.Target, &r.State, &r.Detail, &r.URL, &at)
	r.At = db.Time(at)
	return r, err
}

func listShares(ctx context.Context, d db.DB, person, badge int64, limit int) ([]Shared, error) {
	return db.Select(ctx, d, scanShared, `SELECT target, state, detail, url, at FROM share WHERE badge = $2 AND person = $1 ORDER BY id DESC LIMIT $3`, person, badge, limit)
}

// listSharesAbout is listShares for what is no badge.
func listSharesAbout(ctx context.Context, d db.DB, person int64, subject string, limit int) ([]Shared, error) {
	return db.Select(ctx, d, scanShared, `SELECT target, state, detail, url, at FROM share WHERE person = $1 AND subject = $2 ORDER BY id DESC LIMIT $3`, person, subject, limit)
}

// lastAddress is where the person's newest share to a target led; "" without one.
func lastAddress(ctx context.Context, d db.DB, person int64, target string) (string, error) {
	list, err := db.Select(ctx, d, db.One[string], `SELECT url FROM share WHERE person = $1 AND target = $2 AND state = 'opened' ORDER BY id DESC LIMIT 1`, person, target)
	if err != nil || len(list) == 0 {
		return "", err
	}
	return list[0], nil
}

type exportedShare struct {
	Badge  string `json:"badge,omitempty"`
	What   string `json:"what"` // badge or profile
	Target string `json:"target"`
	State  string `json:"state"`
	URL    string `json:"url"`
	At     string `json:"at"`
}

func listAll(ctx context.Context, d db.DB, person int64) ([]exportedShare, error) {
	return db.Select(ctx, d, func(s db.Scanner) (exportedShare, error) {
		var e exportedShare
		var at int64
		err := s.Scan(&e.Badge, &e.What, &e.Target, &e.State, &e.URL, &at)
		e.At = db.Time(at).Format(time.RFC3339)
		return e, err
	}, `SELECT COALESCE(b.public_id, ''), CASE s.subject WHEN '' THEN 'badge' WHEN '@' THEN 'profile' ELSE 'page' END, s.target, s.state, s.url, s.at FROM share s LEFT JOIN badge b ON b.id = s.badge WHERE s.person = $1 ORDER BY s.id`, person)
}

func deleteOfBadge(ctx context.Context, tx *db.Tx, badge int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM share WHERE badge = $1`, badge)
	return err
}

func deleteOfPerson(ctx context.Context, tx *db.Tx, person int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM share WHERE person = $1`, person)
	return err
}

// deleteOfPage deletes what was shared of a page that is about to go.
func deleteOfPage(ctx context.Context, tx *db.Tx, person, page int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM share WHERE person = $1 AND subject = (SELECT 'p.' || public_id FROM page WHERE id = $2)`, person, page)
	return err
}

func deleteJobsOfPage(ctx context.Context, tx *db.Tx, person, page int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM share_job WHERE person = $1 AND subject = (SELECT 'p.' || public_id FROM page WHERE id = $2)`, person, page)
	return err
}
