package badge

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/secret"
)

const classColumns = `c.id, c.public_id, c.name, c.description, c.criteria_url, c.criteria, c.language, c.tags, c.alignments, c.thumbnail, c.holders,
	i.id, i.public_id, i.wire_id, i.name, i.url, i.description, i.linkedin, i.first_seen`

func scanClass(s db.Scanner) (Class, error) {
	var c Class
	var tags, alignments string
	var seen int64
	err := s.Scan(&c.ID, &c.PublicID, &c.Name, &c.Description, &c.CriteriaURL, &c.Criteria, &c.Language, &tags, &alignments, &c.Thumbnail, &c.Holders,
		&c.Issuer.ID, &c.Issuer.PublicID, &c.Issuer.WireID, &c.Issuer.Name, &c.Issuer.URL, &c.Issuer.Description, &c.Issuer.LinkedIn, &seen)
	if err != nil {
		return Class{}, err
	}
	c.Issuer.FirstSeen = db.Time(seen)
	return c, errors.Join(json.Unmarshal([]byte(tags), &c.Tags), json.Unmarshal([]byte(alignments), &c.Alignments))
}

// getClass finds a class through a badge that the viewer may see, so that a
// class that is only held privately is known to its holders alone.
func getClass(ctx context.Context, d db.DB, viewer int64, publicID string) (Class, error) {
	return scanClass(d.QueryRow(ctx, `SELECT `+classColumns+` FROM badge_class c JOIN issuer i ON i.id = c.issuer
		WHERE c.public_id = $2 AND `+SomeSQL("c.id", 1), viewer, publicID))
}

func listClasses(ctx context.Context, d db.DB, viewer, issuer int64) ([]Class, error) {
	return db.Select(ctx, d, scanClass, `SELECT `+classColumns+` FROM badge_class c JOIN issuer i ON i.id = c.issuer
		WHERE c.issuer = $2 AND `+SomeSQL("c.id", 1)+`
		ORDER BY c.holders DESC, c.id LIMIT 100`, viewer, issuer)
}

func getIssuer(ctx context.Context, d db.DB, viewer int64, publicID string) (Issuer, error) {
	var i Issuer
	var seen int64
	err := d.QueryRow(ctx, `SELECT i.id, i.public_id, i.wire_id, i.name, i.url, i.description, i.linkedin, i.first_seen FROM issuer i
		WHERE i.public_id = $2 AND EXISTS (SELECT 1 FROM badge_class c WHERE c.issuer = i.id AND `+SomeSQL("c.id", 1)+`)`,
		viewer, publicID).Scan(&i.ID, &i.PublicID, &i.WireID, &i.Name, &i.URL, &i.Description, &i.LinkedIn, &seen)
	i.FirstSeen = db.Time(seen)
	return i, err
}

// upsertIssuer finds or makes the issuer of a credential. Only a proven
// credential changes what is known of an issuer: anybody can write a name into
// a badge that proves nothing.
func upsertIssuer(ctx context.Context, tx *db.Tx, i openbadge.Issuer, proven bool) (int64, error) {
	id, now := tx.NewID(), db.Micros(tx.Now())
	folded := db.Fold(i.Name)
	var old int64
	var same bool
	err := tx.QueryRow(ctx, `SELECT id, name = $2 AND url = $3 AND description = $4 AND folded = $5 FROM issuer WHERE wire_id = $1`,
		i.ID, i.Name, i.URL, i.Description, folded).Scan(&old, &same)
	if err == nil && (same || !proven) {
		return old, nil
	}
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return 0, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO issuer (id, public_id, wire_id, name, folded, url, description, first_seen)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (wire_id) DO NOTHING`,
		id, secret.ID(), i.ID, i.Name, folded, i.URL, i.Description, now)
	if err != nil {
		return 0, err
	}
	if proven {
		_, err = tx.Exec(ctx, `UPDATE issuer SET name = $2, url = $3, description = $4, folded = $5 WHERE wire_id = $1
			AND (name <> $2 OR url <> $3 OR description <> $4 OR folded <> $5)`, i.ID, i.Name, i.URL, i.Description, folded)
		if err != nil {
			return 0, err
		}
	}
	err = tx.QueryRow(ctx, `SELECT id FROM issuer WHERE wire_id = $1`, i.ID).Scan(&id)
	return id, err
}

// classContent is what makes a class: the same content is the same class.
type classContent struct {
	Issuer, WireID, Name, Description, CriteriaURL, Criteria, Language string

	Thumbnail  string // blob hash of our PNG of the art
	Tags       []string
	Alignments []openbadge.Alignment

	Search string `json:"-"` // what the class is found by, with the name of its issuer
}

func (c classContent) hash() (string, error) {
	text, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// upsertClass finds or makes the class with this content, whose hash that is.
func upsertClass(ctx context.Context, tx *db.Tx, issuer int64, hash string, c classContent) (int64, error) {
	if id, err := classOf(ctx, tx, hash); !errors.Is(err, db.ErrNotFound) {
		return id, err
	}
	tags, err := json.Marshal(c.Tags)
	if err != nil {
		return 0, err
	}
	alignments, err := json.Marshal(c.Alignments)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO badge_class (id, public_id, content_hash, issuer, wire_id, name, description, criteria_url, criteria, language,
		tags, alignments, thumbnail, search, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		ON CONFLICT (content_hash) DO NOTHING`,
		tx.NewID(), secret.ID(), hash, issuer, c.WireID, c.Name, c.Description, c.CriteriaURL, c.Criteria, c.Language,
		string(tags), string(alignments), c.Thumbnail, c.Search, db.Micros(tx.Now()))
	if err != nil {
		return 0, err
	}
	return classOf(ctx, tx, hash)
}

// classOf finds the class whose content has a hash.
func classOf(ctx context.Context, d db.DB, hash string) (int64, error) {
	return db.One[int64](d.QueryRow(ctx, `SELECT id FROM badge_class WHERE content_hash = $1`, hash))
}

// isLone reports whether nobody holds the class.
func isLone(ctx context.Context, tx *db.Tx, class int64) (bool, error) {
	var n int
	err := tx.QueryRow(ctx, `SELECT count(*) FROM badge WHERE class = $1`, class).Scan(&n)
	return n == 0, err
}

// deleteClass deletes a class, and its issuer when that was the last one, and
// gives the thumbnail that it used.
func deleteClass(ctx context.Context, tx *db.Tx, class int64) (string, error) {
	var issuer int64
	var thumbnail string
	err := tx.QueryRow(ctx, `DELETE FROM badge_class WHERE id = $1 RETURNING issuer, thumbnail`, class).Scan(&issuer, &thumbnail)
	if err != nil {
		return "", err
	}
	if err := deleteKeys(ctx, tx, issuer); err != nil {
		return "", err
	}
	_, err = tx.Exec(ctx, `DELETE FROM issuer WHERE id = $1 AND linkedin = ''
		AND NOT EXISTS (SELECT 1 FROM badge_class c WHERE c.issuer = $1)`, issuer)
	return thumbnail, err
}

func updateLinkedIn(ctx context.Context, tx *db.Tx, publicID, number string) (int64, error) {
	return tx.Exec(ctx, `UPDATE issuer SET linkedin = $2 WHERE public_id = $1`, publicID, number)
}

// countIssuerHolders adds up how often badges of an issuer are shown to everybody.
func countIssuerHolders(ctx context.Context, d db.DB, issuer int64) (int, error) {
	return db.One[int](d.QueryRow(ctx, `SELECT COALESCE(sum(holders), 0) FROM badge_class WHERE issuer = $1`, issuer))
}
