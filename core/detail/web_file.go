package detail

import (
	"errors"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

// evidenceFile hands out a file that stands beside a badge, to whoever sees the badge,
// by the secret of its link too, and sees this piece of evidence.
func (p pages) evidenceFile(c *web.Ctx) error {
	ctx, viewer := c.Context(), c.Viewer().Person
	b, err := p.Badges.Get(ctx, viewer, c.Param("id"), c.Query("key"))
	if err != nil {
		return err
	}
	id, err := fileOfEvidence(ctx, p.Base.Read(), b.ID, c.Param("evidence"), viewer == b.Person)
	if errors.Is(err, db.ErrNotFound) {
		return fault.New(fault.NotFound, "detail.error.not_found")
	}
	if err != nil {
		return err
	}
	f, err := p.Files.ByID(ctx, p.Base.Read(), id)
	if errors.Is(err, db.ErrNotFound) || err == nil && f.Person != b.Person {
		return fault.New(fault.NotFound, "detail.error.not_found")
	}
	if err != nil {
		return err
	}
	return p.Files.Send(c, f)
}

// fileURL is where a file beside a badge is, with the secret by which the badge is
// seen.
func fileURL(b badge.Badge, e Evidence, key string) string {
	return badge.PathWith("/b/"+b.PublicID+"/evidence/"+e.PublicID+"/file", "key", key)
}
