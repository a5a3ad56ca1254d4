package report

import (
	"errors"
	"net/http"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/web"
)

// Mount makes the routes of reports.
func (s *Reports) Mount(r web.Router) {
	p := pages{s}
	r.Get("/b/:id/report", p.form)
	r.Post("/b/:id/report", p.add)
	admin := r.Group(web.Admin)
	admin.Get("/admin/reports", p.list)
	admin.Post("/admin/reports/:id", p.close)
}

type pages struct{ *Reports }

// FormPage is the page "report/form".
type FormPage struct {
	Badge, BadgeURL, Action string
	Reasons                 []Choice
	Words                   string
	Errors                  map[string]string
}

// Choice is one reason to choose.
type Choice struct {
	Key    string
	Chosen bool
}

// Meta titles the page.
func (FormPage) Meta() web.Meta { return web.Meta{Title: "report.title", NoIndex: true} }

func (p pages) page(c *web.Ctx, b badge.Badge, reason string) FormPage {
	at := "/b/" + b.PublicID
	page := FormPage{Badge: b.Class.Name, BadgeURL: badge.PathWith(at, "key", c.Query("key")), Action: badge.PathWith(at+"/report", "key", c.Query("key")), Errors: map[string]string{}}
	for _, r := range reasons {
		page.Reasons = append(page.Reasons, Choice{r, r == reason})
	}
	return page
}

func (p pages) form(c *web.Ctx) error {
	b, err := p.badges.Get(c.Context(), c.Viewer().Person, c.Param("id"), c.Query("key"))
	if err != nil {
		return err
	}
	return c.Render("report/form", p.page(c, b, ""))
}

func (p pages) add(c *web.Ctx) error {
	b, err := p.badges.Get(c.Context(), c.Viewer().Person, c.Param("id"), c.Query("key"))
	if err != nil {
		return err
	}
	if err := c.Limit("report", c.Network(), 20, time.Hour); err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	err = p.Add(c.Context(), c.Viewer().Person, b, form.Get("reason"), form.Get("words"))
	if wrong, ok := errors.AsType[account.FieldErrors](err); ok {
		page := p.page(c, b, form.Get("reason"))
		page.Words, page.Errors = form.Get("words"), wrong
		return c.RenderStatus(http.StatusUnprocessableEntity, "report/form", page)
	}
	if err != nil {
		return err
	}
	c.Flash(web.Done, "report.flash.sent")
	return c.Redirect(badge.PathWith("/b/"+b.PublicID, "key", c.Query("key")))
}

// ListPage is the page "report/list", for administrators.
type ListPage struct {
	Open, Closed []Row
}

// Row is one report in the list.
type Row struct {
	ID, Action       string
	Badge, BadgeURL  string // "" for a badge that the administrator does not see
	Issuer           string
	Holder, Reporter badge.Person // of the reporter the name is "" for who was not signed in
	Reason, Words    string
	At               time.Time
}

// Meta titles the page.
func (ListPage) Meta() web.Meta { return web.Meta{Title: "report.admin.title", NoIndex: true} }

const (
	openShown   = 200
	closedShown = 50
)

func (p pages) list(c *web.Ctx) error {
	waiting, err := p.List(c.Context(), c.Viewer().Person, open, openShown)
	if err != nil {
		return err
	}
	done, err := p.List(c.Context(), c.Viewer().Person, closed, closedShown)
	if err != nil {
		return err
	}
	return c.Render("report/list", ListPage{Open: rows(waiting), Closed: rows(done)})
}

// rows makes the views of reports. An administrator sees no more of a badge than
// any member.
func rows(all []Report) []Row {
	out := make([]Row, 0, len(all))
	for _, r := range all {
		row := Row{
			ID: r.PublicID, Action: "/admin/reports/" + r.PublicID, Badge: r.Badge, Issuer: r.Issuer,
			Holder: badge.PersonView(r.HolderHandle, r.HolderName, ""), Reason: r.Reason, Words: r.Words, At: r.At,
		}
		if r.BadgeID != "" {
			row.BadgeURL = "/b/" + r.BadgeID
		}
		if r.ReporterName != "" {
			row.Reporter = badge.PersonView(r.ReporterHandle, r.ReporterName, "")
		}
		out = append(out, row)
	}
	return out
}

func (p pages) close(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	done := form.Get("action") != "open"
	if err := p.Close(c.Context(), c.Param("id"), done); err != nil {
		return err
	}
	if done {
		c.Flash(web.Done, "report.flash.closed")
	} else {
		c.Flash(web.Done, "report.flash.opened")
	}
	return c.Redirect("/admin/reports")
}
