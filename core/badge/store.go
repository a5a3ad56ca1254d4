package badge

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/openbadge/verify"
	"github.com/osier-passport/osier/core/pack"
)

const badgeColumns = `b.id, b.public_id, b.person, p.public_id, p.handle, p.name, p.picture,
	c.id, c.public_id, c.name, c.description, c.criteria_url, c.criteria, c.language, c.tags, c.alignments, c.thumbnail, c.holders,
	i.id, i.public_id, i.wire_id, i.name, i.url, i.description, i.linkedin, i.first_seen,
	b.wire_id, b.version, b.form, b.carrier, b.received, b.filename, b.thumbnail, b.issued_to, b.plain,
	b.issued_at, b.expires_at, b.evidence, b.visibility, b.link_secret, b.show_name, b.link_name, b.verdict, b.verified_at, b.published_at, b.created_at,
	b.valid_at, b.unreachable_since, b.link_at, b.link_until, b.unclaimed, b.anonymised_at, b.inline, b.frame,
	CASE WHEN b.evidence = '' THEN b.credential END, CASE WHEN b.evidence = '' THEN (SELECT t.data FROM credential_part t WHERE t.id = b.part) END`

const badgeTables = ` FROM badge b JOIN person p ON p.id = b.person JOIN badge_class c ON c.id = b.class JOIN issuer i ON i.id = c.issuer `

func scanBadge(s db.Scanner) (Badge, error) {
	var b Badge
	var tags, alignments, evidence string
	var own pack.Packed
	var seen, issued, expires, verified, published, created, valid, unreachable, linkAt, linkUntil, anonymised int64
	err := s.Scan(&b.ID, &b.PublicID, &b.Person, &b.Earner.PublicID, &b.Earner.Handle, &b.Earner.Name, &b.Earner.Picture,
		&b.Class.ID, &b.Class.PublicID, &b.Class.Name, &b.Class.Description, &b.Class.CriteriaURL, &b.Class.Criteria, &b.Class.Language, &tags, &alignments, &b.Class.Thumbnail, &b.Class.Holders,
		&b.Class.Issuer.ID, &b.Class.Issuer.PublicID, &b.Class.Issuer.WireID, &b.Class.Issuer.Name, &b.Class.Issuer.URL, &b.Class.Issuer.Description, &b.Class.Issuer.LinkedIn, &seen,
		&b.WireID, &b.Version, &b.Form, &b.Carrier, &b.Received, &b.Filename, &b.Thumbnail, &b.IssuedTo, &b.Plain,
		&issued, &expires, &evidence, &b.Visibility, &b.Secret, &b.ShowName, &b.LinkName, &b.Verdict, &verified, &published, &created,
		&valid, &unreachable, &linkAt, &linkUntil, &b.Unclaimed, &anonymised, &b.Inline, &b.Frame, &own.Own, &own.Part)
	if err != nil {
		return Badge{}, err
	}
	b.Class.Issuer.FirstSeen = db.Time(seen)
	b.IssuedAt, b.ExpiresAt = db.Time(issued), db.Time(expires)
	b.VerifiedAt, b.PublishedAt, b.CreatedAt = db.Time(verified), db.Time(published), db.Time(created)
	b.LinkAt, b.LinkUntil, b.AnonymisedAt = db.Time(linkAt), db.Time(linkUntil), db.Time(anonymised)
	b.ValidAt, b.UnreachableSince = db.Time(valid), db.Time(unreachable)
	b.Evidence, err = readEvidence(evidence, own)
	return b, errors.Join(err,
		json.Unmarshal([]byte(tags), &b.Class.Tags),
		json.Unmarshal([]byte(alignments), &b.Class.Alignments),
	)
}

// cardColumns are those that lists show: reading the others costs more than
// finding the row.
const cardColumns = `b.id, b.public_id, b.person, p.handle, p.name, p.picture, c.name, i.name,
	b.thumbnail, b.issued_at, b.expires_at, b.visibility, b.show_name, b.link_name, b.verdict`

// scanCard reads a badge for NewCard, with what is named in cardColumns alone.
func scanCard(s db.Scanner) (Badge, error) {
	var b Badge
	var issued, expires int64
	err := s.Scan(&b.ID, &b.PublicID, &b.Person, &b.Earner.Handle, &b.Earner.Name, &b.Earner.Picture, &b.Class.Name, &b.Class.Issuer.Name,
		&b.Thumbnail, &issued, &expires, &b.Visibility, &b.ShowName, &b.LinkName, &b.Verdict)
	b.IssuedAt, b.ExpiresAt = db.Time(issued), db.Time(expires)
	return b, err
}

// linkSQL is the condition that $3 is the secret of the link that shows badge b
// of person p to the viewer $1, while the link has not ended. A link goes further
// than members, which nothing of somebody under age does.
var linkSQL = `b.removed_at = 0 AND NOT b.unclaimed AND b.visibility = 'link' AND b.verdict <> 'invalid' AND ` + account.ShownSQL("p", 1) + ` AND NOT p.under_age
	AND $3 <> '' AND b.link_secret = $3`

// asked is which badge who asks for, with which secret of a link, at what time.
type asked struct {
	viewer           int64
	publicID, secret string
	now              int64 // microseconds
}

// getBadge is the one query where the secret of a link is compared.
func getBadge(ctx context.Context, d db.DB, a asked) (Badge, error) {
	b, err := scanBadge(d.QueryRow(ctx, `SELECT `+badgeColumns+badgeTables+`WHERE b.public_id = $2 AND (`+VisibleSQL("b", 1)+`
		OR (`+linkSQL+` AND (b.link_until = 0 OR b.link_until > $4)))`,
		a.viewer, a.publicID, a.secret, a.now))
	if b.Person != a.viewer {
		b.Secret = ""
	}
	return b, err
}

// lockMine reads a badge of the person's own inside a transaction that will change it.
func lockMine(ctx context.Context, tx *db.Tx, person int64, publicID string) (Badge, error) {
	b, err := scanBadge(tx.QueryRow(ctx, `SELECT `+badgeColumns+badgeTables+`WHERE b.public_id = $2 AND b.person = $1 AND b.removed_at = 0`, person, publicID))
	if errors.Is(err, db.ErrNotFound) {
		return Badge{}, errNotFound()
	}
	return b, err
}

// listMine gives all badges of a person, those that were just removed too.
func listMine(ctx context.Context, d db.DB, person int64, r Range) ([]Badge, error) {
	return db.Select(ctx, d, scanBadge, `SELECT `+badgeColumns+badgeTables+`WHERE b.person = $1 AND (CAST($2 AS BIGINT) = 0 OR b.id < $2)
		ORDER BY b.id DESC LIMIT $3`, person, r.Before, r.Limit)
}

func countMine(ctx context.Context, d db.DB, person int64) (int, error) {
	var n int
	err := d.QueryRow(ctx, `SELECT count(*) FROM badge WHERE person = $1 AND NOT unclaimed AND removed_at = 0`, person).Scan(&n)
	return n, err
}

func listShown(ctx context.Context, d db.DB, viewer, person int64, r Range) ([]Badge, error) {
	return db.Select(ctx, d, scanCard, `SELECT `+cardColumns+badgeTables+`WHERE b.person = $2 AND b.visibility IN ('members', 'public')
		AND (CAST($3 AS BIGINT) = 0 OR b.id < $3) AND `+NamedSQL("b", 1)+` ORDER BY b.id DESC LIMIT $4`, viewer, person, r.Before, r.Limit)
}

func listHolders(ctx context.Context, d db.DB, viewer, class int64, r Range) ([]Badge, error) {
	return db.Select(ctx, d, scanCard, `SELECT `+cardColumns+badgeTables+`WHERE b.class = $2 AND b.visibility IN ('members', 'public')
		AND (CAST($3 AS BIGINT) = 0 OR b.id < $3) AND `+FoundNamedSQL("b", 1)+` ORDER BY b.id DESC LIMIT $4`, viewer, class, r.Before, r.Limit)
}

// updateVisibility writes who sees a badge. A link that it had before shows nothing
// any more, by whatever address of a joined badge.
func updateVisibility(ctx context.Context, tx *db.Tx, b Badge) error {
	if err := endAliasLinks(ctx, tx, b); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE badge SET visibility = $2, link_secret = $3, published_at = $4, link_at = $5, link_until = $6 WHERE id = $1`,
		b.ID, b.Visibility, b.Secret, db.Micros(b.PublishedAt), db.Micros(b.LinkAt), db.Micros(b.LinkUntil))
	if err != nil {
		return err
	}
	countHolders(ctx, tx, b.Class.ID)
	return nil
}

func updateNaming(ctx context.Context, tx *db.Tx, b Badge, n NameShown) error {
	_, err := tx.Exec(ctx, `UPDATE badge SET show_name = $2, link_name = $3 WHERE id = $1`, b.ID, n != NameHidden, n != NameText)
	return err
}

// nobody is the viewer whom counters for everybody are kept for.
const nobody = int64(0)

// holders counts those of a class. What nobody in particular sees is public; a condition
// on the visibility beside it would lead SQLite through all public badges.
var (
	holders          = `(SELECT count(DISTINCT b.person) FROM badge b WHERE b.class = badge_class.id AND ` + VisibleSQL("b", 2) + `)`
	holdersOfOne     = `UPDATE badge_class SET holders = ` + holders + ` WHERE id = $1`
	holdersOfPersons = `UPDATE badge_class SET holders = ` + holders + ` WHERE id IN (SELECT class FROM badge WHERE person = $1)`
)

// countHoldersOf is countHolders for every class that a person holds.
func countHoldersOf(ctx context.Context, tx *db.Tx, person int64) error {
	_, err := tx.Exec(ctx, holdersOfPersons, person, nobody)
	return err
}

// countHolders keeps the counter that lists and search read. It goes through all who
// hold the class, so it does so once, at the end of the transaction, however many
// badges of the class that changes.
func countHolders(ctx context.Context, tx *db.Tx, class int64) {
	tx.Last("badge.holders:"+strconv.FormatInt(class, 10), func() error {
		_, err := tx.Exec(ctx, holdersOfOne, class, nobody)
		return err
	})
}

// deleteBadge deletes the badge and what this package keeps about it.
func deleteBadge(ctx context.Context, tx *db.Tx, b Badge) error {
	if err := deleteLedger(ctx, tx, b.ID); err != nil {
		return err
	}
	if err := deleteBadgeHosts(ctx, tx, b.ID); err != nil {
		return err
	}
	if err := deleteHits(ctx, tx, b.ID); err != nil {
		return err
	}
	if err := deleteShelf(ctx, tx, b.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM badge WHERE id = $1`, b.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM badge_import WHERE person = $1 AND badge = $2`, b.Person, b.PublicID); err != nil {
		return err
	}
	countHolders(ctx, tx, b.Class.ID)
	return nil
}

// updateVerdict writes what a check came to. When a badge was valid last stays,
// and so does since when it cannot be checked, until it can.
func updateVerdict(ctx context.Context, tx *db.Tx, badge int64, r verify.Report, next time.Time) (state, error) {
	return scanState(tx.QueryRow(ctx, `UPDATE badge SET verdict = $2, verified_at = $3, next_check = $4,
		valid_at = CASE WHEN $2 = 'valid' THEN $3 ELSE valid_at END,
		unreachable_since = CASE WHEN $2 <> 'unverifiable' THEN 0 WHEN unreachable_since = 0 THEN $3 ELSE unreachable_since END
		WHERE id = $1 RETURNING verdict, told, unreachable_since`, badge, string(r.Verdict), db.Micros(r.At), db.Micros(next)))
}

func updateNextCheck(ctx context.Context, tx *db.Tx, badge int64, next time.Time) (state, error) {
	return scanState(tx.QueryRow(ctx, `UPDATE badge SET next_check = $2 WHERE id = $1 RETURNING verdict, told, unreachable_since`, badge, db.Micros(next)))
}

func scanState(s db.Scanner) (state, error) {
	var now state
	var since int64
	err := s.Scan(&now.verdict, &now.told, &since)
	now.unreachableSince = db.Time(since)
	return now, err
}

// updateTold notes what the holder of a badge hears now: 0 rows when another has
// just told them.
func updateTold(ctx context.Context, tx *db.Tx, badge int64, now state) (int64, error) {
	return tx.Exec(ctx, `UPDATE badge SET told = $2 WHERE id = $1 AND told = $3`, badge, string(now.verdict), string(now.told))
}

// getLanguage gives the language that a person reads, or "".
func getLanguage(ctx context.Context, d db.DB, person int64) (string, error) {
	return db.One[string](d.QueryRow(ctx, `SELECT language FROM person WHERE id = $1`, person))
}

// listDue gives the badges to be checked by now, those that wait longest before
// the others. A badge without a time is given one by Sweep.
func listDue(ctx context.Context, d db.DB, now int64, limit int) ([]Badge, error) {
	return db.Select(ctx, d, scanBadge, `SELECT `+badgeColumns+badgeTables+`WHERE b.next_check BETWEEN 1 AND $1 ORDER BY b.next_check LIMIT $2`, now, limit)
}

func listOfIssuer(ctx context.Context, d db.DB, viewer, issuer int64, limit int) ([]Badge, error) {
	return db.Select(ctx, d, scanCard, `SELECT `+cardColumns+` FROM badge_class c CROSS JOIN badge b JOIN person p ON p.id = b.person JOIN issuer i ON i.id = c.issuer
		WHERE c.issuer = $2 AND b.class = c.id AND b.visibility IN ('members', 'public')
		AND `+FoundSQL("b", 1)+` ORDER BY b.published_at DESC, b.id DESC LIMIT $3`, viewer, issuer, limit)
}

func countShown(ctx context.Context, d db.DB, viewer, person int64) (int, error) {
	var n int
	err := d.QueryRow(ctx, `SELECT count(*) FROM badge b WHERE b.person = $2 AND b.visibility IN ('members', 'public') AND `+NamedSQL("b", 1),
		viewer, person).Scan(&n)
	return n, err
}

func findMineOf(ctx context.Context, d db.DB, person, class int64) (string, error) {
	var id string
	err := d.QueryRow(ctx, `SELECT public_id FROM badge WHERE person = $1 AND class = $2 AND removed_at = 0 ORDER BY id DESC LIMIT 1`, person, class).Scan(&id)
	if errors.Is(err, db.ErrNotFound) {
		return "", nil
	}
	return id, err
}

func listNewest(ctx context.Context, d db.DB, viewer int64, limit int) ([]Badge, error) {
	return db.Select(ctx, d, scanCard, `SELECT `+cardColumns+badgeTables+`WHERE b.visibility = 'public' AND `+FoundNamedSQL("b", 1)+`
		ORDER BY b.published_at DESC, b.id DESC LIMIT $2`, viewer, limit)
}

// updateContent writes what a badge says, with the name that makes it the same
// badge as another file of it.
func updateContent(ctx context.Context, tx *db.Tx, b Badge, equality string) error {
	evidence, err := evidenceJSON(b.Evidence)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE badge SET class = $2, equality = $3, wire_id = $4, version = $5, issued_to = $6, plain = $7,
		issued_at = $8, expires_at = $9, evidence = $10 WHERE id = $1`,
		b.ID, b.Class.ID, equality, b.WireID, b.Version, b.IssuedTo, b.Plain,
		db.Micros(b.IssuedAt), db.Micros(b.ExpiresAt), evidence)
	return err
}
