package account

import (
	"cmp"
	"context"
	"slices"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/mail"
	"github.com/osier-passport/osier/core/web"
)

// Letter is what the templates of mails get as ".".
type Letter struct {
	Data any // of the mail itself
	Site Sender
	Lang string
	Dir  string // ltr or rtl
	Stop string // address where mails of this kind are stopped, "" for what cannot be
}

// Sender is the site as mails name it.
type Sender struct{ Name, URL string }

// Mail puts a mail into the outbox as part of tx: it adds the site to the
// message's Data, and its language where the message names none.
//
// A message of a Kind that its Person has stopped is not written.
func (a *Accounts) Mail(ctx context.Context, tx *db.Tx, m mail.Message) error {
	if m.Kind != "" {
		off, err := mailsOff(ctx, tx, m.Person)
		if err != nil || slices.Contains(off, m.Kind) {
			return err
		}
	}
	m, err := a.letter(ctx, tx, m)
	if err != nil {
		return err
	}
	return a.mailer.Send(ctx, tx, m)
}

// lookOfReader is in what language and time zone the reader of a mail wants it:
// the person whose mail it is, else whoever has the address. Who has no account,
// or chose no zone, reads times in UTC; the zone is named with each.
func lookOfReader(ctx context.Context, d db.DB, m mail.Message) (Look, error) {
	person := m.Person
	if person == 0 {
		_, key, err := mail.ParseAddress(m.To)
		if err != nil {
			return Look{}, err
		}
		owner, err := ownerOf(ctx, d, key)
		if err != nil {
			return Look{}, ignoreAbsent(err)
		}
		person = owner.Person
	}
	look, err := lookOf(ctx, d, person)
	return look, ignoreAbsent(err)
}

func (a *Accounts) letter(ctx context.Context, d db.DB, m mail.Message) (mail.Message, error) {
	site, err := a.settingsIn(ctx, d)
	if err != nil {
		return m, err
	}
	look, err := lookOfReader(ctx, d, m)
	if err != nil {
		return m, err
	}
	if m.Lang = cmp.Or(m.Lang, look.Language, site.Language); m.Person == 0 && look.Language != "" {
		m.Lang = look.Language
	}
	if m.Kind != "" {
		p, err := personByID(ctx, d, m.Person)
		if err != nil {
			return m, err
		}
		m.Unsubscribe = a.url(a.UnsubscribePath(p.PublicID, m.Kind))
	}
	lang := a.catalogue.Language(m.Lang)
	m.Data = Letter{Data: web.InZone(m.Data, look.Zone), Site: Sender{Name: site.Name, URL: a.url("/")}, Lang: lang.Code, Dir: lang.Dir, Stop: m.Unsubscribe}
	return m, nil
}
