package feed

import (
	"context"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/social"
)

// Merge gives what one person did to another account of theirs. What both did
// (following the same thing) and what they did to each other is said once, or
// not at all.
func (f *Feed) Merge(ctx context.Context, tx *db.Tx, from, into int64) error {
	oldSrc, err := social.SourceOf(ctx, tx, social.Person, from)
	if err != nil {
		return err
	}
	newSrc, err := social.SourceOf(ctx, tx, social.Person, into)
	if err != nil {
		return err
	}
	for _, self := range [][2]int64{{newSrc, from}, {oldSrc, into}} {
		if err := deleteEvents(ctx, tx, ofFollow, string(Followed), self[0], self[1]); err != nil {
			return err
		}
	}
	if err := deleteEvents(ctx, tx, ofTwin, from, into); err != nil {
		return err
	}
	if err := deleteEvents(ctx, tx, ofTwinObject, oldSrc, newSrc); err != nil {
		return err
	}
	return moveEvents(ctx, tx, move{from, into, oldSrc, newSrc})
}

// onJoined gives the event of a badge to the badge that it was joined with.
func (f *Feed) onJoined(ctx context.Context, tx *db.Tx, e badge.Joined) error {
	if err := deleteEvents(ctx, tx, ofTwinBadge, e.From, e.Into); err != nil {
		return err
	}
	return rebindEvents(ctx, tx, e.From, e.Into)
}
