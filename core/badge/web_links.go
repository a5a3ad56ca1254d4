package badge

import (
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

// LinksPage is the page "badge/links": the secret links of a person.
type LinksPage struct {
	Links []LinkView
	Today string // the earliest date that a link can end on
}

// LinkView is one secret link.
type LinkView struct {
	Card  Card
	URL   string // the link, absolute
	Since time.Time
	Until time.Time // zero: never
	Ended bool
	Hits  int
	Post  string // where its form goes
	Page  bool   // it is of a page, not of a badge
}

// Meta titles the page.
func (LinksPage) Meta() web.Meta { return web.Meta{Title: "badge.links.title", NoIndex: true} }

func (p *Pages) links(c *web.Ctx) error {
	list, err := p.badges.Links(c.Context(), c.Viewer().Person)
	if err != nil {
		return err
	}
	now := c.Now()
	page := LinksPage{Today: c.LocalNow().Format(time.DateOnly)}
	for _, l := range list {
		b := l.Badge
		page.Links = append(page.Links, LinkView{
			Card: NewCard(b, b.Person, now), URL: c.URL(withKey("/b/"+b.PublicID, b.Secret)), Since: b.LinkAt, Until: b.LinkUntil,
			Ended: !b.LinkUntil.IsZero() && !now.Before(b.LinkUntil), Hits: l.Hits, Post: "/settings/links/" + b.PublicID,
		})
	}
	other, err := p.otherLinks(c)
	if err != nil {
		return err
	}
	page.Links = append(page.Links, other...)
	return c.Render("badge/links", page)
}

// otherLinks gives the links to what is no badge.
func (p *Pages) otherLinks(c *web.Ctx) ([]LinkView, error) {
	var out []LinkView
	for _, k := range p.badges.keepers {
		list, err := k.SecretLinks(c.Context(), c.Viewer().Person)
		if err != nil {
			return nil, err
		}
		for _, l := range list {
			out = append(out, LinkView{
				Card: Card{Name: l.Name, URL: l.URL}, URL: c.URL(l.Link), Since: l.Since, Until: l.Until, Hits: l.Hits, Post: l.Post, Page: true,
				Ended: !l.Until.IsZero() && !c.Now().Before(l.Until),
			})
		}
	}
	return out, nil
}

// linkTimes are how long a link can be given to live.
var linkTimes = map[string]time.Duration{"day": linkDay, "week": 7 * linkDay, "month": 30 * linkDay}

func (p *Pages) changeLink(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	ctx, me, id := c.Context(), c.Viewer().Person, c.Param("id")
	done := "badge.flash.link_end"
	switch form.Get("action") {
	case "revoke":
		done, err = "badge.flash.link_revoked", p.badges.SetVisibility(ctx, me, id, Private)
	case "renew":
		done, err = "badge.flash.link_renewed", p.badges.RenewLink(ctx, me, id)
	case "end":
		var until time.Time
		if until, err = LinkEnd(form.Get("end"), form.Get("date"), c.LocalNow()); err == nil {
			err = p.badges.SetLinkEnd(ctx, me, id, until)
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

// LinkEnd reads when a link is to end: after a time, at the end of a day where now is
// told, or never.
func LinkEnd(choice, date string, now time.Time) (time.Time, error) {
	if d, ok := linkTimes[choice]; ok {
		return now.Add(d), nil
	}
	switch choice {
	case "never":
		return time.Time{}, nil
	case "date":
		at, err := time.ParseInLocation(time.DateOnly, date, now.Location())
		if end := at.AddDate(0, 0, 1); err == nil && end.After(now) && at.Before(now.AddDate(10, 0, 0)) {
			return end.UTC(), nil
		}
	}
	return time.Time{}, fault.New(fault.Invalid, "badge.error.link_date").At("/settings/links")
}

func (p *Pages) revokeLinks(c *web.Ctx) error {
	if err := c.Limit("links", strconv.FormatInt(c.Viewer().Person, 10), 60, time.Hour); err != nil {
		return err
	}
	if err := p.badges.RevokeLinks(c.Context(), c.Viewer().Person); err != nil {
		return err
	}
	for _, k := range p.badges.keepers {
		if err := k.RevokeLinks(c.Context(), c.Viewer().Person); err != nil {
			return err
		}
	}
	c.Flash(web.Done, "badge.flash.links_revoked")
	return c.Redirect("/settings/links")
}

// noteHit counts the opening of a link by somebody else than the holder. That it
// cannot be counted keeps nobody from reading.
func (p *Pages) noteHit(c *web.Ctx, b Badge) {
	if b.Visibility != Link || c.Viewer().IsPreview() || b.Person == c.Viewer().Person || c.Method() != "GET" {
		return
	}
	if err := p.badges.countHit(c.Context(), b); err != nil {
		c.Log().Warn("a hit of a link was not counted", "error", err)
	}
}
