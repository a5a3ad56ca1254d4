package account

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

const proofColumns = `id, person, address_hash, masked, confirmed_by, confirmed_from, confirmed_until`

func scanProof(s db.Scanner) (Proof, error) {
	var p Proof
	var from, until int64
	err := s.Scan(&p.ID, &p.Person, &p.hash, &p.Masked, &p.By, &from, &until)
	p.From, p.Until = db.Time(from), db.Time(until)
	return p, err
}

func insertProof(ctx context.Context, tx *db.Tx, p Proof) error {
	_, err := tx.Exec(ctx, `INSERT INTO address_proof (id, person, address_hash, masked, confirmed_by, confirmed_from, confirmed_until)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, p.ID, p.Person, p.hash, p.Masked, p.By, db.Micros(p.From), db.Micros(p.Until))
	return err
}

func proofsOf(ctx context.Context, d db.DB, person int64) ([]Proof, error) {
	return db.Select(ctx, d, scanProof, `SELECT `+proofColumns+` FROM address_proof WHERE person = $1 ORDER BY id`, person)
}

func proofByID(ctx context.Context, d db.DB, person, id int64) (Proof, error) {
	return scanProof(d.QueryRow(ctx, `SELECT `+proofColumns+` FROM address_proof WHERE id = $2 AND person = $1`, person, id))
}

func proofsOfAddress(ctx context.Context, d db.DB, person int64, hash string) ([]Proof, error) {
	return db.Select(ctx, d, scanProof, `SELECT `+proofColumns+` FROM address_proof WHERE person = $1 AND address_hash = $2 ORDER BY id`, person, hash)
}

// countForeignProofs counts the proofs of others that reach beyond a time.
func countForeignProofs(ctx context.Context, d db.DB, person int64, hash string, after int64) (int, error) {
	var n int
	err := d.QueryRow(ctx, `SELECT count(*) FROM address_proof WHERE address_hash = $2 AND person <> $1 AND confirmed_until >= $3`, person, hash, after).Scan(&n)
	return n, err
}
