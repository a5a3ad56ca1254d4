package page

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/secret"
	"github.com/osier-passport/osier/core/web"
)

// SecretLinks gives the secret links of a person's pages, the last made first.
func (s *Pages) SecretLinks(ctx context.Context, person int64) ([]badge.OtherLink, error) {
	list, err := listLinked(ctx, s.Base.Read(), person)
	out := make([]badge.OtherLink, 0, len(list))
	for _, l := range list {
		out = append(out, badge.OtherLink{
			Name: l.Title, URL: "/pages/" + l.PublicID + "/sharing", Link: l.URL(), Post: "/settings/links/page/" + l.PublicID,
			Since: l.at, Until: l.Until, Hits: l.hits,
		})
	}
	return out, err
}

// RevokeLinks makes every page private that a person shows by a link.
func (s *Pages) RevokeLinks(ctx context.Context, person int64) error {
	return s.Base.Tx(ctx, func(tx *db.Tx) error { return deleteLinks(ctx, tx, person) })
}

// changeLinked changes a page of the person's own that is shown by a link. It returns
// a fault Conflict for one that is not.
func (s *Pages) changeLinked(ctx context.Context, person int64, publicID string, change func(tx *db.Tx, p *Page) error) error {
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		if err := lock(ctx, tx, person, publicID); err != nil {
			return err
		}
		p, err := getMine(ctx, tx, person, publicID)
		if err != nil {
			return err
		}
		if p.Visibility != badge.Link {
			return fault.New(fault.Conflict, "badge.error.no_secret_link").At("/settings/links")
		}
		return change(tx, &p)
	})
}

// RenewLink gives a page another link, which ends never and that nobody opened: the
// one before shows nothing any more.
func (s *Pages) RenewLink(ctx context.Context, person int64, publicID string) error {
	return s.changeLinked(ctx, person, publicID, func(tx *db.Tx, p *Page) error {
		p.Secret, p.Until = secret.Token(), time.Time{}
		return updateSharing(ctx, tx, *p)
	})
}

// EndLink says when others do not see a page by its link any more; zero is never.
func (s *Pages) EndLink(ctx context.Context, person int64, publicID string, until time.Time) error {
	return s.changeLinked(ctx, person, publicID, func(tx *db.Tx, p *Page) error {
		p.Until = until
		return updateSharing(ctx, tx, *p)
	})
}

// RevokeLink makes a page private.
func (s *Pages) RevokeLink(ctx context.Context, person int64, publicID string) error {
	return s.changeLinked(ctx, person, publicID, func(tx *db.Tx, p *Page) error { return s.setCircle(ctx, tx, p, badge.Private, time.Time{}) })
}

func (s screens) changeLink(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	ctx, me, id := c.Context(), c.Viewer().Person, c.Param("id")
	done := "badge.flash.link_end"
	switch form.Get("action") {
	case "revoke":
		done, err = "page.flash.shown_private", s.RevokeLink(ctx, me, id)
	case "renew":
		done, err = "badge.flash.link_renewed", s.RenewLink(ctx, me, id)
	case "end":
		var until time.Time
		if until, err = badge.LinkEnd(form.Get("end"), form.Get("date"), c.LocalNow()); err == nil {
			err = s.EndLink(ctx, me, id, until)
		}
	default:
		err = fault.New(fault.Malformed, "web.form")
	}
	if err != nil {
		return err
	}
	c.Flash(web.Done, done)
	return c.Redirect("/settings/links")
}

// noteHit counts the opening of a page by its link by somebody else than its owner,
// and nothing about who it was. That it cannot be counted keeps nobody from reading.
func (s screens) noteHit(c *web.Ctx, p Page) {
	if p.Visibility != badge.Link || c.Viewer().IsPreview() || p.Person == c.Viewer().Person || c.Method() != "GET" {
		return
	}
	if err := s.Base.Tx(c.Context(), func(tx *db.Tx) error { return addHit(c.Context(), tx, p.ID) }); err != nil {
		c.Log().Warn("a hit of a link was not counted", "error", err)
	}
}
