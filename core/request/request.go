// Package request answers people without an account: what is held about an
// address, and its deletion. Badges that others bring in name people who never
// signed up.
//
// It owns the table data_request (links that wait, the address sealed). Whoever
// asks gets the same answer at the same time, whatever is held: the work is done
// after it. A badge whose holder proved that the address was theirs is the
// holder's and stays; everything else that names the address goes, or is kept
// without it. What people write in their own words is not searched. Its own pages
// call it.
package request

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/endorse"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/mail"
	"github.com/osier-passport/osier/core/secret"
)

const (
	linkFor     = 30 * time.Minute
	linksAtOnce = 3 // to one address in half of that time; then one of them is still good
	sealWith    = "request/address"
)

// Deps is what a Request needs.
type Deps struct {
	Base     *db.Base
	Bus      *event.Bus
	Keys     *secret.Keys
	Accounts *account.Accounts
	Badges   *badge.Badges
	Mailer   *mail.Mailer
	Endorse  *endorse.Endorse
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

// Ask mails a link to an address, whatever is held about it. Who asks again and
// again hears the same, and no more links go out than there is use for: those of
// before still work. It returns account.FieldErrors for what is no address.
func (r *Request) Ask(ctx context.Context, address, lang string) error {
	address, _, err := mail.ParseAddress(address)
	if err != nil {
		return account.FieldErrors{"address": "mail.bad_address"}
	}
	return r.Base.Tx(ctx, func(tx *db.Tx) error { return event.Publish(ctx, tx, r.Bus, asked{address, lang}) })
}

func (r *Request) onAsked(ctx context.Context, a asked) error {
	return r.Base.Tx(ctx, func(tx *db.Tx) error {
		more, err := r.Mailer.Spare(ctx, tx, a.address, mail.Ration{Kind: "request", N: linksAtOnce, Per: linkFor / 2})
		if err != nil || !more {
			return err
		}
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
	Address  string
	Account  account.Held
	Badges   []badge.Naming
	Mails    []mail.Mail
	Links    int // of other requests for it that wait
	Mentions int // badges of others that name it otherwise: as the address of an issuer, say
	Endorsed endorse.Held

	endorsements []endorse.HeldItem
}

// Empty reports whether nothing is held but the request itself.
func (h Holding) Empty() bool {
	return !h.Account.Member && h.Account.Listed+h.Account.Wards+len(h.Account.Proofs)+len(h.Badges)+len(h.Mails)+len(h.Endorsed.List)+h.Mentions == 0
}

// Unclaimed reports whether there are badges that can be anonymised.
func (h Holding) Unclaimed() bool {
	return slices.ContainsFunc(h.Badges, func(n badge.Naming) bool { return !n.Proven && !n.Waits })
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
	if h.Mails, err = r.Mailer.HeldFor(ctx, r.Base.Read(), key); err != nil {
		return h, err
	}
	if h.Endorsed, err = r.Endorse.HeldOf(ctx, key); err != nil {
		return h, err
	}
	if h.endorsements, err = r.Endorse.Items(ctx, h.Endorsed); err != nil {
		return h, err
	}
	if h.Mentions, err = r.mentions(ctx, h); err != nil {
		return h, err
	}
	links, err := r.linksOf(ctx, r.Base.Read(), key)
	h.Links = len(links)
	return h, err
}

// mentions counts badges that name the address without having been issued to it.
func (r *Request) mentions(ctx context.Context, h Holding) (int, error) {
	n, err := r.Badges.Mentions(ctx, h.Address)
	for _, b := range h.Badges {
		if !b.Hashed && !b.Waits {
			n--
		}
	}
	return max(n, 0), err
}

// linksOf gives the hashes of the links of all requests for an address, by its key.
func (r *Request) linksOf(ctx context.Context, d db.DB, key string) ([][]byte, error) {
	list, err := listLinks(ctx, d)
	if err != nil {
		return nil, err
	}
	var found [][]byte
	for _, l := range list {
		address, err := r.Keys.Open(l.sealed, []byte(sealWith))
		if err != nil {
			return nil, err
		}
		if _, k, err := mail.ParseAddress(string(address)); err == nil && k == key {
			found = append(found, l.hash)
		}
	}
	return found, nil
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
		Waits  bool      `json:"waitsForItsAddress"`
	}
	type period struct{ From, Until time.Time }
	out := struct {
		Address     string   `json:"address"`
		Account     bool     `json:"accountConfirmedIt"`
		Unconfirmed int      `json:"listedUnconfirmed"`
		Wards       int      `json:"guardianOf"`
		Mentions    int      `json:"namedInBadgesOfOthers"`
		Links       int      `json:"requests"`
		Before      []period `json:"controlledBefore"`
		Badges      []named  `json:"badges"`
		Mails       []mailed `json:"mails"`

		Name         string             `json:"nameInEndorsements,omitempty"`
		Endorsements []endorse.HeldItem `json:"endorsements"`
	}{h.Address, h.Account.Member, h.Account.Listed, h.Account.Wards, h.Mentions, h.Links, []period{}, []named{}, []mailed{}, h.Endorsed.Outsider.Name, h.endorsements}
	for _, p := range h.Account.Proofs {
		out.Before = append(out.Before, period{p.From, p.Until})
	}
	for _, b := range h.Badges {
		out.Badges = append(out.Badges, named{b.Title, b.Issuer, b.IssuedAt, b.Hashed, b.Proven, b.Waits})
	}
	for _, m := range h.Mails {
		out.Mails = append(out.Mails, mailed{m.Subject, m.CreatedAt})
	}
	return json.MarshalIndent(out, "", "  ")
}

// The ways in which a request can end.
const (
	Delete    = "delete"
	Anonymise = "anonymise" // badges stay with their holders, without the identity
)

// Erase deletes what is held about the address of a link, and its links, and
// removes what deleted rows left in the files. Badges that nobody proved to be
// theirs are deleted or anonymised. What belongs to an account stays. It returns a
// fault Malformed for any other way.
func (r *Request) Erase(ctx context.Context, token, how string) error {
	if how != Delete && how != Anonymise {
		return fault.New(fault.Malformed, "web.form")
	}
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
		if err := r.eraseBadges(ctx, tx, h.Badges, how); err != nil {
			return err
		}
		if err := r.Accounts.Forget(ctx, tx, key); err != nil {
			return err
		}
		if err := r.Endorse.Forget(ctx, tx, key); err != nil {
			return err
		}
		if !h.Account.Member {
			if err := r.Mailer.Forget(ctx, tx, key); err != nil {
				return err
			}
		}
		return r.endLinks(ctx, tx, key)
	})
	if err != nil {
		return err
	}
	return r.Base.Scrub(ctx)
}

func (r *Request) eraseBadges(ctx context.Context, tx *db.Tx, list []badge.Naming, how string) error {
	end := r.Badges.Forget
	if how == Anonymise {
		end = r.Badges.Anonymise
	}
	for _, n := range list {
		if err := end(ctx, tx, n); err != nil {
			return err
		}
	}
	return nil
}

// endLinks ends all links that were mailed to an address.
func (r *Request) endLinks(ctx context.Context, tx *db.Tx, key string) error {
	links, err := r.linksOf(ctx, tx, key)
	if err != nil {
		return err
	}
	for _, hash := range links {
		if _, err := deleteLink(ctx, tx, hash); err != nil {
			return err
		}
	}
	return nil
}

// Sweep forgets links that time has ended. Call it now and then.
func (r *Request) Sweep(ctx context.Context) error {
	return r.Base.Tx(ctx, func(tx *db.Tx) error { return deleteOld(ctx, tx, tx.Now()) })
}
