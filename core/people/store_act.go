package people

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

func insertAct(ctx context.Context, tx *db.Tx, a Act) error {
	_, err := tx.Exec(ctx, `INSERT INTO admin_act (id, actor, way, subject, kind, words, receipt, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		a.ID, a.Actor, a.Way, a.Subject, a.Kind, a.Words, a.Receipt, db.Micros(a.At))
	return err
}

const actColumns = `a.id, a.actor, a.way, a.subject, a.kind, a.words, a.receipt, a.at,
	COALESCE(p.name, ''), COALESCE(p.handle, ''), COALESCE(s.name, ''), COALESCE(s.handle, ''), COALESCE(s.public_id, '')
	FROM admin_act a LEFT JOIN person p ON p.id = a.actor LEFT JOIN person s ON s.id = a.subject `

func scanAct(s db.Scanner) (Act, error) {
	var a Act
	var at int64
	err := s.Scan(&a.ID, &a.Actor, &a.Way, &a.Subject, &a.Kind, &a.Words, &a.Receipt, &at,
		&a.ActorName, &a.ActorHandle, &a.SubjectName, &a.SubjectHandle, &a.SubjectID)
	a.At = db.Time(at)
	return a, err
}

func listActs(ctx context.Context, d db.DB, before int64, limit int) ([]Act, error) {
	return db.Select(ctx, d, scanAct, `SELECT `+actColumns+`WHERE a.id < $1 ORDER BY a.id DESC LIMIT $2`, before, limit)
}

func listActsOn(ctx context.Context, d db.DB, person int64, limit int) ([]Act, error) {
	return db.Select(ctx, d, scanAct, `SELECT `+actColumns+`WHERE a.subject = $1 ORDER BY a.id DESC LIMIT $2`, person, limit)
}

// listActsBy gives what an administrator did.
func listActsBy(ctx context.Context, d db.DB, person int64) ([]Act, error) {
	return db.Select(ctx, d, scanAct, `SELECT `+actColumns+`WHERE a.actor = $1 ORDER BY a.id`, person)
}

// listAllActsOn gives what was done to a person.
func listAllActsOn(ctx context.Context, d db.DB, person int64) ([]Act, error) {
	return db.Select(ctx, d, scanAct, `SELECT `+actColumns+`WHERE a.subject = $1 ORDER BY a.id`, person)
}

func countActs(ctx context.Context, d db.DB, person int64) (int, error) {
	return db.One[int](d.QueryRow(ctx, `SELECT (SELECT count(*) FROM admin_act WHERE actor = $1) + (SELECT count(*) FROM admin_act WHERE subject = $1)`, person))
}

// forgetPerson takes a person out of the record: what was done stays, with its day.
func forgetPerson(ctx context.Context, tx *db.Tx, person int64) error {
	for _, q := range []string{
		`DELETE FROM removal WHERE person = $1`,
		`UPDATE admin_act SET actor = 0 WHERE actor = $1`,
		`UPDATE admin_act SET subject = 0, words = '' WHERE subject = $1`,
	} {
		if _, err := tx.Exec(ctx, q, person); err != nil {
			return err
		}
	}
	return nil
}

// mergePerson gives the acts of and on a person to another account of theirs.
func mergePerson(ctx context.Context, tx *db.Tx, from, into int64) error {
	for _, q := range []string{
		`DELETE FROM removal WHERE person = $1`,
		`UPDATE admin_act SET actor = $2 WHERE actor = $1`,
		`UPDATE admin_act SET subject = $2 WHERE subject = $1`,
	} {
		args := []any{from, into}
		if q[0] == 'D' {
			args = args[:1]
		}
		if _, err := tx.Exec(ctx, q, args...); err != nil {
			return err
		}
	}
	return nil
}
