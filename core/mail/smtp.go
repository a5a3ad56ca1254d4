package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/textproto"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/jobs"
)

const (
	dialTime = 15 * time.Second
	sendTime = time.Minute
)

// work is the job that sends one mail. A mail may be sent twice when the process
// dies in between; it has the same Message-ID then.
func (m *Mailer) work(ctx context.Context, text []byte) error {
	var p payload
	if err := json.Unmarshal(text, &p); err != nil {
		return jobs.Permanent(fmt.Errorf("read mail job: %w", err))
	}
	row, err := find(ctx, m.base.Read(), p.Mail)
	if errors.Is(err, db.ErrNotFound) || err == nil && row.State != Waiting {
		return nil
	}
	if err != nil {
		return err
	}
	if !m.Configured() {
		row.State = Held
		return m.note(ctx, row)
	}
	row.Tries++
	sendErr := m.deliver(ctx, row)
	if sendErr == nil {
		row.State, row.SentAt, row.LastError, row.Text, row.HTML = Sent, m.base.Now(), "", "", ""
		return m.note(ctx, row)
	}
	if ctx.Err() != nil {
		return sendErr // we end; the job is put back
	}
	sendErr = describe(sendErr)
	if f, ok := fault.As(sendErr); ok {
		row.LastError = f.Key
	}
	if jobs.IsPermanent(sendErr) || row.Tries >= jobs.MaxTries {
		row.State = Failed
	}
	return errors.Join(sendErr, m.note(ctx, row))
}

// note writes down how it went. What belongs to nobody goes once it is sent.
func (m *Mailer) note(ctx context.Context, row Mail) error {
	return m.base.Tx(ctx, func(tx *db.Tx) error {
		if row.State == Sent && row.Person == 0 {
			return remove(ctx, tx, row.ID)
		}
		return update(ctx, tx, row)
	})
}

func (m *Mailer) deliver(ctx context.Context, row Mail) error {
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	msg, err := m.message(row)
	if err != nil {
		return jobs.Permanent(err)
	}
	client, err := m.client()
	if err != nil {
		return fmt.Errorf("prepare the mail server: %w", err)
	}
	return client.DialAndSendWithContext(ctx, msg)
}

// message makes the mail of a row: text and HTML, for one recipient.
func (m *Mailer) message(row Mail) (*gomail.Msg, error) {
	to, _, err := ParseAddress(row.To)
	if err != nil {
		return nil, err
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(m.from)
	if err := msg.To(to); err != nil {
		return nil, fault.New(fault.Invalid, "mail.bad_address")
	}
	if row.ReplyTo != "" {
		if err := msg.ReplyTo(row.ReplyTo); err != nil {
			return nil, fault.New(fault.Invalid, "mail.bad_address")
		}
	}
	_, domain, _ := strings.Cut(m.from.Address, "@")
	msg.SetMessageIDWithValue(fmt.Sprintf("%d.osier@%s", row.ID, domain))
	msg.SetDateWithValue(row.CreatedAt)
	msg.Subject(row.Subject)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834 §5: nobody's holiday answers it
	if row.Unsubscribe != "" {                           // one click, without signing in (RFC 8058 §3.1)
		msg.SetGenHeader("List-Unsubscribe", "<"+row.Unsubscribe+">")
		msg.SetGenHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	if row.Lang != "" {
		msg.SetGenHeader("Content-Language", row.Lang)
	}
	msg.SetBodyString(gomail.TypeTextPlain, row.Text)
	if row.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, row.HTML)
	}
	return msg, nil
}

func (m *Mailer) client() (*gomail.Client, error) {
	o := []gomail.Option{gomail.WithPort(m.smtp.Port), gomail.WithTimeout(dialTime), gomail.WithoutNoop()}
	switch m.smtp.TLS {
	case "tls":
		o = append(o, gomail.WithSSL())
	case "none":
		o = append(o, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		o = append(o, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	roots := m.tls
	if roots == nil {
		roots = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	secure := roots.Clone()
	secure.ServerName = m.smtp.Host
	o = append(o, gomail.WithTLSConfig(secure))
	if m.smtp.User != "" {
		auth := gomail.SMTPAuthAutoDiscover
		if m.smtp.TLS == "none" {
			auth = gomail.SMTPAuthPlainNoEnc // config allows this to the same machine only
		}
		o = append(o, gomail.WithSMTPAuth(auth), gomail.WithUsername(m.smtp.User), gomail.WithPassword(m.smtp.Password))
	}
	return gomail.NewClient(m.smtp.Host, o...)
}

// describe turns an error of the mail server into a reason that names nobody.
// Only the refusal of the recipient or of the mail itself is final: anything
// else may be mended on our side or theirs.
func describe(err error) error {
	if _, ok := fault.As(err); ok {
		return err
	}
	wrap := func(key string) error { return fault.New(fault.Unavailable, key).Wrap(err) }
	if send, ok := errors.AsType[*gomail.SendError](err); ok {
		switch {
		case send.Reason == gomail.ErrSMTPMailFrom && !send.IsTemp():
			return wrap("mail.refused_sender")
		case send.IsTemp() || send.ErrorCode() < 500:
			return wrap("mail.later")
		}
		return jobs.Permanent(wrap("mail.refused"))
	}
	if code, ok := errors.AsType[*textproto.Error](err); ok && (code.Code == 530 || code.Code == 534 || code.Code == 535) {
		return wrap("mail.login")
	}
	if isTLS(err) {
		return wrap("mail.tls")
	}
	return wrap("mail.unreachable")
}

func isTLS(err error) bool {
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	_, header := errors.AsType[tls.RecordHeaderError](err)
	return certificate || unknown || header || strings.Contains(err.Error(), "STARTTLS")
}
