package social

import (
	"context"
	"errors"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/secret"
	"github.com/osier-passport/osier/core/text"
)

// Letters tells people by mail what others did. core/account answers: it asks
// what a person wants to hear of.
type Letters interface {
	Announce(ctx context.Context, tx *db.Tx, n account.Announcement) error
}

// Social keeps follows and comments.
type Social struct {
	base    *db.Base
	bus     *event.Bus
	letters Letters // nil: nobody is told
	url     func(path string) string
}

// New makes the service and subscribes it to the end of badges, of badge classes
// and of what people who are blocked follow.
func New(base *db.Base, bus *event.Bus, letters Letters, url func(path string) string) *Social {
	s := &Social{base: base, bus: bus, letters: letters, url: url}
	event.On(bus, s.onBlocked)
	event.On(bus, func(ctx context.Context, tx *db.Tx, e badge.Joined) error {
		return errors.Join(rebindComments(ctx, tx, e.From, e.Into), rebindCheers(ctx, tx, e.From, e.Into), deleteSeenOn(ctx, tx, e.From))
	})
	event.On(bus, func(ctx context.Context, tx *db.Tx, e badge.Removed) error {
		return errors.Join(deleteCheersOn(ctx, tx, e.Badge), deleteSeenOn(ctx, tx, e.Badge))
	})
	event.On(bus, func(ctx context.Context, tx *db.Tx, e badge.Removed) error { return s.dropComments(ctx, tx, e.Badge) })
	event.On(bus, func(ctx context.Context, tx *db.Tx, e badge.ClassRemoved) error {
		if err := errors.Join(deleteCommentsOn(ctx, tx, e.Class), deleteGapsOn(ctx, tx, e.Class)); err != nil {
			return err
		}
		return s.dropSource(ctx, tx, Class, e.Class)
	})
	return s
}

// Follow makes follower follow a person or a class; a person who decides about
// it is asked instead. Following twice is following once. It returns a fault
// Forbidden for a person whom nobody may follow.
func (s *Social) Follow(ctx context.Context, follower int64, k Kind, object int64) error {
	if k == Person && object == follower {
		return errSelf()
	}
	return s.base.Tx(ctx, func(tx *db.Tx) error { return s.followOrAsk(ctx, tx, follower, k, object) })
}

// followOrAsk is Follow as part of tx.
func (s *Social) followOrAsk(ctx context.Context, tx *db.Tx, follower int64, k Kind, object int64) error {
	return s.followSince(ctx, tx, following{follower, k, object, time.Time{}})
}

// following is who follows whom or what, and since when, where it is nothing new.
type following struct {
	follower int64
	kind     Kind
	object   int64
	since    time.Time // zero: it is new
}

func (s *Social) followSince(ctx context.Context, tx *db.Tx, f following) error {
	follower, k, object := f.follower, f.kind, f.object
	if k == Class {
		if err := checkClass(ctx, tx, object); err != nil { // it may have gone since the caller looked
			return err
		}
		return s.follow(ctx, tx, f)
	}
	rule, err := followRule(ctx, tx, follower, object)
	if err != nil {
		return err
	}
	st, err := getStanding(ctx, tx, follower, k, object)
	switch {
	case err != nil || st.Following || st.Asked:
		return err
	case rule == account.FollowNobody:
		return errNoFollow()
	case rule == account.FollowApproved:
		return s.ask(ctx, tx, object, follower)
	}
	return s.follow(ctx, tx, f)
}

// follow keeps it, and tells the person, unless they were told then.
func (s *Social) follow(ctx context.Context, tx *db.Tx, f following) error {
	src, err := SourceOf(ctx, tx, f.kind, f.object)
	if err != nil {
		return err
	}
	since, isNew := f.since, f.since.IsZero()
	if isNew {
		since = tx.Now()
	}
	made, err := insertFollow(ctx, tx, f.follower, src, since)
	if err != nil || !made {
		return err
	}
	if f.kind == Person && isNew {
		if err := s.tellFollowed(ctx, tx, f.object, f.follower, false); err != nil {
			return err
		}
	}
	return event.Publish(ctx, tx, s.bus, Followed{Follower: f.follower, Kind: f.kind, Object: f.object, Source: src, At: f.since})
}

// Unfollow ends that, or takes the wish back. Ending what is not there is no error.
func (s *Social) Unfollow(ctx context.Context, follower int64, k Kind, object int64) error {
	return s.base.Tx(ctx, func(tx *db.Tx) error { return s.unfollow(ctx, tx, follower, k, object) })
}

func (s *Social) unfollow(ctx context.Context, tx *db.Tx, follower int64, k Kind, object int64) error {
	if k == Person {
		if err := deleteRequest(ctx, tx, object, follower); err != nil {
			return err
		}
	}
	src, err := findSource(ctx, tx, k, object)
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	gone, err := deleteFollow(ctx, tx, follower, src)
	if err != nil || !gone {
		return err
	}
	return event.Publish(ctx, tx, s.bus, Unfollowed{Follower: follower, Kind: k, Object: object, Source: src})
}

// Standing tells how many follow a thing and whether the viewer (0: nobody) does.
func (s *Social) Standing(ctx context.Context, viewer int64, k Kind, object int64) (Standing, error) {
	return getStanding(ctx, s.base.Read(), viewer, k, object)
}

// Following counts what a person follows.
func (s *Social) Following(ctx context.Context, person int64) (int, error) {
	return countFollowing(ctx, s.base.Read(), person)
}

// Comment says something about a class that the person may see. The text is
// kept as typed, without control characters.
func (s *Social) Comment(ctx context.Context, person, class int64, body string) (Comment, error) {
	return s.comment(ctx, person, subject{class: class}, body, func(tx *db.Tx, _ Comment) error { return checkClass(ctx, tx, class) })
}

// comment keeps a comment that is allowed.
func (s *Social) comment(ctx context.Context, person int64, on subject, body string, allowed func(*db.Tx, Comment) error) (Comment, error) {
	body, ok := text.CleanText(body, MaxComment)
	if !ok || body == "" {
		return Comment{}, fault.New(fault.Invalid, "social.error.comment_text")
	}
	var c Comment
	err := s.base.Tx(ctx, func(tx *db.Tx) error {
		c = Comment{
			ID: tx.NewID(), PublicID: secret.ID(), Class: on.class, Badge: on.badge, Author: Author{ID: person}, Body: body, CreatedAt: tx.Now(),
		}
		if err := allowed(tx, c); err != nil {
			return err
		}
		if err := insertComment(ctx, tx, c); err != nil {
			return err
		}
		return event.Publish(ctx, tx, s.bus, Commented{Comment: c.ID, Class: on.class, Person: person})
	})
	return c, err
}

// Comments gives what was said about a class, the newest first. The caller has
// made sure that the viewer may see the class.
func (s *Social) Comments(ctx context.Context, viewer, class, before int64, limit int) ([]Comment, error) {
	return listComments(ctx, s.base.Read(), viewer, subject{class: class}, part{before, limit})
}

// RemoveComment deletes a comment of the person's own or on a badge of theirs, or
// any one for an administrator.
func (s *Social) RemoveComment(ctx context.Context, person int64, admin bool, publicID string) error {
	return s.base.Tx(ctx, func(tx *db.Tx) error {
		id, err := deleteComment(ctx, tx, person, admin, publicID)
		if errors.Is(err, db.ErrNotFound) {
			return errNotFound()
		}
		if err != nil {
			return err
		}
		return event.Publish(ctx, tx, s.bus, CommentRemoved{Comment: id})
	})
}
