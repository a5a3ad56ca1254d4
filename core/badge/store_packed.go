package badge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

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

// reportOf reads a report: packed, or the text of before.
func reportOf(packed []byte, text string) (StoredReport, error) {
	var r StoredReport
	if len(packed) == 0 {
		return r, json.Unmarshal([]byte(text), &r)
	}
	plain, err := pack.Untext(packed)
	if err != nil {
		return r, fmt.Errorf("read report: %w", err)
	}
	return r, json.Unmarshal(plain, &r)
}

// unpacked is a badge of before.
type unpacked struct {
	id         int64
	credential []byte
	received   string // blob hash
	file       []byte // nil: none is kept
}

// listUnpacked gives the badges after one, in the order of their ids, with those that
// are packed already: their credential is empty here.
func listUnpacked(ctx context.Context, d db.DB, after int64, limit int) ([]unpacked, error) {
	return db.Select(ctx, d, func(s db.Scanner) (unpacked, error) {
		var u unpacked
		err := s.Scan(&u.id, &u.credential, &u.received, &u.file)
		if pack.IsPacked(u.credential) {
			u.credential = nil
		}
		return u, err
	}, `SELECT b.id, b.credential, b.received, CASE WHEN b.carrier IN ('json', 'jws') AND NOT b.inline THEN f.data END
		FROM badge b LEFT JOIN blob f ON f.hash = b.received WHERE b.id > $1 ORDER BY b.id LIMIT $2`, after, limit)
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
		id   int64
		text string
	}
	list, err := db.Select(ctx, tx, func(s db.Scanner) (r row, err error) { return r, s.Scan(&r.id, &r.text) },
		`SELECT id, report FROM verification WHERE badge = $1 AND report <> ''`, badge)
	if err != nil {
		return err
	}
	for _, r := range list {
		if _, err := tx.Exec(ctx, `UPDATE verification SET report = '', packed = $2 WHERE id = $1`, r.id, pack.Text([]byte(r.text))); err != nil {
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
