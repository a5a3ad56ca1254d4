package connect

import (
	"context"
	"slices"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/web"
)

// AppsPage is the page "connect/apps".
type AppsPage struct{ Apps []AppRow }

// Meta titles the page.
func (AppsPage) Meta() web.Meta { return web.Meta{Title: "connect.apps.title", NoIndex: true} }

// AppRow is an app that the person let in, on one device or several.
type AppRow struct {
	ID, Name           string
	Known              bool
	May                []string // the last parts of scopes
	Stays              bool
	Since, Used, Until time.Time
	Devices            int
}

func (p pages) list(c *web.Ctx) error {
	rows, err := p.Apps(c.Context(), c.Viewer().Person)
	if err != nil {
		return err
	}
	return c.Render("connect/apps", AppsPage{rows})
}

// Apps gives the apps that a person let in, the last used first.
func (s *Connect) Apps(ctx context.Context, person int64) ([]AppRow, error) {
	list, err := listGrants(ctx, s.Base.Read(), person, s.Base.Now())
	rows := []AppRow{}
	for _, a := range list {
		i := slices.IndexFunc(rows, func(r AppRow) bool { return r.ID == a.client })
		if i < 0 {
			i = len(rows)
			rows = append(rows, AppRow{ID: a.client, Name: a.name, Known: a.known, Since: a.createdAt, Used: a.usedAt, Until: a.endsAt})
		}
		rows[i].join(a)
	}
	return rows, err
}

// join adds what was allowed on one more device.
func (r *AppRow) join(a allowed) {
	may, stays := mayOf(a.scopes)
	for _, m := range may {
		if !slices.Contains(r.May, m) {
			r.May = append(r.May, m)
		}
	}
	r.Stays = r.Stays || stays
	r.Devices++
	if a.createdAt.Before(r.Since) {
		r.Since = a.createdAt
	}
	if a.endsAt.After(r.Until) {
		r.Until = a.endsAt
	}
}

func (p pages) disconnect(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	person := c.Viewer().Person
	err = p.Base.Tx(c.Context(), func(tx *db.Tx) error {
		if form.Get("all") != "" {
			return deleteGrantsOf(c.Context(), tx, person)
		}
		_, err := deleteGrantsFor(c.Context(), tx, person, form.Get("app"))
		return err // who sent the form twice wanted it to be gone
	})
	if err != nil {
		return err
	}
	c.Flash(web.Done, "connect.flash.disconnected")
	return c.Redirect(settingsPath)
}
