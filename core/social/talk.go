package social

import (
	"context"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
)

// subject is what a comment is about: a badge class, or a badge of it that
// somebody holds.
type subject struct{ class, badge int64 }

// part is a part of what was said: so much of it before a comment, 0 being the newest.
type part struct {
	before int64
	limit  int
}

// CommentOn says something about a badge that somebody holds, as far as its
// holder lets others comment. The caller has made sure that the person may see
// the badge. It returns a fault Forbidden for who may not comment.
func (s *Social) CommentOn(ctx context.Context, person int64, b badge.Badge, body string) (Comment, error) {
	return s.comment(ctx, person, subject{class: b.Class.ID, badge: b.ID}, body, func(tx *db.Tx, c Comment) error {
		may, err := mayComment(ctx, tx, person, b.ID)
		if err != nil {
			return err
		}
		if !may {
			return fault.New(fault.Forbidden, "social.error.no_comment")
		}
		return s.tellCommented(ctx, tx, b, c)
	})
}

// MayComment reports whether the viewer may comment on a badge that they see.
func (s *Social) MayComment(ctx context.Context, viewer int64, b badge.Badge) (bool, error) {
	if viewer == 0 {
		return false, nil
	}
	return mayComment(ctx, s.base.Read(), viewer, b.ID)
}

// CommentsOn gives what was said about a badge, the newest first. The caller has
// made sure that the viewer may see it.
func (s *Social) CommentsOn(ctx context.Context, viewer int64, b badge.Badge, before int64, limit int) ([]Comment, error) {
	return listComments(ctx, s.base.Read(), viewer, subject{class: b.Class.ID, badge: b.ID}, part{before, limit})
}

// dropComments deletes what was said about a badge that goes.
func (s *Social) dropComments(ctx context.Context, tx *db.Tx, badgeID int64) error {
	ids, err := deleteCommentsOnBadge(ctx, tx, badgeID)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := event.Publish(ctx, tx, s.bus, CommentRemoved{Comment: id}); err != nil {
			return err
		}
	}
	return nil
}

// CommentMail is the data of the mail "commented".
type CommentMail struct{ Name, Who, Badge, Text, URL string }

func (s *Social) tellCommented(ctx context.Context, tx *db.Tx, b badge.Badge, c Comment) error {
	if s.letters == nil || b.Person == c.Author.ID {
		return nil
	}
	who, err := nameOf(ctx, tx, c.Author.ID)
	if err != nil {
		return err
	}
	return s.letters.Announce(ctx, tx, account.Announcement{
		Person: b.Person, About: c.Author.ID, Kind: account.MailComment, Template: "commented",
		Data: CommentMail{Name: b.Earner.Name, Who: who.Name, Badge: b.Class.Name, Text: c.Body, URL: s.url("/b/" + b.PublicID)},
	})
}
