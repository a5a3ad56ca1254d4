package connect

import (
	"context"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/secret"
)

// grant is a row of oauth_grant.
type grant struct {
	id, person            int64
	client                string
	scopes                []string
	redirect, challenge   string
	refresh               []byte
	createdAt, redeemedAt time.Time
	usedAt, endsAt        time.Time
}

const grantColumns = `id, person, client, scopes, redirect, challenge, refresh_hash, created_at, redeemed_at, used_at, ends_at`

func scanGrant(s db.Scanner) (grant, error) {
	var g grant
	var scopes string
	var created, redeemed, used, ends int64
	err := s.Scan(&g.id, &g.person, &g.client, &scopes, &g.redirect, &g.challenge, &g.refresh, &created, &redeemed, &used, &ends)
	g.scopes = strings.Fields(scopes)
	g.createdAt, g.redeemedAt, g.usedAt, g.endsAt = db.Time(created), db.Time(redeemed), db.Time(used), db.Time(ends)
	return g, err
}

// insertGrant keeps what a person allowed, unless the person or the app is gone.
func insertGrant(ctx context.Context, tx *db.Tx, person int64, r Request, code []byte) (int64, error) {
	now := tx.Now()
	return tx.Exec(ctx, `INSERT INTO oauth_grant (id, person, client, scopes, code_hash, redirect, challenge, created_at, used_at, ends_at)
		SELECT $1, p.id, c.id, $4, $5, $6, $7, $8, $8, $9 FROM person p, oauth_client c WHERE p.id = $2 AND NOT p.disabled AND c.id = $3`,
		tx.NewID(), person, r.Client.ID, strings.Join(r.Scopes, " "), code, r.Redirect, r.Challenge, db.Micros(now), db.Micros(now.Add(codeFor)))
}

// trimGrants ends what a person allowed an app the longest ago, beyond its most.
func trimGrants(ctx context.Context, tx *db.Tx, person int64, client string) error {
	_, err := tx.Exec(ctx, `DELETE FROM oauth_grant WHERE person = $1 AND client = $2 AND id NOT IN
		(SELECT id FROM oauth_grant WHERE person = $1 AND client = $2 ORDER BY used_at DESC, id DESC LIMIT $3)`, person, client, grantsMost-1)
	return err
}

func grantOfCode(ctx context.Context, tx *db.Tx, code []byte) (grant, error) {
	return scanGrant(tx.QueryRow(ctx, `SELECT `+grantColumns+` FROM oauth_grant WHERE code_hash = $1`, code))
}

func grantOfFamily(ctx context.Context, tx *db.Tx, family []byte) (grant, error) {
	return scanGrant(tx.QueryRow(ctx, `SELECT `+grantColumns+` FROM oauth_grant WHERE family_hash = $1 AND family_hash IS NOT NULL`, family))
}

// redeemGrant uses the code of a grant up; of several who try, one changes a row.
func redeemGrant(ctx context.Context, tx *db.Tx, g grant, family []byte) (int64, error) {
	if _, err := tx.Exec(ctx, `UPDATE oauth_client SET used_at = $2 WHERE id = $1`, g.client, db.Micros(tx.Now())); err != nil {
		return 0, err
	}
	return tx.Exec(ctx, `UPDATE oauth_grant SET redeemed_at = $2, used_at = $2, ends_at = $3, family_hash = $4
		WHERE id = $1 AND redeemed_at = 0 AND EXISTS (SELECT 1 FROM person p WHERE p.id = oauth_grant.person AND NOT p.disabled)`,
		g.id, db.Micros(tx.Now()), db.Micros(g.endsAt), family)
}

func updateRefresh(ctx context.Context, tx *db.Tx, g grant, refresh []byte) error {
	_, err := tx.Exec(ctx, `UPDATE oauth_grant SET refresh_hash = $2, used_at = $3, ends_at = $4 WHERE id = $1`,
		g.id, refresh, db.Micros(tx.Now()), db.Micros(g.endsAt))
	return err
}

// insertToken keeps an access token of a grant.
func insertToken(ctx context.Context, tx *db.Tx, g grant, t Tokens) error {
	_, err := tx.Exec(ctx, `INSERT INTO oauth_token (token_hash, allowed, scopes, ends_at) VALUES ($1, $2, $3, $4)`,
		secret.Hash(t.Access), g.id, t.Scope, db.Micros(tx.Now().Add(tokenFor)))
	return err
}

func deleteToken(ctx context.Context, tx *db.Tx, hash []byte, client string) error {
	_, err := tx.Exec(ctx, `DELETE FROM oauth_token WHERE token_hash = $1
		AND EXISTS (SELECT 1 FROM oauth_grant g WHERE g.id = oauth_token.allowed AND g.client = $2)`, hash, client)
	return err
}

func deleteGrant(ctx context.Context, tx *db.Tx, id int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM oauth_grant WHERE id = $1`, id)
	return err
}

func deleteGrantsOf(ctx context.Context, tx *db.Tx, person int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM oauth_grant WHERE person = $1`, person)
	return err
}

func deleteGrantsOfDisabled(ctx context.Context, tx *db.Tx, person int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM oauth_grant WHERE person = $1 AND EXISTS (SELECT 1 FROM person p WHERE p.id = $1 AND p.disabled)`, person)
	return err
}

func deleteGrantsFor(ctx context.Context, tx *db.Tx, person int64, client string) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM oauth_grant WHERE person = $1 AND client = $2`, person, client)
}

// bearerOf finds a token that counts: its time, its grant's and its person's account.
func bearerOf(ctx context.Context, d db.DB, hash []byte, now time.Time) (Bearer, error) {
	var b Bearer
	var scopes string
	var used int64
	err := d.QueryRow(ctx, `SELECT g.person, g.client, t.scopes, g.id, g.used_at FROM oauth_token t JOIN oauth_grant g ON g.id = t.allowed
		JOIN person p ON p.id = g.person WHERE t.token_hash = $1 AND t.ends_at > $2 AND g.ends_at > $2 AND NOT p.disabled`, hash, db.Micros(now)).
		Scan(&b.Person, &b.Client, &scopes, &b.grant, &used)
	b.Scopes, b.used = strings.Fields(scopes), db.Time(used)
	return b, err
}

func touchGrant(ctx context.Context, tx *db.Tx, b Bearer) error {
	_, err := tx.Exec(ctx, `UPDATE oauth_grant SET used_at = $2 WHERE id = $1`, b.grant, db.Micros(tx.Now()))
	return err
}

// allowed is what a person allowed an app, on one device.
type allowed struct {
	grant

	name  string
	known bool
}

// listGrants gives what a person allowed and what still holds, the last used first.
func listGrants(ctx context.Context, d db.DB, person int64, now time.Time) ([]allowed, error) {
	return db.Select(ctx, d, func(s db.Scanner) (allowed, error) {
		var a allowed
		var scopes string
		var created, used, ends int64
		err := s.Scan(&a.client, &scopes, &created, &used, &ends, &a.name, &a.known)
		a.scopes, a.createdAt, a.usedAt, a.endsAt = strings.Fields(scopes), db.Time(created), db.Time(used), db.Time(ends)
		return a, err
	}, `SELECT g.client, g.scopes, g.created_at, g.used_at, g.ends_at, c.name, c.known FROM oauth_grant g JOIN oauth_client c ON c.id = g.client
		WHERE g.person = $1 AND g.redeemed_at > 0 AND g.ends_at > $2 ORDER BY g.used_at DESC, g.id DESC`, person, db.Micros(now))
}

// sweep deletes what has ended, and apps that registered themselves and are let in
// by nobody.
func sweep(ctx context.Context, tx *db.Tx, now time.Time) error {
	for _, q := range []string{`DELETE FROM oauth_grant WHERE ends_at <= $1`, `DELETE FROM oauth_token WHERE ends_at <= $1`} {
		if _, err := tx.Exec(ctx, q, db.Micros(now)); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `DELETE FROM oauth_client WHERE NOT known AND used_at <= $1
		AND NOT EXISTS (SELECT 1 FROM oauth_grant g WHERE g.client = oauth_client.id)`, db.Micros(now.Add(-unusedIn)))
	return err
}
