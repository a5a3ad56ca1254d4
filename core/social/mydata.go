package social

import (
	"context"
	"errors"
	"time"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
)

// SourceRemoved is published before a source is deleted, in the same transaction.
type SourceRemoved struct{ Source int64 }

type ownComment struct {
	Badge   string    `json:"badge"`
	Issuer  string    `json:"issuerId,omitempty"`
	ClassID string    `json:"achievementId,omitempty"`
	Text    string    `json:"text"`
	At      time.Time `json:"at"`
}

// OwnerName names this feature's part of a person's data.
func (s *Social) OwnerName() string { return "social" }

// OwnerTables are the tables with rows about a person that this feature erases.
func (s *Social) OwnerTables() []string {
	return []string{"source", "follow", "follow_request", "comment", "congratulation"}
}

// Export hands out what the person follows, who follows them and what they said.
func (s *Social) Export(ctx context.Context, person int64, put func(name string, content []byte) error) error {
	d := s.base.Read()
	following, err := listFollowed(ctx, d, person)
	if err != nil {
		return err
	}
	followers, err := listFollowers(ctx, d, person)
	if err != nil {
		return err
	}
	comments, err := listOwnComments(ctx, d, person)
	if err != nil {
		return err
	}
	cheers, err := listOwnCheers(ctx, d, person)
	if err != nil {
		return err
	}
	return errors.Join(
		archive.Put(put, "social/following.json", following),
		archive.Put(put, "social/followers.json", followers),
		archive.Put(put, "social/comments.json", comments),
		archive.Put(put, "social/congratulations.json", cheers),
	)
}

// Counts gives how much there is of each document.
func (s *Social) Counts(ctx context.Context, person int64) (map[string]int, error) {
	return countAll(ctx, s.base.Read(), person)
}

// LeaveGaps puts a gap without words and author in the place of each of the
// person's comments, so that what others answered still makes sense. Erase
// deletes the comments themselves. Running it again adds nothing.
func (s *Social) LeaveGaps(ctx context.Context, tx *db.Tx, person int64) error {
	return insertGaps(ctx, tx, person)
}

// Erase deletes the person's comments and follows, and what stands for them to be followed.
func (s *Social) Erase(ctx context.Context, tx *db.Tx, person int64) error {
	if err := errors.Join(deleteRequests(ctx, tx, person), deleteOwnCheers(ctx, tx, person)); err != nil {
		return err
	}
	comments, err := ownCommentIDs(ctx, tx, person)
	if err != nil {
		return err
	}
	for _, id := range comments {
		if err := event.Publish(ctx, tx, s.bus, CommentRemoved{Comment: id}); err != nil {
			return err
		}
	}
	if err := deleteOwnComments(ctx, tx, person); err != nil {
		return err
	}
	following, err := ownSources(ctx, tx, person)
	if err != nil {
		return err
	}
	for _, src := range following {
		if _, err := deleteFollow(ctx, tx, person, src); err != nil {
			return err
		}
	}
	return s.dropSource(ctx, tx, Person, person)
}

// dropSource deletes a source and everybody's follows of it.
func (s *Social) dropSource(ctx context.Context, tx *db.Tx, k Kind, object int64) error {
	src, err := findSource(ctx, tx, k, object)
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := event.Publish(ctx, tx, s.bus, SourceRemoved{Source: src}); err != nil {
		return err
	}
	if err := dropFollows(ctx, tx, src); err != nil {
		return err
	}
	return deleteSource(ctx, tx, src)
}
