package core

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/people"
)

type userCommand struct {
	Create  createCommand  `cmd:"" help:"Create a person. The password is read from standard input."`
	Admin   adminCommand   `cmd:"" help:"Make a person an administrator."`
	Member  memberCommand  `cmd:"" help:"Take the role of an administrator from a person."`
	Enter   enterCommand   `cmd:"" help:"Print a link that signs an administrator in, once, for 15 minutes."`
	Disable disableCommand `cmd:"" help:"Lock a person out and hide them from others, until they are enabled again."`
	Enable  enableCommand  `cmd:"" help:"Let a disabled person in again."`
	Import  importCommand  `cmd:"" help:"Create the accounts of a CSV or JSON file of another passport, with their passwords where it tells their hashes."`
	List    listCommand    `cmd:"" help:"Print people as CSV, as the page of administrators lists them."`
	Signout signoutCommand `cmd:"" help:"Sign a person out everywhere."`
	Confirm confirmCommand `cmd:"" help:"Mail a person the links again that confirm their addresses."`
	Link    linkCommand    `cmd:"" help:"Mail a person a link that signs them in."`
	Remove  removeCommand  `cmd:"" help:"Erase a person's account for good. Their name, typed again on standard input, is the consent."`
}

type createCommand struct {
	configured

	Name  string `required:"" help:"Full name."`
	Email string `required:"" help:"E-mail address; it counts as confirmed."`
	Admin bool   `help:"Make the person an administrator."`

	Handle string `arg:"" help:"Name in the address of the profile."`
}

// Run creates a person whose address counts as confirmed: whoever runs the
// server vouches for it.
func (c createCommand) Run(ctx context.Context, s Streams) error {
	return c.with(ctx, func(a *app) error {
		fmt.Fprint(s.Err, "Password: ")
		password, err := bufio.NewReader(s.In).ReadString('\n')
		if err != nil && password == "" {
			return fmt.Errorf("read the password from standard input: %w", err)
		}
		in := account.NewPerson{Name: c.Name, Handle: c.Handle, Address: c.Email, Password: strings.TrimRight(password, "\r\n")}
		p, err := a.accounts.CreatePerson(ctx, in, true)
		if err != nil {
			return a.inWords(err)
		}
		if c.Admin {
			if err := a.accounts.MakeAdmin(ctx, p.Handle); err != nil {
				return a.inWords(err)
			}
		}
		_, err = fmt.Fprintf(s.Out, "created @%s\n", p.Handle)
		return err
	})
}

type adminCommand struct {
	configured

	Handle string `arg:"" help:"Whom to make an administrator."`
}

// Run makes a person an administrator.
func (c adminCommand) Run(ctx context.Context, s Streams) error {
	return c.on(ctx, s, c.Handle, "is an administrator", func(a *app, who int64) error {
		return a.people.Promote(ctx, people.Actor{}, who)
	})
}

type enterCommand struct {
	configured

	Handle string `arg:"" help:"The administrator to let in."`
}

// Run prints a link that signs an administrator in: for the day on which no other
// way in works, such as when the one provider is down.
func (c enterCommand) Run(ctx context.Context, s Streams) error {
	return c.with(ctx, func(a *app) error {
		path, err := a.accounts.EntryPath(ctx, c.Handle)
		if err != nil {
			return a.inWords(err)
		}
		_, err = fmt.Fprintln(s.Out, a.web.URL(path))
		return err
	})
}

type disableCommand struct {
	configured

	Mail  bool   `help:"Tell the person by mail."`
	Words string `help:"What else the mail says."`

	Handle string `arg:"" help:"Whom to lock out."`
}

// Run ends a person's sessions, refuses every way in and hides them from others. What
// is theirs stays.
func (c disableCommand) Run(ctx context.Context, s Streams) error {
	return c.on(ctx, s, c.Handle, "is locked out and hidden; nothing of theirs was deleted", func(a *app, who int64) error {
		return a.people.Disable(ctx, people.Actor{}, who, people.Notice{Mail: c.Mail, Words: c.Words})
	})
}

type enableCommand struct {
	configured

	Mail bool `help:"Tell the person by mail."`

	Handle string `arg:"" help:"Whom to let in again."`
}

// Run lets a disabled person sign in again, and calls a removal off that waits.
func (c enableCommand) Run(ctx context.Context, s Streams) error {
	return c.on(ctx, s, c.Handle, "can sign in again", func(a *app, who int64) error {
		return a.people.Enable(ctx, people.Actor{}, who, c.Mail)
	})
}

type removeCommand struct {
	configured

	KeepComments bool   `help:"Leave the places of their comments, without words and name."`
	Later        bool   `help:"Lock out now and erase in 14 days; until then “enable” calls it off."`
	Silent       bool   `help:"Send no mail about it."`
	Words        string `help:"What else the mail says."`

	Handle string `arg:"" help:"Whose account to erase."`
}

// Run closes an account as its holder could, with a mail and the same receipt. The
// server erases it when it runs.
func (c removeCommand) Run(ctx context.Context, s Streams) error {
	return c.with(ctx, func(a *app) error {
		p, err := a.accounts.Named(ctx, a.base.Read(), c.Handle)
		if err != nil {
			return a.inWords(err)
		}
		n := people.Notice{Mail: !c.Silent, Words: c.Words}
		if c.Later {
			if err := a.people.RemoveLater(ctx, people.Actor{}, p.ID, n); err != nil {
				return a.inWords(err)
			}
			_, err := fmt.Fprintf(s.Out, "@%s is locked out, and erased in %d days unless you enable them before\n", p.Handle, people.GraceDays)
			return err
		}
		fmt.Fprintf(s.Err, "This cannot be undone. To erase the account of %s, type %s: ", p.Name, p.Handle)
		typed, err := bufio.NewReader(s.In).ReadString('\n')
		if strings.TrimSpace(typed) != p.Handle {
			return errors.Join(errors.New("nothing was erased: the name was not typed"), ignoreEnd(err))
		}
		r, err := a.people.Remove(ctx, people.Actor{}, p.ID, c.KeepComments, n)
		if err != nil {
			return a.inWords(err)
		}
		_, err = fmt.Fprintf(s.Out, "@%s is gone from every page, and erased as soon as the server runs. Receipt: %s\n", p.Handle, a.web.URL("/removed/"+r.Number))
		return err
	})
}

// ignoreEnd is err, but for the end of the input.
func ignoreEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// with runs f on an opened passport that serves nobody.
func (c configured) with(ctx context.Context, f func(*app) error) error {
	conf, err := c.load()
	if err != nil {
		return err
	}
	a, err := open(ctx, conf, slog.New(slog.DiscardHandler), options{})
	if err != nil {
		return explainOpen(err, conf)
	}
	if at, err := net.ResolveTCPAddr("tcp", conf.Listen); err == nil {
		a.web.Bind(at) // links name the port that the server is asked at
	}
	return errors.Join(f(a), a.close(context.WithoutCancel(ctx)))
}

// inWords gives the sentences of an error that a person can mend.
func (a *app) inWords(err error) error {
	if wrong, ok := errors.AsType[account.FieldErrors](err); ok {
		var list []string
		for field, key := range wrong {
			list = append(list, field+": "+a.catalogue.T("en", key))
		}
		slices.Sort(list)
		return errors.New(strings.Join(list, "; "))
	}
	if f, ok := fault.As(err); ok {
		pairs := make([]any, 0, 2*len(f.Args))
		for name, value := range f.Args {
			pairs = append(pairs, name, value)
		}
		return errors.New(a.catalogue.T("en", f.Key, pairs...))
	}
	return err
}
