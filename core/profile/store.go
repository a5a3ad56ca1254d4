package profile

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/osier-passport/osier/core/db"
)

func fieldsOf(ctx context.Context, d db.DB, person int64) ([]Field, error) {
	list, err := db.Select(ctx, d, func(s db.Scanner) (Field, error) {
		var f Field
		err := s.Scan(&f.Kind, &f.Value, &f.Audience)
		return f, err
	}, `SELECT kind, value, audience FROM profile_field WHERE person = $1`, person)
	slices.SortFunc(list, func(a, b Field) int { return slices.Index(Kinds, a.Kind) - slices.Index(Kinds, b.Kind) })
	return list, err
}

func replaceFields(ctx context.Context, tx *db.Tx, person int64, list []Field) error {
	if err := deleteFields(ctx, tx, person); err != nil {
		return err
	}
	for _, f := range list {
		_, err := tx.Exec(ctx, `INSERT INTO profile_field (person, kind, value, audience) VALUES ($1, $2, $3, $4)`, person, f.Kind, f.Value, f.Audience)
		if err != nil {
			return err
		}
	}
	return nil
}

func deleteFields(ctx context.Context, tx *db.Tx, person int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM profile_field WHERE person = $1`, person)
	return err
}

func linksOf(ctx context.Context, d db.DB, person int64) ([]string, error) {
	return db.Select(ctx, d, db.One[string], `SELECT url FROM profile_link WHERE person = $1 ORDER BY url`, person)
}

func linkStates(ctx context.Context, d db.DB, person int64) ([]LinkState, error) {
	return db.Select(ctx, d, func(s db.Scanner) (LinkState, error) {
		var l LinkState
		var checked, verified int64
		err := s.Scan(&l.URL, &checked, &verified)
		l.Checked, l.Verified = db.Time(checked), db.Time(verified)
		return l, err
	}, `SELECT url, checked_at, verified_at FROM profile_link WHERE person = $1 ORDER BY url`, person)
}

// verifiedLinks gives the addresses that led back, and when they last did.
func verifiedLinks(ctx context.Context, d db.DB, person int64) (map[string]time.Time, error) {
	list, err := linkStates(ctx, d, person)
	out := map[string]time.Time{}
	for _, l := range list {
		if !l.Verified.IsZero() {
			out[l.URL] = l.Verified
		}
	}
	return out, err
}

func insertLink(ctx context.Context, tx *db.Tx, person int64, url string, next time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO profile_link (person, url, next_check) VALUES ($1, $2, $3)`, person, url, db.Micros(next))
	return err
}

func deleteLink(ctx context.Context, tx *db.Tx, person int64, url string) error {
	_, err := tx.Exec(ctx, `DELETE FROM profile_link WHERE person = $1 AND url = $2`, person, url)
	return err
}

// updateLink notes what a page said just now.
func updateLink(ctx context.Context, tx *db.Tx, l linkPayload, back bool) error {
	now := db.Micros(tx.Now())
	verified := int64(0)
	if back {
		verified = now
	}
	_, err := tx.Exec(ctx, `UPDATE profile_link SET checked_at = $3, verified_at = $4 WHERE person = $1 AND url = $2`, l.Person, l.URL, now, verified)
	return err
}

// expireLink notes that a page could not be had: what it said before the time until
// counts no more.
func expireLink(ctx context.Context, tx *db.Tx, l linkPayload, until time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE profile_link SET checked_at = $3, verified_at = CASE WHEN verified_at < $4 THEN 0 ELSE verified_at END
		WHERE person = $1 AND url = $2`, l.Person, l.URL, db.Micros(tx.Now()), db.Micros(until))
	return err
}

func updateNextCheck(ctx context.Context, tx *db.Tx, person int64, url string, next time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE profile_link SET next_check = $3 WHERE person = $1 AND url = $2`, person, url, db.Micros(next))
	return err
}

// dueLinks gives links whose time has come, the longest due before the others.
func dueLinks(ctx context.Context, d db.DB, now time.Time, limit int) ([]linkPayload, error) {
	return db.Select(ctx, d, func(s db.Scanner) (linkPayload, error) {
		var l linkPayload
		err := s.Scan(&l.Person, &l.URL)
		return l, err
	}, `SELECT person, url FROM profile_link WHERE next_check <= $1 ORDER BY next_check LIMIT $2`, db.Micros(now), limit)
}

func pinsOf(ctx context.Context, d db.DB, person int64) ([]int64, error) {
	return db.Select(ctx, d, db.One[int64], `SELECT badge FROM profile_pin WHERE person = $1 ORDER BY place, badge`, person)
}

func replacePins(ctx context.Context, tx *db.Tx, person int64, list []int64) error {
	if err := deletePins(ctx, tx, person); err != nil {
		return err
	}
	for i, id := range list {
		_, err := tx.Exec(ctx, `INSERT INTO profile_pin (person, badge, place) VALUES ($1, $2, $3)`, person, id, i)
		if err != nil {
			return err
		}
	}
	return nil
}

func deletePins(ctx context.Context, tx *db.Tx, person int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM profile_pin WHERE person = $1`, person)
	return err
}

func deletePinsOf(ctx context.Context, tx *db.Tx, badge int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM profile_pin WHERE badge = $1`, badge)
	return err
}

func credentialsOf(ctx context.Context, d db.DB, person int64) (bool, error) {
	yes, err := db.One[bool](d.QueryRow(ctx, `SELECT credentials FROM profile_choice WHERE person = $1`, person))
	if errors.Is(err, db.ErrNotFound) {
		return false, nil
	}
	return yes, err
}

func upsertCredentials(ctx context.Context, tx *db.Tx, person int64, yes bool) error {
	_, err := tx.Exec(ctx, `INSERT INTO profile_choice (person, credentials) VALUES ($1, $2)
		ON CONFLICT (person) DO UPDATE SET credentials = excluded.credentials`, person, yes)
	return err
}

// deleteAll deletes everything about a person here.
func deleteAll(ctx context.Context, tx *db.Tx, person int64) error {
	for _, q := range []string{
		`DELETE FROM profile_field WHERE person = $1`, `DELETE FROM profile_link WHERE person = $1`,
		`DELETE FROM profile_pin WHERE person = $1`, `DELETE FROM profile_block WHERE person = $1`, `DELETE FROM profile_block_badge WHERE person = $1`,
		`DELETE FROM profile_choice WHERE person = $1`,
	} {
		if _, err := tx.Exec(ctx, q, person); err != nil {
			return err
		}
	}
	return nil
}
