package mail

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/db"
)

func insert(ctx context.Context, tx *db.Tx, m Mail) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO mail_outbox (id, person, recipient, language, template, subject, body_text, body_html, state, last_error, created_at, unsubscribe, about, reply_to)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		m.ID, m.Person, m.To, m.Lang, m.Template, m.Subject, m.Text, m.HTML, string(m.State), m.LastError, db.Micros(m.CreatedAt), m.Unsubscribe, m.About, m.ReplyTo)
	return err
}

const columns = `id, person, recipient, language, template, subject, body_text, body_html, state, attempts, last_error, created_at, sent_at, unsubscribe, about, reply_to`

func scan(s db.Scanner) (Mail, error) {
	var m Mail
	var created, sent int64
	err := s.Scan(&m.ID, &m.Person, &m.To, &m.Lang, &m.Template, &m.Subject, &m.Text, &m.HTML, &m.State, &m.Tries, &m.LastError, &created, &sent, &m.Unsubscribe, &m.About, &m.ReplyTo)
	m.CreatedAt, m.SentAt = db.Time(created), db.Time(sent)
	return m, err
}

func find(ctx context.Context, d db.DB, id int64) (Mail, error) {
	return scan(d.QueryRow(ctx, `SELECT `+columns+` FROM mail_outbox WHERE id = $1`, id))
}

func newest(ctx context.Context, d db.DB, limit int) ([]Mail, error) {
	return db.Select(ctx, d, scan, `SELECT `+columns+` FROM mail_outbox ORDER BY id DESC LIMIT $1`, limit)
}

func ofPerson(ctx context.Context, d db.DB, person int64) ([]Mail, error) {
	return db.Select(ctx, d, scan, `SELECT `+columns+` FROM mail_outbox WHERE person = $1 AND person > 0 ORDER BY id`, person)
}

// update writes what changes while a mail is sent.
func update(ctx context.Context, tx *db.Tx, m Mail) error {
	_, err := tx.Exec(ctx, `
		UPDATE mail_outbox SET body_text = $1, body_html = $2, state = $3, attempts = $4, last_error = $5, sent_at = $6 WHERE id = $7`,
		m.Text, m.HTML, string(m.State), m.Tries, m.LastError, db.Micros(m.SentAt), m.ID)
	return err
}

func remove(ctx context.Context, tx *db.Tx, id int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM mail_outbox WHERE id = $1`, id)
	return err
}

// release marks held mail since a time as waiting, and gives it.
func release(ctx context.Context, tx *db.Tx, since time.Time) ([]Mail, error) {
	return db.Select(ctx, tx, scan, `
		UPDATE mail_outbox SET state = 'waiting' WHERE state = 'held' AND created_at >= $1
		RETURNING `+columns, db.Micros(since))
}

func removeBefore(ctx context.Context, tx *db.Tx, before time.Time) error {
	_, err := tx.Exec(ctx, `DELETE FROM mail_outbox WHERE state <> 'waiting' AND created_at < $1`, db.Micros(before))
	return err
}

func erase(ctx context.Context, tx *db.Tx, person int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM mail_outbox WHERE (person = $1 OR about = $1) AND $1 > 0`, person)
	return err
}

// countMail counts one mail to a recipient and gives how many there were in the
// current window, and when that ends.
func countMail(ctx context.Context, tx *db.Tx, recipient string, ends time.Time) (n int, end time.Time, err error) {
	var at int64
	err = tx.QueryRow(ctx, `
		INSERT INTO mail_pace (recipient, sent, ends_at) VALUES ($1, 1, $2)
		ON CONFLICT (recipient) DO UPDATE SET
			sent = CASE WHEN mail_pace.ends_at <= $3 THEN 1 ELSE mail_pace.sent + 1 END,
			ends_at = CASE WHEN mail_pace.ends_at <= $3 THEN excluded.ends_at ELSE mail_pace.ends_at END
		RETURNING sent, ends_at`, recipient, db.Micros(ends), db.Micros(tx.Now())).Scan(&n, &at)
	return n, db.Time(at), err
}

func removePaces(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, `DELETE FROM mail_pace WHERE ends_at <= $1`, db.Micros(tx.Now()))
	return err
}
