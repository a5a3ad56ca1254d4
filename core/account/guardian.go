package account

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/mail"
	"github.com/osier-passport/osier/core/secret"
)

// Answers to the question for the age.
const (
	AgeOver  = "over"
	AgeUnder = "under"
)

// Guardian is the adult who answers for a person under age.
type Guardian struct {
	Person      int64
	Address     string
	AskedAt     time.Time
	ConfirmedAt time.Time // zero: not yet
}

// GuardianMail is the data of the mail "guardian".
type GuardianMail struct{ Name, Handle, URL string }

// AnswerAge keeps a person's answer to the question for their age. Who is under
// age is shown to members alone, is found by nobody, and has to wait until the
// guardian confirms by mail. It returns FieldErrors (age, guardian).
func (a *Accounts) AnswerAge(ctx context.Context, person int64, answer, guardian string) error {
	return a.base.Tx(ctx, func(tx *db.Tx) error {
		p, err := personByID(ctx, tx, person)
		if err != nil {
			return err
		}
		own, err := emailsOf(ctx, tx, person)
		if err != nil {
			return err
		}
		address, err := parseAge(answer, guardian, own)
		if err != nil {
			return err
		}
		return a.answerAge(ctx, tx, p, address)
	})
}

// parseAge reads an answer: the address of the guardian, "" for who is of age.
func parseAge(answer, guardian string, own []Email) (string, error) {
	switch answer {
	case AgeOver:
		return "", nil
	case AgeUnder:
	default:
		return "", FieldErrors{"age": "account.error.choice"}
	}
	if guardian == "" {
		return "", FieldErrors{"guardian": "account.error.required"}
	}
	address, key, err := mail.ParseAddress(guardian)
	if err != nil {
		return "", fieldError("guardian", err)
	}
	for _, e := range own {
		if e.Key == key {
			return "", FieldErrors{"guardian": "age.error.own_address"}
		}
	}
	return address, nil
}

func (a *Accounts) answerAge(ctx context.Context, tx *db.Tx, p Person, guardian string) error {
	site, err := a.settingsIn(ctx, tx)
	if err != nil {
		return err
	}
	if err := insertConsent(ctx, tx, p.ID, consentAge, int64(max(site.Age, 1))); err != nil || guardian == "" {
		return err
	}
	if err := updateUnderAge(ctx, tx, p.ID, true); err != nil {
		return err
	}
	if err := event.Publish(ctx, tx, a.bus, SeenByOthers{Person: p.ID}); err != nil {
		return err
	}
	return a.askGuardian(ctx, tx, p, guardian)
}

// askGuardian mails the guardian a link; one that was mailed before ends.
func (a *Accounts) askGuardian(ctx context.Context, tx *db.Tx, p Person, address string) error {
	had, err := guardianOf(ctx, tx, p.ID)
	if ignoreAbsent(err) != nil {
		return err
	}
	more, err := a.mayAsk(ctx, tx, "guardian", p.ID, nameKey(address))
	if err != nil || (!more && nameKey(had.Address) == nameKey(address)) {
		return err // the link of the last while is still good
	}
	token := secret.Token()
	if err := upsertGuardian(ctx, tx, p.ID, address, secret.Hash(token)); err != nil {
		return err
	}
	return a.Mail(ctx, tx, mail.Message{
		To: address, Lang: p.Language, Template: "guardian", Person: p.ID,
		Data: GuardianMail{Name: p.Name, Handle: p.Handle, URL: a.url("/guardian/" + token)},
	})
}

// AskGuardianAgain mails the link again, maybe to another address: the guardian of
// before may have had theirs deleted. It returns
// FieldErrors (guardian), and a fault Conflict when the guardian has confirmed.
func (a *Accounts) AskGuardianAgain(ctx context.Context, person int64, guardian string) error {
	return a.base.Tx(ctx, func(tx *db.Tx) error {
		st, err := standingOf(ctx, tx, person)
		if err == nil && !st.underAge {
			err = db.ErrNotFound
		}
		if err != nil {
			return notFound(err)
		}
		if !st.guarded.IsZero() {
			return fault.New(fault.Conflict, "age.error.confirmed")
		}
		own, err := emailsOf(ctx, tx, person)
		if err != nil {
			return err
		}
		address, err := parseAge(AgeUnder, guardian, own)
		if err != nil {
			return err
		}
		p, err := personByID(ctx, tx, person)
		if err != nil {
			return err
		}
		return a.askGuardian(ctx, tx, p, address)
	})
}

// Ward gives the person whom a guardian's link is about. It returns a fault
// NotFound for a link that we did not mail or that a newer one replaced.
func (a *Accounts) Ward(ctx context.Context, token string) (Person, Guardian, error) {
	g, err := guardianByToken(ctx, a.base.Read(), secret.Hash(token))
	if errors.Is(err, db.ErrNotFound) {
		return Person{}, Guardian{}, fault.New(fault.NotFound, "age.error.link")
	}
	if err != nil {
		return Person{}, Guardian{}, err
	}
	p, err := a.PersonByID(ctx, a.base.Read(), g.Person)
	return p, g, err
}

// ConfirmWard opens an account that waits for its guardian.
func (a *Accounts) ConfirmWard(ctx context.Context, token string) error {
	p, _, err := a.Ward(ctx, token)
	if err != nil {
		return err
	}
	return a.base.Tx(ctx, func(tx *db.Tx) error { return confirmGuardian(ctx, tx, p.ID) })
}

// RecallWard takes back what ConfirmWard gave: the account waits again, and nothing of
// it is shown until its person, let in anew, shows it.
func (a *Accounts) RecallWard(ctx context.Context, token string) error {
	p, _, err := a.Ward(ctx, token)
	if err != nil {
		return err
	}
	return a.base.Tx(ctx, func(tx *db.Tx) error {
		if err := recallGuardian(ctx, tx, p.ID); err != nil {
			return err
		}
		if err := event.Publish(ctx, tx, a.bus, AppsEnded{Person: p.ID}); err != nil {
			return err
		}
		return a.setHiddenIn(ctx, tx, p.ID, true)
	})
}

// dropOwnGuardian lets go of a guardian whose address is one of the person's own,
// listed or given up: nobody answers for themselves. The account waits for another.
func (a *Accounts) dropOwnGuardian(ctx context.Context, tx *db.Tx, person int64) error {
	g, err := guardianOf(ctx, tx, person)
	if err != nil {
		return ignoreAbsent(err)
	}
	_, key, err := mail.ParseAddress(g.Address)
	if err != nil {
		return err
	}
	own, err := emailsOf(ctx, tx, person)
	if err != nil {
		return err
	}
	proofs, err := proofsOfAddress(ctx, tx, person, a.addressHash(key))
	if err != nil {
		return err
	}
	if len(proofs) > 0 || slices.ContainsFunc(own, func(e Email) bool { return e.Key == key }) {
		return deleteGuardian(ctx, tx, person)
	}
	return nil
}

// isGuardian reports whether an address, in the form that is compared, is that of
// the person's guardian.
func (a *Accounts) isGuardian(ctx context.Context, d db.DB, person int64, key string) (bool, error) {
	g, err := guardianOf(ctx, d, person)
	if err != nil {
		return false, ignoreAbsent(err)
	}
	_, guardian, err := mail.ParseAddress(g.Address)
	return guardian == key, err
}

// LiftAge ends the rules for a person under age: what they choose counts again,
// and the guardian's address is forgotten. Guardians call it with their link,
// administrators for anybody.
func (a *Accounts) LiftAge(ctx context.Context, person int64) error {
	return a.base.Tx(ctx, func(tx *db.Tx) error {
		if err := updateUnderAge(ctx, tx, person, false); err != nil {
			return notFound(err)
		}
		if err := deleteGuardian(ctx, tx, person); err != nil {
			return err
		}
		return event.Publish(ctx, tx, a.bus, SeenByOthers{Person: person})
	})
}
