package account

import (
	"context"
	"encoding/base64"
	"slices"
	"strings"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/mail"
)

// Kinds of mail that a person can stop. Mails about security cannot be stopped
// and have none.
const (
	MailFollow   = "follow"   // somebody follows or wants to
	MailComment  = "comment"  // on a badge of mine
	MailReceived = "received" // a badge arrived
	MailVerdict  = "verdict"  // a badge is not what it was
	MailExpiring = "expiring" // a badge expires soon
	MailCheer    = "cheer"    // somebody congratulates on a badge of mine
	MailEndorse  = "endorse"  // somebody asks for an endorsement, or gives one
)

// mailKinds are all of them, in the order in which they are shown.
var mailKinds = []string{MailReceived, MailVerdict, MailExpiring, MailEndorse, MailCheer, MailComment, MailFollow}

const unsubscribePurpose = "account/unsubscribe"

// Announcement is a mail that tells a person what happened.
type Announcement struct {
	Person   int64
	About    int64  // the person whom it names
	Kind     string // of the Mail constants
	Template string
	Data     any
}

// Announce writes a mail to a person as part of tx, when they want to hear of its
// kind and have a confirmed address. Without a mail server it says nothing: the
// outbox is for mail that somebody waits for.
func (a *Accounts) Announce(ctx context.Context, tx *db.Tx, n Announcement) error {
	if !a.mailer.Configured() {
		return nil
	}
	to, err := confirmedOf(ctx, tx, n.Person)
	if err != nil || len(to) == 0 {
		return err
	}
	p, err := personByID(ctx, tx, n.Person)
	if err != nil || p.Disabled {
		return ignoreAbsent(err)
	}
	return a.Mail(ctx, tx, mail.Message{To: to[0], Lang: p.Language, Template: n.Template, Data: n.Data, Person: p.ID, About: n.About, Kind: n.Kind})
}

// MailsOff gives the kinds of mail that a person has stopped.
func (a *Accounts) MailsOff(ctx context.Context, d db.DB, person int64) ([]string, error) {
	return mailsOff(ctx, d, person)
}

// SetMails keeps which kinds of mail a person wants.
func (a *Accounts) SetMails(ctx context.Context, person int64, wanted []string) error {
	off := slices.DeleteFunc(slices.Clone(mailKinds), func(kind string) bool { return slices.Contains(wanted, kind) })
	return a.base.Tx(ctx, func(tx *db.Tx) error { return updateMailsOff(ctx, tx, person, off) })
}

// setMail stops one kind of mail, or sends it again.
func (a *Accounts) setMail(ctx context.Context, person int64, kind string, wanted bool) error {
	return a.base.Tx(ctx, func(tx *db.Tx) error {
		off, err := mailsOff(ctx, tx, person)
		if err != nil {
			return err
		}
		off = slices.DeleteFunc(off, func(k string) bool { return k == kind })
		if !wanted {
			off = append(off, kind)
		}
		return updateMailsOff(ctx, tx, person, off)
	})
}

// UnsubscribePath is where one kind of mail to a person is stopped without
// signing in. It says who and what under a MAC, and nothing is kept for it.
func (a *Accounts) UnsubscribePath(publicID, kind string) string {
	about := publicID + "." + kind
	return "/unsubscribe/" + base64.RawURLEncoding.EncodeToString([]byte(about)) + "." + a.keys.MAC(unsubscribePurpose, []byte(about))
}

// unsubscriber reads the token of such a path. It returns a fault NotFound for
// one that we did not make, or of an account that is gone.
func (a *Accounts) unsubscriber(ctx context.Context, token string) (Person, string, error) {
	unknown := fault.New(fault.NotFound, "privacy.error.unsubscribe")
	encoded, mac, _ := strings.Cut(token, ".")
	about, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil || !a.keys.CheckMAC(unsubscribePurpose, about, mac) {
		return Person{}, "", unknown
	}
	id, kind, _ := strings.Cut(string(about), ".")
	p, err := personByPublicID(ctx, a.base.Read(), id)
	if err != nil {
		return Person{}, "", unknown.Wrap(err)
	}
	return p, kind, nil
}
