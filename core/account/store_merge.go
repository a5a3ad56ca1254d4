package account

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// mergeEmails joins two lists of addresses: of one that both list the confirmed
// row stays, and the primary address is the one that into has confirmed, else
// that of from.
func mergeEmails(ctx context.Context, tx *db.Tx, from, into int64) error {
	const twins = `SELECT e.id FROM email e JOIN email o ON o.address_key = e.address_key AND o.person = $2 WHERE e.person = $1 AND (e.confirmed_at = 0 OR o.confirmed_at > 0)`
	for _, pair := range [][2]int64{{from, into}, {into, from}} {
		if _, err := tx.Exec(ctx, `DELETE FROM email_token WHERE email IN (`+twins+`)`, pair[0], pair[1]); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM email WHERE id IN (`+twins+`)`, pair[0], pair[1]); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `UPDATE email SET is_primary = FALSE WHERE person = CASE
		WHEN EXISTS (SELECT 1 FROM email p WHERE p.person = $2 AND p.is_primary AND p.confirmed_at > 0)
			OR NOT EXISTS (SELECT 1 FROM email p WHERE p.person = $1 AND p.is_primary AND p.confirmed_at > 0)
				AND EXISTS (SELECT 1 FROM email p WHERE p.person = $2 AND p.is_primary) THEN $1 ELSE $2 END`, from, into)
	return err
}

// goesBefore compares a guardian g with the row of guardian: who answers for the
// person goes before who has only been asked, and who did so first goes before the
// other. One that a person under age named later, perhaps themselves at another
// address, takes nobody's place.
const goesBefore = `(g.confirmed_at > 0 AND (guardian.confirmed_at = 0 OR g.confirmed_at <= guardian.confirmed_at)
	OR g.confirmed_at = 0 AND guardian.confirmed_at = 0 AND g.asked_at <= guardian.asked_at)`

// moveAccount gives a person's rows to another account of theirs.
func moveAccount(ctx context.Context, tx *db.Tx, from, into int64) error {
	for _, q := range []string{
		`UPDATE email SET person = $2 WHERE person = $1`,
		`UPDATE email_token SET person = $2 WHERE person = $1`,
		`UPDATE address_proof SET person = $2 WHERE person = $1`,
		`UPDATE identity SET person = $2 WHERE person = $1`,
		`UPDATE passkey SET person = $2 WHERE person = $1`,
		`UPDATE preference SET person = $2 WHERE person = $1 AND NOT EXISTS (SELECT 1 FROM preference p WHERE p.person = $2)`,
		`DELETE FROM guardian WHERE person = $1 AND EXISTS (SELECT 1 FROM guardian g WHERE g.person = $2 AND ` + goesBefore + `)`,
		`DELETE FROM guardian WHERE person = $2 AND EXISTS (SELECT 1 FROM guardian g WHERE g.person = $1)`,
		`UPDATE guardian SET person = $2 WHERE person = $1`,
		`INSERT INTO consent (person, kind, version, at) SELECT CAST($2 AS BIGINT), kind, version, at FROM consent WHERE person = $1 ON CONFLICT (person, kind, version) DO NOTHING`,
		`INSERT INTO answer (person, question, value, at) SELECT CAST($2 AS BIGINT), question, value, at FROM answer WHERE person = $1 ON CONFLICT (person, question) DO NOTHING`,
		`INSERT INTO block (person, blocked, at) SELECT CAST($2 AS BIGINT), blocked, at FROM block WHERE person = $1 AND blocked <> $2 ON CONFLICT (person, blocked) DO NOTHING`,
		`INSERT INTO block (person, blocked, at) SELECT person, CAST($2 AS BIGINT), at FROM block WHERE blocked = $1 AND person <> $2 ON CONFLICT (person, blocked) DO NOTHING`,
		`UPDATE person SET under_age = TRUE WHERE id = $2 AND EXISTS (SELECT 1 FROM person o WHERE o.id = $1 AND o.under_age)`,
		`UPDATE person SET hidden_at = (SELECT max(hidden_at) FROM person WHERE id IN ($1, $2)) WHERE id = $2`,
		`UPDATE invitation SET maker = $2 WHERE maker = $1`,
		`UPDATE invitation_use SET person = $2 WHERE person = $1 AND NOT EXISTS (SELECT 1 FROM invitation_use u WHERE u.person = $2)`,
		`UPDATE oidc_state SET person = $2 WHERE person = $1`,
		`UPDATE old_handle SET person = $2 WHERE person = $1`,
		`UPDATE password SET person = $2 WHERE person = $1 AND NOT EXISTS (SELECT 1 FROM password p WHERE p.person = $2)`,
		`UPDATE person SET role_given = 'admin' WHERE id = $2 AND EXISTS (SELECT 1 FROM person o WHERE o.id = $1 AND o.role_given = 'admin')`,
		`UPDATE person_day SET day = (SELECT max(day) FROM person_day WHERE person IN ($1, $2)) WHERE person = $2`,
		`UPDATE person SET created_at = (SELECT min(created_at) FROM person WHERE id IN ($1, $2)) WHERE id = $2`,
	} {
		if _, err := tx.Exec(ctx, q, from, into); err != nil {
			return err
		}
	}
	return nil
}

// endMerged deletes what is left of an account that was merged, and keeps its handle.
func endMerged(ctx context.Context, tx *db.Tx, old, into Person) error {
	for _, q := range []string{
		`DELETE FROM password WHERE person = $1`,
		`DELETE FROM preference WHERE person = $1`,
		`DELETE FROM guardian WHERE person = $1`,
		`DELETE FROM consent WHERE person = $1`,
		`DELETE FROM answer WHERE person = $1`,
		`DELETE FROM block WHERE person = $1 OR blocked = $1`,
		`DELETE FROM recovery_code WHERE person = $1`,
		`DELETE FROM oidc_session WHERE person = $1`,
		`DELETE FROM entry WHERE person = $1`,
		`DELETE FROM invitation_use WHERE person = $1`,
		`DELETE FROM session WHERE person = $1`,
		`DELETE FROM person_word WHERE person = $1`,
		`DELETE FROM person_day WHERE person = $1`,
		`DELETE FROM person WHERE id = $1`,
	} {
		if _, err := tx.Exec(ctx, q, old.ID); err != nil {
			return err
		}
	}
	return insertOldHandle(ctx, tx, old.Handle, into.ID)
}
