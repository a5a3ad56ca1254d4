package account

import (
	"errors"
	"slices"
	"time"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

const securityPath = "/settings/security"

// mountSecurity adds the page of ways in and devices. What changes a way in needs
// a fresh proof of identity; ending sessions does not, so that a person can shut
// somebody out at once.
func (p Pages) mountSecurity(r web.Router) {
	r.Get(securityPath, p.security)
	r.Post(securityPath+"/sessions", p.sessions)
	f := r.Group(FreshOr(securityPath))
	f.Post(securityPath+"/identities", p.identities)
	f = r.Group(p.anyWay, FreshOr(securityPath))
	f.Post(securityPath+"/password", p.password)
	f.Post(securityPath+"/mail", p.byMailLink)
	f.Post(securityPath+"/codes", p.codes)
	f.Get(securityPath+"/passkeys/new", p.passkeyForm)
	f.Post(securityPath+"/passkeys/options", p.addOptions)
	f.Post(securityPath+"/passkeys", p.addPasskey)
	f.Post(securityPath+"/passkeys/:id", p.changePasskey)
}

// SecurityPage is the page "account/security".
type SecurityPage struct {
	Ways        int  // in; the last one cannot be removed
	Only        bool // one provider alone signs people in
	HasPassword bool
	Passkeys    []PasskeyRow
	CanPasskey  bool // this site can have passkeys
	Mail        MailRow
	CodesLeft   int
	OnlyCodes   bool // they are the only way in
	CodesMade   time.Time
	Sessions    []SessionRow
	Identities  []IdentityRow
	Providers   []Provider // not linked yet
	Errors      map[string]string
}

// Meta describes the page.
func (SecurityPage) Meta() web.Meta { return private("account.tab.security") }

// PasskeyRow is one passkey on the page "account/security".
type PasskeyRow struct {
	ID, Name, Site       string
	Since, Used, Doubted time.Time
	Synced               bool
	Elsewhere            bool // it belongs to an address that the site had before
}

// MailRow is the sign-in by mail on the page "account/security".
type MailRow struct {
	On, Works, Server bool // allowed; allowed and possible; there is a mail server
	Address           string
}

// SessionRow is one session on the page "account/security".
type SessionRow struct {
	ID, Device  string
	Current     bool
	Seen, Since time.Time
}

// IdentityRow is one provider on the page "account/security".
type IdentityRow struct {
	ID, Provider, Label string
	Icon, Image         string // as of Provider
	Since               time.Time
}

func (p Pages) security(c *web.Ctx) error {
	page, err := p.securityPage(c)
	if err != nil {
		return err
	}
	return c.Render("account/security", page)
}

func (p Pages) securityPage(c *web.Ctx) (SecurityPage, error) {
	ctx, me := c.Context(), c.Viewer().Person
	w, err := p.Ways(ctx, p.base.Read(), me)
	if err != nil {
		return SecurityPage{}, err
	}
	page := SecurityPage{
		Ways: w.Count(), HasPassword: w.Password, CanPasskey: p.PasskeysWork(), CodesLeft: w.Codes, OnlyCodes: w.OnlyCodes(), CodesMade: w.CodesMade,
		Mail: MailRow{Works: w.Mail, Server: p.mailer.Configured(), Address: w.address}, Providers: []Provider{},
	}
	_, page.Only = p.OnlyProvider()
	if page.Mail.On, err = byMailOf(ctx, p.base.Read(), me); err != nil {
		return page, err
	}
	if page.Passkeys, err = p.passkeyRows(c); err != nil {
		return page, err
	}
	if page.Sessions, err = p.sessionRows(c); err != nil {
		return page, err
	}
	linked, err := p.Identities(ctx, me)
	for _, i := range linked {
		row := IdentityRow{ID: i.PublicID(), Provider: p.providerName(i.Provider), Label: i.Label, Since: i.CreatedAt}
		row.Icon, row.Image = p.face(i.Provider)
		page.Identities = append(page.Identities, row)
	}
	for _, b := range p.buttons() {
		if !isLinked(linked, b.ID) {
			page.Providers = append(page.Providers, b)
		}
	}
	return page, err
}

func (p Pages) passkeyRows(c *web.Ctx) ([]PasskeyRow, error) {
	list, err := p.Passkeys(c.Context(), c.Viewer().Person)
	rows := make([]PasskeyRow, 0, len(list))
	for _, k := range list {
		rows = append(rows, PasskeyRow{
			ID: k.PublicID, Name: k.Name, Site: k.Site, Since: k.CreatedAt, Used: k.UsedAt, Doubted: k.DoubtedAt,
			Synced: k.Synced(), Elsewhere: k.Site != p.rpID(),
		})
	}
	return rows, err
}

func (p Pages) sessionRows(c *web.Ctx) ([]SessionRow, error) {
	list, err := p.Sessions(c.Context(), c.Viewer().Person)
	rows := make([]SessionRow, 0, len(list))
	for _, s := range list {
		rows = append(rows, SessionRow{
			ID: s.PublicID, Device: s.Device, Current: slices.Equal(s.Hash, c.Viewer().SessionHash), Seen: s.SeenAt, Since: s.CreatedAt,
		})
	}
	return rows, err
}

// providerName is the name of a provider, or the id of one that is not
// configured any more.
func (a *Accounts) providerName(id string) string {
	if o, err := a.providers.Get(id); err == nil {
		return o.Name
	}
	return id
}

// secured goes back to the page of ways in, which says what was done, or what is
// wrong with a field.
func (p Pages) secured(c *web.Ctx, err error, done string) error {
	if err != nil {
		fields, ok := fieldsOf(err)
		if e, isFault := fault.As(err); !ok && isFault && e.Kind == fault.Conflict {
			fields, ok = FieldErrors{"form": e.Key}, true
		}
		page, errPage := p.securityPage(c)
		if !ok || errPage != nil {
			return errors.Join(err, errPage)
		}
		page.Errors = fields
		return c.RenderStatus(fault.Status(err), "account/security", page)
	}
	c.Flash(web.Done, done)
	return c.Redirect(securityPath)
}

func (p Pages) password(c *web.Ctx) error {
	var in struct {
		Password string `form:"password"`
		Remove   bool   `form:"remove"`
	}
	if err := c.Bind(&in); err != nil {
		return err
	}
	v, device := c.Viewer(), deviceOf(c.UserAgent())
	if in.Remove {
		err := p.RemovePassword(c.Context(), v.Person, v.SessionHash, device)
		return p.secured(c, err, "account.flash.password_removed")
	}
	token, err := p.ChangePassword(c.Context(), v.Person, in.Password, device)
	if err == nil {
		c.SetSession(token, sessionAge)
	}
	return p.secured(c, err, "account.flash.password_changed")
}

func (p Pages) byMailLink(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	v, on := c.Viewer(), form.Get("on") == "1"
	err = p.SetByMail(c.Context(), v.Person, on, v.SessionHash, deviceOf(c.UserAgent()))
	return p.secured(c, err, "account.flash.saved")
}

// CodesPage is the page "account/codes". It is answered once, to the request that
// made the codes.
type CodesPage struct {
	Handle string
	Codes  []string
	Text   string // the same, one a line, to copy
}

// Meta describes the page.
func (CodesPage) Meta() web.Meta { return private("account.codes.title") }

func (p Pages) codes(c *web.Ctx) error {
	codes, err := p.MakeCodes(c.Context(), c.Viewer().Person, deviceOf(c.UserAgent()))
	if err != nil {
		return err
	}
	page := CodesPage{Handle: c.Viewer().Handle, Codes: codes}
	for _, code := range codes {
		page.Text += code + "\n"
	}
	return c.Render("account/codes", page)
}

func (p Pages) sessions(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	v := c.Viewer()
	switch {
	case form.Get("all") != "" && form.Get("apps") != "":
		err = p.RevokeAll(c.Context(), v.Person, v.SessionHash)
	case form.Get("all") != "":
		err = p.RevokeOthers(c.Context(), v.Person, v.SessionHash)
	default:
		err = p.Revoke(c.Context(), v.Person, form.Get("id"))
	}
	return p.secured(c, err, "account.flash.revoked")
}

func (p Pages) identities(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	v := c.Viewer()
	if form.Get("id") == "" {
		return fault.New(fault.Malformed, "web.form")
	}
	return p.secured(c, p.Unlink(c.Context(), v.Person, form.Get("id"), v.SessionHash), "account.flash.unlinked")
}
