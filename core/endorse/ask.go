package endorse

import (
	"context"
	"errors"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/mail"
	"github.com/osier-passport/osier/core/secret"
	"github.com/osier-passport/osier/core/text"
)

// Request is what a holder writes to those whom they ask.
type Request struct {
	Handles []string // of members
	Address string   // of somebody without an account, "" for nobody
	Words   string
	Lang    string // of the holder: who has no account is written to in it
}

// Ask asks members and at most one address for an endorsement of a badge of the
// person's own. It returns account.FieldErrors for what cannot be asked. Whether an
// address has an account, has blocked the holder or wants no such mail makes no
// difference that the holder could see.
func (s *Endorse) Ask(ctx context.Context, person int64, publicID string, r Request) error {
	b, err := s.subject(ctx, person, publicID)
	if err != nil {
		return err
	}
	words, ok := text.CleanText(r.Words, maxRequest)
	if !ok {
		return account.FieldErrors{"words": "endorse.error.words"}
	}
	if len(r.Handles) == 0 && r.Address == "" {
		return account.FieldErrors{"handle": "endorse.error.nobody"}
	}
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		for _, handle := range r.Handles {
			if err := s.askMember(ctx, tx, b, handle, words); err != nil {
				return err
			}
		}
		if r.Address == "" {
			return nil
		}
		return s.askAddress(ctx, tx, b, asking{r.Address, words, r.Lang})
	})
}

func (s *Endorse) askMember(ctx context.Context, tx *db.Tx, b Subject, handle, words string) error {
	p, err := personShown(ctx, tx, b.Holder.ID, handle)
	switch {
	case errors.Is(err, db.ErrNotFound):
		return account.FieldErrors{"handle": "endorse.error.unknown"}
	case err != nil:
		return err
	case p.ID == b.Holder.ID:
		return account.FieldErrors{"handle": "endorse.error.self"}
	}
	e := Endorsement{ID: tx.NewID(), PublicID: secret.ID(), Subject: b, By: p, Request: words}
	n, err := insertAsked(ctx, tx, e, link{hash: []byte{}})
	if err != nil {
		return err
	}
	if n == 0 {
		return account.FieldErrors{"handle": "endorse.error.already"}
	}
	return s.Accounts.Announce(ctx, tx, account.Announcement{
		Person: p.ID, About: b.Holder.ID, Kind: account.MailEndorse, Template: "endorse-asked",
		Data: AskedMail{Name: p.Name, Who: b.Holder.Name, Badge: b.Name, Issuer: b.Issuer, Text: words, URL: s.URL("/b/" + b.PublicID + "/endorse")},
	})
}

// asking is a request to somebody without an account.
type asking struct{ address, words, lang string }

// mailsPer bounds the requests that one address gets from all members together.
var mailsPer = mail.Ration{Kind: "endorse", N: 5, Per: 24 * time.Hour}

func (s *Endorse) askAddress(ctx context.Context, tx *db.Tx, b Subject, a asking) error {
	address, key, err := mail.ParseAddress(a.address)
	if err != nil {
		return account.FieldErrors{"address": "mail.bad_address"}
	}
	if err := s.mayAskOutside(ctx, tx, b.Holder.ID, key); err != nil {
		return err
	}
	o, err := upsertOutsider(ctx, tx, Outsider{
		ID: tx.NewID(), PublicID: secret.ID(), Language: a.lang, sealed: s.Keys.Seal([]byte(address), []byte(sealWith)),
	}, s.mark(key))
	if err != nil {
		return err
	}
	token, until := secret.Token(), tx.Now().Add(linkFor)
	e := Endorsement{ID: tx.NewID(), PublicID: secret.ID(), Subject: b, Outsider: o, Request: a.words}
	n, err := insertAsked(ctx, tx, e, link{secret.Hash(token), until})
	if err != nil {
		return err
	}
	if n == 0 {
		return account.FieldErrors{"address": "endorse.error.already"}
	}
	silent, err := s.silent(ctx, tx, b.Holder.ID, key)
	if err != nil || silent {
		return err
	}
	return s.Accounts.Mail(ctx, tx, mail.Message{
		To: address, Lang: o.Language, Template: "endorse-invited", About: b.Holder.ID,
		Data: InvitedMail{
			Who: b.Holder.Name, Badge: b.Name, Issuer: b.Issuer, Text: a.words, URL: s.URL("/endorse/" + token), DataURL: s.URL("/endorse/" + token + "/data"), Expires: until,
		},
	})
}

// mayAskOutside refuses an address of the person's own, and people under age, whose
// name goes to nobody but members.
func (s *Endorse) mayAskOutside(ctx context.Context, d db.DB, person int64, key string) error {
	young, err := isUnderAge(ctx, d, person)
	if err == nil && young {
		err = account.FieldErrors{"address": "endorse.error.under_age"}
	}
	if err != nil {
		return err
	}
	own, err := isOwnAddress(ctx, d, person, key)
	if err == nil && own {
		err = account.FieldErrors{"address": "endorse.error.self"}
	}
	return err
}

// silent reports whether no mail goes to an address, which the holder is not told:
// its owner and the holder have blocked one another, it wants none, or had enough.
func (s *Endorse) silent(ctx context.Context, tx *db.Tx, person int64, key string) (bool, error) {
	blocked, err := barred(ctx, tx, person, key)
	if err != nil || blocked {
		return true, err
	}
	stopped, err := hasStopped(ctx, tx, s.mark(key))
	if err != nil || stopped {
		return true, err
	}
	more, err := s.Mailer.Spare(ctx, tx, key, mailsPer)
	return !more, err
}
