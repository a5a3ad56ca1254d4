package social

import (
	"context"
	"errors"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
)

// checkClass returns a fault NotFound for a class that is not there.
func checkClass(ctx context.Context, tx *db.Tx, class int64) error {
	there, err := db.Exists(ctx, tx, `SELECT 1 FROM badge_class WHERE id = $1`, class)
	if err == nil && !there {
		err = fault.New(fault.NotFound, "badge.error.class_not_found")
	}
	return err
}

// followRule gives who may follow a person. It returns a fault NotFound for a
// person whose profile the follower may not open.
func followRule(ctx context.Context, tx *db.Tx, follower, person int64) (string, error) {
	rule, err := db.One[string](tx.QueryRow(ctx, `SELECT COALESCE(c.follow_rule, 'everyone') FROM person p
		LEFT JOIN preference c ON c.person = p.id WHERE p.id = $2 AND `+account.ProfileSQL("p", 1), follower, person))
	if errors.Is(err, db.ErrNotFound) {
		return "", fault.New(fault.NotFound, "social.error.person_not_found")
	}
	return rule, err
}

// mayComment reports whether a person may comment on a badge: they see it, and
// its holder lets them.
func mayComment(ctx context.Context, d db.DB, person, badgeID int64) (bool, error) {
	return db.Exists(ctx, d, `SELECT 1 FROM badge b LEFT JOIN preference c ON c.person = b.person WHERE b.id = $2 AND `+badge.VisibleSQL("b", 1)+`
		AND (b.person = $1 OR COALESCE(c.comment_rule, 'members') = 'members' OR (c.comment_rule = 'followers' AND EXISTS (
			SELECT 1 FROM source s JOIN follow f ON f.src = s.id WHERE s.kind = 'person' AND s.object = b.person AND f.follower = $1)))`,
		person, badgeID)
}

func insertRequest(ctx context.Context, tx *db.Tx, person, follower int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO follow_request (person, follower, at) VALUES ($1, $2, $3) ON CONFLICT (person, follower) DO NOTHING`,
		person, follower, db.Micros(tx.Now()))
	return err
}

func deleteRequest(ctx context.Context, tx *db.Tx, person, follower int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM follow_request WHERE person = $1 AND follower = $2`, person, follower)
	return err
}

// takeRequest deletes a request: of several who answer it, one does.
func takeRequest(ctx context.Context, tx *db.Tx, person, follower int64) error {
	n, err := tx.Exec(ctx, `DELETE FROM follow_request WHERE person = $1 AND follower = $2`, person, follower)
	if err == nil && n == 0 {
		return db.ErrNotFound
	}
	return err
}

func deleteRequests(ctx context.Context, tx *db.Tx, person int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM follow_request WHERE person = $1 OR follower = $1`, person)
	return err
}

// listRequests gives who wants to follow a person, the first to ask first.
func listRequests(ctx context.Context, d db.DB, person int64) ([]Follower, error) {
	return db.Select(ctx, d, scanFollower, `SELECT p.id, p.handle, p.name, p.picture, r.at FROM follow_request r JOIN person p ON p.id = r.follower
		WHERE r.person = $1 AND `+account.ShownSQL("p", 1)+` ORDER BY r.at, p.id LIMIT 200`, person)
}

// listPeopleWho gives who follows a person, the last first.
func listPeopleWho(ctx context.Context, d db.DB, person int64, limit int) ([]Follower, error) {
	return db.Select(ctx, d, scanFollower, `SELECT p.id, p.handle, p.name, p.picture, f.since FROM source s JOIN follow f ON f.src = s.id
		JOIN person p ON p.id = f.follower WHERE s.kind = 'person' AND s.object = $1 AND `+account.ShownSQL("p", 1)+`
		ORDER BY f.since DESC, p.id LIMIT $2`, person, limit)
}

func scanFollower(s db.Scanner) (Follower, error) {
	var f Follower
	var at int64
	err := s.Scan(&f.ID, &f.Handle, &f.Name, &f.Picture, &at)
	f.Since = db.Time(at)
	return f, err
}

// Follower is a person who follows another, or wants to, since a time.
type Follower struct {
	Author

	Since time.Time
}

func nameOf(ctx context.Context, d db.DB, person int64) (Author, error) {
	a := Author{ID: person}
	err := d.QueryRow(ctx, `SELECT handle, name FROM person WHERE id = $1`, person).Scan(&a.Handle, &a.Name)
	return a, err
}

func deleteCommentsOnBadge(ctx context.Context, tx *db.Tx, badgeID int64) ([]int64, error) {
	return db.Select(ctx, tx, db.One[int64], `DELETE FROM comment WHERE badge = $1 RETURNING id`, badgeID)
}

func ruleOf(ctx context.Context, d db.DB, person int64) (string, error) {
	return db.One[string](d.QueryRow(ctx, `SELECT COALESCE(c.follow_rule, 'everyone') FROM person p LEFT JOIN preference c ON c.person = p.id
		WHERE p.id = $1`, person))
}
