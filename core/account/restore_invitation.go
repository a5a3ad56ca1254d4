package account

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/secret"
)

// exportedInvitation is an invitation without its link, of which nothing but a hash
// is held, and without who came with it.
type exportedInvitation struct {
	Note    string    `json:"note"`
	Uses    int       `json:"uses"`
	Max     int       `json:"uses_max"`
	Created time.Time `json:"created"`
	Ends    time.Time `json:"ends"`
}

func exportInvitations(ctx context.Context, d db.DB, person int64) (any, error) {
	list, err := invitationsOf(ctx, d, person, adminLive)
	out := []exportedInvitation{}
	for _, i := range list {
		out = append(out, exportedInvitation{i.Note, i.Uses, i.Max, i.CreatedAt, i.EndsAt})
	}
	return out, err
}

// planInvitations gives the invitations of an archive that still let somebody in.
// Their links ended with the account; who brings them back makes new ones.
func (a *Accounts) planInvitations(ctx context.Context, p Person, in *archive.Archive, add func(archive.Item) error) error {
	var list []exportedInvitation
	if err := in.JSON("account/invitations.json", &list); err != nil {
		return err
	}
	have, err := invitationsOf(ctx, a.base.Read(), p.ID, adminLive)
	if err != nil {
		return err
	}
	for _, e := range list {
		item := archive.Item{Kind: kindInvitation, Title: e.Note, State: archive.Add}
		now := a.base.Now()
		switch {
		case isInvitation(have, e):
			item.State = archive.Known
		case e.invitation().State(now) != "live" || e.Created.After(now):
			continue // it is over
		}
		if err := archive.AddWith(add, item, e); err != nil {
			return err
		}
	}
	return nil
}

func (e exportedInvitation) invitation() Invitation {
	return Invitation{Note: e.Note, Uses: e.Uses, Max: e.Max, CreatedAt: e.Created, EndsAt: e.Ends}
}

// isInvitation reports whether an invitation of an archive is among those that are here.
func isInvitation(have []Invitation, e exportedInvitation) bool {
	return slices.ContainsFunc(have, func(i Invitation) bool {
		return i.Note == e.Note && i.Max == e.Max && i.CreatedAt.Equal(e.Created.Truncate(time.Microsecond))
	})
}

// restoreInvitation makes an invitation again, by the rules for new ones, with a
// link that nobody has.
func (a *Accounts) restoreInvitation(ctx context.Context, tx *db.Tx, p Person, item archive.Item) (archive.Item, error) {
	var e exportedInvitation
	if err := json.Unmarshal(item.Data, &e); err != nil {
		return item, err
	}
	have, err := invitationsOf(ctx, tx, p.ID, adminLive)
	if err != nil {
		return item, err
	}
	if isInvitation(have, e) {
		item.State = archive.Known
		return item, nil
	}
	if err := a.mayInvite(ctx, tx, p); err != nil {
		return refusedInvitation(item, err)
	}
	n, err := countLive(ctx, tx, p.ID, tx.Now())
	if err != nil {
		return item, err
	}
	if err := fitsInvitation(e, p.Admin(), n, tx.Now()); err != nil {
		return refusedInvitation(item, err)
	}
	i := e.invitation()
	i.ID, i.PublicID = tx.NewID(), secret.ID()
	if err := insertInvitation(ctx, tx, secret.Hash(secret.Token()), p.ID, i); err != nil {
		return item, err
	}
	return item, setInvitationUses(ctx, tx, i.ID, i.Uses)
}

// fitsInvitation holds an invitation to what its maker could make now.
func fitsInvitation(e exportedInvitation, admin bool, live int, now time.Time) error {
	most, days := memberLive, memberDaysMax
	if admin {
		most, days = adminLive, inviteDaysMax
	}
	if live >= most {
		return fault.New(fault.Conflict, "account.error.invite.full")
	}
	check := NewInvitation{Note: e.Note, Uses: e.Max, Days: 1}
	if checkInvitation(&check, admin) != nil || check.Note != e.Note || e.Uses < 0 || e.Ends.After(now.AddDate(0, 0, days)) {
		return fault.New(fault.Conflict, "account.error.invite.archive")
	}
	return nil
}

// refusedInvitation gives an item that the rules refuse; any other error is ours.
func refusedInvitation(item archive.Item, err error) (archive.Item, error) {
	f, ok := fault.As(err)
	if !ok {
		return item, err
	}
	item.State, item.Reason = archive.Refused, f.Key
	return item, nil
}

// RenewInvitation gives an invitation that works a new link; the old one ends. It
// returns a fault NotFound when the maker has none of that id that works.
func (a *Accounts) RenewInvitation(ctx context.Context, maker int64, publicID string) (string, error) {
	token := secret.Token()
	return token, notFound(a.base.Tx(ctx, func(tx *db.Tx) error { return renewInvitation(ctx, tx, maker, publicID, secret.Hash(token)) }))
}
