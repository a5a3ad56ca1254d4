package social

import (
	"context"
	"errors"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/secret"
	"github.com/osier-passport/osier/core/text"
)

// Social keeps follows and comments.
type Social struct {
	base *db.Base
	bus  *event.Bus
}

// New makes the service and subscribes it to the end of badge classes.
func New(base *db.Base, bus *event.Bus) *Social {
	s := &Social{base: base, bus: bus}
	event.On(bus, func(ctx context.Context, tx *db.Tx, e badge.ClassRemoved) error {
		if err := errors.Join(deleteCommentsOn(ctx, tx, e.Class), deleteGapsOn(ctx, tx, e.Class)); err != nil {
			return err
		}
		return s.dropSource(ctx, tx, Class, e.Class)
	})
	return s
}

// Follow makes follower follow a person or a class. Following twice is following once.
func (s *Social) Follow(ctx context.Context, follower int64, k Kind, object int64) error {
	if k == Person && object == follower {
		return errSelf()
	}
	return s.base.Tx(ctx, func(tx *db.Tx) error {
		if err := checkObject(ctx, tx, k, object); err != nil { // it may have gone since the caller looked
			return err
		}
		src, err := SourceOf(ctx, tx, k, object)
		if err != nil {
			return err
		}
		made, err := insertFollow(ctx, tx, follower, src)
		if err != nil || !made {
			return err
		}
		return event.Publish(ctx, tx, s.bus, Followed{Follower: follower, Kind: k, Object: object, Source: src})
	})
}

// Unfollow ends that. Ending what is not there is no error.
func (s *Social) Unfollow(ctx context.Context, follower int64, k Kind, object int64) error {
	return s.base.Tx(ctx, func(tx *db.Tx) error {
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
	})
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
	body, ok := text.CleanText(body, MaxComment)
	if !ok || body == "" {
		return Comment{}, fault.New(fault.Invalid, "social.error.comment_text")
	}
	var c Comment
	err := s.base.Tx(ctx, func(tx *db.Tx) error {
		if err := checkObject(ctx, tx, Class, class); err != nil {
			return err
		}
		c = Comment{ID: tx.NewID(), PublicID: secret.ID(), Class: class, Author: Author{ID: person}, Body: body, CreatedAt: tx.Now()}
		if err := insertComment(ctx, tx, c); err != nil {
			return err
		}
		return event.Publish(ctx, tx, s.bus, Commented{Comment: c.ID, Class: class, Person: person})
	})
	return c, err
}

// Comments gives what was said about a class, the newest first. The caller has
// made sure that the viewer may see the class.
func (s *Social) Comments(ctx context.Context, class, before int64, limit int) ([]Comment, error) {
	return listComments(ctx, s.base.Read(), class, before, limit)
}

// RemoveComment deletes a comment of the person's own, or any one for an administrator.
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
