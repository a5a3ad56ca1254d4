package connect

import (
	"errors"
	"net/url"
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

const (
	authorizePath = "/oauth/authorize"
	tokenPath     = "/oauth/token" //nolint:gosec // an address
	revokePath    = "/oauth/revoke"
	registerPath  = "/oauth/register"
	settingsPath  = "/settings/apps"
)

// Mount makes the routes of connected apps.
func (s *Connect) Mount(r web.Router) {
	p := pages{s}
	r.Get(authorizePath, p.ask)
	in := r.Group(web.SignedIn)
	in.Post(authorizePath, p.decide)
	in.Get(settingsPath, p.list)
	in.Post(settingsPath, p.disconnect)
	admin := r.Group(web.Admin)
	admin.Get(adminPath, p.admin)
	admin.Post(adminPath, p.end)
	s.mountAPI(r)
}

type pages struct{ *Connect }

// ConsentPage is the page "connect/consent": what an app asks for.
type ConsentPage struct {
	App    string
	Known  bool     // an administrator set it up
	May    []string // the last parts of scopes
	Stays  bool     // until it is disconnected
	Device bool     // the answer goes to a program on the person's own device
	Host   string   // to a site, or
	Scheme string   // to an app
	Young  bool     // the person may not connect it
	Again  bool     // it is connected already
	Fields []Field  // of the form

	to string
}

// Field is a hidden field of a form.
type Field struct{ Name, Value string }

// Meta titles the page and lets its form lead to the app.
func (p ConsentPage) Meta() web.Meta {
	return web.Meta{Title: "connect.consent.title", NoIndex: true, FormTo: p.to}
}

// ask shows what an app asks for (RFC 6749 §4.1.1), after a sign-in where nobody is
// signed in. An answer that something is wrong goes to the app only when somebody is
// (RFC 9700 §4.11.2): a link here leads no visitor elsewhere.
func (p pages) ask(c *web.Ctx) error {
	form, err := c.Parameters()
	if err != nil {
		return err
	}
	r, err := p.read(c.Context(), form.All)
	refused, wrong := errors.AsType[*Refusal](err)
	switch {
	case err != nil && !wrong:
		return err
	case !c.Viewer().SignedIn() && (wrong || c.Here() == "/"):
		return fault.New(fault.Malformed, "connect.error.request").With("app", r.Client.Metadata.Name)
	case !c.Viewer().SignedIn():
		return c.Redirect("/login?next=" + url.QueryEscape(c.Here()))
	case wrong:
		return c.HandBack(p.no(r, refused))
	}
	page, err := p.consent(c, r)
	if err != nil {
		return err
	}
	return c.Render("connect/consent", page)
}

func (p pages) consent(c *web.Ctx, r Request) (ConsentPage, error) {
	page := ConsentPage{App: r.Client.Metadata.Name, Known: r.Client.Known, Fields: r.fields(), to: r.Redirect}
	page.Host, page.Scheme = whither(r.Redirect)
	page.Device = page.Host == "" && page.Scheme == ""
	page.May, page.Stays = mayOf(r.Scopes)
	var err error
	if page.Young, err = p.barred(c, r.Client); err != nil {
		return page, err
	}
	list, err := listGrants(c.Context(), p.Base.Read(), c.Viewer().Person, c.Now())
	for _, a := range list {
		page.Again = page.Again || a.client == r.Client.ID
	}
	return page, err
}

// barred reports whether the viewer is under age, and the app one that nobody of the
// passport has looked at.
func (p pages) barred(c *web.Ctx, app Client) (bool, error) {
	privacy, err := p.Accounts.PrivacyOf(c.Context(), p.Base.Read(), c.Viewer().Person)
	return privacy.UnderAge && !app.Known, err
}

// decide hands the app a code, or the answer that the person does not want it.
func (p pages) decide(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	r, err := p.read(c.Context(), form.All)
	if refused, wrong := errors.AsType[*Refusal](err); wrong {
		return c.HandBack(p.no(r, refused))
	}
	if err != nil {
		return err
	}
	if form.Get("answer") != "allow" {
		return c.HandBack(p.no(r, refuse("access_denied", "The person did not allow it.")))
	}
	barred, err := p.barred(c, r.Client)
	if err != nil {
		return err
	}
	if barred {
		return c.HandBack(p.no(r, errYoung()))
	}
	if err := c.Limit("connect.allow", strconv.FormatInt(c.Viewer().Person, 10), 60, time.Hour); err != nil {
		return err
	}
	to, err := p.allow(c.Context(), c.Viewer().Person, r)
	if err != nil {
		return err
	}
	return c.HandBack(to)
}

// mayOf gives the last parts of the scopes that open something, and whether the app
// stays.
func mayOf(scopes []string) (may []string, stays bool) {
	for _, s := range scopes {
		if s == Stay {
			stays = true
			continue
		}
		may = append(may, word(s))
	}
	return may, stays
}
