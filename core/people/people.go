// Package people is the administrators' pages of people: who is here and in which
// state, and what administrators do about accounts.
//
// It owns the tables admin_act (who did what to whom, without names) and removal (who
// is removed on which day). It reads person, person_word, person_day, email, identity,
// password, passkey, guardian, erasure, explore_place and badge by JOIN, and publishes
// no event. Its own pages call it, and the commands `osier user …`: each act is one
// function, whoever asks for it.
//
// An administrator sees that something is held and how much, not what: nobody signs
// in as somebody else here.
package people

import (
	"context"
	"log/slog"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/jobs"
	"github.com/osier-passport/osier/core/mail"
	"github.com/osier-passport/osier/core/mydata"
)

// Deps is what a People needs.
type Deps struct {
	Base     *db.Base
	Queue    *jobs.Queue
	Accounts *account.Accounts
	Data     *mydata.Data
	Mailer   *mail.Mailer
	Log      *slog.Logger
}

// People is the service of this package.
type People struct{ Deps }

// New makes the service and has removals done on their day.
func New(d Deps) *People {
	p := &People{d}
	d.Queue.Every("people.remove", 30*time.Minute, p.RemoveDue)
	return p
}

// Actor is who acts: an administrator, or with the zero Actor whoever runs the server.
type Actor struct{ Person int64 }

// way says how an actor acts.
func (a Actor) way() string {
	if a.Person > 0 {
		return wayPage
	}
	return wayCommand
}

// The ways in which something is done.
const (
	wayPage    = "page"
	wayCommand = "command"
	wayTime    = "time" // a day that was set before has come
)

// change runs f on the subject of an act, who is there, and notes the act, in one transaction. It
// returns a fault NotFound for nobody, and Gone for who is being erased.
func (p *People) change(ctx context.Context, by Actor, act Act, f func(tx *db.Tx, who account.Person) error) error {
	return p.Base.Tx(ctx, func(tx *db.Tx) error {
		who, err := p.there(ctx, tx, act.Subject)
		if err != nil {
			return err
		}
		if err := f(tx, who); err != nil {
			return err
		}
		act.ID, act.Actor, act.Way, act.At = tx.NewID(), by.Person, by.way(), tx.Now()
		return insertAct(ctx, tx, act)
	})
}

// there finds a person who is not being erased.
func (p *People) there(ctx context.Context, d db.DB, person int64) (account.Person, error) {
	who, err := p.Accounts.PersonByID(ctx, d, person)
	if err != nil {
		return who, err
	}
	leaving, err := p.Data.Leaving(ctx, d, person)
	if err == nil && leaving {
		err = fault.New(fault.Gone, "people.error.leaving").At("/admin/people")
	}
	return who, err
}
