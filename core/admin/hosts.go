package admin

import (
	"time"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/web"
)

// HostsPage is the page "admin/hosts": hosts of issuers that do not answer.
type HostsPage struct {
	Hosts []Host
	Older string // the next page
}

// Host is a host that badges hang on and that does not answer.
type Host struct {
	Name          string
	Fails, Badges int
	Since         time.Time
	Next          time.Time // zero: it is being asked
}

// Meta titles the page.
func (HostsPage) Meta() web.Meta { return web.Meta{Title: "admin.hosts.title", NoIndex: true} }

func (a *Admin) hosts(c *web.Ctx) error {
	list, next, err := a.badges.SilentHosts(c.Context(), badge.ParseHostCursor(c.Query("after")))
	if err != nil {
		return err
	}
	page := HostsPage{Older: badge.PathWith("/admin/hosts", "after", next.String())}
	if next == (badge.HostCursor{}) {
		page.Older = ""
	}
	for _, h := range list {
		row := Host{Name: h.Host, Fails: h.Fails, Badges: h.Badges, Since: h.Since}
		if h.Next.After(c.Now()) {
			row.Next = h.Next
		}
		page.Hosts = append(page.Hosts, row)
	}
	return c.Render("admin/hosts", page)
}

// tryHost has a host asked again before its time.
func (a *Admin) tryHost(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	if err := a.badges.TryHost(c.Context(), form.Get("host")); err != nil {
		return err
	}
	c.Flash(web.Done, "admin.flash.host")
	return c.Redirect("/admin/hosts")
}

// hostsHealth says how many hosts of issuers do not answer. They are others'
// servers, so that is no fault of this one.
func (a *Admin) hostsHealth(c *web.Ctx) (Health, error) {
	hosts, badges, err := a.badges.CountSilent(c.Context())
	h := Health{Key: "hosts", State: state(hosts == 0), Text: c.T("admin.health.hosts_none"), URL: "/admin/hosts"}
	if hosts > 0 {
		h.Text = c.T("admin.health.hosts_text", "n", hosts)
		h.Value = c.T("admin.health.hosts_badges", "n", badges)
	}
	return h, err
}
