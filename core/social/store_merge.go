package social

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// move is a person with the source that stands for them, and who they become.
type move struct{ from, into, oldSrc, newSrc int64 }

func moveFollows(ctx context.Context, tx *db.Tx, m move) error {
	_, err := tx.Exec(ctx, `DELETE FROM follow WHERE follower = $1 AND src IN ($3, $4) OR follower = $2 AND src IN ($3, $4)`,
		m.from, m.into, m.oldSrc, m.newSrc)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO follow (follower, src, since) SELECT CAST($2 AS BIGINT), src, since FROM follow WHERE follower = $1
		ON CONFLICT (follower, src) DO UPDATE SET since = CASE WHEN excluded.since < follow.since THEN excluded.since ELSE follow.since END`, m.from, m.into); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO follow (follower, src, since) SELECT follower, CAST($2 AS BIGINT), since FROM follow WHERE src = $1
		ON CONFLICT (follower, src) DO UPDATE SET since = CASE WHEN excluded.since < follow.since THEN excluded.since ELSE follow.since END`, m.oldSrc, m.newSrc); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM follow WHERE follower = $1 OR src = $2`, m.from, m.oldSrc)
	return err
}

// moveRequests moves wishes to follow, but for those that are follows already or
// would be of oneself.
func moveRequests(ctx context.Context, tx *db.Tx, m move) error {
	for _, q := range []string{
		`INSERT INTO follow_request (person, follower, at) SELECT CAST($2 AS BIGINT), follower, at FROM follow_request WHERE person = $1 AND follower <> $2
			ON CONFLICT (person, follower) DO NOTHING`,
		`INSERT INTO follow_request (person, follower, at) SELECT person, CAST($2 AS BIGINT), at FROM follow_request WHERE follower = $1 AND person <> $2
			ON CONFLICT (person, follower) DO NOTHING`,
		`DELETE FROM follow_request WHERE person = $1 OR follower = $1 OR person = $2 AND follower = $2`,
	} {
		if _, err := tx.Exec(ctx, q, m.from, m.into); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `DELETE FROM follow_request WHERE (follower = $1 OR person = $1) AND EXISTS (SELECT 1 FROM follow f JOIN source s ON s.id = f.src
		WHERE f.follower = follow_request.follower AND s.kind = 'person' AND s.object = follow_request.person)`, m.into)
	return err
}

// rebindComments gives what was said about a badge to the badge that it was
// joined with.
func rebindComments(ctx context.Context, tx *db.Tx, from, into int64) error {
	_, err := tx.Exec(ctx, `UPDATE comment SET badge = $2 WHERE badge = $1`, from, into)
	return err
}

func moveComments(ctx context.Context, tx *db.Tx, from, into int64) error {
	_, err := tx.Exec(ctx, `UPDATE comment SET person = $2 WHERE person = $1`, from, into)
	return err
}

// recountFollows writes the counters of all that the moved follows touch.
func recountFollows(ctx context.Context, tx *db.Tx, m move) error {
	_, err := tx.Exec(ctx, `UPDATE source SET followers = (SELECT count(*) FROM follow f WHERE f.src = source.id)
		WHERE id = $2 OR id IN (SELECT src FROM follow WHERE follower = $1)`, m.into, m.newSrc)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE person SET follows = (SELECT count(*) FROM follow f WHERE f.follower = person.id)
		WHERE id = $1 OR id IN (SELECT follower FROM follow WHERE src = $2)`, m.into, m.newSrc)
	return err
}

// moveCheers gives the congratulations of a person to another account of theirs;
// nobody congratulates themselves.
func moveCheers(ctx context.Context, tx *db.Tx, from, into int64) error {
	for _, q := range []string{
		`DELETE FROM congratulation WHERE person IN ($1, $2) AND badge IN (SELECT id FROM badge WHERE person IN ($1, $2))`,
		`INSERT INTO congratulation (badge, person, at) SELECT badge, CAST($2 AS BIGINT), at FROM congratulation WHERE person = $1 ON CONFLICT (badge, person) DO NOTHING`,
	} {
		if _, err := tx.Exec(ctx, q, from, into); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `DELETE FROM congratulation WHERE person = $1`, from)
	return err
}

// rebindCheers gives the congratulations on a badge to the one that it is joined with.
func rebindCheers(ctx context.Context, tx *db.Tx, from, into int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO congratulation (badge, person, at) SELECT CAST($2 AS BIGINT), person, at FROM congratulation WHERE badge = $1
		ON CONFLICT (badge, person) DO NOTHING`, from, into)
	if err != nil {
		return err
	}
	return deleteCheersOn(ctx, tx, from)
}
