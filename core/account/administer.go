package account

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
)

// Known finds a person by their public id, disabled or not. It returns a fault
// NotFound when there is none.
func (a *Accounts) Known(ctx context.Context, d db.DB, publicID string) (Person, error) {
	p, err := personByPublicID(ctx, d, publicID)
	return p, notFound(err)
}

// SetRole gives a person a role by hand, as part of tx. It returns a fault Conflict
// for taking the role from the last administrator, or from one to whom the groups at
// a provider give it.
func (a *Accounts) SetRole(ctx context.Context, tx *db.Tx, person int64, role string) error {
	if role != RoleAdmin {
		if err := a.SpareAdmin(ctx, tx, person); err != nil {
			return err
		}
	}
	if err := a.giveRole(ctx, tx, person, role); err != nil {
		return notFound(err)
	}
	if now, _, err := rolesOf(ctx, tx, person); err != nil || now == role {
		return err
	}
	return fault.New(fault.Conflict, "people.error.by_group")
}

// ByGroup reports whether the groups of a person at a provider, and nobody by hand,
// make them an administrator.
func (a *Accounts) ByGroup(ctx context.Context, d db.DB, person int64) (bool, error) {
	now, given, err := rolesOf(ctx, d, person)
	return now == RoleAdmin && given != RoleAdmin, err
}

// SpareAdmin returns a fault Conflict when the person is the only administrator who
// can sign in.
func (a *Accounts) SpareAdmin(ctx context.Context, tx *db.Tx, person int64) error {
	p, err := a.PersonByID(ctx, tx, person)
	if err != nil || !p.Admin() || p.Disabled {
		return err
	}
	others, err := countOtherAdmins(ctx, tx, person)
	if err != nil || others > 0 {
		return err
	}
	return fault.New(fault.Conflict, "people.error.last_admin")
}

// Disable is SetDisabled as part of tx, by id.
func (a *Accounts) Disable(ctx context.Context, tx *db.Tx, person int64, disabled bool) error {
	if err := updateDisabled(ctx, tx, person, disabled); err != nil {
		return notFound(err)
	}
	if err := event.Publish(ctx, tx, a.bus, SeenByOthers{Person: person}); err != nil {
		return err
	}
	return a.endAll(ctx, tx, person)
}

// EndSessions signs a person out everywhere, ends mailed links, and what apps may do
// for them, as part of tx.
func (a *Accounts) EndSessions(ctx context.Context, tx *db.Tx, person int64) error {
	if err := a.endAll(ctx, tx, person); err != nil {
		return err
	}
	return event.Publish(ctx, tx, a.bus, AppsEnded{Person: person})
}

// SendConfirmations mails a new link for each address of a person that waits to be
// confirmed, as part of tx. It returns a fault Conflict when none waits.
func (a *Accounts) SendConfirmations(ctx context.Context, tx *db.Tx, person int64) error {
	p, err := a.PersonByID(ctx, tx, person)
	if err != nil {
		return err
	}
	list, err := emailsOf(ctx, tx, person)
	if err != nil {
		return err
	}
	waiting := 0
	for _, e := range list {
		if e.Confirmed() {
			continue
		}
		waiting++
		if err := a.sendConfirmation(ctx, tx, p, e); err != nil {
			return err
		}
	}
	if waiting == 0 {
		return fault.New(fault.Conflict, "people.error.none_waits")
	}
	return nil
}

// SendEnter mails a person a link that signs them in, as part of tx, to their first
// confirmed address. It returns a fault Conflict for who has none, does not want such
// links or is disabled, and TooMany when several were mailed just now.
func (a *Accounts) SendEnter(ctx context.Context, tx *db.Tx, person int64) error {
	p, err := a.PersonByID(ctx, tx, person)
	if err != nil {
		return err
	}
	on, err := byMailOf(ctx, tx, person)
	if err != nil {
		return err
	}
	list, err := emailsOf(ctx, tx, person)
	if err != nil {
		return err
	}
	to, found := firstConfirmed(list)
	if _, only := a.OnlyProvider(); only || !on || !found || p.Disabled {
		return fault.New(fault.Conflict, "people.error.no_enter")
	}
	n, err := countLinks(ctx, tx, person, purposeEnter, tx.Now().Add(-enterFor/2))
	if err != nil {
		return err
	}
	if n >= linksAtOnce {
		return fault.New(fault.TooMany, "people.error.links").After(enterFor / 2)
	}
	return a.sendLink(ctx, tx, p, to, linkAsked{purpose: purposeEnter, ends: tx.Now().Add(enterFor)})
}

// firstConfirmed is the primary address where it is confirmed, else the first that is.
func firstConfirmed(list []Email) (Email, bool) {
	var first Email
	for _, e := range list {
		if e.Confirmed() && (e.Primary || first.Key == "") {
			first = e
		}
	}
	return first, first.Key != ""
}

// LastHere is the day (UTC) on which a person was here last, zero for never.
func (a *Accounts) LastHere(ctx context.Context, d db.DB, person int64) (time.Time, error) {
	return dayOf(ctx, d, person)
}

// ProviderName is how a configured provider is called, or its id.
func (a *Accounts) ProviderName(id string) string {
	for _, p := range a.providers.List() {
		if p.ID == id {
			return p.Name
		}
	}
	return id
}

// ProviderIDs are the configured providers, in their order.
func (a *Accounts) ProviderIDs() []string {
	var list []string
	for _, p := range a.providers.List() {
		list = append(list, p.ID)
	}
	return list
}
