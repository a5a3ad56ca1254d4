package badge

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/osier-passport/osier/core/db"
)

// updateAnonymised leaves the facts of a badge. That it was valid when it was
// checked last stands in valid_at and in the ledger; it cannot be checked any more.
func updateAnonymised(ctx context.Context, tx *db.Tx, b Badge, mark, equality string) error {
	_, err := tx.Exec(ctx, `UPDATE badge SET credential = $2, part = 0, inline = FALSE, frame = 0, received = '', carrier = '', filename = '', wire_id = '', thumbnail = '', issued_to = '', plain = FALSE,
		evidence = '[]', search = '', visibility = 'private', link_secret = '', link_at = 0, link_until = 0, next_check = 0, unreachable_since = 0,
		verdict = CASE WHEN verdict = 'valid' THEN 'unverifiable' ELSE verdict END, told = CASE WHEN verdict = 'valid' THEN 'unverifiable' ELSE verdict END,
		equality = $3, credential_mark = $4, anonymised_at = $5 WHERE id = $1`, b.ID, []byte{}, equality, mark, db.Micros(tx.Now()))
	return err
}

func getEquality(ctx context.Context, d db.DB, badge int64) (string, error) {
	return db.One[string](d.QueryRow(ctx, `SELECT equality FROM badge WHERE id = $1`, badge))
}

// getMark gives the keyed hash of the credential that an anonymised badge had.
func getMark(ctx context.Context, d db.DB, badge int64) (string, error) {
	return db.One[string](d.QueryRow(ctx, `SELECT credential_mark FROM badge WHERE id = $1`, badge))
}

// bareLedger leaves of every verification of a badge when it was and what each
// check found.
func bareLedger(ctx context.Context, tx *db.Tx, badge int64) error {
	type step struct {
		id     int64
		at     time.Time
		report StoredReport
	}
	list, err := db.Select(ctx, tx, func(s db.Scanner) (step, error) {
		var v step
		var text string
		var packed []byte
		var at int64
		err := s.Scan(&v.id, &at, &packed, &text)
		if err == nil {
			v.at = db.Time(at)
			v.report, err = reportOf(packed, text, v.at)
		}
		return v, err
	}, `SELECT id, at, packed, report FROM verification WHERE badge = $1`, badge)
	if err != nil {
		return err
	}
	for _, v := range list {
		packed, err := packReport(StoredReport{Checks: plainly(v.report.Checks)}, v.at)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE verification SET report = '', packed = $2 WHERE id = $1`, v.id, packed); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `DELETE FROM verification_document WHERE verification IN (SELECT id FROM verification WHERE badge = $1)`, badge)
	return err
}

// deleteImportsOf forgets how a badge came in.
func deleteImportsOf(ctx context.Context, tx *db.Tx, b Badge) error {
	_, err := tx.Exec(ctx, `DELETE FROM badge_import WHERE person = $1 AND badge = $2`, b.Person, b.PublicID)
	return err
}

// deleteStrangersRecord forgets the record that a badge came in, unless one of its
// badges is its holder's own, and gives the hash of its bytes, or "".
func deleteStrangersRecord(ctx context.Context, tx *db.Tx, badge int64) (string, error) {
	var id int64
	var received string
	err := tx.QueryRow(ctx, `DELETE FROM badge_record WHERE id = (SELECT record FROM badge WHERE id = $1)
		AND NOT EXISTS (SELECT 1 FROM badge b WHERE b.record = badge_record.id AND b.record > 0 AND NOT b.unclaimed) RETURNING id, received`, badge).Scan(&id, &received)
	if errors.Is(err, db.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if _, err := tx.Exec(ctx, `UPDATE badge SET record = 0 WHERE record = $1 AND record > 0`, id); err != nil {
		return "", err
	}
	_, err = tx.Exec(ctx, `UPDATE badge_import SET record = 0 WHERE record = $1 AND record > 0`, id)
	return received, err
}

// getWords gives the words of a class, in the order of updateWords.
func getWords(ctx context.Context, d db.DB, class int64) ([]string, error) {
	w := make([]string, 8)
	err := d.QueryRow(ctx, `SELECT wire_id, name, description, criteria_url, criteria, tags, alignments, search FROM badge_class WHERE id = $1`, class).
		Scan(&w[0], &w[1], &w[2], &w[3], &w[4], &w[5], &w[6], &w[7])
	return w, err
}

// updateWords writes the words of a class, which is not what its badges say any more.
func updateWords(ctx context.Context, tx *db.Tx, class int64, w []string) error {
	_, err := tx.Exec(ctx, `UPDATE badge_class SET wire_id = $2, name = $3, description = $4, criteria_url = $5, criteria = $6, tags = $7, alignments = $8,
		search = $9, content_hash = $10 WHERE id = $1`, class, w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7], fmt.Sprintf("redacted:%d", class))
	return err
}

// listCredentials gives the texts of all badges, a page at a time.
func listCredentials(ctx context.Context, d db.DB, after int64, limit int) ([]credentialRow, error) {
	return db.Select(ctx, d, scanCredential, `SELECT b.id, `+packedColumns+packedTables+`WHERE b.id > $1 ORDER BY b.id LIMIT $2`, after, limit)
}
