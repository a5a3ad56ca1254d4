package badge

import (
	"context"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/secret"
)

// Vacate implements mydata.Vacater.
func (s *Badges) Vacate(ctx context.Context, tx *db.Tx, person int64) error {
	links, err := listGoneLinks(ctx, tx, person, db.Micros(tx.Now()))
	if err != nil {
		return err
	}
	for _, l := range links {
		if err := insertGoneLink(ctx, tx, secret.LinkMark(l.publicID, l.secret)); err != nil {
			return err
		}
	}
	return insertGone(ctx, tx, person)
}

// absent answers for a badge that is not found: as gone when everybody saw it until
// its holder removed their account, or when whoever asks has the link that it had then.
func (s *Badges) absent(ctx context.Context, publicID, link string) error {
	switch gone, err := isGone(ctx, s.Base.Read(), publicID, secret.LinkMark(publicID, link)); {
	case err != nil:
		return err
	case gone:
		return fault.New(fault.Gone, "badge.error.gone")
	}
	return errNotFound()
}
