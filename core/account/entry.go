package account

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/secret"
	"github.com/osier-passport/osier/core/web"
)

const entryFor = 15 * time.Minute

// EntryPath makes a link, once usable and for 15 minutes, that signs an
// administrator in: for who runs the server when no other way in works, such as when
// the one provider is down. It returns a fault NotFound for an unknown handle and
// Forbidden for who is no administrator or is disabled.
func (a *Accounts) EntryPath(ctx context.Context, handle string) (string, error) {
	token := secret.Token()
	err := a.base.Tx(ctx, func(tx *db.Tx) error {
		p, err := personByHandle(ctx, tx, lower(handle))
		if errors.Is(err, db.ErrNotFound) {
			return errUnknown(err)
		}
		if err != nil {
			return err
		}
		if p.Disabled {
			return errDisabled()
		}
		if !p.Admin() {
			return fault.New(fault.Forbidden, "account.error.entry.member")
		}
		return insertEntry(ctx, tx, secret.Hash(token), p.ID, tx.Now().Add(entryFor))
	})
	return "/enter/" + token, err
}

// EntryPage is the page "account/entry": whoever has the link says that they want
// to come in, for programs look at links too.
type EntryPage struct{ Action, Name, Handle string }

// Meta describes the page.
func (EntryPage) Meta() web.Meta { return private("account.entry.title") }

func (p Pages) entryForm(c *web.Ctx) error {
	person, err := entryOf(c.Context(), p.base.Read(), secret.Hash(c.Param("token")), p.base.Now())
	if err != nil {
		return entryGone(err)
	}
	return c.Render("account/entry", EntryPage{Action: c.Path(), Name: person.Name, Handle: person.Handle})
}

func (p Pages) entry(c *web.Ctx) error {
	if err := c.Limit("entry", c.Network(), 30, 10*time.Minute); err != nil {
		return err
	}
	person, err := p.TakeEntry(c.Context(), c.Param("token"))
	if err != nil {
		return err
	}
	return p.enterByServer(c, person, "/admin")
}

// TakeEntry uses a link of EntryPath up. It returns a fault Gone for one that is
// unknown, used or too old, and Forbidden for who is no administrator any more.
func (a *Accounts) TakeEntry(ctx context.Context, token string) (Person, error) {
	var p Person
	err := a.base.Tx(ctx, func(tx *db.Tx) error {
		var err error
		if p, err = entryOf(ctx, tx, secret.Hash(token), tx.Now()); err != nil {
			return entryGone(err)
		}
		if p.Disabled || !p.Admin() {
			return errDisabled()
		}
		return entryGone(takeEntry(ctx, tx, secret.Hash(token)))
	})
	if err == nil {
		a.log.WarnContext(ctx, "signed in by a link of whoever runs the server", slog.Int64("person", p.ID))
	}
	return p, err
}

func entryGone(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return fault.New(fault.Gone, "account.error.entry.gone").At("/login").Wrap(err)
	}
	return err
}
