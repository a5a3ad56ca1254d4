package social

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// Merge gives the follows, followers and comments of one person to another
// account of theirs. A follow that both had counts once, and nobody follows
// themselves. What stood for the person to be followed is gone after it.
func (s *Social) Merge(ctx context.Context, tx *db.Tx, from, into int64) error {
	oldSrc, err := SourceOf(ctx, tx, Person, from)
	if err != nil {
		return err
	}
	newSrc, err := SourceOf(ctx, tx, Person, into)
	if err != nil {
		return err
	}
	m := move{from, into, oldSrc, newSrc}
	if err := moveFollows(ctx, tx, m); err != nil {
		return err
	}
	if err := moveRequests(ctx, tx, m); err != nil {
		return err
	}
	if err := moveCheers(ctx, tx, from, into); err != nil {
		return err
	}
	if err := moveComments(ctx, tx, from, into); err != nil {
		return err
	}
	if err := recountFollows(ctx, tx, m); err != nil {
		return err
	}
	return deleteSource(ctx, tx, oldSrc)
}
