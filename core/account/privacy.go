package account

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
)

// Who may follow a person.
const (
	FollowEveryone = "everyone"
	FollowApproved = "approve" // whom the person lets in
	FollowNobody   = "nobody"
)

// Who may comment on a person's badges.
const (
	CommentMembers   = "members"
	CommentFollowers = "followers"
	CommentNobody    = "nobody"
)

// Privacy is what a person lets others do.
type Privacy struct {
	Profile    string // ForPrivate, ForMembers, ForPublic
	Findable   bool   // in search, explore, lists of holders and the sitemap
	Follow     string // FollowEveryone, FollowApproved, FollowNobody
	Comment    string // CommentMembers, CommentFollowers, CommentNobody
	Visibility string // of new badges: private, members, public
	UnderAge   bool
	HiddenAt   time.Time // since when everything is hidden; zero: it is not
}

var (
	profileChoices    = []string{ForPublic, ForMembers, ForPrivate}
	followChoices     = []string{FollowEveryone, FollowApproved, FollowNobody}
	commentChoices    = []string{CommentMembers, CommentFollowers, CommentNobody}
	visibilityChoices = []string{"private", "link", "members", "public"}
)

// PrivacyOf gives a person's choices.
func (a *Accounts) PrivacyOf(ctx context.Context, d db.DB, person int64) (Privacy, error) {
	return privacyOf(ctx, d, person)
}

// SetPrivacy keeps a person's choices. It returns FieldErrors. Who is under age
// chooses nothing wider than members and is not found.
func (a *Accounts) SetPrivacy(ctx context.Context, person int64, in Privacy) error {
	wrong := FieldErrors{}
	wrong.choice("profile", in.Profile, profileChoices)
	wrong.choice("follow", in.Follow, followChoices)
	wrong.choice("comment", in.Comment, commentChoices)
	wrong.choice("default_visibility", in.Visibility, visibilityChoices)
	if len(wrong) > 0 {
		return wrong
	}
	return a.base.Tx(ctx, func(tx *db.Tx) error {
		now, err := privacyOf(ctx, tx, person)
		if err != nil {
			return err
		}
		if now.UnderAge {
			in = in.forUnderAge()
		}
		return updatePrivacy(ctx, tx, person, in)
	})
}

// forUnderAge narrows choices to what somebody under age may choose.
func (p Privacy) forUnderAge() Privacy {
	p.Findable = false
	if p.Profile == ForPublic {
		p.Profile = ForMembers
	}
	if p.Visibility == ForPublic || p.Visibility == "link" {
		p.Visibility = ForMembers
	}
	return p
}

// Hide makes everything of a person private at once, and Unhide shows again what
// was shown before: nothing is changed but one time, which every condition asks.
func (a *Accounts) Hide(ctx context.Context, person int64) error {
	return a.setHidden(ctx, person, true)
}

// Unhide ends Hide.
func (a *Accounts) Unhide(ctx context.Context, person int64) error {
	return a.setHidden(ctx, person, false)
}

func (a *Accounts) setHidden(ctx context.Context, person int64, hide bool) error {
	return a.base.Tx(ctx, func(tx *db.Tx) error { return a.setHiddenIn(ctx, tx, person, hide) })
}

func (a *Accounts) setHiddenIn(ctx context.Context, tx *db.Tx, person int64, hide bool) error {
	at := time.Time{}
	if hide {
		at = tx.Now()
	}
	if err := updateHidden(ctx, tx, person, at); err != nil {
		return err
	}
	return event.Publish(ctx, tx, a.bus, SeenByOthers{Person: person})
}

// Block keeps a person from knowing of another: profile, badges and comments of
// the one who blocks are not there for who is blocked, as far as being signed in
// lets them see more than a visitor. It publishes Blocked.
func (a *Accounts) Block(ctx context.Context, person, other int64) error {
	if person == other {
		return fault.New(fault.Invalid, "account.error.block_self")
	}
	return a.base.Tx(ctx, func(tx *db.Tx) error {
		if err := insertBlock(ctx, tx, person, other); err != nil {
			return err
		}
		return event.Publish(ctx, tx, a.bus, Blocked{Person: person, Other: other})
	})
}

// Unblock ends a block. Ending what is not there is no error.
func (a *Accounts) Unblock(ctx context.Context, person, other int64) error {
	return a.base.Tx(ctx, func(tx *db.Tx) error { return deleteBlock(ctx, tx, person, other) })
}

// BlockedPerson is somebody whom a person blocked.
type BlockedPerson struct {
	ID                              int64
	PublicID, Handle, Name, Picture string
	At                              time.Time
}

// Blocked lists whom a person blocked, the last first.
func (a *Accounts) Blocked(ctx context.Context, person int64) ([]BlockedPerson, error) {
	return blockedBy(ctx, a.base.Read(), person)
}

// IsBlocked reports whether person blocked other.
func (a *Accounts) IsBlocked(ctx context.Context, d db.DB, person, other int64) (bool, error) {
	return isBlocked(ctx, d, person, other)
}

// Opened gives the person at /@handle as the viewer (0: nobody signed in) may see
// them. A handle that the person has left gives them under their present one, as
// long as it is kept for them. It returns a fault as PersonByHandle, and NotFound
// for a profile that the viewer may not open.
func (a *Accounts) Opened(ctx context.Context, viewer int64, handle string) (Person, error) {
	d := a.base.Read()
	p, err := a.PersonByHandle(ctx, d, handle)
	if errors.Is(err, db.ErrNotFound) {
		p, err = a.renamed(ctx, d, handle, err)
	}
	if err != nil {
		return Person{}, err
	}
	open, err := mayOpen(ctx, d, viewer, p.ID)
	if err == nil && !open {
		err = errUnknown(db.ErrNotFound)
	}
	return p, err
}

// choice notes a value that is not among the choices.
func (f FieldErrors) choice(field, value string, among []string) {
	if !slices.Contains(among, value) {
		f[field] = "account.error.choice"
	}
}

// HasMoved reports whether a person lives at another handle than the one that was
// asked for.
func HasMoved(p Person, handle string) bool { return lower(handle) != p.Handle }

// Unfindable reports whether a visitor does not come across a person by search:
// then search engines are asked to leave the profile out too.
func (a *Accounts) Unfindable(ctx context.Context, person int64) (bool, error) {
	found, err := mayFind(ctx, a.base.Read(), 0, person)
	return !found, err
}
