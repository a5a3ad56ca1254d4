package share

import (
	"context"
	"errors"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/mail"
	"github.com/osier-passport/osier/core/share/host"
)

// The fields of a mail that we send for a person, and its bounds.
const (
	mailTo    = "to"
	mailReply = "reply_to_me" // the person agreed that an answer reaches them

	recipientsAMail = 5
	mailsADay       = 20
)

// Letter is the data of the mail "share".
type Letter struct {
	Name    string // of the person who sends it
	Subject string
	Text    string
	Badge   string
	URL     string
}

// checkRecipients bounds who one mail goes to.
func checkRecipients(options map[string]string) []host.FieldError {
	list, err := addressesOf(options[mailTo])
	if err == nil && len(list) > recipientsAMail {
		return []host.FieldError{{Key: mailTo, Text: "share.field.recipients"}}
	}
	for _, a := range list {
		if _, _, err := mail.ParseAddress(a); err != nil {
			return []host.FieldError{{Key: mailTo, Text: "share.field.email"}}
		}
	}
	return nil
}

// sendMail writes the mail that the plugin's preview gives into the outbox, in the
// transaction that ends the job: once or not at all.
func (s *Share) sendMail(ctx context.Context, t task) error {
	preview, err := s.host.Preview(ctx, t.plugin, t.request)
	if err != nil {
		f := host.AsFailure(err)
		if f.Code == host.Uncertain { // it only wrote a text
			f.Code = host.Retry
		}
		return s.sent(ctx, t, host.Posted{}, f)
	}
	if len(preview.Errors) > 0 {
		t.Detail = preview.Errors[0].Text
		return s.end(ctx, t, StateFailed, "share.reason.rejected")
	}
	return s.base.Tx(ctx, func(tx *db.Tx) error { return s.writeMails(ctx, tx, t, preview) })
}

func (s *Share) writeMails(ctx context.Context, tx *db.Tx, t task, preview host.Preview) error {
	now, err := getJob(ctx, tx, t.row)
	if errors.Is(err, db.ErrNotFound) || err == nil && now.turn != t.turn {
		return nil
	}
	if err != nil {
		return err
	}
	me, err := s.accounts.PersonByID(ctx, tx, t.person)
	if err != nil {
		return err
	}
	options := t.optionValues()
	m := mail.Message{
		Lang: t.lang, Template: "share", About: t.person,
		Data: Letter{Name: me.Name, Subject: preview.Subject, Text: preview.Text, Badge: t.request.Item.Title, URL: t.request.Item.URL},
	}
	if options[mailReply] != "" {
		own, err := s.accounts.Confirmed(ctx, tx, t.person)
		if err != nil {
			return err
		}
		if len(own) > 0 {
			m.ReplyTo = own[0]
		}
	}
	list, err := addressesOf(options[mailTo])
	if err != nil {
		return err
	}
	for _, m.To = range list {
		if err := s.accounts.Mail(ctx, tx, m); err != nil {
			return err
		}
	}
	t.State, t.Reason, t.Detail, t.Done, t.Next = JobPosted, "", "", tx.Now(), time.Time{}
	return saveJob(ctx, tx, t.Job)
}
