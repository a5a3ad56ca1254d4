package core

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/osier-passport/osier/core/people"
)

type memberCommand struct {
	configured

	Handle string `arg:"" help:"Whose role to take."`
}

// Run takes the role of an administrator, but for the last one.
func (c memberCommand) Run(ctx context.Context, s Streams) error {
	return c.on(ctx, s, c.Handle, "is no administrator", func(a *app, who int64) error {
		return a.people.Demote(ctx, people.Actor{}, who)
	})
}

type signoutCommand struct {
	configured

	Handle string `arg:"" help:"Whom to sign out."`
}

// Run ends all sessions of a person.
func (c signoutCommand) Run(ctx context.Context, s Streams) error {
	return c.on(ctx, s, c.Handle, "is signed out everywhere", func(a *app, who int64) error {
		return a.people.EndSessions(ctx, people.Actor{}, who)
	})
}

type confirmCommand struct {
	configured

	Handle string `arg:"" help:"Whose addresses wait."`
}

// Run mails the links again that confirm a person's addresses.
func (c confirmCommand) Run(ctx context.Context, s Streams) error {
	return c.on(ctx, s, c.Handle, "gets the links by mail as soon as the server runs", func(a *app, who int64) error {
		return a.people.SendConfirmation(ctx, people.Actor{}, who)
	})
}

type linkCommand struct {
	configured

	Handle string `arg:"" help:"Who gets the link."`
}

// Run mails a person a link that signs them in.
func (c linkCommand) Run(ctx context.Context, s Streams) error {
	return c.on(ctx, s, c.Handle, "gets a link by mail as soon as the server runs", func(a *app, who int64) error {
		return a.people.SendEnter(ctx, people.Actor{}, who)
	})
}

type listCommand struct {
	configured

	State   string `help:"active, unconfirmed, disabled, leaving or waiting."`
	Role    string `help:"admin or member."`
	Country string `help:"Two letters (ISO 3166-1)."`
	Way     string `help:"password, passkey, mail, or at: and the id of a provider."`
	Sort    string `help:"seen or name; by when they joined without it."`

	Query string `arg:"" optional:"" help:"Beginning of a name, handle, address or @domain."`
}

// Run prints people as CSV.
func (c listCommand) Run(ctx context.Context, s Streams) error {
	return c.with(ctx, func(a *app) error {
		f := people.Filter{Query: c.Query, State: c.State, Role: c.Role, Country: c.Country, Way: c.Way, Order: c.Sort}
		if err := f.Check(); err != nil {
			return err
		}
		table := a.people.Table(ctx, f)
		_, err := io.Copy(s.Out, table)
		return errors.Join(err, table.Close())
	})
}

// on runs f on the person who has a handle, and says what became of them.
func (c configured) on(ctx context.Context, s Streams, handle, says string, f func(a *app, who int64) error) error {
	return c.with(ctx, func(a *app) error {
		p, err := a.accounts.Named(ctx, a.base.Read(), handle)
		if err == nil {
			err = f(a, p.ID)
		}
		if err != nil {
			return a.inWords(err)
		}
		_, err = fmt.Fprintf(s.Out, "@%s %s\n", p.Handle, says)
		return err
	})
}
