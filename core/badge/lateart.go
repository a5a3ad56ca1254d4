package badge

import (
	"context"
	"fmt"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/bake"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// lateArt draws the art of a badge that came in while its picture could not be had, for the
// badge and, where it has none, for its class. Only a valid badge says how its class looks;
// one that came as a picture had its art with it.
func (s *Badges) lateArt(ctx context.Context, b Badge, r verify.Report) error {
	carrier := bake.Carrier(b.Carrier)
	if b.Thumbnail != "" || r.Verdict != verify.Valid || r.Credential == nil || carrier == bake.CarrierPNG || carrier == bake.CarrierSVG {
		return nil
	}
	art := s.artOf(ctx, received{found: bake.Found{Carrier: carrier}}, r.Credential)
	if art.Hash == "" {
		return ctx.Err() // still not to be had
	}
	before, after, err := artHashes(r.Credential, art.Hash)
	if err != nil {
		return err
	}
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		now, err := lockMine(ctx, tx, b.Person, b.PublicID)
		if fault.Is(err, fault.NotFound) {
			return nil // removed meanwhile
		}
		if err != nil || now.Thumbnail != "" || !now.AnonymisedAt.IsZero() {
			return err
		}
		if err := s.Blobs.PutAs(ctx, tx, art.Hash, art.PNG, "image/png"); err != nil {
			return fmt.Errorf("keep art: %w", err)
		}
		return updateArt(ctx, tx, now, art.Hash, classHashes{before, after})
	})
}

// artHashes are the content hashes of a credential's class without its art and with it.
func artHashes(c *openbadge.Credential, art string) (before, after string, err error) {
	search := searchText(c)
	if before, err = contentOf(c, "", search).hash(); err != nil {
		return "", "", err
	}
	after, err = contentOf(c, art, search).hash()
	return before, after, err
}
