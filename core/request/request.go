// Package request answers people without an account: what is held about an
// address, and its deletion. Badges that others bring in name people who never
// signed up.
//
// It owns the table data_request (links that wait, the address sealed). Whoever
// asks gets the same answer at the same time, whatever is held: the work is done
// after it. A badge whose holder proved that the address was theirs is the
// holder's and stays; everything else that names the address goes. Comments are
// not searched. Its own pages call it.
package request

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/mail"
	"github.com/osier-passport/osier/core/secret"
)

const (
	linkFor  = 30 * time.Minute
	sealWith = "request/address"
)

// Deps is what a Request needs.
type Deps struct {
	Base     *db.Base
	Bus      *event.Bus
	Keys     *secret.Keys
	Accounts *account.Accounts
	Badges   *badge.Badges
	Mailer   *mail.Mailer
	URL      func(path string) string
	Log      *slog.Logger
}

// Request is the service of this package.
type Request struct{ Deps }

// New makes the service.
func New(d Deps) *Request {
	r := &Request{d}
	event.After(d.Bus, r.onAsked)
	return r
}

// asked is published when somebody asks what is held about an address.
type asked struct{ address, lang string }

// DataRequestMail is the data of the mail "datarequest".
type DataRequestMail struct {
	Address string
	URL     string // absolute
	Expires time.Time
}

// Ask mails a link to an address, whatever is held about it. It returns
// account.FieldErrors for what is no address.
func (r *Request) Ask(ctx context.Context, address, lang string) error {
	address, _, err := mail.ParseAddress(address)
	if err != nil {
		return account.FieldErrors{"address": "mail.bad_address"}
	}
	return r.Base.Tx(ctx, func(tx *db.Tx) error { return event.Publish(ctx, tx, r.Bus, asked{address, lang}) })
}

func (r *Request) onAsked(ctx context.Context, a asked) error {
	return r.Base.Tx(ctx, func(tx *db.Tx) error {
		token, until, err := r.link(ctx, tx, a.address)
		if err != nil {
			return err
		}
		return r.Accounts.Mail(ctx, tx, mail.Message{
			To: a.address, Lang: a.lang, Template: "datarequest",
			Data: DataRequestMail{Address: a.address, URL: r.URL("/data-request/" + token), Expires: until},
		})
	})
}

func (r *Request) link(ctx context.Context, tx *db.Tx, address string) (string, time.Time, error) {
	token, until := secret.Token(), tx.Now().Add(linkFor)
	return token, until, insertLink(ctx, tx, secret.Hash(token), r.Keys.Seal([]byte(address), []byte(sealWith)), until)
}

// Address gives the address of a link. It returns a fault Gone for a link that is
// unknown, used or too old.
func (r *Request) Address(ctx context.Context, token string) (string, error) {
	sealed, err := findLink(ctx, r.Base.Read(), secret.Hash(token), r.Base.Now())
	if errors.Is(err, db.ErrNotFound) {
		return "", fault.New(fault.Gone, "request.error.gone").At("/data-request")
	}
	if err != nil {
		return "", err
	}
	address, err := r.Keys.Open(sealed, []byte(sealWith))
	return string(address), err
}

// Open uses a mailed link, once, and gives the token of the page that it opens.
func (r *Request) Open(ctx context.Context, token string) (string, error) {
	address, err := r.Address(ctx, token)
	if err != nil {
		return "", err
	}
	var next string
	err = r.Base.Tx(ctx, func(tx *db.Tx) error {
		used, err := deleteLink(ctx, tx, secret.Hash(token))
		if err == nil && !used {
			err = fault.New(fault.Gone, "request.error.gone").At("/data-request")
		}
		if err != nil {
			return err
		}
		next, _, err = r.link(ctx, tx, address)
		return err
	})
	return next, err
}

// Holding is all that is held about an address.
type Holding struct {
	Address string
	Account account.Held
	Badges  []badge.Naming
	Mails   []mail.Mail
}

// Empty reports whether nothing is held but the request itself.
func (h Holding) Empty() bool {
	return !h.Account.Member && h.Account.Listed+len(h.Account.Proofs)+len(h.Badges)+len(h.Mails) == 0
}

// Holding finds all that is held about an address.
func (r *Request) Holding(ctx context.Context, address string) (Holding, error) {
	_, key, err := mail.ParseAddress(address)
	if err != nil {
		return Holding{}, err
	}
	h := Holding{Address: address}
	if h.Account, err = r.Accounts.HeldOf(ctx, r.Base.Read(), key); err != nil {
		return h, err
	}
	if h.Badges, err = r.Badges.NamesOf(ctx, address); err != nil {
		return h, err
	}
	h.Mails, err = r.Mailer.HeldFor(ctx, r.Base.Read(), key)
	return h, err
}

// Document is a Holding as JSON.
func (h Holding) Document() ([]byte, error) {
	type mailed struct {
		Subject string    `json:"subject"`
		At      time.Time `json:"at"`
	}
	type named struct {
		Name   string    `json:"name"`
		Issuer string    `json:"issuer"`
		Issued time.Time `json:"issued,omitzero"`
		Hidden bool      `json:"addressHidden"`
		Proven bool      `json:"holderProvedTheAddress"`
	}
	type period struct{ From, Until time.Time }
	out := struct {
		Address     string   `json:"address"`
		Account     bool     `json:"accountConfirmedIt"`
		Unconfirmed int      `json:"listedUnconfirmed"`
		Before      []period `json:"controlledBefore"`
		Badges      []named  `json:"badges"`
		Mails       []mailed `json:"mails"`
	}{h.Address, h.Account.Member, h.Account.Listed, []period{}, []named{}, []mailed{}}
	for _, p := range h.Account.Proofs {
		out.Before = append(out.Before, period{p.From, p.Until})
	}
	for _, b := range h.Badges {
		out.Badges = append(out.Badges, named{b.Title, b.Issuer, b.IssuedAt, b.Hashed, b.Proven})
	}
	for _, m := range h.Mails {
		out.Mails = append(out.Mails, mailed{m.Subject, m.CreatedAt})
	}
	return json.MarshalIndent(out, "", "  ")
}

// Erase deletes what is held about the address of a link, and the link, and
// removes what deleted rows left in the files. What belongs to an account stays.
func (r *Request) Erase(ctx context.Context, token string) error {
	address, err := r.Address(ctx, token)
	if err != nil {
		return err
	}
	h, err := r.Holding(ctx, address)
	if err != nil {
		return err
	}
	_, key, err := mail.ParseAddress(address)
	if err != nil {
		return err
	}
	err = r.Base.Tx(ctx, func(tx *db.Tx) error {
		for _, n := range h.Badges {
			if err := r.Badges.Forget(ctx, tx, n); err != nil {
				return err
			}
		}
		if err := r.Accounts.Forget(ctx, tx, key); err != nil {
			return err
		}
		if !h.Account.Member {
			if err := r.Mailer.Forget(ctx, tx, key); err != nil {
				return err
			}
		}
		_, err := deleteLink(ctx, tx, secret.Hash(token))
		return err
	})
	if err != nil {
		return err
	}
	return r.Base.Scrub(ctx)
}

// Sweep forgets links that time has ended. Call it now and then.
func (r *Request) Sweep(ctx context.Context) error {
	return r.Base.Tx(ctx, func(tx *db.Tx) error { return deleteOld(ctx, tx, tx.Now()) })
}
