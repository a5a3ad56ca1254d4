package social

import (
	"context"
	"errors"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
)

// SourceOf gives the id of the source that stands for a person or a class, and
// makes it when it is new.
func SourceOf(ctx context.Context, tx *db.Tx, k Kind, object int64) (int64, error) {
	_, err := tx.Exec(ctx, `INSERT INTO source (id, kind, object) VALUES ($1, $2, $3) ON CONFLICT (kind, object) DO NOTHING`, tx.NewID(), k, object)
	if err != nil {
		return 0, err
	}
	return findSource(ctx, tx, k, object)
}

func findSource(ctx context.Context, d db.DB, k Kind, object int64) (int64, error) {
	var id int64
	err := d.QueryRow(ctx, `SELECT id FROM source WHERE kind = $1 AND object = $2`, k, object).Scan(&id)
	return id, err
}

func insertFollow(ctx context.Context, tx *db.Tx, follower, src int64, since time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO follow (follower, src, since) VALUES ($1, $2, $3) ON CONFLICT (follower, src) DO NOTHING`,
		follower, src, db.Micros(since))
	if err != nil || n == 0 {
		return false, err
	}
	return true, addFollower(ctx, tx, follower, src, 1)
}

func deleteFollow(ctx context.Context, tx *db.Tx, follower, src int64) (bool, error) {
	n, err := tx.Exec(ctx, `DELETE FROM follow WHERE follower = $1 AND src = $2`, follower, src)
	if err != nil || n == 0 {
		return false, err
	}
	return true, addFollower(ctx, tx, follower, src, -1)
}

// addFollower keeps the counters on both sides.
func addFollower(ctx context.Context, tx *db.Tx, follower, src int64, by int) error {
	_, err := tx.Exec(ctx, `UPDATE source SET followers = followers + $2 WHERE id = $1`, src, by)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE person SET follows = follows + $2 WHERE id = $1`, follower, by)
	return err
}

func getStanding(ctx context.Context, d db.DB, viewer int64, k Kind, object int64) (Standing, error) {
	var st Standing
	err := d.QueryRow(ctx, `SELECT s.followers, EXISTS (SELECT 1 FROM follow f WHERE f.follower = $1 AND f.src = s.id)
		FROM source s WHERE s.kind = $2 AND s.object = $3`, viewer, k, object).Scan(&st.Followers, &st.Following)
	if err != nil && !errors.Is(err, db.ErrNotFound) || k != Person || viewer == 0 {
		return st, ignoreAbsent(err)
	}
	err = d.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM follow_request WHERE person = $1 AND follower = $2)`, object, viewer).Scan(&st.Asked)
	return st, err
}

func ignoreAbsent(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	return err
}

func countFollowing(ctx context.Context, d db.DB, person int64) (int, error) {
	var n int
	err := d.QueryRow(ctx, `SELECT follows FROM person WHERE id = $1`, person).Scan(&n)
	return n, err
}

func insertComment(ctx context.Context, tx *db.Tx, c Comment) error {
	_, err := tx.Exec(ctx, `INSERT INTO comment (id, public_id, class, badge, person, body, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		c.ID, c.PublicID, c.Class, c.Badge, c.Author.ID, c.Body, db.Micros(c.CreatedAt))
	return err
}

// earlierComment gives an id that a comment of an earlier time could have had: lists of
// comments are in the order of their ids.
func earlierComment(ctx context.Context, tx *db.Tx, at time.Time) (int64, error) {
	for id := max(1, db.IDAt(at)); ; id++ {
		taken, err := db.Exists(ctx, tx, `SELECT 1 FROM comment WHERE id = $1 UNION ALL SELECT 1 FROM comment_gap WHERE id = $1`, id)
		if err != nil || !taken {
			return id, err
		}
	}
}

// listComments gives the comments on a class, or on one badge of it. The pluses keep SQLite
// to the index of the other column: comments on a class all have the badge 0.
func listComments(ctx context.Context, d db.DB, viewer int64, on subject, p part) ([]Comment, error) {
	return db.Select(ctx, d, func(s db.Scanner) (Comment, error) {
		var c Comment
		var at int64
		err := s.Scan(&c.ID, &c.PublicID, &c.Class, &c.Author.ID, &c.Author.Handle, &c.Author.Name, &c.Author.Picture, &c.Body, &at)
		c.CreatedAt = db.Time(at)
		return c, err
	}, `SELECT * FROM (SELECT c.id AS id, c.public_id, c.class, p.id AS author, p.handle, p.name, p.picture, c.body, c.created_at
			FROM comment c JOIN person p ON p.id = c.person
			WHERE CAST($5 AS BIGINT) = 0 AND c.class = $1 AND +c.badge = 0 AND (CAST($2 AS BIGINT) = 0 OR c.id < $2) AND NOT c.hidden AND `+account.ShownSQL("p", 4)+` ORDER BY c.id DESC LIMIT $3) said
		UNION ALL SELECT * FROM (SELECT c.id AS id, c.public_id, c.class, p.id, p.handle, p.name, p.picture, c.body, c.created_at
			FROM comment c JOIN person p ON p.id = c.person
			WHERE CAST($5 AS BIGINT) > 0 AND c.badge = $5 AND +c.class = $1 AND (CAST($2 AS BIGINT) = 0 OR c.id < $2) AND NOT c.hidden AND `+account.ShownSQL("p", 4)+` ORDER BY c.id DESC LIMIT $3) about
		UNION ALL SELECT * FROM (SELECT g.id AS id, '', g.class, 0, '', '', '', '', g.at
			FROM comment_gap g WHERE g.class = $1 AND CAST($5 AS BIGINT) = 0 AND (CAST($2 AS BIGINT) = 0 OR g.id < $2) ORDER BY g.id DESC LIMIT $3) gap
		ORDER BY id DESC LIMIT $3`, on.class, p.before, p.limit, viewer, on.badge)
}

func deleteComment(ctx context.Context, tx *db.Tx, person int64, admin bool, publicID string) (int64, error) {
	var id int64
	err := tx.QueryRow(ctx, `DELETE FROM comment WHERE public_id = $1
		AND (person = $2 OR $3 OR badge IN (SELECT b.id FROM badge b WHERE b.person = $2)) RETURNING id`, publicID, person, admin).Scan(&id)
	return id, err
}

func deleteCommentsOn(ctx context.Context, tx *db.Tx, class int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM comment WHERE class = $1`, class)
	return err
}

func dropFollows(ctx context.Context, tx *db.Tx, src int64) error {
	_, err := tx.Exec(ctx, `UPDATE person SET follows = follows - 1 WHERE id IN (SELECT follower FROM follow WHERE src = $1)`, src)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM follow WHERE src = $1`, src)
	return err
}

func deleteSource(ctx context.Context, tx *db.Tx, src int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM source WHERE id = $1`, src)
	return err
}

// followed is a row of what a person follows, or of who follows them. What it is
// goes by names that other sites know too, so that it can be found again there.
type followed struct {
	Kind    Kind   `json:"kind"`
	Name    string `json:"name"`
	ID      string `json:"id,omitempty"` // of a person
	Issuer  string `json:"issuerId,omitempty"`
	ClassID string `json:"achievementId,omitempty"`
	Since   string `json:"since"`
}

// visibleClass is the condition that the person $1 may know of the badge class
// c: what was hidden since has no name in their data any more.
var visibleClass = badge.SomeSQL("c.id", 1)

func listFollowed(ctx context.Context, d db.DB, person int64) ([]followed, error) {
	return db.Select(ctx, d, func(s db.Scanner) (followed, error) {
		var f followed
		var since int64
		err := s.Scan(&f.Kind, &f.Name, &f.ID, &f.Issuer, &f.ClassID, &since)
		f.Since = db.Time(since).Format(time.RFC3339)
		return f, err
	}, `SELECT s.kind, COALESCE(p.handle, c.name, ''), COALESCE(p.public_id, ''), COALESCE(i.wire_id, ''), COALESCE(c.wire_id, ''), f.since
		FROM follow f JOIN source s ON s.id = f.src
		LEFT JOIN person p ON s.kind = 'person' AND p.id = s.object AND `+account.ShownSQL("p", 1)+`
		LEFT JOIN badge_class c ON s.kind = 'class' AND c.id = s.object AND `+visibleClass+`
		LEFT JOIN issuer i ON i.id = c.issuer
		WHERE f.follower = $1 ORDER BY f.since`, person)
}

func listFollowers(ctx context.Context, d db.DB, person int64) ([]followed, error) {
	return db.Select(ctx, d, func(s db.Scanner) (followed, error) {
		f := followed{Kind: Person}
		var since int64
		err := s.Scan(&f.Name, &since)
		f.Since = db.Time(since).Format(time.RFC3339)
		return f, err
	}, `SELECT p.handle, f.since FROM follow f JOIN source s ON s.id = f.src JOIN person p ON p.id = f.follower
		WHERE s.kind = 'person' AND s.object = $1 AND `+account.ShownSQL("p", 1)+` ORDER BY f.since`, person)
}

func listOwnComments(ctx context.Context, d db.DB, person int64) ([]ownComment, error) {
	return db.Select(ctx, d, func(s db.Scanner) (ownComment, error) {
		var c ownComment
		var at int64
		err := s.Scan(&c.Badge, &c.Issuer, &c.ClassID, &c.Text, &at)
		c.At = db.Time(at)
		return c, err
	}, `SELECT COALESCE(c.name, ''), COALESCE(i.wire_id, ''), COALESCE(c.wire_id, ''), m.body, m.created_at FROM comment m
		LEFT JOIN badge_class c ON c.id = m.class AND `+visibleClass+` LEFT JOIN issuer i ON i.id = c.issuer
		WHERE m.person = $1 ORDER BY m.id`, person)
}

func ownCommentIDs(ctx context.Context, tx *db.Tx, person int64) ([]int64, error) {
	return db.Select(ctx, tx, db.One[int64], `SELECT id FROM comment WHERE person = $1`, person)
}

func deleteOwnComments(ctx context.Context, tx *db.Tx, person int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM comment WHERE person = $1`, person)
	return err
}

func ownSources(ctx context.Context, tx *db.Tx, person int64) ([]int64, error) {
	return db.Select(ctx, tx, db.One[int64], `SELECT src FROM follow WHERE follower = $1`, person)
}
