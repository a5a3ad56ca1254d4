package account

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/db"
)

const legalColumns = `kind, language, version, body, asks, effective_at`

func scanLegal(s db.Scanner) (LegalText, error) {
	var t LegalText
	var at int64
	err := s.Scan(&t.Kind, &t.Language, &t.Version, &t.Body, &t.Asks, &at)
	t.EffectiveAt = db.Time(at)
	return t, err
}

// legalTexts gives the languages of the version that is in force.
func legalTexts(ctx context.Context, d db.DB, kind string, now time.Time) ([]LegalText, error) {
	return db.Select(ctx, d, scanLegal, `SELECT `+legalColumns+` FROM legal_text WHERE kind = $1
		AND version = (SELECT max(version) FROM legal_text WHERE kind = $1 AND effective_at <= $2) ORDER BY language`, kind, db.Micros(now))
}

func allLegalTexts(ctx context.Context, d db.DB, kind string) ([]LegalText, error) {
	return db.Select(ctx, d, scanLegal, `SELECT `+legalColumns+` FROM legal_text WHERE kind = $1 ORDER BY version DESC, language`, kind)
}

func textStateOf(ctx context.Context, d db.DB, kind string, now time.Time) (textState, error) {
	var t textState
	err := d.QueryRow(ctx, `SELECT COALESCE(max(version), 0), COALESCE(max(CASE WHEN asks THEN version ELSE 0 END), 0)
		FROM legal_text WHERE kind = $1 AND effective_at <= $2`, kind, db.Micros(now)).Scan(&t.version, &t.asks)
	return t, err
}

func lastVersion(ctx context.Context, d db.DB, kind string) (int64, error) {
	return db.One[int64](d.QueryRow(ctx, `SELECT COALESCE(max(version), 0) FROM legal_text WHERE kind = $1`, kind))
}

func insertLegalText(ctx context.Context, tx *db.Tx, t LegalText) error {
	_, err := tx.Exec(ctx, `INSERT INTO legal_text (kind, version, language, body, asks, effective_at, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, t.Kind, t.Version, t.Language, t.Body, t.Asks, db.Micros(t.EffectiveAt), db.Micros(tx.Now()))
	return err
}

func insertConsent(ctx context.Context, tx *db.Tx, person int64, kind string, version int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO consent (person, kind, version, at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (person, kind, version) DO NOTHING`, person, kind, version, db.Micros(tx.Now()))
	return err
}

type exportedConsent struct {
	Kind    string    `json:"kind"`
	Version int64     `json:"version"`
	At      time.Time `json:"at"`
}

func consentsOf(ctx context.Context, d db.DB, person int64) ([]exportedConsent, error) {
	return db.Select(ctx, d, func(s db.Scanner) (exportedConsent, error) {
		var c exportedConsent
		var at int64
		err := s.Scan(&c.Kind, &c.Version, &at)
		c.At = db.Time(at)
		return c, err
	}, `SELECT kind, version, at FROM consent WHERE person = $1 ORDER BY at, kind`, person)
}

// agreedTo gives the newest version of each kind that a person agreed to.
func agreedTo(ctx context.Context, d db.DB, person int64) (map[string]int64, error) {
	type pair struct {
		kind    string
		version int64
	}
	list, err := db.Select(ctx, d, func(s db.Scanner) (pair, error) {
		var p pair
		err := s.Scan(&p.kind, &p.version)
		return p, err
	}, `SELECT kind, max(version) FROM consent WHERE person = $1 GROUP BY kind`, person)
	out := map[string]int64{}
	for _, p := range list {
		out[p.kind] = p.version
	}
	return out, err
}
