package account

import (
	"context"
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/mail"
)

// Change is what changed about the ways into an account; the message
// "account.mail.security." + Change says it in words.
type Change string

// The changes that a person is told of by mail.
const (
	PasswordChanged Change = "password_changed"
	PasswordRemoved Change = "password_removed"
	PasskeyAdded    Change = "passkey_added"   // Detail: its name
	PasskeyRemoved  Change = "passkey_removed" // Detail: its name
	PasskeyDoubted  Change = "passkey_doubted" // Detail: its name
	ProviderAdded   Change = "provider_added"  // Detail: its name
	ProviderRemoved Change = "provider_removed"
	MailAllowed     Change = "mail_allowed"
	MailForbidden   Change = "mail_forbidden"
	CodesMade       Change = "codes_made"
	CodeUsed        Change = "code_used"       // Detail: how many are left
	AddressChanged  Change = "address_changed" // Detail: the new address for notices
)

// Changes lists every Change.
func Changes() []Change {
	return []Change{
		PasswordChanged, PasswordRemoved, PasskeyAdded, PasskeyRemoved, PasskeyDoubted, ProviderAdded, ProviderRemoved,
		MailAllowed, MailForbidden, CodesMade, CodeUsed, AddressChanged,
	}
}

// Notice is what a person is told.
type Notice struct {
	What   Change
	Detail string
	Device string // where it was done, may be ""
	To     string // another address than the primary one, or ""
}

// SecurityMail is the data of the mail "security".
type SecurityMail struct {
	Name, What, Detail, Device string
	At                         time.Time
	URL                        string // absolute: the page of ways in
	ResetURL                   string // absolute: a new password
}

// Tell mails a person that the ways into their account changed, and what to do
// if it was not them. It is part of the transaction that changes them. Without a
// mail server or a confirmed address it says nothing: the outbox is for mail that
// somebody waits for.
func (a *Accounts) Tell(ctx context.Context, tx *db.Tx, person int64, n Notice) error {
	if !a.mailer.Configured() {
		return nil
	}
	p, err := personByID(ctx, tx, person)
	if err != nil {
		return err
	}
	if n.To == "" {
		to, err := confirmedOf(ctx, tx, person)
		if err != nil || len(to) == 0 {
			return err
		}
		n.To = to[0]
	}
	return a.Mail(ctx, tx, mail.Message{
		To: n.To, Lang: p.Language, Template: "security", Person: p.ID,
		Data: SecurityMail{
			Name: p.Name, What: string(n.What), Detail: n.Detail, Device: n.Device, At: tx.Now(),
			URL: a.url("/settings/security"), ResetURL: a.url("/reset"),
		},
	})
}

// SigninMail is the data of the mail "signin".
type SigninMail struct {
	Name, Device string
	URL          string // absolute
	ResetURL     string // absolute: a new password
	At           time.Time
}

// tellDevice mails that somebody signed in from a browser that had not been
// signed in to this account before. An account that was made just now is on its
// first.
func (a *Accounts) tellDevice(ctx context.Context, tx *db.Tx, p Person, device string) error {
	if tx.Now().Sub(p.CreatedAt) < freshFor || !a.mailer.Configured() {
		return nil
	}
	to, err := confirmedOf(ctx, tx, p.ID)
	if err != nil || len(to) == 0 {
		return err
	}
	return a.Mail(ctx, tx, mail.Message{
		To: to[0], Lang: p.Language, Template: "signin", Person: p.ID,
		Data: SigninMail{Name: p.Name, Device: device, URL: a.url("/settings/security"), ResetURL: a.url("/reset"), At: tx.Now()},
	})
}

func number(n int) string { return strconv.Itoa(n) }
