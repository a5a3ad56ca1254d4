// Package mail writes mails from templates into an outbox and sends them by SMTP.
//
// It owns the tables mail_outbox and mail_pace and no event. A mail is written in the
// transaction that wants it sent, and a job sends it. Without an SMTP server it
// is held: administrators read it on /admin/outbox, and the log says so with the
// text of the mail, so that a new passport works before mail is set up. A held
// mail of the last week is sent once a server is configured. What was sent loses
// its text; what belongs to nobody is deleted. account and mydata send; admin
// shows the outbox.
package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/jobs"
	"github.com/osier-passport/osier/core/secret"
	"github.com/osier-passport/osier/core/theme"
)

const (
	jobSend  = "mail.send"
	jobClean = "mail.clean"

	keepHeld = 7 * 24 * time.Hour  // older held mail is not sent any more
	keepRows = 30 * 24 * time.Hour // then rows are deleted

	maxSubject = 200 // runes
)

// State says what became of a mail.
type State string

// The states. A message key "mail.state." + State gives the word for each.
const (
	Held    State = "held"    // no SMTP server is configured
	Waiting State = "waiting" // is being sent, maybe not for the first time
	Sent    State = "sent"
	Failed  State = "failed" // given up
)

// Renderer makes the parts of a mail from a template. *theme.Theme is one.
type Renderer interface {
	Mail(lang, name string, data any) (theme.Mail, error)
}

// Options are what a Mailer works with.
type Options struct {
	Base     *db.Base
	Queue    *jobs.Queue
	Keys     *secret.Keys // for the hashes of addresses that are counted
	Renderer Renderer
	SMTP     config.SMTP  // without Host, mail is held
	Log      *slog.Logger // nil: discard
}

// Mailer sends mail.
type Mailer struct {
	base   *db.Base
	queue  *jobs.Queue
	keys   *secret.Keys
	render Renderer
	smtp   config.SMTP
	from   *mail.Address
	tls    *tls.Config // nil: the system's; tests bring their own roots
	log    *slog.Logger
}

// Message is a mail to be written.
type Message struct {
	To       string // one plain address
	Lang     string
	Template string // of mail/<name>.{subject,txt,html}
	Data     any
	Person   int64 // whose mail it is; 0 deletes the row once it is sent

	About       int64  // a person whom it names beside its recipient: the mail goes when they do; 0 for nobody
	Kind        string // that the Person can stop; "" is always sent
	Unsubscribe string // absolute address where that is done (RFC 8058), may be empty
	ReplyTo     string // one plain address that answers go to; "" for the sender's
}

// Mail is a row of the outbox.
type Mail struct {
	ID         int64
	Person     int64
	To         string
	Lang       string
	Template   string
	Subject    string
	Text, HTML string // empty once sent
	State      State
	Tries      int
	LastError  string // message key, may be empty
	CreatedAt  time.Time
	SentAt     time.Time

	About       int64
	Unsubscribe string
	ReplyTo     string
}

// New makes a mailer and registers its jobs.
func New(o Options) (*Mailer, error) {
	m := &Mailer{base: o.Base, queue: o.Queue, keys: o.Keys, render: o.Renderer, smtp: o.SMTP, log: o.Log}
	if m.log == nil {
		m.log = slog.New(slog.DiscardHandler)
	}
	if m.Configured() {
		from, err := mail.ParseAddress(o.SMTP.From)
		if err != nil {
			return nil, fmt.Errorf("read smtp.from: %w", err)
		}
		m.from = from
	}
	m.queue.Handle(jobSend, m.work)
	m.queue.Every(jobClean, time.Hour, m.clean)
	return m, nil
}

// Configured reports whether there is an SMTP server.
func (m *Mailer) Configured() bool { return m.smtp.Host != "" }

// Send writes a mail as part of tx; it goes out once tx is committed. It returns
// a fault for an address that is not one plain address.
func (m *Mailer) Send(ctx context.Context, tx *db.Tx, msg Message) error {
	to, _, err := ParseAddress(msg.To)
	if err != nil {
		return err
	}
	parts, err := m.render.Mail(msg.Lang, msg.Template, msg.Data)
	if err != nil {
		return fmt.Errorf("write the mail %s: %w", msg.Template, err)
	}
	row := Mail{
		ID: tx.NewID(), Person: msg.Person, To: to, Lang: msg.Lang, Template: msg.Template, Subject: oneLine(parts.Subject),
		Text: parts.Text, HTML: parts.HTML, State: Held, CreatedAt: tx.Now(),
		About: msg.About, Unsubscribe: msg.Unsubscribe, ReplyTo: msg.ReplyTo,
	}
	var at time.Time
	if m.Configured() {
		if row.State, at, err = m.pace(ctx, tx, to, msg.Template); err != nil {
			return fmt.Errorf("write the mail %s: %w", msg.Template, err)
		}
	}
	if row.State == Failed {
		row.LastError = "mail.too_many"
	}
	if err := insert(ctx, tx, row); err != nil {
		return fmt.Errorf("write the mail %s: %w", msg.Template, err)
	}
	if m.Configured() {
		return m.enqueue(ctx, tx, row, at)
	}
	tx.After(func() { m.tell(ctx, row) })
	return nil
}

// tell writes a held mail to the log: the first day must work without a server.
func (m *Mailer) tell(ctx context.Context, row Mail) {
	m.log.WarnContext(ctx, "mail is not sent: no mail server is configured (smtp.host). Administrators find it on /admin/outbox",
		"mail", row.ID, "to", mask(row.To), "subject", row.Subject, "text", row.Text)
}

// oneLine makes a subject of one line and a decent length.
func oneLine(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f || r == 0x2028 || r == 0x2029 }), " ")
	if r := []rune(s); len(r) > maxSubject {
		s = string(r[:maxSubject-1]) + "…"
	}
	return s
}

type payload struct {
	Mail int64 `json:"mail"`
}

// enqueue has a mail that waits sent, not before a time.
func (m *Mailer) enqueue(ctx context.Context, tx *db.Tx, row Mail, at time.Time) error {
	if row.State != Waiting {
		return nil
	}
	return m.queue.Add(ctx, tx, jobSend, payload{row.ID}, jobs.Options{At: at, Person: row.Person, Key: fmt.Sprintf("%s/%d", jobSend, row.ID)})
}

// Start queues mail of the last week that was held while there was no server.
// Call it once before the queue runs.
func (m *Mailer) Start(ctx context.Context) error {
	if !m.Configured() {
		return nil
	}
	err := m.base.Tx(ctx, func(tx *db.Tx) error {
		list, err := release(ctx, tx, tx.Now().Add(-keepHeld))
		if err != nil {
			return err
		}
		for _, r := range list {
			if err := m.enqueue(ctx, tx, r, time.Time{}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("queue held mail: %w", err)
	}
	return nil
}

// Outbox lists the newest mails.
func (m *Mailer) Outbox(ctx context.Context, limit int) ([]Mail, error) {
	return newest(ctx, m.base.Read(), limit)
}

// Retry queues a mail that is held or failed. It returns a fault when there is
// no such mail or no server.
func (m *Mailer) Retry(ctx context.Context, id int64) error {
	if !m.Configured() {
		return fault.New(fault.Conflict, "mail.no_server")
	}
	return m.base.Tx(ctx, func(tx *db.Tx) error {
		row, err := find(ctx, tx, id)
		if errors.Is(err, db.ErrNotFound) || err == nil && row.State != Held && row.State != Failed {
			return fault.New(fault.NotFound, "mail.no_such_mail")
		}
		if err != nil {
			return err
		}
		row.State, row.Tries, row.LastError = Waiting, 0, ""
		return errors.Join(update(ctx, tx, row), m.enqueue(ctx, tx, row, time.Time{}))
	})
}

// clean deletes what has lain in the outbox for a month, and counts that ended.
func (m *Mailer) clean(ctx context.Context) error {
	return m.base.Tx(ctx, func(tx *db.Tx) error {
		return errors.Join(removeBefore(ctx, tx, tx.Now().Add(-keepRows)), removePaces(ctx, tx))
	})
}

// OwnerName names this part of a person's data.
func (m *Mailer) OwnerName() string { return "mail" }

// OwnerTables lists the tables whose rows refer to a person.
func (m *Mailer) OwnerTables() []string { return []string{"mail_outbox"} }

// Returns says what of this feature's part of an archive comes back.
func (m *Mailer) Returns() []archive.Return {
	return []archive.Return{{Document: "mail", Anew: archive.Passing}}
}

// Export puts the mails written to the person that are still held.
func (m *Mailer) Export(ctx context.Context, person int64, put func(name string, content []byte) error) error {
	list, err := ofPerson(ctx, m.base.Read(), person)
	if err != nil || len(list) == 0 {
		return err
	}
	type exported struct {
		To      string    `json:"to"`
		Subject string    `json:"subject"`
		Text    string    `json:"text,omitempty"`
		State   State     `json:"state"`
		Created time.Time `json:"created"`
	}
	out := make([]exported, len(list))
	for i, r := range list {
		out[i] = exported{r.To, r.Subject, r.Text, r.State, r.CreatedAt}
	}
	return archive.Put(put, "mail/mail.json", out)
}

// Erase deletes the person's mails, and those that name them to others.
func (m *Mailer) Erase(ctx context.Context, tx *db.Tx, person int64) error {
	return erase(ctx, tx, person)
}
