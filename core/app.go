package core

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/admin"
	"github.com/osier-passport/osier/core/art"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/blob"
	"github.com/osier-passport/osier/core/check"
	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/connect"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/detail"
	"github.com/osier-passport/osier/core/endorse"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/feed"
	"github.com/osier-passport/osier/core/fetch"
	"github.com/osier-passport/osier/core/file"
	"github.com/osier-passport/osier/core/gallery"
	"github.com/osier-passport/osier/core/i18n"
	"github.com/osier-passport/osier/core/jobs"
	"github.com/osier-passport/osier/core/mail"
	"github.com/osier-passport/osier/core/merge"
	"github.com/osier-passport/osier/core/mydata"
	"github.com/osier-passport/osier/core/openbadge/verify"
	"github.com/osier-passport/osier/core/page"
	"github.com/osier-passport/osier/core/people"
	"github.com/osier-passport/osier/core/profile"
	"github.com/osier-passport/osier/core/report"
	"github.com/osier-passport/osier/core/request"
	"github.com/osier-passport/osier/core/secret"
	"github.com/osier-passport/osier/core/share"
	"github.com/osier-passport/osier/core/share/host"
	"github.com/osier-passport/osier/core/sign"
	"github.com/osier-passport/osier/core/social"
	"github.com/osier-passport/osier/core/theme"
	"github.com/osier-passport/osier/core/web"
	"github.com/osier-passport/osier/plugins"
	"github.com/osier-passport/osier/themes"
)

// app is the wired passport: the floor, then the features, each knowing only
// what stands below it.
type app struct {
	config    config.Config
	log       *slog.Logger
	base      *db.Base
	keys      *secret.Keys
	catalogue *i18n.Catalogue
	theme     *theme.Theme
	fetch     *fetch.Client
	bus       *event.Bus
	queue     *jobs.Queue
	mailer    *mail.Mailer
	web       *web.App
	plugins   *host.Host
	breath    time.Duration // of the work in the background, before it begins

	accounts *account.Accounts
	files    *file.Files
	sign     *sign.Signer
	badges   *badge.Badges
	endorse  *endorse.Endorse
	pages    *page.Pages
	detail   *detail.Details
	report   *report.Reports
	check    *check.Check
	profiles *profile.Profiles
	social   *social.Social
	feed     *feed.Feed
	gallery  *gallery.Gallery
	share    *share.Share
	connect  *connect.Connect
	data     *mydata.Data
	merge    *merge.Merge
	request  *request.Request
	people   *people.People
	admin    *admin.Admin
}

// options are what differs between serving, the demo and tests.
type options struct {
	demo  bool
	clock func() time.Time // nil: time.Now
	fetch fetch.Options    // Documents and Allow beyond the configuration's

	configFile  string           // named on the command line; "" for where it is looked for
	pluginEnv   []string         // more for the environment of plugins, such as the roots of a test
	pluginClock func() time.Time // of their host; nil: time.Now
}

// open wires everything. Close it after use.
func open(ctx context.Context, c config.Config, log *slog.Logger, o options) (*app, error) {
	a := &app{config: c, log: log}
	for _, step := range []func(context.Context, options) error{a.openFloor, a.openFrame, a.openFeatures} {
		if err := step(ctx, o); err != nil {
			return nil, errors.Join(err, a.close(ctx))
		}
	}
	return a, nil
}

// openFloor opens what knows no feature.
func (a *app) openFloor(ctx context.Context, o options) error {
	if err := os.MkdirAll(a.config.Data, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	var err error
	if a.base, err = db.Open(ctx, db.Options{URL: a.config.DatabaseURL(), Clock: o.clock, Log: a.log, Quiet: quiet}); err != nil {
		return err
	}
	if a.keys, err = secret.LoadKeys(a.config.KeyFile()); err != nil {
		return err
	}
	if a.catalogue, err = i18n.Load(nil); err != nil {
		return err
	}
	a.theme, err = theme.Open(theme.Options{
		Bundled: themes.FS, Dir: a.config.ThemesFolder(), Name: a.config.Theme, Catalogue: a.catalogue, Clock: o.clock, Dev: a.config.Dev,
		Has: partsOf(a.config), Log: a.log,
	})
	if err != nil {
		return err
	}
	o.fetch.Allow, o.fetch.Hosts = append(o.fetch.Allow, a.config.Fetch.Allow...), a.config.Fetch.Hosts
	o.fetch.Log, o.fetch.Agent = a.log, "Osier/"+Version()+" (+"+siteAddress(a.config)+")"
	a.fetch = fetch.New(o.fetch)
	a.bus = event.New(a.log)
	a.queue = jobs.New(a.base, a.log)
	a.mailer, err = mail.New(mail.Options{Base: a.base, Queue: a.queue, Keys: a.keys, Renderer: a.theme, SMTP: a.config.SMTP, Log: a.log})
	return err
}

// quiet are the tables whose rows no page for visitors is made of, among them all that a
// visit itself writes.
var quiet = []string{"job", "job_period", "rate", "session", "badge_view", "link_hit", "mail_outbox", "mail_pace", "person_day", "admin_act", "explore_visit", "search_mark", "host_health", "comment_seen", "oauth_client", "oauth_grant", "oauth_token"}

// siteAddress is what an issuer that we ask is told about us.
func siteAddress(c config.Config) string {
	if c.PublicURL != "" {
		return c.PublicURL
	}
	return "https://github.com/osier-passport/osier"
}

// openFrame makes the web application. It asks the accounts who is signed in,
// and they ask it for addresses: each is called only once both are there.
func (a *app) openFrame(_ context.Context, o options) error {
	var err error
	a.web, err = web.New(web.Options{ //nolint:contextcheck // each request has a context of its own
		Config: a.config, Theme: a.theme, Catalogue: a.catalogue, Base: a.base, Keys: a.keys, Log: a.log,
		Sessions: sessions{a},
		Site:     func(ctx context.Context) (web.Site, error) { return a.accounts.Site(ctx) },
		SetLanguage: func(ctx context.Context, person int64, lang string) error {
			return a.accounts.SetLanguage(ctx, person, lang)
		},
		Demo: o.demo, Version: Version(), BodyLimit: max(web.BodyLimit, (a.config.Files.MaxMB+1)<<20),
	})
	return err
}

type sessions struct{ app *app }

// Viewer implements web.SessionStore.
func (s sessions) Viewer(ctx context.Context, token string) (web.Viewer, error) {
	return s.app.accounts.Viewer(ctx, token)
}

// openFeatures wires the features in the order of their ranks.
func (a *app) openFeatures(ctx context.Context, o options) error {
	a.accounts = account.New(account.Options{
		Base: a.base, Bus: a.bus, Keys: a.keys, Mailer: a.mailer, Catalogue: a.catalogue, Config: a.config,
		URL: a.web.URL, HTTP: a.fetch.HTTP(), Log: a.log, Showcase: a.showcase,
	})
	a.files = file.New(file.Deps{Base: a.base, Blobs: blob.Store{}, Bus: a.bus, Rules: a.config.Files})
	a.sign = sign.New(sign.Deps{Base: a.base, Keys: a.keys, URL: a.web.URL})
	known, err := badge.LoadLists(a.config.Data, a.config.IssuerLists)
	if err != nil {
		return err
	}
	a.badges = badge.New(badge.Deps{
		Base: a.base, Blobs: blob.Store{}, Bus: a.bus, Queue: a.queue, Fetch: a.fetch, Addresses: a.accounts, Proofs: a.accounts, Confirm: a.accounts, Letters: a.accounts,
		URL: a.web.URL, Known: known, Secrets: a.keys, Log: a.log, Own: a.own, Records: a.sign, Colors: a.cardColors,
	})
	a.check = check.New(a.badges)
	a.pages = page.New(page.Deps{
		Base: a.base, Bus: a.bus, Queue: a.queue, Accounts: a.accounts, Badges: a.badges, Files: a.files, Theme: a.theme, Keys: a.keys,
	})
	a.profiles = profile.New(profile.Deps{
		Base: a.base, Bus: a.bus, Queue: a.queue, Fetch: a.fetch, Accounts: a.accounts, Badges: a.badges, URL: a.web.URL, Styles: a.looks, Log: a.log,
	})
	a.social = social.New(a.base, a.bus, a.accounts, a.web.URL)
	a.detail = detail.New(detail.Deps{Base: a.base, Bus: a.bus, Badges: a.badges, Files: a.files, Pages: evidencePages{a.pages}, URL: a.web.URL, Log: a.log})
	a.report = report.New(a.base, a.bus, a.badges)
	a.endorse = endorse.New(endorse.Deps{
		Base: a.base, Bus: a.bus, Queue: a.queue, Keys: a.keys, Accounts: a.accounts, Badges: a.badges, Signer: a.sign, Mailer: a.mailer, URL: a.web.URL, Log: a.log,
	})
	a.feed = feed.New(a.base, a.bus, a.queue)
	a.gallery = gallery.New(gallery.Deps{
		Base: a.base, Accounts: a.accounts, Badges: a.badges, Social: a.social, Feed: a.feed, Version: Version(), Log: a.log,
	})
	a.plugins, err = host.New(host.Options{
		Dir: a.config.PluginsFolder(), PrivateDir: filepath.Join(a.config.Data, pluginHostFolder), Bundled: plugins.Bundled(), Log: a.log,
		Dial: a.fetch.Dial, Env: o.pluginEnv, Clock: o.pluginClock, Hidden: privateFiles(a.config, o.configFile),
	})
	if err != nil {
		return err
	}
	a.share = share.New(share.Deps{
		Base: a.base, Bus: a.bus, Badges: a.badges, Pages: a.pages, Host: a.plugins, URL: a.web.URL, Log: a.log,
		Accounts: a.accounts, Keys: a.keys, Queue: a.queue, HTTP: a.fetch.HTTP(), Card: a.card, ProfileCard: a.profileCard,
	})
	a.connect = connect.New(connect.Deps{
		Base: a.base, Bus: a.bus, Queue: a.queue, Accounts: a.accounts, Badges: a.badges, URL: a.web.URL, Open: a.config.Apps.Register, Log: a.log,
	})
	a.badges.AddUses(a.share.Uses)
	a.badges.AddUses(a.pages.Uses)
	a.badges.AddLinks(a.pages)
	a.badges.AddWaits(a.endorse.Waits)
	a.badges.VouchedBy(a.endorse.Vouched)
	a.badges.AddWaits(a.social.Waits)
	a.badges.AddMarking(a.endorse.Marks)
	a.badges.AddMarking(a.social.Marks)
	record := people.NewRecord(a.base)
	a.data = mydata.New(mydata.Deps{
		Base: a.base, Bus: a.bus, Queue: a.queue, Keys: a.keys, Doors: a.accounts, Letters: a.accounts, Catalogue: a.catalogue,
		Site: func(ctx context.Context) (web.Site, error) { return a.accounts.Site(ctx) }, URL: a.web.URL, Log: a.log, Tombstones: a.config.TombstoneFile(),
	}, record, a.connect, a.share, a.feed, a.pages, a.endorse, a.detail, a.report, a.social, a.profiles, a.badges, a.files, a.gallery, a.sign, a.mailer, a.queue, a.accounts)
	a.merge = merge.New(merge.Deps{
		Base: a.base, Accounts: a.accounts, Badges: a.badges,
		Owners: []merge.Owner{a.data, record, a.connect, a.share, a.feed, a.pages, a.endorse, a.detail, a.report, a.social, a.profiles, a.badges, a.files, a.gallery, a.sign, a.mailer, a.queue, a.accounts},
	})
	a.request = request.New(request.Deps{
		Base: a.base, Bus: a.bus, Keys: a.keys, Accounts: a.accounts, Badges: a.badges, Mailer: a.mailer, URL: a.web.URL, Log: a.log, Endorse: a.endorse,
	})
	a.people = people.New(people.Deps{Base: a.base, Queue: a.queue, Accounts: a.accounts, Data: a.data, Mailer: a.mailer, Log: a.log})
	a.admin = admin.New(admin.Deps{
		Base: a.base, Accounts: a.accounts, Badges: a.badges, Mailer: a.mailer, Share: a.share, Known: known, DataFolder: a.config.Data, Plugins: a.config.PluginsFolder(),
	})
	a.queue.Every("request.sweep", time.Hour, a.request.Sweep)
	a.queue.Every("account.sweep", time.Hour, a.accounts.Sweep)
	a.queue.Every("web.sweep", time.Hour, a.web.Sweep)
	a.mount() //nolint:contextcheck // each request has a context of its own
	if err := a.mailer.Start(ctx); err != nil {
		return err
	}
	return a.share.Load(ctx)
}

// own answers for documents of this passport that verifiers ask for.
func (a *app) own(ctx context.Context, address string) (verify.Document, bool) {
	if d, ok := a.sign.Own(ctx, address); ok || a.endorse == nil {
		return d, ok
	}
	return a.endorse.Own(ctx, address)
}

// tabsShown are the pages that stand beside a profile.
const tabsShown = 8

// tabs gives the profile of a person the pages that the viewer may see.
func (a *app) tabs(c *web.Ctx, person int64) ([]social.Tab, error) {
	list, err := a.pages.Shown(c.Context(), c.Viewer().Person, person, tabsShown)
	var tabs []social.Tab
	for _, p := range list {
		tabs = append(tabs, social.Tab{Title: p.Title, URL: p.URL()})
	}
	return tabs, err
}

// showcase gives the first page for visitors what the gallery has to show.
func (a *app) showcase(c *web.Ctx) (account.Showcase, error) {
	l, err := a.gallery.Landing(c)
	show := account.Showcase{People: l.People, Badges: l.Badges, Issuers: l.Issuers}
	for _, b := range l.Recent[:min(len(l.Recent), 6)] {
		show.Recent = append(show.Recent, account.Card{URL: b.URL, Name: b.Name, Image: b.Image, Issuer: b.Issuer})
	}
	return show, err
}

// card draws the preview of a badge for who shares it, in their language.
func (a *app) card(ctx context.Context, b badge.Badge, lang string) ([]byte, error) {
	site, err := a.accounts.Site(ctx)
	if err != nil {
		return nil, err
	}
	words := badge.CardWords{Site: site.Name, Verified: a.catalogue.T(lang, "badge.card.verified")}
	if !b.IssuedAt.IsZero() {
		words.Date = a.catalogue.MonthYear(lang, b.IssuedAt)
	}
	card, err := a.badges.Card(ctx, b, words)
	return card.PNG, err
}

// profileCard draws the preview of a profile for who posts it.
func (a *app) profileCard(ctx context.Context, p account.Person, lang string) ([]byte, error) {
	site, err := a.accounts.Site(ctx)
	if err != nil {
		return nil, err
	}
	count := func(n int) string { return a.catalogue.T(lang, "badge.list.count", "n", n) }
	card, err := social.Card(ctx, a.badges, p, social.CardWords{Site: site.Name, Count: count})
	return card.PNG, err
}

// cardColors are the colours of previews: those of the theme, with a page's look
// over them.
func (a *app) cardColors(style string) (art.CardColors, error) {
	p, err := a.theme.Palette(style)
	return art.CardColors{
		Ground: p["surface"], Plate: p["surface-2"], Line: p["border"], Ink: p["text"], Muted: p["text-muted"], Accent: p["accent"],
	}, err
}

// close ends what runs, from the top down. It is safe on a half-opened app.
func (a *app) close(ctx context.Context) error {
	var errs []error
	if a.plugins != nil {
		errs = append(errs, a.plugins.Close(ctx))
	}
	if a.share != nil {
		a.share.Close()
	}
	if a.bus != nil {
		a.bus.Wait()
	}
	if a.detail != nil {
		a.detail.Close(ctx)
	}
	if a.theme != nil {
		errs = append(errs, a.theme.Close())
	}
	if a.base != nil {
		errs = append(errs, a.base.Close())
	}
	return errors.Join(errs...)
}

// looks are the looks that people choose from for what is theirs, by their names in a
// language.
func (a *app) looks(lang string) ([]profile.Look, error) {
	list, err := a.theme.PageStyles()
	out := make([]profile.Look, 0, len(list))
	for _, l := range list {
		out = append(out, profile.Look{ID: l.ID, Name: l.Name(lang)})
	}
	return out, err
}

// partsOf names what this site has and not every site has (theme.Options.Has).
func partsOf(c config.Config) []string {
	if len(c.SignUp.Fields) > 0 {
		return []string{"questions"}
	}
	return nil
}
