package account

import (
	"context"
	"maps"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/mail"
	"github.com/osier-passport/osier/core/secret"
)

// NewPerson is what a person gives to get an account.
type NewPerson struct {
	Name, Handle, Address, Password, Language string

	Agreed        bool   // to the texts in force
	Age, Guardian string // answer to the question for the age, and the guardian's address

	Answers map[string]string // to what the site asks, by the keys of the questions

	Invite string // secret of an invitation, or ""
	Proof  string // of a mailed link to join, or ""; the address is then the one in it
}

// How an address was confirmed when not by mail or a provider.
const (
	byMail    = "mail"
	bySetup   = "setup"
	byCommand = "command"
)

// draft is a NewPerson that keeps the rules.
type draft struct {
	person Person
	email  Email  // Key "" when there is none
	hash   string // "" without a password
}

// SignUp makes an account and mails a link to confirm its address. It returns
// FieldErrors, or a fault Forbidden when sign-up is closed.
//
// An address that is somebody else's already is answered alike: only its owner
// learns about it, by mail.
func (a *Accounts) SignUp(ctx context.Context, in NewPerson) (Person, error) {
	if only, ok := a.OnlyProvider(); ok {
		return Person{}, errOnly(only)
	}
	proven, key, err := a.openProof(in.Proof)
	if err != nil {
		return Person{}, err
	}
	if proven != "" {
		in.Address = proven
	}
	bring := pass{invite: in.Invite, key: key}
	if err := a.mayJoin(ctx, a.base.Read(), bring); err != nil {
		return Person{}, err
	}
	site, err := a.Settings(ctx)
	if err != nil {
		return Person{}, err
	}
	d, err := a.prepare(ctx, in, "address", "password")
	guardian, err := site.checkJoin(in, d, err)
	answers, err := a.checkAnswers(in, err)
	if err != nil {
		return Person{}, err
	}
	err = a.base.Tx(ctx, func(tx *db.Tx) error {
		if err := a.create(ctx, tx, &d); err != nil {
			return err
		}
		if err := a.admit(ctx, tx, bring, d.person.ID); err != nil {
			return err
		}
		if err := a.agree(ctx, tx, d.person.ID); err != nil {
			return err
		}
		if site.Age > 0 {
			if err := a.answerAge(ctx, tx, d.person, guardian); err != nil {
				return err
			}
		}
		if err := keepAnswers(ctx, tx, d.person.ID, answers); err != nil {
			return err
		}
		return a.confirmOrAsk(ctx, tx, d, proven != "")
	})
	return d.person, handleField(err)
}

// confirmOrAsk confirms the address of a new account where it is proven, else mails a
// link that does.
func (a *Accounts) confirmOrAsk(ctx context.Context, tx *db.Tx, d draft, proven bool) error {
	if proven {
		return a.confirmed(ctx, tx, d.email, byMail)
	}
	return a.sendConfirmation(ctx, tx, d.person, d.email)
}

// checkAnswers adds what is wrong with the answers to the questions of the site to
// what is wrong with the rest, and gives the answers.
func (a *Accounts) checkAnswers(in NewPerson, err error) (map[string]string, error) {
	wrong, ok := fieldsOf(err)
	if err != nil && !ok {
		return nil, err
	}
	answers, more := a.parseAnswers(in.Answers)
	maps.Copy(more, wrong)
	return answers, more.orNil()
}

// checkJoin adds what is wrong with the answers that the site asks for to what is
// wrong with the rest, and gives the guardian's address.
func (s Settings) checkJoin(in NewPerson, d draft, err error) (string, error) {
	wrong, ok := fieldsOf(err)
	if err != nil && !ok {
		return "", err
	}
	if !ok {
		wrong = FieldErrors{}
	}
	if len(s.asksFor(nil)) > 0 && !in.Agreed {
		wrong["agree"] = "legal.error.agree"
	}
	guardian := ""
	if s.Age > 0 {
		var errAge error
		guardian, errAge = parseAge(in.Age, in.Guardian, []Email{d.email})
		if fields, ok := fieldsOf(errAge); ok {
			maps.Copy(wrong, fields)
		}
	}
	return guardian, wrong.orNil()
}

// CreatePerson makes an account without asking whether sign-up is open, for
// commands and the demo. Address and password may be empty. A confirmed address
// is the person's at once; it returns a fault Conflict when it is somebody else's.
func (a *Accounts) CreatePerson(ctx context.Context, in NewPerson, confirmed bool) (Person, error) {
	d, err := a.prepare(ctx, in)
	if err != nil {
		return Person{}, err
	}
	err = a.base.Tx(ctx, func(tx *db.Tx) error {
		if err := a.create(ctx, tx, &d); err != nil || d.email.Key == "" {
			return err
		}
		if confirmed {
			return a.confirmed(ctx, tx, d.email, byCommand)
		}
		return a.sendConfirmation(ctx, tx, d.person, d.email)
	})
	return d.person, handleField(err)
}

// prepare holds the input against all rules at once and hashes the password.
// Address and password may be empty unless they are among the needed fields.
func (a *Accounts) prepare(ctx context.Context, in NewPerson, needed ...string) (draft, error) {
	wrong := FieldErrors{}
	for _, field := range needed {
		if field == "address" && in.Address == "" || field == "password" && in.Password == "" {
			wrong[field] = "account.error.required"
		}
	}
	handle, err := ParseHandle(in.Handle)
	wrong.add("handle", err)
	name, err := parseName(in.Name)
	wrong.add("name", err)
	d := draft{person: Person{
		PublicID: secret.ID(), Handle: handle, Name: name, Role: RoleMember, Language: a.knownLanguage(in.Language),
		Scheme: "auto", Contrast: "auto", Visibility: "private",
	}}
	if in.Address != "" {
		d.email.Address, d.email.Key, err = mail.ParseAddress(in.Address)
		wrong.add("address", err)
	}
	if in.Password != "" {
		wrong.add("password", checkPassword(in.Password, in.Name, in.Handle, in.Address))
	}
	if len(wrong) > 0 {
		return draft{}, wrong
	}
	if in.Password != "" {
		d.hash, err = a.hasher.hash(ctx, in.Password)
	}
	return d, err
}

// create writes a draft with fresh ids and tells the others.
func (a *Accounts) create(ctx context.Context, tx *db.Tx, d *draft) error {
	d.person.ID, d.person.CreatedAt = tx.NewID(), tx.Now()
	if err := insertPerson(ctx, tx, d.person); err != nil {
		return err
	}
	if err := a.claim(ctx, tx, d.person.ID, d.person.Handle); err != nil {
		return err
	}
	if d.hash != "" {
		if err := setPassword(ctx, tx, d.person.ID, d.hash); err != nil {
			return err
		}
	}
	if d.email.Key != "" {
		d.email.ID, d.email.Person, d.email.Primary, d.email.CreatedAt = tx.NewID(), d.person.ID, true, tx.Now()
		if err := insertEmail(ctx, tx, d.email); err != nil {
			return err
		}
	}
	return event.Publish(ctx, tx, a.bus, Joined{Person: d.person.ID})
}

func (a *Accounts) knownLanguage(code string) string {
	if a.catalogue.Has(code) {
		return code
	}
	return ""
}

// handleField turns a taken handle into the error of its field.
func handleField(err error) error {
	if e, ok := fault.As(err); ok && (e.Key == errHandleTaken().Key || e.Key == "account.error.handle.alike") {
		return FieldErrors{"handle": e.Key}
	}
	return err
}

// MakeAdmin gives a person the role of an administrator. It returns a fault
// NotFound for an unknown handle.
func (a *Accounts) MakeAdmin(ctx context.Context, handle string) error {
	return a.base.Tx(ctx, func(tx *db.Tx) error {
		p, err := a.Named(ctx, tx, handle)
		if err != nil {
			return err
		}
		return a.giveRole(ctx, tx, p.ID, RoleAdmin)
	})
}
