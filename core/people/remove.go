package people

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/mail"
	"github.com/osier-passport/osier/core/mydata"
)

// Grace is how long a removal that is not done at once can be called off.
const (
	GraceDays = 14
	grace     = GraceDays * 24 * time.Hour
)

// Removal is an account that is removed on its day.
type Removal struct {
	Person int64
	Due    time.Time // zero: none waits
	Told   bool      // the person was told by mail
}

// RemoveLater locks a person out now and removes the account after GraceDays. Until
// then Enable calls it off. It returns what Disable does, and a fault Conflict when a
// removal waits already.
func (p *People) RemoveLater(ctx context.Context, by Actor, person int64, n Notice) error {
	n, err := clean(n)
	if err != nil {
		return err
	}
	return p.change(ctx, by, Act{Subject: person, Kind: kindLater, Words: n.Words}, func(tx *db.Tx, who account.Person) error {
		if err := p.mayClose(ctx, tx, by, who); err != nil {
			return err
		}
		waits, err := removalOf(ctx, tx, person)
		if err != nil {
			return err
		}
		if !waits.Due.IsZero() {
			return fault.New(fault.Conflict, "people.error.waits")
		}
		due := tx.Now().Add(grace)
		if err := insertRemoval(ctx, tx, Removal{Person: person, Due: due, Told: n.Mail}); err != nil {
			return err
		}
		if err := p.Accounts.Disable(ctx, tx, person, true); err != nil {
			return err
		}
		return p.tell(ctx, tx, who, n, DecisionMail{What: "leaving", Due: due, Days: GraceDays})
	})
}

// Remove removes an account at once and for good, as its person could: the same job
// erases it and the same receipt stays. The mail, where one is wanted, waits in the
// outbox until it is sent, and then goes. It returns what Disable does.
func (p *People) Remove(ctx context.Context, by Actor, person int64, keepComments bool, n Notice) (mydata.Receipt, error) {
	n, err := clean(n)
	if err != nil {
		return mydata.Receipt{}, err
	}
	return p.remove(ctx, keepComments, n, Act{Subject: person, Actor: by.Person, Way: by.way(), Words: n.Words}, func(tx *db.Tx, who account.Person) error {
		return p.mayClose(ctx, tx, by, who)
	})
}

func (p *People) remove(ctx context.Context, keepComments bool, n Notice, act Act, may func(tx *db.Tx, who account.Person) error) (mydata.Receipt, error) {
	who, err := p.there(ctx, p.Base.Read(), act.Subject)
	if err != nil {
		return mydata.Receipt{}, err
	}
	to, err := p.Accounts.Confirmed(ctx, p.Base.Read(), act.Subject)
	if err != nil {
		return mydata.Receipt{}, err
	}
	return p.Data.Remove(ctx, act.Subject, mydata.Removal{
		KeepComments: keepComments, Silent: true,
		Before: func(_ context.Context, tx *db.Tx) error { return may(tx, who) },
		Also: func(ctx context.Context, tx *db.Tx, r mydata.Receipt) error {
			act.ID, act.Kind, act.Receipt, act.At = tx.NewID(), kindRemove, r.Number, tx.Now()
			if err := errors.Join(deleteRemoval(ctx, tx, act.Subject), insertAct(ctx, tx, act)); err != nil {
				return err
			}
			if !n.Mail || len(to) == 0 {
				return nil
			}
			m := p.Data.FarewellMail(r)
			m.Name, m.ByAdmin, m.Words = who.Name, true, n.Words
			return p.farewell(ctx, tx, mail.Message{To: to[0], Lang: who.Language, Template: "farewell", Data: m})
		},
	})
}

// farewell writes the last mail into the outbox. It is nobody's there, so that the
// erasure does not take it before it is sent.
func (p *People) farewell(ctx context.Context, tx *db.Tx, m mail.Message) error {
	if !p.Mailer.Configured() {
		return nil
	}
	return p.Accounts.Mail(ctx, tx, m)
}

// RemoveDue removes the accounts whose day has come. Of several processes that do it
// at once, one does each.
func (p *People) RemoveDue(ctx context.Context) error {
	list, err := dueRemovals(ctx, p.Base.Read(), p.Base.Now())
	if err != nil {
		return err
	}
	for _, r := range list {
		_, err := p.remove(ctx, false, Notice{Mail: r.Told}, Act{Subject: r.Person, Way: wayTime}, func(tx *db.Tx, _ account.Person) error {
			return p.stillDue(ctx, tx, r.Person)
		})
		if fault.Is(err, fault.Gone) || fault.Is(err, fault.NotFound) || fault.Is(err, fault.Conflict) {
			continue // another process was faster, or it was called off just now
		}
		if err != nil {
			return err
		}
		p.Log.InfoContext(ctx, "an account was removed on its day", slog.Int64("person", r.Person))
	}
	return nil
}

func (p *People) stillDue(ctx context.Context, tx *db.Tx, person int64) error {
	r, err := removalOf(ctx, tx, person)
	if err == nil && (r.Due.IsZero() || r.Due.After(tx.Now())) {
		err = fault.New(fault.Conflict, "people.error.waits")
	}
	return err
}
