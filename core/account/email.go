package account

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/mail"
	"github.com/osier-passport/osier/core/secret"
)

const (
	confirmFor       = 24 * time.Hour
	addressesPerHead = 10

	asksOwn   = 2 // mails that a member has sent to an address that may be anybody's, in an hour
	asksAgain = 4 // further ones of all members together
)

// ConfirmMail is the data of the mail "confirm".
type ConfirmMail struct {
	Name, Address string
	URL           string // absolute
	Expires       time.Time
}

// OwnedMail is the data of the mail "owned": somebody gave the address of an
// account that is there already.
type OwnedMail struct {
	Name, Address string
	URL           string // absolute: sign in
	ResetURL      string // absolute: a new password
}

// AddAddress lists one more address for a person and mails a link to confirm
// it. It returns FieldErrors for an address that cannot be listed.
func (a *Accounts) AddAddress(ctx context.Context, person int64, address string) error {
	address, key, err := mail.ParseAddress(address)
	if err != nil {
		wrong := FieldErrors{}
		wrong.add("address", err)
		return wrong
	}
	return a.base.Tx(ctx, func(tx *db.Tx) error {
		p, err := personByID(ctx, tx, person)
		if err != nil {
			return err
		}
		list, err := emailsOf(ctx, tx, person)
		if err != nil {
			return err
		}
		if len(list) >= addressesPerHead {
			return FieldErrors{"address": "account.error.address.full"}
		}
		for _, e := range list {
			if e.Key == key {
				return FieldErrors{"address": "account.error.address.listed"}
			}
		}
		guardian, err := a.isGuardian(ctx, tx, person, key)
		if err != nil {
			return err
		}
		if guardian {
			return FieldErrors{"address": "age.error.guardians_address"}
		}
		e := Email{ID: tx.NewID(), Person: person, Address: address, Key: key, Primary: len(list) == 0, CreatedAt: tx.Now()}
		if err := insertEmail(ctx, tx, e); err != nil {
			return err
		}
		return a.sendConfirmation(ctx, tx, p, e)
	})
}

// AskConfirmation mails a link to confirm an address, which it lists when it is
// not listed yet. It returns FieldErrors for an address that cannot be listed,
// and a fault Conflict for one that is confirmed.
func (a *Accounts) AskConfirmation(ctx context.Context, person int64, address string) error {
	address = strings.TrimSpace(address)
	_, key, err := mail.ParseAddress(address)
	if err != nil {
		return FieldErrors{"address": "mail.bad_address"}
	}
	list, err := emailsOf(ctx, a.base.Read(), person)
	if err != nil {
		return err
	}
	for _, e := range list {
		if e.Key == key {
			return a.Resend(ctx, person, e.ID)
		}
	}
	return a.AddAddress(ctx, person, address)
}

// Resend mails a new link for an address that is not confirmed; links mailed
// before end.
func (a *Accounts) Resend(ctx context.Context, person, email int64) error {
	return notFound(a.base.Tx(ctx, func(tx *db.Tx) error {
		p, err := personByID(ctx, tx, person)
		if err != nil {
			return err
		}
		e, err := emailOf(ctx, tx, person, email)
		if err != nil {
			return err
		}
		if e.Confirmed() {
			return fault.New(fault.Conflict, "account.error.address.confirmed").At("/settings/emails")
		}
		return a.sendConfirmation(ctx, tx, p, e)
	}))
}

// sendConfirmation mails a link that confirms an address. When the address is
// another person's, that person gets another mail and no link is made.
func (a *Accounts) sendConfirmation(ctx context.Context, tx *db.Tx, p Person, e Email) error {
	owner, err := ownerOf(ctx, tx, e.Key)
	if err == nil && owner.Person != p.ID {
		return a.tellOwner(ctx, tx, owner)
	}
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return err
	}
	if more, err := a.mayAsk(ctx, tx, "confirm", p.ID, e.Key); err != nil || !more {
		return err // the link of the last while is still good
	}
	if err := dropConfirmations(ctx, tx, e.ID); err != nil {
		return err
	}
	token, now := secret.Token(), tx.Now()
	t := emailToken{Purpose: purposeConfirm, Person: p.ID, Email: e.ID, CreatedAt: now, ExpiresAt: now.Add(confirmFor)}
	if err := insertToken(ctx, tx, secret.Hash(token), t); err != nil {
		return err
	}
	return a.Mail(ctx, tx, mail.Message{
		To: e.Address, Lang: p.Language, Template: "confirm", Person: p.ID,
		Data: ConfirmMail{Name: greeted(p), Address: e.Address, URL: a.url("/confirm/" + token), Expires: t.ExpiresAt},
	})
}

// mayAsk bounds the mails of a kind that members have sent to an address which may
// be anybody's. Everybody's first two in an hour go out, whatever others do; of
// further ones all people together have a few. The caller leaves the link of before
// as it is when there is no more.
func (a *Accounts) mayAsk(ctx context.Context, tx *db.Tx, kind string, person int64, key string) (bool, error) {
	own := mail.Ration{Kind: kind + "/" + strconv.FormatInt(person, 10), N: asksOwn, Per: time.Hour}
	if first, err := a.mailer.Spare(ctx, tx, key, own); err != nil || first {
		return first, err
	}
	return a.mailer.Spare(ctx, tx, key, mail.Ration{Kind: kind, N: asksAgain, Per: time.Hour})
}

// greeted is the name in a mail to an address that may be anybody's: no name in
// which mail programs see an address of the web, for strangers could send such.
func greeted(p Person) string {
	for word := range strings.FieldsSeq(p.Name) {
		inner := strings.TrimRight(word, ".")
		if strings.ContainsAny(inner, "/:@\\") || strings.Contains(inner, ".") {
			return p.Handle
		}
	}
	return p.Name
}

// tellOwner tells the owner of an address that somebody gave it. Who has been told
// a few times lately knows.
func (a *Accounts) tellOwner(ctx context.Context, tx *db.Tx, e Email) error {
	more, err := a.mailer.Spare(ctx, tx, e.Key, mail.Ration{Kind: "owned", N: linksAtOnce, Per: time.Hour})
	if err != nil || !more {
		return err
	}
	p, err := personByID(ctx, tx, e.Person)
	if err != nil {
		return err
	}
	return a.Mail(ctx, tx, mail.Message{
		To: e.Address, Lang: p.Language, Template: "owned", Person: p.ID,
		Data: OwnedMail{Name: p.Name, Address: e.Address, URL: a.url("/login"), ResetURL: a.url("/reset")},
	})
}

// ConfirmationOf tells which address a mailed link confirms, and for whom. It
// returns a fault Gone for a link that is unknown, used or too old.
func (a *Accounts) ConfirmationOf(ctx context.Context, token string) (Email, error) {
	t, err := findToken(ctx, a.base.Read(), secret.Hash(token), purposeConfirm)
	if err == nil && !a.base.Now().Before(t.ExpiresAt) {
		err = db.ErrNotFound
	}
	if err != nil {
		return Email{}, linkGone(err)
	}
	return emailOf(ctx, a.base.Read(), t.Person, t.Email)
}

// Confirm makes the address of a mailed link the person's own, once. Who opens
// the link must be signed in as the person who listed the address, so that a
// stranger's account cannot be given an address by the click of its owner. It
// returns a fault Gone for a used link, Forbidden for another person's and
// Conflict when somebody confirmed the address before.
func (a *Accounts) Confirm(ctx context.Context, person int64, token string) (Email, error) {
	var e Email
	err := a.base.Tx(ctx, func(tx *db.Tx) error {
		if err := lineUp(ctx, tx, secret.Hash(token)); err != nil {
			return err
		}
		t, err := takeToken(ctx, tx, secret.Hash(token), purposeConfirm)
		if err == nil && !tx.Now().Before(t.ExpiresAt) {
			err = db.ErrNotFound
		}
		if err != nil {
			return linkGone(err)
		}
		if t.Person != person {
			return errOtherPerson()
		}
		if e, err = emailOf(ctx, tx, person, t.Email); err != nil {
			return linkGone(err)
		}
		return a.confirmed(ctx, tx, e, byMail)
	})
	return e, err
}

// confirmed makes an address of a person their own, before all who list it too.
func (a *Accounts) confirmed(ctx context.Context, tx *db.Tx, e Email, by string) error {
	owner, err := ownerOf(ctx, tx, e.Key)
	switch {
	case err == nil && owner.Person == e.Person:
		return nil
	case err == nil:
		return errAddressOwned()
	case !errors.Is(err, db.ErrNotFound):
		return err
	}
	if err := confirmEmail(ctx, tx, e.ID, by); err != nil {
		if db.IsUnique(err) {
			return errAddressOwned().Wrap(err)
		}
		return err
	}
	if err := dropOthers(ctx, tx, e.Person, e.Key); err != nil {
		return err
	}
	if err := dropConfirmations(ctx, tx, e.ID); err != nil {
		return err
	}
	if err := a.promote(ctx, tx, e); err != nil {
		return err
	}
	if err := a.dropOwnGuardian(ctx, tx, e.Person); err != nil {
		return err
	}
	return event.Publish(ctx, tx, a.bus, AddressConfirmed{Person: e.Person, Address: e.Address})
}

// promote makes a confirmed address the primary one when the primary is not.
func (a *Accounts) promote(ctx context.Context, tx *db.Tx, e Email) error {
	list, err := emailsOf(ctx, tx, e.Person)
	if err != nil {
		return err
	}
	for _, other := range list {
		if other.Primary && other.Confirmed() {
			return nil
		}
	}
	return makePrimary(ctx, tx, e.Person, e.ID)
}

// MakePrimary chooses the confirmed address that mail goes to, and tells the one
// that it went to before.
func (a *Accounts) MakePrimary(ctx context.Context, person, email int64) error {
	return notFound(a.base.Tx(ctx, func(tx *db.Tx) error {
		e, err := emailOf(ctx, tx, person, email)
		if err != nil {
			return err
		}
		if !e.Confirmed() {
			return fault.New(fault.Conflict, "account.error.address.unconfirmed").At("/settings/emails")
		}
		before, err := confirmedOf(ctx, tx, person)
		if err != nil {
			return err
		}
		if err := makePrimary(ctx, tx, person, email); err != nil || before[0] == e.Address {
			return err
		}
		return a.Tell(ctx, tx, person, Notice{What: AddressChanged, Detail: e.Address, To: before[0]})
	}))
}

// RemoveAddress takes an address off a person's list. The primary one stays, so
// that the last address does. Of a confirmed one a dated proof is kept, and it
// gets a last mail. It returns a fault Conflict for the primary address.
func (a *Accounts) RemoveAddress(ctx context.Context, person, email int64) error {
	return notFound(a.base.Tx(ctx, func(tx *db.Tx) error {
		e, err := removable(ctx, tx, person, email)
		if err != nil {
			return err
		}
		if e.Confirmed() {
			if err := a.keepProof(ctx, tx, e); err != nil {
				return err
			}
			if err := a.tellRemoved(ctx, tx, e); err != nil {
				return err
			}
		}
		if err := deleteEmail(ctx, tx, person, email); err != nil || !e.Confirmed() {
			return err
		}
		return a.KeepsAWayIn(ctx, tx, person)
	}))
}

// Removable gives an address that RemoveAddress would take off the list, or its fault.
func (a *Accounts) Removable(ctx context.Context, person, email int64) (Email, error) {
	e, err := removable(ctx, a.base.Read(), person, email)
	return e, notFound(err)
}

func removable(ctx context.Context, d db.DB, person, email int64) (Email, error) {
	e, err := emailOf(ctx, d, person, email)
	if err == nil && e.Primary {
		err = fault.New(fault.Conflict, "account.error.address.primary").At("/settings/emails")
	}
	return e, err
}

// GoneMail is the data of the mail "gone": the address was taken off an account.
type GoneMail struct {
	Name, Address string
	URL           string // absolute: the list of addresses
}

// tellRemoved tells an address that it is none of the account's any more. Without
// a mail server it says nothing: the outbox is for mail that somebody waits for.
func (a *Accounts) tellRemoved(ctx context.Context, tx *db.Tx, e Email) error {
	if !a.mailer.Configured() {
		return nil
	}
	p, err := personByID(ctx, tx, e.Person)
	if err != nil {
		return err
	}
	return a.Mail(ctx, tx, mail.Message{
		To: e.Address, Lang: p.Language, Template: "gone", Person: p.ID,
		Data: GoneMail{Name: p.Name, Address: e.Address, URL: a.url("/settings/emails")},
	})
}

func linkGone(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return fault.New(fault.Gone, "account.error.confirm.gone").At("/settings/emails").Wrap(err)
	}
	return err
}

func errOtherPerson() error { return fault.New(fault.Forbidden, "account.error.confirm.foreign") }

func errAddressOwned() *fault.Error {
	return fault.New(fault.Conflict, "account.error.confirm.owned").At("/settings/emails")
}
