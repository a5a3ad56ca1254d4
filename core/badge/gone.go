package badge

import (
	"context"
	"encoding/base64"

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
		if err := insertGoneLink(ctx, tx, goneLink(l.publicID, l.secret)); err != nil {
			return err
		}
	}
	return insertGone(ctx, tx, person)
}

// goneLink stands for a link to a badge that is gone. Nobody makes it without the link.
func goneLink(publicID, link string) string {
	return publicID + "." + base64.RawURLEncoding.EncodeToString(secret.Hash(link))
}

// absent answers for a badge that is not found: as gone when everybody saw it until
// its holder removed their account, or when whoever asks has the link that it had then.
func (s *Badges) absent(ctx context.Context, publicID, link string) error {
	switch gone, err := isGone(ctx, s.Base.Read(), publicID, goneLink(publicID, link)); {
	case err != nil:
		return err
	case gone:
		return fault.New(fault.Gone, "badge.error.gone")
	}
	return errNotFound()
}
