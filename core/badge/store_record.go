package badge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// record is a CLR that held badges came in.
type record struct {
	id, person            int64
	received              string // blob hash of the bytes as received
	carrier, filename     string
	title, issuer         string
	verdict               verify.Verdict
	report                StoredReport
	verifiedAt, createdAt time.Time
}

const recordColumns = `id, person, received, carrier, filename, title, issuer, verdict, report, verified_at, created_at`

func scanRecord(s db.Scanner) (record, error) {
	var r record
	var report string
	var verified, created int64
	err := s.Scan(&r.id, &r.person, &r.received, &r.carrier, &r.filename, &r.title, &r.issuer, &r.verdict, &report, &verified, &created)
	if err != nil {
		return record{}, err
	}
	r.verifiedAt, r.createdAt = db.Time(verified), db.Time(created)
	return r, json.Unmarshal([]byte(report), &r.report)
}

func insertRecord(ctx context.Context, tx *db.Tx, r record) error {
	report, err := json.Marshal(r.report)
	if err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO badge_record (id, person, received, carrier, filename, title, issuer, verdict, report, verified_at, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		r.id, r.person, r.received, r.carrier, r.filename, r.title, r.issuer, r.verdict, string(report), db.Micros(r.verifiedAt), db.Micros(r.createdAt))
	return err
}

// getRecordOf gives the record that a badge of the person's own came in.
func getRecordOf(ctx context.Context, d db.DB, person, badge int64) (record, error) {
	return scanRecord(d.QueryRow(ctx, `SELECT `+recordColumns+` FROM badge_record
		WHERE person = $1 AND id = (SELECT b.record FROM badge b WHERE b.id = $2 AND b.person = $1)`, person, badge))
}

func listRecords(ctx context.Context, d db.DB, person int64) ([]record, error) {
	return db.Select(ctx, d, scanRecord, `SELECT `+recordColumns+` FROM badge_record WHERE person = $1 ORDER BY id`, person)
}

// recordIn gives the id of the record that a badge came in, 0 for none.
func recordIn(ctx context.Context, d db.DB, badge int64) (int64, error) {
	return db.One[int64](d.QueryRow(ctx, `SELECT record FROM badge WHERE id = $1`, badge))
}

// deleteLoneRecord deletes a record that no badge and no import under way refers
// to, and gives the hash of its bytes, or "".
func deleteLoneRecord(ctx context.Context, tx *db.Tx, id int64) (string, error) {
	var received string
	err := tx.QueryRow(ctx, `DELETE FROM badge_record WHERE id = $1
		AND NOT EXISTS (SELECT 1 FROM badge b WHERE b.record = $1 AND b.record > 0)
		AND NOT EXISTS (SELECT 1 FROM badge_import i WHERE i.record = $1 AND i.record > 0 AND i.state IN ('running', 'mismatch'))
		RETURNING received`, id).Scan(&received)
	if errors.Is(err, db.ErrNotFound) {
		return "", nil
	}
	return received, err
}

func deleteRecords(ctx context.Context, tx *db.Tx, person int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM badge_record WHERE person = $1`, person)
	return err
}

// listBatch gives the imports of one upload of several badges, in their order.
func listBatch(ctx context.Context, d db.DB, person int64, batch string) ([]Import, error) {
	return db.Select(ctx, d, scanImport, `SELECT `+importColumns+` FROM badge_import WHERE person = $1 AND batch = $2 ORDER BY id LIMIT 1000`, person, batch)
}
