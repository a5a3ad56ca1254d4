package account

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/osier-passport/osier/core/account/oidc"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/mail"
	"github.com/osier-passport/osier/core/secret"
)

// ImportedPerson is an account of another passport.
type ImportedPerson struct {
	Name     string
	Handle   string // "" makes one of the name
	Emails   []ImportedEmail
	Language string    // "" follows the browser, as one that is not there does
	Password string    // hash, in a form of parseOld, or ""
	Created  time.Time // zero: now

	Wrong error // what could not be read of the row, or nil
}

// ImportedEmail is an address; one that is confirmed is the person's at once.
type ImportedEmail struct {
	Address            string
	Confirmed, Primary bool
}

// errDry ends a transaction that only looks.
var errDry = errors.New("nothing is kept")

// ImportPerson makes the account of somebody who had one at another passport, all of
// it or nothing; dry only looks. An address that is somebody's already means that the
// person is there: they are given, made says false, and nothing changes. No mail is
// sent. It returns FieldErrors (name, handle, email, password). For commands.
func (a *Accounts) ImportPerson(ctx context.Context, in ImportedPerson, dry bool) (p Person, made bool, err error) {
	d, emails, err := a.prepareImport(in)
	if err != nil {
		return Person{}, false, err
	}
	old, hash, err := a.oldPassword(ctx, in.Password, dry)
	if err != nil {
		return Person{}, false, err
	}
	err = a.base.Tx(ctx, func(tx *db.Tx) error {
		if p, err = a.thereAlready(ctx, tx, emails); err != nil || p.ID > 0 {
			return err
		}
		if d.person.Handle == "" {
			if d.person.Handle, err = a.freeHandle(ctx, tx, statement{Claims: oidc.Claims{Name: in.Name, Address: emails[0].Address}}); err != nil {
				return err
			}
		}
		if err := a.createImported(ctx, tx, &d, emails, in.Created); err != nil {
			return err
		}
		if p, made = d.person, true; dry {
			return errDry
		}
		if old.rounds == 0 {
			return nil
		}
		return insertOldPassword(ctx, tx, d.person.ID, hash, old)
	})
	if errors.Is(err, errDry) {
		err = nil
	}
	return p, made && err == nil, handleField(err)
}

// prepareImport holds a row against the rules.
func (a *Accounts) prepareImport(in ImportedPerson) (draft, []Email, error) {
	if in.Wrong != nil {
		return draft{}, nil, in.Wrong
	}
	wrong := FieldErrors{}
	name, err := parseName(in.Name)
	wrong.add("name", err)
	handle := ""
	if in.Handle != "" {
		handle, err = ParseHandle(in.Handle)
		wrong.add("handle", err)
	}
	emails, err := importedEmails(in.Emails)
	wrong.add("email", err)
	return draft{person: Person{
		PublicID: secret.ID(), Handle: handle, Name: name, Role: RoleMember, Language: a.knownLanguage(in.Language),
		Scheme: "auto", Contrast: "auto", Visibility: "private",
	}}, emails, wrong.orNil()
}

// importedEmails puts the first address first: the one that is said to be it, else the
// first that is confirmed, else the first.
func importedEmails(list []ImportedEmail) ([]Email, error) {
	var emails []Email
	first, rank := 0, -1
	for _, e := range list {
		address, key, err := mail.ParseAddress(e.Address)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(emails, func(h Email) bool { return h.Key == key }) {
			continue
		}
		by := ""
		if e.Confirmed {
			by = byCommand
		}
		r := map[bool]int{true: 1}[e.Confirmed] + map[bool]int{true: 2}[e.Primary]
		if r > rank {
			first, rank = len(emails), r
		}
		emails = append(emails, Email{Address: address, Key: key, ConfirmedBy: by})
	}
	if len(emails) == 0 {
		return nil, fault.New(fault.Invalid, "account.error.required")
	}
	if len(emails) > addressesPerHead {
		return nil, fault.New(fault.Invalid, "account.error.address.full")
	}
	emails[0], emails[first] = emails[first], emails[0]
	return emails, nil
}

// oldPassword reads the hash of a password of another passport, and makes of it what
// is kept.
func (a *Accounts) oldPassword(ctx context.Context, text string, dry bool) (old oldHash, hash string, err error) {
	if text == "" {
		return oldHash{}, "", nil
	}
	old, key, err := parseOld(text)
	if err != nil || dry {
		return old, "", fieldError("password", err)
	}
	hash, err = a.hasher.hash(ctx, wrapped(key))
	return old, hash, err
}

// thereAlready gives who has one of the addresses, nobody (ID 0) when no one does.
func (a *Accounts) thereAlready(ctx context.Context, tx *db.Tx, emails []Email) (Person, error) {
	for _, e := range emails {
		if e.ConfirmedBy == "" && emails[0].ConfirmedBy != "" {
			continue // anybody can list an address
		}
		id, err := holderOf(ctx, tx, e.Key, e.ConfirmedBy != "")
		if err != nil {
			return Person{}, err
		}
		if id > 0 {
			return personByID(ctx, tx, id)
		}
	}
	return Person{}, nil
}

func (a *Accounts) createImported(ctx context.Context, tx *db.Tx, d *draft, emails []Email, created time.Time) error {
	d.email = emails[0]
	d.email.ConfirmedBy = ""
	if err := a.create(ctx, tx, d); err != nil {
		return err
	}
	for i, e := range emails {
		by := e.ConfirmedBy
		if e = d.email; i > 0 {
			e = emails[i]
			e.ID, e.Person, e.CreatedAt, e.ConfirmedBy = tx.NewID(), d.person.ID, tx.Now(), ""
			if err := insertEmail(ctx, tx, e); err != nil {
				return err
			}
		}
		if by == "" {
			continue
		}
		if err := a.confirmed(ctx, tx, e, by); err != nil {
			return err
		}
	}
	if created.IsZero() || !created.Before(tx.Now()) {
		return nil
	}
	return updateJoined(ctx, tx, d.person.ID, created)
}
