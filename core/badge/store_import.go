package badge

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

const importColumns = `id, public_id, person, state, received, filename, source, title, checks, reason, detail, badge, batch, record, unclaimed, waited, created_at`

func scanImport(s db.Scanner) (Import, error) {
	var im Import
	var checks string
	var created int64
	err := s.Scan(&im.ID, &im.PublicID, &im.Person, &im.State, &im.Received, &im.Filename, &im.Source, &im.Title, &checks, &im.Reason, &im.Detail, &im.Badge, &im.Batch, &im.Record, &im.Unclaimed, &im.Waited, &created)
	if err != nil {
		return Import{}, err
	}
	im.CreatedAt = db.Time(created)
	return im, json.Unmarshal([]byte(checks), &im.Checks)
}

func insertImport(ctx context.Context, tx *db.Tx, im Import) error {
	text, err := im.checksText()
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO badge_import (id, public_id, person, state, received, filename, source, title, checks, reason, detail, badge, batch, record, created_at, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15)`,
		im.ID, im.PublicID, im.Person, im.State, im.Received, im.Filename, im.Source, im.Title, text, im.Reason, im.Detail, im.Badge, im.Batch, im.Record, db.Micros(im.CreatedAt))
	return err
}

// checksText is what is stored of the checks.
func (im Import) checksText() (string, error) {
	if im.text != "" {
		return im.text, nil
	}
	if im.Checks == nil {
		return "[]", nil
	}
	return marshalChecks(im.Checks)
}

func getImport(ctx context.Context, d db.DB, person int64, publicID string) (Import, error) {
	return scanImport(d.QueryRow(ctx, `SELECT `+importColumns+` FROM badge_import WHERE person = $1 AND public_id = $2`, person, publicID))
}

// getArrival gives an import that is under way, with the bytes that were received
// unless they are at hand.
func getArrival(ctx context.Context, d db.DB, id int64, bytes bool) (Import, []byte, error) {
	if !bytes {
		im, err := scanImport(d.QueryRow(ctx, `SELECT `+importColumns+` FROM badge_import WHERE id = $1 AND state = 'running'`, id))
		return im, nil, err
	}
	var data []byte
	im, err := scanImport(with{d.QueryRow(ctx, `SELECT `+importColumns+`, (SELECT data FROM blob WHERE hash = received) FROM badge_import
		WHERE id = $1 AND state = 'running'`, id), &data})
	if err == nil && data == nil {
		err = fmt.Errorf("the bytes %.12s are gone", im.Received)
	}
	return im, data, err
}

// with reads one more column than the scanner of the others knows.
type with struct {
	db.Scanner

	last any
}

// Scan implements db.Scanner.
func (w with) Scan(to ...any) error { return w.Scanner.Scan(append(to, w.last)...) }

func listRunning(ctx context.Context, d db.DB, person int64) ([]Import, error) {
	return db.Select(ctx, d, scanImport, `SELECT `+importColumns+` FROM badge_import WHERE person = $1 AND state = 'running' ORDER BY id DESC LIMIT 50`, person)
}

func countRunning(ctx context.Context, d db.DB, person int64) (int, error) {
	var n int
	err := d.QueryRow(ctx, `SELECT count(*) FROM badge_import WHERE person = $1 AND state = 'running'`, person).Scan(&n)
	return n, err
}

func updateChecks(ctx context.Context, tx *db.Tx, id int64, done []verify.Step) error {
	text, err := marshalChecks(done)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE badge_import SET checks = $2, changed_at = $3 WHERE id = $1 AND state = 'running'`, id, text, db.Micros(tx.Now()))
	return err
}

// endImport writes the outcome of an import that is under way: 0 rows when it is not.
func endImport(ctx context.Context, tx *db.Tx, im Import) (int64, error) {
	text, err := im.checksText()
	if err != nil {
		return 0, err
	}
	return tx.Exec(ctx, `UPDATE badge_import SET state = $2, received = $3, title = $4, checks = $5, reason = $6, detail = $7, badge = $8, changed_at = $9
		WHERE id = $1 AND state = 'running'`, im.ID, im.State, im.Received, im.Title, text, im.Reason, im.Detail, im.Badge, db.Micros(tx.Now()))
}

// deleteEndedImports forgets the outcome of old imports.
func deleteEndedImports(ctx context.Context, tx *db.Tx, before int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM badge_import WHERE state NOT IN ('running', 'mismatch') AND changed_at < $1`, before)
	return err
}

// listStuck gives imports that have not moved since.
func listStuck(ctx context.Context, d db.DB, before int64) ([]Import, error) {
	return db.Select(ctx, d, scanImport, `SELECT `+importColumns+` FROM badge_import WHERE state = 'running' AND changed_at < $1 ORDER BY id LIMIT 100`, before)
}

// findHeld gives the public id of the badge that is the same credential, or "".
// For a list of values SQLite would make a table first.
func findHeld(ctx context.Context, d db.DB, person int64, e equalities) (string, error) {
	var id string
	err := d.QueryRow(ctx, `SELECT public_id FROM badge WHERE person = $1 AND equality = $2 UNION ALL SELECT public_id FROM badge WHERE person = $1 AND equality = $3
		UNION ALL SELECT public_id FROM badge WHERE person = $1 AND equality = $4 UNION ALL SELECT public_id FROM badge WHERE person = $1 AND equality = $5 LIMIT 1`, person, e[0], e[1], e[2], e[3]).Scan(&id)
	if errors.Is(err, db.ErrNotFound) {
		return "", nil
	}
	return id, err
}

// newBadge is what a row holds beyond what is read back with it.
type newBadge struct {
	credential []byte // packed
	part       int64
	equality   string
	evidence   string // JSON; "": as in the credential
	record     int64  // the CLR that it came in, 0 for none
	unclaimed  bool
	unseen     bool      // its holder has yet to look at it
	next       time.Time // to be checked again
}

// insertBadge writes a badge that nobody else sees yet, whatever b says of that: the search hears of it when that changes.
func insertBadge(ctx context.Context, tx *db.Tx, b Badge, n newBadge) error {
	_, err := tx.Exec(ctx, `INSERT INTO badge (id, public_id, person, class, equality, wire_id, version, form, carrier, received, filename, credential,
		thumbnail, issued_to, plain, issued_at, expires_at, evidence, visibility, show_name, link_name, verdict, verified_at, created_at,
		next_check, valid_at, unreachable_since, record, unclaimed, part, inline, frame, told, unseen)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, 'private', $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $21, $32)`,
		b.ID, b.PublicID, b.Person, b.Class.ID, n.equality, b.WireID, b.Version, b.Form, b.Carrier, b.Received, b.Filename, n.credential,
		b.Thumbnail, b.IssuedTo, b.Plain, db.Micros(b.IssuedAt), db.Micros(b.ExpiresAt), n.evidence, b.ShowName, b.LinkName,
		b.Verdict, db.Micros(b.VerifiedAt), db.Micros(b.CreatedAt),
		db.Micros(n.next), db.Micros(b.ValidAt), db.Micros(b.UnreachableSince), n.record, n.unclaimed, n.part, b.Inline, b.Frame, n.unseen)
	return err
}

func hashOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func listImports(ctx context.Context, d db.DB, person int64) ([]Import, error) {
	return db.Select(ctx, d, scanImport, `SELECT `+importColumns+` FROM badge_import WHERE person = $1 ORDER BY id`, person)
}

func deleteImports(ctx context.Context, tx *db.Tx, person int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM badge_import WHERE person = $1`, person)
	return err
}

// defaultVisibility is what the person chose for new badges.
func defaultVisibility(ctx context.Context, d db.DB, person int64) (Visibility, error) {
	v := Private
	err := d.QueryRow(ctx, `SELECT CASE WHEN under_age AND default_visibility <> 'private' THEN 'members' ELSE default_visibility END
		FROM person WHERE id = $1`, person).Scan(&v)
	if !v.Valid() {
		v = Private
	}
	return v, err
}
