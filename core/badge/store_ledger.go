package badge

import (
	"context"
	"errors"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// insertLedger writes a verification and gives its id.
func insertLedger(ctx context.Context, tx *db.Tx, badge int64, k kept) (int64, error) {
	id := tx.NewID()
	_, err := tx.Exec(ctx, `INSERT INTO verification (id, badge, at, verdict, report, packed) VALUES ($1, $2, $3, $4, '', $5)`,
		id, badge, db.Micros(k.report.At), k.report.Verdict, k.packed)
	return id, err
}

// keptDocument is a document that a verification read.
type keptDocument struct {
	verify.UsedDocument

	number int    // in the order of reading
	blob   string // hash of the body where that is kept, or ""
}

func insertDocument(ctx context.Context, tx *db.Tx, verification int64, d keptDocument) error {
	_, err := tx.Exec(ctx, `INSERT INTO verification_document (verification, number, url, sha256, role, blob) VALUES ($1, $2, $3, $4, $5, $6)`,
		verification, d.number, d.URL, d.SHA256, d.Role, d.blob)
	return err
}

func listLedger(ctx context.Context, d db.DB, badge int64, limit int) ([]Ledger, error) {
	return db.Select(ctx, d, func(s db.Scanner) (Ledger, error) {
		var l Ledger
		var at int64
		var packed []byte
		var text string
		err := s.Scan(&at, &l.Verdict, &packed, &text)
		if err != nil {
			return l, err
		}
		l.At = db.Time(at)
		l.Report, err = reportOf(packed, text, l.At)
		return l, err
	}, `SELECT at, verdict, packed, report FROM verification WHERE badge = $1 ORDER BY id DESC LIMIT $2`, badge, limit)
}

// getLedger gives the verification of a badge at a time.
func getLedger(ctx context.Context, d db.DB, badge, at int64) (Ledger, error) {
	l := Ledger{At: db.Time(at)}
	var packed []byte
	var text string
	err := d.QueryRow(ctx, `SELECT verdict, packed, report FROM verification WHERE badge = $1 AND at = $2 ORDER BY id DESC LIMIT 1`, badge, at).Scan(&l.Verdict, &packed, &text)
	if errors.Is(err, db.ErrNotFound) {
		return l, errNotFound()
	}
	if err != nil {
		return l, err
	}
	l.Report, err = reportOf(packed, text, l.At)
	return l, err
}

// listChecks gives times and verdicts of the verifications of a badge, the newest first.
func listChecks(ctx context.Context, d db.DB, badge int64, limit int) ([]Ledger, error) {
	return db.Select(ctx, d, func(s db.Scanner) (Ledger, error) {
		var l Ledger
		var at int64
		err := s.Scan(&at, &l.Verdict)
		l.At = db.Time(at)
		return l, err
	}, `SELECT at, verdict FROM verification WHERE badge = $1 ORDER BY id DESC LIMIT $2`, badge, limit)
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

// getProof gives the newest verification of a badge that proved it, and the name
// under which the badge is kept. It returns db.ErrNotFound when none did.
func getProof(ctx context.Context, d db.DB, badge int64) (l Ledger, equality string, err error) {
	var packed []byte
	var text string
	var at int64
	err = d.QueryRow(ctx, `SELECT v.at, v.verdict, v.packed, v.report, b.equality FROM verification v JOIN badge b ON b.id = v.badge
		WHERE v.badge = $1 AND v.verdict NOT IN ('unverifiable', 'invalid') ORDER BY v.id DESC LIMIT 1`, badge).Scan(&at, &l.Verdict, &packed, &text, &equality)
	if err != nil {
		return l, "", err
	}
	l.At = db.Time(at)
	l.Report, err = reportOf(packed, text, l.At)
	return l, equality, err
}
