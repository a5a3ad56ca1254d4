// Package admin is what an administrator sees: counts, health, the settings of
// the site, mail that waits, and share plugins.
//
// It owns no tables and no events. It reads counts of person, badge,
// badge_class, issuer, event and job. Its own pages call it.
package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/mail"
	"github.com/osier-passport/osier/core/share"
	"github.com/osier-passport/osier/core/web"
)

// Admin serves the pages of administrators.
type Admin struct {
	base     *db.Base
	accounts *account.Accounts
	badges   *badge.Badges
	mailer   *mail.Mailer
	share    *share.Share
	known    badge.Lists
	data     string // folder whose disk is watched
	folder   string // of community plugins
}

// Deps is what an Admin needs.
type Deps struct {
	Base       *db.Base
	Accounts   *account.Accounts
	Badges     *badge.Badges
	Mailer     *mail.Mailer
	Share      *share.Share
	Known      badge.Lists // of issuers
	DataFolder string
	Plugins    string // folder of community plugins
}

// New makes the service.
func New(d Deps) *Admin {
	return &Admin{base: d.Base, accounts: d.Accounts, badges: d.Badges, mailer: d.Mailer, share: d.Share, known: d.Known, data: d.DataFolder, folder: d.Plugins}
}

// Mount makes the routes of administrators.
func (a *Admin) Mount(r web.Router) {
	in := r.Group(web.Admin)
	in.Get("/admin", a.home)
	in.Post("/admin", a.saveSite)
	in.Get("/admin/hosts", a.hosts)
	in.Post("/admin/hosts", a.tryHost)
	in.Get("/admin/outbox", a.outbox)
	in.Get("/admin/plugins", a.plugins)
	in.Get("/admin/plugins/:id", a.plugin)
	in.Post("/admin/plugins/:id", a.setPlugin)
	in.Post("/admin/plugins/:id/settings", a.setPluginSettings)
	in.Post("/admin/plugins/:id/limits", a.setTargetLimits)
}

// HomePage is the page "admin/home".
type HomePage struct {
	People, Badges, Classes, Issuers, Events int

	Health []Health
	Site   SiteForm
	Errors map[string]string
	Newest []badge.Person
}

// Health is one line of the state of the server.
type Health struct{ Key, State, Text, Value, URL string }

// SiteForm is what an administrator sets of the site.
type SiteForm struct{ Name, Tagline, About, Explore string }

// Meta titles the page.
func (HomePage) Meta() web.Meta { return web.Meta{Title: "nav.admin", NoIndex: true} }

func (a *Admin) home(c *web.Ctx) error {
	site, err := a.accounts.Settings(c.Context())
	if err != nil {
		return err
	}
	page, err := a.homePage(c, SiteForm{site.Name, site.Tagline, site.About, word(site.Explore, "open", "members")})
	if err != nil {
		return err
	}
	return c.Render("admin/home", page)
}

func word(on bool, yes, no string) string {
	if on {
		return yes
	}
	return no
}

func (a *Admin) homePage(c *web.Ctx, form SiteForm) (HomePage, error) {
	n, err := readCounts(c.Context(), a.base.Read())
	if err != nil {
		return HomePage{}, err
	}
	page := HomePage{People: n.people, Badges: n.badges, Classes: n.classes, Issuers: n.issuers, Events: n.events, Site: form}
	if page.Health, err = a.health(c, n); err != nil {
		return HomePage{}, err
	}
	newest, err := listNewest(c.Context(), a.base.Read())
	for _, p := range newest {
		page.Newest = append(page.Newest, badge.PersonView(p.handle, p.name, p.picture))
	}
	return page, err
}

func (a *Admin) health(c *web.Ctx, n counts) ([]Health, error) {
	list := []Health{
		{Key: "jobs", State: state(n.failed == 0), Text: c.T("admin.health.jobs_text", "waiting", n.waiting, "failed", n.failed)},
		{Key: "mail", State: state(a.mailer.Configured()), Text: c.T("admin.health.mail_" + word(a.mailer.Configured(), "on", "off")), URL: "/admin/outbox"},
		{Key: "disk", State: diskState(a.data), Text: c.T("admin.health.disk_text", "n", diskFree(c, a.data))},
	}
	broken := 0
	for _, p := range a.share.Plugins() {
		if p.State != "ok" {
			broken++
		}
	}
	hosts, err := a.hostsHealth(c)
	return append(list,
		Health{Key: "plugins", State: state(broken == 0), Text: c.T("admin.health.plugins_text", "n", len(a.share.Plugins()), "broken", broken), URL: "/admin/plugins"},
		hosts, a.listsHealth(c)), err
}

// listsHealth names the lists of known issuers that were loaded.
func (a *Admin) listsHealth(c *web.Ctx) Health {
	h := Health{Key: "lists", State: "ok", Text: c.T("admin.health.lists_none")}
	if len(a.known) == 0 {
		return h
	}
	names := make([]string, 0, len(a.known))
	for _, l := range a.known {
		names = append(names, l.Name)
	}
	h.Text, h.Value = c.T("admin.health.lists_text", "n", a.known.Size()), strings.Join(names, ", ")
	return h
}

func state(ok bool) string { return word(ok, "ok", "warn") }

func (a *Admin) saveSite(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	in := SiteForm{form.Get("site"), form.Get("tagline"), form.Get("about"), form.Get("explore")}
	err = a.save(c.Context(), in)
	if wrong, ok := errors.AsType[account.FieldErrors](err); ok {
		page, err := a.homePage(c, in)
		if err != nil {
			return err
		}
		page.Errors = wrong
		page.Errors["site"] = wrong["name"]
		return c.RenderStatus(http.StatusUnprocessableEntity, "admin/home", page)
	}
	if err != nil {
		return err
	}
	c.Flash(web.Done, "admin.flash.saved")
	return c.Redirect("/admin")
}

func (a *Admin) save(ctx context.Context, in SiteForm) error {
	s, err := a.accounts.Settings(ctx)
	if err != nil {
		return err
	}
	s.Name, s.Tagline, s.About, s.Explore = in.Name, in.Tagline, in.About, in.Explore == "open"
	return a.accounts.Change(ctx, s)
}

// OutboxPage is the page "admin/outbox".
type OutboxPage struct {
	Configured bool
	Mails      []Mail
	Older      string
}

// Mail is one mail of the outbox.
type Mail struct {
	ID, To, Subject, Template, State, Error, Text string

	At time.Time
}

// Meta titles the page.
func (OutboxPage) Meta() web.Meta { return web.Meta{Title: "admin.outbox.title", NoIndex: true} }

func (a *Admin) outbox(c *web.Ctx) error {
	list, err := a.mailer.Outbox(c.Context(), 100)
	if err != nil {
		return err
	}
	page := OutboxPage{Configured: a.mailer.Configured()}
	for _, m := range list {
		page.Mails = append(page.Mails, Mail{
			ID: fmt.Sprint(m.ID), To: m.To, Subject: m.Subject, Template: m.Template, State: string(m.State), Error: m.LastError, Text: m.Text, At: m.CreatedAt,
		})
	}
	return c.Render("admin/outbox", page)
}

// PluginsPage is the page "admin/plugins".
type PluginsPage struct {
	Plugins  []Plugin
	Folder   string
	Confined string // whole, sockets, part, none: how far the system keeps plugins from what is not theirs

	Order     []share.Placed // of the targets that are offered
	OrderOpen bool
}

// Plugin is one share plugin.
type Plugin struct {
	ID, Name, Version, Description, State, Error string

	Bundled         bool
	Targets         []PluginTarget
	On              int  // how many of them are offered
	Open            bool // whether they are unfolded
	Hash, URL, Icon string
	Crashes         int
	Since           time.Time
	Log             []string
}

// PluginTarget is one target of a share plugin.
type PluginTarget struct {
	ID, Name, URL string

	Off, Waits bool // switched off; without the settings by which it connects accounts
}

// Meta titles the page.
func (PluginsPage) Meta() web.Meta { return web.Meta{Title: "admin.plugins.title", NoIndex: true} }

func (a *Admin) setPlugin(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	plugin, _, _ := strings.Cut(c.Param("id"), ".")
	err = a.change(c.Context(), c.Param("id"), form.Get("action"))
	if f, ok := fault.As(err); ok && f.Kind == fault.Conflict && !c.WantsJSON() { // what is missing is typed on its page
		c.Flash(web.Problem, f.Key, "cost", f.Args["cost"], "target", f.Args["target"])
		return c.Redirect("/admin/plugins/" + plugin + "#t-" + c.Param("id"))
	}
	if err != nil {
		return err
	}
	switch action := form.Get("action"); {
	case action == "up" || action == "down": // the list itself shows it
		return c.Redirect("/admin/plugins?order=open#order")
	case form.Get("from") == "page":
		c.Flash(web.Done, "admin.flash.plugin")
		return c.Redirect("/admin/plugins/" + plugin)
	}
	c.Flash(web.Done, "admin.flash.plugin")
	if plugin != c.Param("id") {
		return c.Redirect("/admin/plugins?open=" + plugin + "#p-" + plugin)
	}
	return c.Redirect("/admin/plugins")
}

func (a *Admin) change(ctx context.Context, id, action string) error {
	switch action {
	case "enable", "restart":
		return a.share.Enable(ctx, id)
	case "disable":
		return a.share.Disable(ctx, id)
	case "up", "down":
		return a.share.Move(ctx, id, action == "down")
	}
	return fault.New(fault.Invalid, "admin.error.action")
}
