package badge

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// insertLedger writes a verification and gives its id.
func insertLedger(ctx context.Context, tx *db.Tx, badge int64, r verify.Report) (int64, error) {
	text, err := json.Marshal(StoredReport{Checks: r.Checks, Documents: r.Documents, Keys: r.Keys})
	if err != nil {
		return 0, fmt.Errorf("write report: %w", err)
	}
	id := tx.NewID()
	_, err = tx.Exec(ctx, `INSERT INTO verification (id, badge, at, verdict, report) VALUES ($1, $2, $3, $4, $5)`,
		id, badge, db.Micros(r.At), r.Verdict, string(text))
	return id, err
}

func insertDocument(ctx context.Context, tx *db.Tx, verification int64, number int, d verify.UsedDocument, blob string) error {
	_, err := tx.Exec(ctx, `INSERT INTO verification_document (verification, number, url, sha256, role, blob) VALUES ($1, $2, $3, $4, $5, $6)`,
		verification, number, d.URL, d.SHA256, d.Role, blob)
	return err
}

func listLedger(ctx context.Context, d db.DB, badge int64, limit int) ([]Ledger, error) {
	return db.Select(ctx, d, func(s db.Scanner) (Ledger, error) {
		var l Ledger
		var at int64
		var report string
		if err := s.Scan(&at, &l.Verdict, &report); err != nil {
			return l, err
		}
		l.At = db.Time(at)
		return l, json.Unmarshal([]byte(report), &l.Report)
	}, `SELECT at, verdict, report FROM verification WHERE badge = $1 ORDER BY id DESC LIMIT $2`, badge, limit)
}

// listBodies gives the hashes of the documents that are kept for a badge.
func listBodies(ctx context.Context, d db.DB, badge int64) ([]string, error) {
	return db.Select(ctx, d, db.One[string], `SELECT DISTINCT d.blob FROM verification v JOIN verification_document d ON d.verification = v.id
		WHERE v.badge = $1 AND d.blob <> ''`, badge)
}

// deleteLedger deletes every verification of a badge.
func deleteLedger(ctx context.Context, tx *db.Tx, badge int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM verification_document WHERE verification IN (SELECT id FROM verification WHERE badge = $1)`, badge)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM verification WHERE badge = $1`, badge)
	return err
}

// upsertKey notes that a badge which came in at a time was signed with a key.
func upsertKey(ctx context.Context, tx *db.Tx, issuer int64, k verify.UsedKey, at time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO issuer_key (issuer, thumbprint, key_id, first_seen, last_seen) VALUES ($1, $2, $3, $4, $4)
		ON CONFLICT (issuer, thumbprint) DO UPDATE SET
			first_seen = CASE WHEN excluded.first_seen < issuer_key.first_seen THEN excluded.first_seen ELSE issuer_key.first_seen END,
			last_seen = CASE WHEN excluded.last_seen > issuer_key.last_seen THEN excluded.last_seen ELSE issuer_key.last_seen END`,
		issuer, k.Thumbprint, k.ID, db.Micros(at))
	return err
}

// listKeys gives the keys of an issuer, the one that was seen first before the others.
func listKeys(ctx context.Context, d db.DB, issuer int64) ([]IssuerKey, error) {
	return db.Select(ctx, d, func(s db.Scanner) (IssuerKey, error) {
		var k IssuerKey
		var first, last int64
		err := s.Scan(&k.Thumbprint, &k.ID, &first, &last)
		k.FirstSeen, k.LastSeen = db.Time(first), db.Time(last)
		return k, err
	}, `SELECT thumbprint, key_id, first_seen, last_seen FROM issuer_key WHERE issuer = $1 ORDER BY first_seen, thumbprint`, issuer)
}

// deleteKeys forgets the keys of an issuer none of whose badges is left.
func deleteKeys(ctx context.Context, tx *db.Tx, issuer int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM issuer_key WHERE issuer = $1 AND NOT EXISTS (SELECT 1 FROM badge_class c WHERE c.issuer = $1)`, issuer)
	return err
}
