package account

import (
	"slices"
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/web"
)

func (p Pages) profileForm(c *web.Ctx) error {
	person, err := p.PersonByID(c.Context(), p.base.Read(), c.Viewer().Person)
	if err != nil {
		return err
	}
	return c.Render("account/profile", SettingsPage{
		Name: person.Name, Handle: person.Handle, About: person.About, Host: p.host(),
		Picture:  pictureURL(person.Handle, person.Picture),
		Language: person.Language, Scheme: person.Scheme, Contrast: person.Contrast, Visibility: person.Visibility,
		Languages: p.catalogue.Languages(),
	})
}

func (p Pages) profile(c *web.Ctx) error {
	var in struct {
		Picture    web.File `form:"picture"`
		NoPicture  bool     `form:"remove_picture"`
		Name       string   `form:"name"`
		Handle     string   `form:"handle"`
		About      string   `form:"about"`
		Language   string   `form:"language"`
		Scheme     string   `form:"scheme"`
		Contrast   string   `form:"contrast"`
		Visibility string   `form:"default_visibility"`
	}
	if err := c.Bind(&in); err != nil {
		return err
	}
	v := c.Viewer()
	if len(in.Picture.Data) > 0 {
		if err := c.Limit("picture", strconv.FormatInt(v.Person, 10), 60, 30*time.Minute); err != nil {
			return err
		}
	}
	person, err := p.ChangeProfile(c.Context(), v.Person, Profile{
		Name: in.Name, Handle: in.Handle, About: in.About, Language: in.Language,
		Scheme: in.Scheme, Contrast: in.Contrast, Visibility: in.Visibility,
	})
	if err == nil && (in.NoPicture || len(in.Picture.Data) > 0) {
		err = p.SetPicture(c.Context(), v.Person, in.Picture.Data)
	}
	if err != nil {
		return again(c, err, "account/profile", func(e map[string]string) any {
			return SettingsPage{
				Name: in.Name, Handle: in.Handle, About: in.About, Picture: v.Picture, Host: p.host(),
				Language: in.Language, Scheme: in.Scheme, Contrast: in.Contrast, Visibility: in.Visibility, Languages: p.catalogue.Languages(), Errors: e,
			}
		})
	}
	c.SetLook(person.Scheme, person.Contrast)
	c.Flash(web.Done, "account.flash.saved")
	return c.Redirect("/settings")
}

// picture answers a person's picture. Its address changes with it.
func (p Pages) picture(c *web.Ctx) error {
	data, mime, err := p.Picture(c.Context(), c.Param("handle"))
	if err != nil {
		return err
	}
	return c.Bytes(mime, data, web.ByteOptions{CacheControl: web.Revalidate, CSP: web.FilePolicy})
}

func (p Pages) security(c *web.Ctx) error {
	page, err := p.securityPage(c)
	if err != nil {
		return err
	}
	return c.Render("account/security", page)
}

func (p Pages) securityPage(c *web.Ctx) (SecurityPage, error) {
	ctx, v := c.Context(), c.Viewer()
	page := SecurityPage{Sessions: []SessionRow{}, Identities: []IdentityRow{}, Providers: []Provider{}}
	var err error
	if page.HasPassword, err = p.HasPassword(ctx, v.Person); err != nil {
		return page, err
	}
	sessions, err := p.Sessions(ctx, v.Person)
	if err != nil {
		return page, err
	}
	for _, s := range sessions {
		page.Sessions = append(page.Sessions, SessionRow{
			ID: s.PublicID, Device: s.Device, Current: slices.Equal(s.Hash, v.SessionHash), Seen: s.SeenAt, Since: s.CreatedAt,
		})
	}
	linked, err := p.Identities(ctx, v.Person)
	if err != nil {
		return page, err
	}
	for _, i := range linked {
		page.Identities = append(page.Identities, IdentityRow{
			ID: i.PublicID(), Provider: p.providerName(i.Provider), Label: i.Label, Since: i.CreatedAt,
			CanUnlink: page.HasPassword || len(linked) > 1,
		})
	}
	for _, b := range p.buttons() {
		if !isLinked(linked, b.ID) {
			page.Providers = append(page.Providers, b)
		}
	}
	return page, nil
}

// providerName is the name of a provider, or the id of one that is not
// configured any more.
func (p Pages) providerName(id string) string {
	if o, err := p.providers.Get(id); err == nil {
		return o.Name
	}
	return id
}

func (p Pages) password(c *web.Ctx) error {
	var in struct {
		Current  string `form:"current"`
		Password string `form:"password"`
	}
	if err := c.Bind(&in); err != nil {
		return err
	}
	if err := limitProofs(c); err != nil {
		return err
	}
	v := c.Viewer()
	has, err := p.HasPassword(c.Context(), v.Person)
	if err != nil {
		return err
	}
	if !has && !isFresh(c) {
		c.Flash(web.Notice, "account.flash.fresh")
		return c.Redirect("/login/fresh?next=/settings/security")
	}
	token, err := p.ChangePassword(c.Context(), v.Person, in.Current, in.Password, deviceOf(c.UserAgent()))
	if err != nil {
		page, errPage := p.securityPage(c)
		if errPage != nil {
			return errPage
		}
		return again(c, err, "account/security", func(e map[string]string) any { page.Errors = e; return page })
	}
	c.SetSession(token, sessionAge)
	c.Flash(web.Done, "account.flash.password_changed")
	return c.Redirect("/settings/security")
}

func (p Pages) sessions(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	v := c.Viewer()
	if form.Get("all") != "" {
		err = p.RevokeOthers(c.Context(), v.Person, v.SessionHash)
	} else {
		err = p.Revoke(c.Context(), v.Person, form.Get("id"))
	}
	if err != nil {
		return err
	}
	c.Flash(web.Done, "account.flash.revoked")
	return c.Redirect("/settings/security")
}

func (p Pages) identities(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	v := c.Viewer()
	if err := p.Unlink(c.Context(), v.Person, form.Get("id"), v.SessionHash); err != nil {
		return err
	}
	c.Flash(web.Done, "account.flash.unlinked")
	return c.Redirect("/settings/security")
}
