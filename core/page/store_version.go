package page

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/osier-passport/osier/core/db"
)

// Version is an earlier state of a page.
type Version struct {
	Number, Parent int
	What           string // page.version.<What>
	Block          string // whose, or ""
	At             time.Time
	Content        Content
}

func scanVersion(s db.Scanner) (Version, error) {
	var v Version
	var at int64
	var what, content string
	if err := s.Scan(&v.Number, &v.Parent, &what, &at, &content); err != nil {
		return v, err
	}
	v.What, v.Block = splitWhat(what)
	v.At = db.Time(at)
	return v, json.Unmarshal([]byte(content), &v.Content)
}

func getVersion(ctx context.Context, d db.DB, page int64, number int) (Version, error) {
	v, err := scanVersion(d.QueryRow(ctx, `SELECT number, parent, what, at, content FROM page_version WHERE page = $1 AND number = $2`, page, number))
	if errors.Is(err, db.ErrNotFound) {
		return v, errNoVersion()
	}
	return v, err
}

func listVersions(ctx context.Context, d db.DB, page int64) ([]Version, error) {
	return db.Select(ctx, d, scanVersion, `SELECT number, parent, what, at, content FROM page_version WHERE page = $1 ORDER BY number DESC`, page)
}

// lastNumber gives the number of the newest state.
func lastNumber(ctx context.Context, d db.DB, page int64) (int, error) {
	return db.One[int](d.QueryRow(ctx, `SELECT COALESCE(max(number), 0) FROM page_version WHERE page = $1`, page))
}

// newestChild gives the number of the newest state that came of another, 0 for none.
func newestChild(ctx context.Context, d db.DB, page int64, parent int) (int, error) {
	return db.One[int](d.QueryRow(ctx, `SELECT COALESCE(max(number), 0) FROM page_version WHERE page = $1 AND parent = $2 AND number <> $2`, page, parent))
}

// hasVersion reports whether a state is still kept.
func hasVersion(ctx context.Context, d db.DB, page int64, number int) (bool, error) {
	return db.Exists(ctx, d, `SELECT 1 FROM page_version WHERE page = $1 AND number = $2`, page, number)
}

func saveVersion(ctx context.Context, tx *db.Tx, page int64, v Version) error {
	content, err := json.Marshal(v.Content)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO page_version (page, number, parent, what, at, content) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (page, number) DO UPDATE SET at = excluded.at, content = excluded.content`,
		page, v.Number, v.Parent, joinWhat(v.What, v.Block), db.Micros(v.At), string(content))
	return err
}

// deleteVersions forgets the states up to a number, but for the one that is shown.
func deleteVersions(ctx context.Context, tx *db.Tx, page int64, upTo, shown int) error {
	_, err := tx.Exec(ctx, `DELETE FROM page_version WHERE page = $1 AND number <= $2 AND number <> $3`, page, upTo, shown)
	return err
}
