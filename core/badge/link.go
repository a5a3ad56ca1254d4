package badge

import (
	"context"
	"errors"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/secret"
)

// SharedLink is a link of a person's that shows a badge to who has it.
type SharedLink struct {
	Badge Badge // with what cards show of it, and the link
	Hits  int   // how often others opened it
}

// Links lists the live and the ended links of a person, the last made first.
func (s *Badges) Links(ctx context.Context, person int64) ([]SharedLink, error) {
	return listLinks(ctx, s.Base.Read(), person)
}

// SetLinkEnd says when the link of a badge ends; the zero time is never. It
// returns a fault Conflict for a badge without a link.
func (s *Badges) SetLinkEnd(ctx context.Context, person int64, publicID string, until time.Time) error {
	return s.changeLink(ctx, person, publicID, func(_ *db.Tx, b *Badge) error {
		b.LinkUntil = until
		return nil
	})
}

// RenewLink gives the link of a badge another secret: the one before shows
// nothing any more. Its hits begin anew.
func (s *Badges) RenewLink(ctx context.Context, person int64, publicID string) error {
	return s.changeLink(ctx, person, publicID, func(tx *db.Tx, b *Badge) error {
		b.Secret, b.LinkAt, b.LinkUntil = secret.Token(), tx.Now(), time.Time{}
		return deleteHits(ctx, tx, b.ID)
	})
}

func (s *Badges) changeLink(ctx context.Context, person int64, publicID string, change func(*db.Tx, *Badge) error) error {
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		b, err := lockMine(ctx, tx, person, publicID)
		if err != nil {
			return err
		}
		if b.Visibility != Link {
			return fault.New(fault.Conflict, "badge.error.no_secret_link")
		}
		if err := change(tx, &b); err != nil {
			return err
		}
		return updateVisibility(ctx, tx, b)
	})
}

// RevokeLinks makes every badge private that a person shows by a link.
func (s *Badges) RevokeLinks(ctx context.Context, person int64) error {
	return s.Base.Tx(ctx, func(tx *db.Tx) error { return deleteLinks(ctx, tx, person) })
}

// ended answers for a badge that is not there for the viewer: who has the link
// learns that it has ended, everybody else that there is nothing.
func (s *Badges) ended(ctx context.Context, viewer int64, publicID, linkSecret string) error {
	if linkSecret == "" {
		return s.absent(ctx, publicID, linkSecret)
	}
	switch _, err := getBadge(ctx, s.Base.Read(), asked{viewer, publicID, linkSecret, beforeAllTime}); {
	case errors.Is(err, db.ErrNotFound):
		return s.absent(ctx, publicID, linkSecret)
	case err != nil:
		return err
	}
	return fault.New(fault.Gone, "badge.error.link_ended")
}

// beforeAllTime is a moment at which no link has ended.
const beforeAllTime = int64(0)

// countHit notes that somebody other than the holder opened a link: one more on
// that day, and nothing about who it was.
func (s *Badges) countHit(ctx context.Context, b Badge) error {
	return s.Base.Tx(ctx, func(tx *db.Tx) error { return insertHit(ctx, tx, b.ID, tx.Now().Unix()/int64(linkDay/time.Second)) })
}

const linkDay = 24 * time.Hour

// checkWidth returns a fault Conflict for a person under age, who shows nothing to
// more than members.
func checkWidth(ctx context.Context, d db.DB, person int64) error {
	young, err := isUnderAge(ctx, d, person)
	if err == nil && young {
		err = fault.New(fault.Conflict, "badge.error.under_age")
	}
	return err
}
