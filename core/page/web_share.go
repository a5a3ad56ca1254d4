package page

import (
	"net/http"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

// SharingPage is the page "page/sharing": who sees a page, and the question about
// badges that they do not see.
type SharingPage struct {
	Page        Row
	Until       string // date, or ""
	Today       string
	LinkURL     string
	HasPassword bool
	To          string // asked about, or ""
	Widen       string // who the badges would be shown to: members or public
	Concealed   []badge.Card
	Errors      map[string]string
}

// Meta titles the page.
func (SharingPage) Meta() web.Meta { return web.Meta{Title: "page.sharing.title", NoIndex: true} }

func (s screens) sharing(c *web.Ctx) error {
	page, p, err := s.sharingPage(c)
	if err != nil {
		return err
	}
	if to := badge.Visibility(c.Query("to")); to.Valid() && to != badge.Private {
		page.To, page.Widen = string(to), string(badge.Public)
		if to == badge.Members {
			page.Widen = string(badge.Members)
		}
		hidden, err := s.Concealed(c.Context(), p, to)
		if err != nil {
			return err
		}
		for _, b := range hidden {
			page.Concealed = append(page.Concealed, badge.NewCard(b, b.Person, c.Now()))
		}
	}
	return c.Render("page/sharing", page)
}

func (s screens) sharingPage(c *web.Ctx) (SharingPage, Page, error) {
	p, err := s.Mine(c.Context(), c.Viewer().Person, c.Param("id"))
	page := SharingPage{Page: rowOf(p, c.Now()), Today: c.LocalNow().Format(time.DateOnly), HasPassword: p.HasPassword}
	if !p.Until.IsZero() {
		page.Until = p.Until.In(c.LocalNow().Location()).AddDate(0, 0, -1).Format(time.DateOnly)
	}
	if p.Visibility != badge.Private {
		page.LinkURL = c.URL(p.URL())
	}
	return page, p, err
}

// share says who sees a page. What narrows it counts at once; before badges that
// others do not see are left out or shown, the person is asked.
func (s screens) share(c *web.Ctx) error {
	var in struct {
		Visibility string   `form:"visibility"`
		Password   string   `form:"password"`
		NoPassword bool     `form:"no_password"`
		Until      string   `form:"until"`
		Badges     string   `form:"badges"` // leave or show
		Badge      []string `form:"badge"`
	}
	if err := c.Bind(&in); err != nil {
		return err
	}
	ctx, me, id, to := c.Context(), c.Viewer().Person, c.Param("id"), badge.Visibility(in.Visibility)
	p, err := s.Mine(ctx, me, id)
	if err != nil {
		return err
	}
	if !to.Valid() {
		return fault.New(fault.Malformed, "web.form")
	}
	set := Sharing{Visibility: p.Visibility, Password: in.Password, NoPassword: in.NoPassword, Until: p.Until}
	if in.Badges == "" {
		if set.Until, err = untilOf(in.Until, p.Until, c.LocalNow()); err != nil {
			return s.sharingAgain(c, "until", err)
		}
		if _, err = s.Share(ctx, me, id, set); fault.Is(err, fault.Invalid) {
			return s.sharingAgain(c, "password", err)
		} else if err != nil {
			return err
		}
		if p, err = s.Mine(ctx, me, id); err != nil {
			return err
		}
		if to == p.Visibility {
			c.Flash(web.Done, "page.flash.shown_"+in.Visibility)
			return c.Redirect("/pages/" + id + "/sharing")
		}
		return s.publish(c, p, to)
	}
	if in.Badges == "show" {
		left, err := s.Widen(ctx, me, to, in.Badge)
		if err != nil {
			return err
		}
		if len(left) > 0 {
			c.Flash(web.Notice, "page.flash.left", "names", clip(strings.Join(left, ", "), 300))
		}
	}
	p, err = s.Share(ctx, me, id, Sharing{Visibility: to, Until: p.Until})
	if err != nil {
		return err
	}
	c.Flash(web.Done, "page.flash.shown_"+in.Visibility)
	return c.Redirect(p.URL())
}

// untilOf reads the last day, where today is told, on which others see a page; a date
// that is not changed stays, also when it has passed.
func untilOf(date string, now, today time.Time) (time.Time, error) {
	if date == "" {
		return time.Time{}, nil
	}
	at, err := time.ParseInLocation(time.DateOnly, date, today.Location())
	if err != nil {
		return at, fault.New(fault.Invalid, "page.error.date").Wrap(err)
	}
	at = at.AddDate(0, 0, 1).UTC()
	if !at.Equal(now) && (!at.After(today) || at.After(today.AddDate(20, 0, 0))) {
		return at, fault.New(fault.Invalid, "page.error.date")
	}
	return at, nil
}

func (s screens) sharingAgain(c *web.Ctx, field string, wrong error) error {
	f, ok := fault.As(wrong)
	if !ok {
		return wrong
	}
	page, _, err := s.sharingPage(c)
	if err != nil {
		return err
	}
	page.Errors = map[string]string{field: f.Key}
	return c.RenderStatus(http.StatusUnprocessableEntity, "page/sharing", page)
}
