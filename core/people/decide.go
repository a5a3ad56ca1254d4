package people

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/mail"
	"github.com/osier-passport/osier/core/text"
)

const maxWords = 2000 // characters of a reason

// DecisionMail is the data of the mail "decision": what an administrator decided about
// an account.
type DecisionMail struct {
	Name  string
	What  string    // disabled, enabled or leaving
	Words string    // of the administrator, may be empty
	Due   time.Time // of the removal
	Days  int       // until then
}

// Promote makes a person an administrator.
func (p *People) Promote(ctx context.Context, by Actor, person int64) error {
	return p.change(ctx, by, Act{Subject: person, Kind: kindPromote}, func(tx *db.Tx, who account.Person) error {
		if who.Disabled {
			return fault.New(fault.Conflict, "people.error.disabled")
		}
		return p.Accounts.SetRole(ctx, tx, person, account.RoleAdmin)
	})
}

// Demote takes the role of an administrator. It returns a fault Conflict for the last
// one, and for one to whom the groups at a provider give it.
func (p *People) Demote(ctx context.Context, by Actor, person int64) error {
	return p.change(ctx, by, Act{Subject: person, Kind: kindDemote}, func(tx *db.Tx, _ account.Person) error {
		return p.Accounts.SetRole(ctx, tx, person, account.RoleMember)
	})
}

// EndSessions signs a person out everywhere.
func (p *People) EndSessions(ctx context.Context, by Actor, person int64) error {
	return p.change(ctx, by, Act{Subject: person, Kind: kindSessions}, func(tx *db.Tx, _ account.Person) error {
		return p.Accounts.EndSessions(ctx, tx, person)
	})
}

// SendConfirmation mails the links again that confirm the addresses of a person.
func (p *People) SendConfirmation(ctx context.Context, by Actor, person int64) error {
	return p.change(ctx, by, Act{Subject: person, Kind: kindConfirm}, func(tx *db.Tx, who account.Person) error {
		if who.Disabled {
			return fault.New(fault.Conflict, "people.error.disabled")
		}
		return p.Accounts.SendConfirmations(ctx, tx, person)
	})
}

// SendEnter mails a person a link that signs them in.
func (p *People) SendEnter(ctx context.Context, by Actor, person int64) error {
	return p.change(ctx, by, Act{Subject: person, Kind: kindEnter}, func(tx *db.Tx, _ account.Person) error {
		return p.Accounts.SendEnter(ctx, tx, person)
	})
}

// Notice is whether a person is told of a decision by mail, and with what words.
type Notice struct {
	Mail  bool
	Words string
}

// Disable locks a person out and hides them. It returns a fault Conflict for the last
// administrator and for who acts themselves, and account.FieldErrors (words).
func (p *People) Disable(ctx context.Context, by Actor, person int64, n Notice) error {
	n, err := clean(n)
	if err != nil {
		return err
	}
	return p.change(ctx, by, Act{Subject: person, Kind: kindDisable, Words: n.Words}, func(tx *db.Tx, who account.Person) error {
		if err := p.mayClose(ctx, tx, by, who); err != nil {
			return err
		}
		if who.Disabled {
			return fault.New(fault.Conflict, "people.error.disabled")
		}
		if err := p.Accounts.Disable(ctx, tx, person, true); err != nil {
			return err
		}
		return p.tell(ctx, tx, who, n, DecisionMail{What: "disabled"})
	})
}

// Enable lets a disabled person in again, and calls a removal off that waits for its
// day.
func (p *People) Enable(ctx context.Context, by Actor, person int64, mailed bool) error {
	return p.change(ctx, by, Act{Subject: person, Kind: kindEnable}, func(tx *db.Tx, who account.Person) error {
		if !who.Disabled {
			return fault.New(fault.Conflict, "people.error.enabled")
		}
		if err := deleteRemoval(ctx, tx, person); err != nil {
			return err
		}
		if err := p.Accounts.Disable(ctx, tx, person, false); err != nil {
			return err
		}
		return p.tell(ctx, tx, who, Notice{Mail: mailed}, DecisionMail{What: "enabled"})
	})
}

// mayClose refuses to close the account of the last administrator, and one's own.
func (p *People) mayClose(ctx context.Context, tx *db.Tx, by Actor, who account.Person) error {
	if by.Person == who.ID {
		return fault.New(fault.Conflict, "people.error.yourself").At("/settings/remove")
	}
	return p.Accounts.SpareAdmin(ctx, tx, who.ID)
}

// clean gives the words of a notice as they are kept and mailed; without a mail there
// are none.
func clean(n Notice) (Notice, error) {
	words, ok := text.CleanText(n.Words, maxWords)
	if !ok {
		return n, account.FieldErrors{"words": "people.error.words"}
	}
	n.Words = words
	return n, nil
}

// tell mails a decision to the person's first confirmed address, in their language.
// Without a mail server it says nothing: the outbox is for mail that somebody waits for.
func (p *People) tell(ctx context.Context, tx *db.Tx, who account.Person, n Notice, m DecisionMail) error {
	if !n.Mail || !p.Mailer.Configured() {
		return nil
	}
	to, err := p.Accounts.Confirmed(ctx, tx, who.ID)
	if err != nil || len(to) == 0 {
		return err
	}
	m.Name, m.Words = who.Name, n.Words
	return p.Accounts.Mail(ctx, tx, mail.Message{To: to[0], Lang: who.Language, Template: "decision", Person: who.ID, Data: m})
}
