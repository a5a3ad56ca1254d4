package account

import (
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/mail"
	"github.com/osier-passport/osier/core/secret"
)

const (
	enterFor    = 15 * time.Minute
	linksAtOnce = 3   // of one kind, in half of the time that they work
	linkNextMax = 200 // characters; a longer way on is forgotten
)

// EnterMail is the data of the mail "enter".
type EnterMail struct {
	Name, Handle, Address string
	URL                   string // absolute
	Device                string // that asked, may be ""
	Expires               time.Time
}

// linkAsked is published when somebody asks for a link to get in by.
type linkAsked struct {
	key     string
	purpose string // purposeReset or purposeEnter
	next    string // local path, or ""
	device  string
	ends    time.Time // when the link stops working; set where it is made
}

// AskEnter mails a link that signs in to a confirmed address. Whether the address
// is known makes no difference to who asks: the work is done after the answer. It
// returns FieldErrors for what is no address.
func (a *Accounts) AskEnter(ctx context.Context, address, next, device string) error {
	if len(next) > linkNextMax {
		next = ""
	}
	return a.askLink(ctx, address, linkAsked{purpose: purposeEnter, next: next, device: device})
}

func (a *Accounts) askLink(ctx context.Context, address string, asked linkAsked) error {
	_, key, err := mail.ParseAddress(address)
	if err != nil {
		wrong := FieldErrors{}
		wrong.add("address", err)
		return wrong
	}
	asked.key = key
	return a.base.Tx(ctx, func(tx *db.Tx) error { return event.Publish(ctx, tx, a.bus, asked) })
}

// onLinkAsked runs after the answer. A link that was mailed before works on: a
// stranger who asks ends nothing. When several went out just now, no more follow;
// those are good for half of their time at least.
func (a *Accounts) onLinkAsked(ctx context.Context, asked linkAsked) error {
	return a.base.Tx(ctx, func(tx *db.Tx) error {
		e, err := ownerOf(ctx, tx, asked.key)
		if err != nil {
			return ignoreAbsent(err)
		}
		p, err := personByID(ctx, tx, e.Person)
		if err != nil || p.Disabled {
			return err
		}
		on, err := byMailOf(ctx, tx, p.ID)
		if err != nil || !on {
			return err
		}
		works := resetFor
		if asked.purpose == purposeEnter {
			works = enterFor
		}
		n, err := countLinks(ctx, tx, p.ID, asked.purpose, tx.Now().Add(-works/2))
		if err != nil || n >= linksAtOnce {
			return err
		}
		asked.ends = tx.Now().Add(works)
		return a.sendLink(ctx, tx, p, e, asked)
	})
}

func (a *Accounts) sendLink(ctx context.Context, tx *db.Tx, p Person, e Email, asked linkAsked) error {
	token := secret.Token()
	t := emailToken{Purpose: asked.purpose, Person: p.ID, Email: e.ID, CreatedAt: tx.Now(), ExpiresAt: asked.ends}
	if err := insertToken(ctx, tx, secret.Hash(token), t); err != nil {
		return err
	}
	m := mail.Message{To: e.Address, Lang: p.Language, Template: "reset", Person: p.ID}
	m.Data = ResetMail{Name: p.Name, Handle: p.Handle, Address: e.Address, URL: a.url("/reset/" + token), Expires: asked.ends}
	if asked.purpose == purposeEnter {
		to := a.url("/login/link/" + token)
		if asked.next != "" {
			to += "?next=" + url.QueryEscape(asked.next)
		}
		m.Template = "enter"
		m.Data = EnterMail{Name: p.Name, Handle: p.Handle, Address: e.Address, URL: to, Device: asked.device, Expires: asked.ends}
	}
	return a.Mail(ctx, tx, m)
}

// EnterOf tells whom a mailed link signs in. It returns a fault Gone for a link
// that is unknown, used or too old.
func (a *Accounts) EnterOf(ctx context.Context, token string) (Person, error) {
	t, err := findToken(ctx, a.base.Read(), secret.Hash(token), purposeEnter)
	if err == nil && !a.base.Now().Before(t.ExpiresAt) {
		err = db.ErrNotFound
	}
	if err != nil {
		return Person{}, enterGone(err)
	}
	return personByID(ctx, a.base.Read(), t.Person)
}

// TakeEnter uses a mailed link up, once, with all others that were mailed to sign
// in by, and gives the person whom it signs in. It returns a fault Gone, or
// Forbidden for a disabled account.
func (a *Accounts) TakeEnter(ctx context.Context, token string) (Person, error) {
	var p Person
	err := a.base.Tx(ctx, func(tx *db.Tx) error {
		t, err := takeToken(ctx, tx, secret.Hash(token), purposeEnter)
		if err == nil && !tx.Now().Before(t.ExpiresAt) {
			err = db.ErrNotFound
		}
		if err != nil {
			return enterGone(err)
		}
		if p, err = personByID(ctx, tx, t.Person); err != nil {
			return err
		}
		if p.Disabled {
			return errDisabled()
		}
		return dropPurpose(ctx, tx, p.ID, purposeEnter)
	})
	return p, err
}

func enterGone(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return fault.New(fault.Gone, "account.error.enter").At("/login").Wrap(err)
	}
	return err
}
