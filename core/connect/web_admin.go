package connect

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/web"
)

const (
	adminPath = "/admin/apps"
	adminMost = 50 // apps
)

// AdminPage is the page "connect/admin" for administrators: the apps that they set up,
// and those that registered themselves, the last used first.
type AdminPage struct {
	Known, Self []AdminRow
	Open        bool // apps may register themselves
	Older       string
}

// AdminRow is an app that administrators look at.
type AdminRow struct {
	ID, Name    string
	Places      []string // where its answers go: hosts, schemes, "localhost"
	Since, Used time.Time
	People      int // who let it in
}

// Meta titles the page.
func (AdminPage) Meta() web.Meta { return web.Meta{Title: "connect.admin.title", NoIndex: true} }

func (p pages) admin(c *web.Ctx) error {
	at, id := mark(c.Query("before"))
	page, err := p.adminPage(c.Context(), at, id)
	if err != nil {
		return err
	}
	if at > 0 {
		page.Known = nil
	}
	return c.Render("connect/admin", page)
}

// mark reads where a page of the list begins: below the app that was used at a time.
func mark(s string) (at int64, id string) {
	text, id, _ := strings.Cut(s, "-")
	at, err := strconv.ParseInt(text, 36, 64)
	if err != nil || at < 1 {
		return 0, ""
	}
	return at, id
}

// adminPage lists apps; those that registered themselves below the app id that was used
// at a time, from the last used on where that is 0.
func (s *Connect) adminPage(ctx context.Context, at int64, id string) (AdminPage, error) {
	page := AdminPage{Open: s.Open}
	if at == 0 {
		at = db.Micros(s.Base.Now().Add(time.Hour))
	}
	return page, s.Base.View(ctx, func(d db.DB) error {
		known, err := listKnown(ctx, d)
		if err != nil {
			return err
		}
		for _, c := range known {
			row, err := adminRow(ctx, d, c)
			if err != nil {
				return err
			}
			page.Known = append(page.Known, row)
		}
		self, err := listRegistered(ctx, d, at, id, adminMost+1)
		if err != nil {
			return err
		}
		if len(self) > adminMost {
			self = self[:adminMost]
			last := self[adminMost-1]
			page.Older = adminPath + "?before=" + url.QueryEscape(strconv.FormatInt(db.Micros(last.UsedAt), 36)+"-"+last.ID)
		}
		for _, c := range self {
			row, err := adminRow(ctx, d, c)
			if err != nil {
				return err
			}
			page.Self = append(page.Self, row)
		}
		return nil
	})
}

func adminRow(ctx context.Context, d db.DB, c Client) (AdminRow, error) {
	people, err := countPeople(ctx, d, c.ID)
	row := AdminRow{ID: c.ID, Name: c.Metadata.Name, Since: c.CreatedAt, Used: c.UsedAt, People: people}
	for _, r := range c.Metadata.RedirectURIs {
		place := r
		if u, err := url.Parse(r); err == nil {
			if place = u.Hostname(); place == "" || u.Scheme != "https" && u.Scheme != "http" {
				place = u.Scheme + ":"
			}
		}
		if !slices.Contains(row.Places, place) {
			row.Places = append(row.Places, place)
		}
	}
	return row, err
}

// end removes an app for everybody.
func (p pages) end(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	if err := p.Remove(c.Context(), form.Get("app")); err != nil {
		return err
	}
	c.Flash(web.Done, "connect.flash.ended")
	return c.Redirect(adminPath)
}
