package endorse

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
)

const subjectColumns = `b.id, b.public_id, b.wire_id, h.id, h.public_id, h.handle, h.name, h.picture,
	c.name, i.name, c.description, c.criteria, c.language, c.tags, c.alignments, b.thumbnail, b.unclaimed, b.anonymised_at`

const subjectTables = ` FROM badge b JOIN person h ON h.id = b.person JOIN badge_class c ON c.id = b.class JOIN issuer i ON i.id = c.issuer `

const columns = `e.id, e.public_id, e.state, e.request, e.body, e.skills, e.verdict, e.asked_at, e.written_at, e.decided_at, e.checked_at, e.token_until,
	e.person, COALESCE(w.public_id, ''), COALESCE(w.handle, ''), COALESCE(w.name, ''), COALESCE(w.picture, ''),
	e.outsider, COALESCE(o.public_id, ''), COALESCE(o.name, ''), COALESCE(o.language, ''), o.address, ` + subjectColumns

const tables = ` FROM endorsement e JOIN badge b ON b.id = e.badge JOIN person h ON h.id = b.person JOIN badge_class c ON c.id = b.class
	JOIN issuer i ON i.id = c.issuer LEFT JOIN person w ON w.id = e.person LEFT JOIN outsider o ON o.id = e.outsider `

// subjectScan is where the columns of a Subject go, and finish reads what is in them.
type subjectScan struct {
	to               *Subject
	tags, alignments string
	anonymised       int64
}

func (s *subjectScan) into() []any {
	t := s.to
	return []any{
		&t.ID, &t.PublicID, &t.WireID, &t.Holder.ID, &t.Holder.PublicID, &t.Holder.Handle, &t.Holder.Name, &t.Holder.Picture,
		&t.Name, &t.Issuer, &t.Description, &t.Criteria, &t.Language, &s.tags, &s.alignments, &t.Thumbnail, &t.Unclaimed, &s.anonymised,
	}
}

func (s *subjectScan) finish() error {
	s.to.Anonymised = s.anonymised != 0
	return errors.Join(json.Unmarshal([]byte(s.tags), &s.to.Tags), json.Unmarshal([]byte(s.alignments), &s.to.Alignments))
}

func scanSubject(row db.Scanner) (Subject, error) {
	var t Subject
	s := subjectScan{to: &t}
	if err := row.Scan(s.into()...); err != nil {
		return t, err
	}
	return t, s.finish()
}

func scan(row db.Scanner) (Endorsement, error) {
	var e Endorsement
	var skills string
	var asked, written, decided, checked, until int64
	s := subjectScan{to: &e.Subject}
	err := row.Scan(append([]any{
		&e.ID, &e.PublicID, &e.State, &e.Request, &e.Body, &skills, &e.Verdict, &asked, &written, &decided, &checked, &until,
		&e.By.ID, &e.By.PublicID, &e.By.Handle, &e.By.Name, &e.By.Picture,
		&e.Outsider.ID, &e.Outsider.PublicID, &e.Outsider.Name, &e.Outsider.Language, &e.Outsider.sealed,
	}, s.into()...)...)
	if err != nil {
		return e, err
	}
	e.AskedAt, e.WrittenAt, e.DecidedAt = db.Time(asked), db.Time(written), db.Time(decided)
	e.CheckedAt, e.Until = db.Time(checked), db.Time(until)
	return e, errors.Join(s.finish(), json.Unmarshal([]byte(skills), &e.Skills))
}

// subjectOf gives a badge that a member may endorse: one that they see, or that
// they were asked about by somebody who has not blocked them since.
func subjectOf(ctx context.Context, d db.DB, person int64, publicID string) (Subject, error) {
	return scanSubject(d.QueryRow(ctx, `SELECT `+subjectColumns+subjectTables+`WHERE b.public_id = $2 AND (`+badge.VisibleSQL("b", 1)+`
		OR EXISTS (SELECT 1 FROM endorsement e WHERE e.badge = b.id AND e.person = $1) AND `+account.ShownSQL("h", 1)+`)`, person, publicID))
}

// subjectMine gives a badge of the person's own.
func subjectMine(ctx context.Context, d db.DB, person int64, publicID string) (Subject, error) {
	return scanSubject(d.QueryRow(ctx, `SELECT `+subjectColumns+subjectTables+`WHERE b.public_id = $2 AND b.person = $1`, person, publicID))
}

// listShown gives the accepted endorsements of a badge whose writers the viewer
// may know of. The caller has made sure that the viewer sees the badge.
func listShown(ctx context.Context, d db.DB, viewer, badgeID int64) ([]Endorsement, error) {
	return db.Select(ctx, d, scan, `SELECT `+columns+tables+`WHERE e.badge = $2 AND e.state = 'accepted' AND (e.person = 0 OR `+account.ShownSQL("w", 1)+`)
		ORDER BY e.decided_at, e.id LIMIT 100`, viewer, badgeID)
}

// listReceived gives what was asked for and said about the badges of a person, by
// people whom they may know of.
func listReceived(ctx context.Context, d db.DB, person int64, limit int) ([]Endorsement, error) {
	return db.Select(ctx, d, scan, `SELECT `+columns+tables+`WHERE b.person = $1 AND (e.person = 0 OR `+account.ShownSQL("w", 1)+`)
		ORDER BY e.id DESC LIMIT $2`, person, limit)
}

// listOwn gives what a person wrote and was asked to write, about badges of people
// whom they may know of.
func listOwn(ctx context.Context, d db.DB, person int64, limit int) ([]Endorsement, error) {
	return db.Select(ctx, d, scan, `SELECT `+columns+tables+`WHERE e.person = $1 AND e.person <> 0 AND `+account.ShownSQL("h", 1)+` ORDER BY e.id DESC LIMIT $2`, person, limit)
}

func listOfOutsider(ctx context.Context, d db.DB, outsider int64) ([]Endorsement, error) {
	return db.Select(ctx, d, scan, `SELECT `+columns+tables+`WHERE e.outsider = $1 AND e.outsider <> 0 ORDER BY e.id`, outsider)
}

// getReceived gives one about a badge of the person's own.
func getReceived(ctx context.Context, d db.DB, person int64, publicID string) (Endorsement, error) {
	return scan(d.QueryRow(ctx, `SELECT `+columns+tables+`WHERE e.public_id = $2 AND b.person = $1`, person, publicID))
}

// getOwn gives one that the person wrote or was asked for.
func getOwn(ctx context.Context, d db.DB, person int64, publicID string) (Endorsement, error) {
	return scan(d.QueryRow(ctx, `SELECT `+columns+tables+`WHERE e.public_id = $2 AND e.person = $1`, person, publicID))
}

// getByMember gives what a member wrote or was asked for about a badge.
func getByMember(ctx context.Context, d db.DB, person, badgeID int64) (Endorsement, error) {
	return scan(d.QueryRow(ctx, `SELECT `+columns+tables+`WHERE e.person = $1 AND e.badge = $2 AND e.person <> 0`, person, badgeID))
}

func getByToken(ctx context.Context, d db.DB, hash []byte, now int64) (Endorsement, error) {
	return scan(d.QueryRow(ctx, `SELECT `+columns+tables+`WHERE e.token_hash = $1 AND e.outsider <> 0 AND e.token_until > $2`, hash, now))
}

// getSigned gives an accepted endorsement with its credential, for somebody who
// may know of its writer or is its holder or writer; whether they see the badge is
// for the caller to ask.
func getSigned(ctx context.Context, d db.DB, viewer int64, publicID string) (Endorsement, []byte, error) {
	e, err := scan(d.QueryRow(ctx, `SELECT `+columns+tables+`WHERE e.public_id = $2 AND e.state = 'accepted'
		AND (e.person = 0 OR b.person = $1 OR `+account.ShownSQL("w", 1)+`)`, viewer, publicID))
	if err != nil {
		return e, nil, err
	}
	text, err := credentialOf(ctx, d, e.ID)
	return e, text, err
}

func credentialOf(ctx context.Context, d db.DB, id int64) ([]byte, error) {
	text, err := db.One[string](d.QueryRow(ctx, `SELECT credential FROM endorsement WHERE id = $1`, id))
	return []byte(text), err
}

// countWaiting counts what the holder of a badge has not decided about.
func countWaiting(ctx context.Context, d db.DB, badgeID int64) (int, error) {
	return db.One[int](d.QueryRow(ctx, `SELECT count(*) FROM endorsement WHERE badge = $1 AND state = 'written'`, badgeID))
}

// link is what a mailed link is kept as.
type link struct {
	hash  []byte
	until time.Time
}

// insertAsked notes that a member or an outsider is asked. It gives no row's
// change when they have written already.
func insertAsked(ctx context.Context, tx *db.Tx, e Endorsement, l link) (int64, error) {
	conflict := `(person, badge) WHERE person <> 0`
	if e.Outsider.ID != 0 {
		conflict = `(outsider, badge) WHERE outsider <> 0`
	}
	return tx.Exec(ctx, `INSERT INTO endorsement (id, public_id, badge, person, outsider, state, request, token_hash, token_until, asked_at)
		VALUES ($1, $2, $3, $4, $5, 'asked', $6, $7, $8, $9) ON CONFLICT `+conflict+` DO UPDATE SET state = 'asked', request = excluded.request,
		token_hash = excluded.token_hash, token_until = excluded.token_until, asked_at = excluded.asked_at WHERE endorsement.state IN ('asked', 'refused')`,
		e.ID, e.PublicID, e.Subject.ID, e.By.ID, e.Outsider.ID, e.Request, l.hash, db.Micros(l.until), db.Micros(tx.Now()))
}

// insertWritten keeps what a member says who was not asked, or says anew.
func insertWritten(ctx context.Context, tx *db.Tx, e Endorsement) error {
	skills, err := json.Marshal(e.Skills)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO endorsement (id, public_id, badge, person, state, body, skills, token_hash, written_at)
		VALUES ($1, $2, $3, $4, 'written', $5, $6, $7, $8) ON CONFLICT (person, badge) WHERE person <> 0 DO UPDATE SET state = 'written', body = excluded.body,
		skills = excluded.skills, credential = '', verdict = '', checked_at = 0, decided_at = 0, written_at = excluded.written_at`,
		e.ID, e.PublicID, e.Subject.ID, e.By.ID, e.Body, string(skills), []byte{}, db.Micros(tx.Now()))
	return err
}

// updateWritten keeps what somebody without an account says.
func updateWritten(ctx context.Context, tx *db.Tx, e Endorsement) error {
	skills, err := json.Marshal(e.Skills)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE endorsement SET state = 'written', body = $2, skills = $3, credential = '', verdict = '', checked_at = 0, decided_at = 0, written_at = $4
		WHERE id = $1`, e.ID, e.Body, string(skills), db.Micros(tx.Now()))
	return err
}

// updateState brings one from one of its states to another: false when it was in none of
// them any more.
func updateState(ctx context.Context, tx *db.Tx, id int64, from, to State) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE endorsement SET state = $3, credential = '', verdict = '', checked_at = 0, decided_at = $4 WHERE id = $1 AND state = $2`,
		id, from, to, db.Micros(tx.Now()))
	return n > 0, err
}

// signed is a credential and where it stands in a status list.
type signed struct {
	credential []byte
	on         place
}

// updateAccepted keeps the credential of what was written at a time: false when it
// was written anew since.
func updateAccepted(ctx context.Context, tx *db.Tx, e Endorsement, by signed) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE endorsement SET state = 'accepted', credential = $3, verdict = 'unverifiable', checked_at = $6, decided_at = $4, place = $5
		WHERE id = $1 AND written_at = $2 AND state IN ('written', 'declined')`, e.ID, db.Micros(e.WrittenAt), string(by.credential), db.Micros(tx.Now()), by.on.id, db.Micros(tx.Now().Add(-recheckAfter)))
	return n > 0, err
}

func updateVerdict(ctx context.Context, tx *db.Tx, id int64, verdict string) error {
	_, err := tx.Exec(ctx, `UPDATE endorsement SET verdict = $2, checked_at = $3 WHERE id = $1 AND state = 'accepted'`, id, verdict, db.Micros(tx.Now()))
	return err
}

// listDue gives accepted ones that were checked before a time.
func listDue(ctx context.Context, d db.DB, before int64, limit int) ([]int64, error) {
	return db.Select(ctx, d, db.One[int64], `SELECT id FROM endorsement WHERE state = 'accepted' AND checked_at < $1 ORDER BY checked_at LIMIT $2`, before, limit)
}

// deleteOne and deleteOnBadge give the people without an account of whom
// something was deleted.
func deleteOne(ctx context.Context, tx *db.Tx, id int64) ([]int64, error) {
	return db.Select(ctx, tx, db.One[int64], `DELETE FROM endorsement WHERE id = $1 RETURNING outsider`, id)
}

func deleteOnBadge(ctx context.Context, tx *db.Tx, badgeID int64) ([]int64, error) {
	return db.Select(ctx, tx, db.One[int64], `DELETE FROM endorsement WHERE badge = $1 RETURNING outsider`, badgeID)
}

// personShown gives a member whom the viewer may know of and has not blocked.
func personShown(ctx context.Context, d db.DB, viewer int64, handle string) (Person, error) {
	var p Person
	err := d.QueryRow(ctx, `SELECT p.id, p.public_id, p.handle, p.name, p.picture FROM person p WHERE p.handle = $2 AND `+account.ShownSQL("p", 1)+`
		AND NOT EXISTS (SELECT 1 FROM block k WHERE k.person = $1 AND k.blocked = p.id)`, viewer, handle).
		Scan(&p.ID, &p.PublicID, &p.Handle, &p.Name, &p.Picture)
	return p, err
}

// listKnown gives members whom a person follows or who follow them, and neither
// has blocked the other.
func listKnown(ctx context.Context, d db.DB, person int64, limit int) ([]Person, error) {
	return db.Select(ctx, d, func(s db.Scanner) (Person, error) {
		var p Person
		err := s.Scan(&p.ID, &p.PublicID, &p.Handle, &p.Name, &p.Picture)
		return p, err
	}, `SELECT p.id, p.public_id, p.handle, p.name, p.picture FROM person p WHERE p.id IN (
			SELECT s.object FROM follow f JOIN source s ON s.id = f.src WHERE f.follower = $1 AND s.kind = 'person'
			UNION SELECT f.follower FROM source s JOIN follow f ON f.src = s.id WHERE s.kind = 'person' AND s.object = $1) AND p.id <> $1 AND `+account.ShownSQL("p", 1)+`
		AND NOT EXISTS (SELECT 1 FROM block k WHERE k.person = $1 AND k.blocked = p.id) ORDER BY p.name, p.id LIMIT $2`, person, limit)
}

// isUnderAge reports whether a person is under age.
func isUnderAge(ctx context.Context, d db.DB, person int64) (bool, error) {
	return db.One[bool](d.QueryRow(ctx, `SELECT under_age FROM person WHERE id = $1`, person))
}

// barred reports whether the owner of an address and a person have blocked one
// another.
func barred(ctx context.Context, d db.DB, person int64, key string) (bool, error) {
	return db.Exists(ctx, d, `SELECT 1 FROM email e JOIN block k ON k.person = $1 AND k.blocked = e.person OR k.person = e.person AND k.blocked = $1
		WHERE e.address_key = $2 AND e.confirmed_at > 0`, person, key)
}

func isOwnAddress(ctx context.Context, d db.DB, person int64, key string) (bool, error) {
	return db.Exists(ctx, d, `SELECT 1 FROM email WHERE person = $1 AND address_key = $2`, person, key)
}
