package badge

import (
	"context"
	"errors"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/pack"
)

// packedTables has what packedColumns are read of.
const (
	packedColumns = `b.credential, t.data`
	packedTables  = ` FROM badge b LEFT JOIN credential_part t ON t.id = b.part `
)

// credentialRow is the text of a badge.
type credentialRow struct {
	id         int64
	credential []byte
}

func scanCredential(s db.Scanner) (credentialRow, error) {
	var r credentialRow
	var p pack.Packed
	err := s.Scan(&r.id, &p.Own, &p.Part)
	if err == nil {
		r.credential, err = p.Unpack()
	}
	return r, err
}

// getCredential gives the credential of a badge, exactly as it came in.
func getCredential(ctx context.Context, d db.DB, badge int64) ([]byte, error) {
	r, err := scanCredential(d.QueryRow(ctx, `SELECT b.id, `+packedColumns+packedTables+`WHERE b.id = $1`, badge))
	return r.credential, err
}

// upsertPart finds or makes what credentials share, whose hash that is.
func upsertPart(ctx context.Context, tx *db.Tx, hash string, part []byte) (int64, error) {
	id, err := db.One[int64](tx.QueryRow(ctx, `SELECT id FROM credential_part WHERE hash = $1`, hash))
	if !errors.Is(err, db.ErrNotFound) {
		return id, err
	}
	id = tx.NewID()
	_, err = tx.Exec(ctx, `INSERT INTO credential_part (id, hash, data) VALUES ($1, $2, $3)`, id, hash, pack.Text(part))
	return id, err
}

// unpacked is a badge of before.
type unpacked struct {
	id                 int64
	credential         []byte // as it came in
	packed             bool
	received           string // blob hash
	file               []byte // nil: none is kept
	equality, evidence string
}

// listUnpacked gives the badges after one, in the order of their ids, with those that
// are packed already.
func listUnpacked(ctx context.Context, d db.DB, after int64, limit int) ([]unpacked, error) {
	return db.Select(ctx, d, func(s db.Scanner) (unpacked, error) {
		var u unpacked
		var p pack.Packed
		err := s.Scan(&u.id, &p.Own, &p.Part, &u.received, &u.file, &u.equality, &u.evidence)
		if u.packed = pack.IsPacked(p.Own); err == nil {
			u.credential, err = p.Unpack()
		}
		return u, err
	}, `SELECT b.id, `+packedColumns+`, b.received, CASE WHEN b.carrier IN ('json', 'jws') AND NOT b.inline THEN f.data END, b.equality, b.evidence`+
		packedTables+`LEFT JOIN blob f ON f.hash = b.received WHERE b.id > $1 ORDER BY b.id LIMIT $2`, after, limit)
}

// packedRow is a credential as it is written.
type packedRow struct {
	own    []byte
	part   int64
	inline bool
}

func updatePacked(ctx context.Context, tx *db.Tx, badge int64, r packedRow) error {
	_, err := tx.Exec(ctx, `UPDATE badge SET credential = $2, part = $3, inline = $4, search = '' WHERE id = $1`, badge, r.own, r.part, r.inline)
	return err
}

// packLedger packs the reports of a badge.
func packLedger(ctx context.Context, tx *db.Tx, badge int64) error {
	type row struct {
		id, at int64
		text   string
		packed []byte
	}
	list, err := db.Select(ctx, tx, func(s db.Scanner) (r row, err error) { return r, s.Scan(&r.id, &r.at, &r.text, &r.packed) },
		`SELECT id, at, report, packed FROM verification WHERE badge = $1`, badge)
	if err != nil {
		return err
	}
	for _, r := range list {
		report, err := reportOf(r.packed, r.text, db.Time(r.at))
		if err != nil {
			return err
		}
		packed, err := packReport(report, db.Time(r.at))
		if err != nil {
			return err
		}
		if r.text == "" && len(packed) >= len(r.packed) {
			continue
		}
		if _, err := tx.Exec(ctx, `UPDATE verification SET report = '', packed = $2 WHERE id = $1`, r.id, packed); err != nil {
			return err
		}
	}
	return nil
}

// getPacking tells after which badge packing goes on, and whether it has ended.
func getPacking(ctx context.Context, d db.DB) (after int64, ended bool, err error) {
	err = d.QueryRow(ctx, `SELECT after, ended FROM badge_packing WHERE id = 1`).Scan(&after, &ended)
	return after, ended, err
}

func updatePacking(ctx context.Context, tx *db.Tx, after int64, ended bool) error {
	_, err := tx.Exec(ctx, `UPDATE badge_packing SET after = $1, ended = $2 WHERE id = 1`, after, ended)
	return err
}
