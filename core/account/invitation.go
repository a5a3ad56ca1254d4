package account

import (
	"context"
	"errors"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/secret"
)

// Limits of invitations.
const (
	noteMax         = 100 // characters
	inviteUsesMax   = 1000
	inviteDaysMax   = 365
	memberUsesMax   = 10
	memberDaysMax   = 30
	memberLive      = 10 // that work at once, of a member
	adminLive       = 500
	invitationKept  = 90 * 24 * time.Hour // after it ended
	invitationsShow = 200
	inviteMax       = 64 // characters of a secret
)

// Invitation is a link that lets people join.
type Invitation struct {
	ID        int64
	PublicID  string
	Maker     string // handle
	Note      string
	Uses, Max int
	CreatedAt time.Time
	EndsAt    time.Time
	Joined    []string // handles of who came, the first first
}

// NewInvitation is what its maker chooses.
type NewInvitation struct {
	Note       string
	Uses, Days int
}

// Invite makes an invitation and gives its secret, which is kept nowhere. It
// returns FieldErrors (note, uses, days), or a fault Forbidden for a member where
// only administrators invite, and Conflict for one who has as many as there may be.
func (a *Accounts) Invite(ctx context.Context, maker int64, in NewInvitation) (string, error) {
	token := secret.Token()
	err := a.base.Tx(ctx, func(tx *db.Tx) error {
		p, err := personByID(ctx, tx, maker)
		if err != nil {
			return err
		}
		if err := a.mayInvite(ctx, tx, p); err != nil {
			return err
		}
		if err := checkInvitation(&in, p.Admin()); err != nil {
			return err
		}
		n, err := countLive(ctx, tx, maker, tx.Now())
		if err != nil {
			return err
		}
		if p.Admin() && n >= adminLive || !p.Admin() && n >= memberLive {
			return fault.New(fault.Conflict, "account.error.invite.full")
		}
		return insertInvitation(ctx, tx, secret.Hash(token), maker, Invitation{
			ID: tx.NewID(), PublicID: secret.ID(), Note: in.Note, Max: in.Uses,
			CreatedAt: tx.Now(), EndsAt: tx.Now().AddDate(0, 0, in.Days),
		})
	})
	return token, err
}

// mayInvite lets administrators invite, and members where the site lets them.
func (a *Accounts) mayInvite(ctx context.Context, d db.DB, p Person) error {
	site, err := a.settingsIn(ctx, d)
	if err != nil {
		return err
	}
	if p.Admin() || site.MembersInvite && site.Joining != JoinClosed {
		return nil
	}
	return fault.New(fault.Forbidden, "account.error.invite.forbidden").At("/settings")
}

func checkInvitation(in *NewInvitation, admin bool) error {
	uses, days := memberUsesMax, memberDaysMax
	if admin {
		uses, days = inviteUsesMax, inviteDaysMax
	}
	wrong := FieldErrors{}
	in.Note = cleanText(in.Note, false)
	if len([]rune(in.Note)) > noteMax {
		wrong["note"] = "account.error.invite.note"
	}
	if in.Uses < 1 || in.Uses > uses {
		wrong["uses"] = "account.error.invite.uses"
	}
	if in.Days < 1 || in.Days > days {
		wrong["days"] = "account.error.invite.days"
	}
	return wrong.orNil()
}

// Invitations lists those of a person, or with maker 0 those of all, the newest
// first.
func (a *Accounts) Invitations(ctx context.Context, maker int64) ([]Invitation, error) {
	read := a.base.Read()
	list, err := invitationsOf(ctx, read, maker, invitationsShow)
	for i := range list {
		if err != nil {
			break
		}
		if list[i].Uses > 0 {
			list[i].Joined, err = joinedBy(ctx, read, list[i].ID, memberUsesMax)
		}
	}
	return list, err
}

// EndInvitation makes an invitation end now; who came with it stays. With maker 0
// it may be anybody's. It returns a fault NotFound when there is none.
func (a *Accounts) EndInvitation(ctx context.Context, maker int64, publicID string) error {
	return notFound(a.base.Tx(ctx, func(tx *db.Tx) error { return endInvitation(ctx, tx, maker, publicID) }))
}

// Inviter is who made an invitation that works, and gives a fault Gone for one that
// does not.
func (a *Accounts) Inviter(ctx context.Context, token string) (Person, error) {
	site, err := a.settingsIn(ctx, a.base.Read())
	if err != nil {
		return Person{}, err
	}
	maker, err := invitationBySecret(ctx, a.base.Read(), token, a.base.Now(), site.MembersInvite)
	if err == nil && site.Joining == JoinClosed {
		err = db.ErrNotFound
	}
	if err != nil {
		return Person{}, invitationGone(err)
	}
	return personByID(ctx, a.base.Read(), maker)
}

func invitationGone(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return fault.New(fault.Gone, "account.error.invite.gone").At("/login").Wrap(err)
	}
	return err
}

// State is what became of an invitation: live, used or ended.
func (i Invitation) State(now time.Time) string {
	switch {
	case i.Uses >= i.Max:
		return "used"
	case !now.Before(i.EndsAt):
		return "ended"
	}
	return "live"
}
