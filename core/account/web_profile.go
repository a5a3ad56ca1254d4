package account

import (
	"strconv"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

// mountSettings adds the settings but for addresses and sign-in. The list that
// people choose from is the partial "settings-nav".
func (p Pages) mountSettings(r web.Router) {
	r.Get("/settings", p.settingsIndex)
	r.Get("/settings/profile", p.profileForm)
	r.Post("/settings/profile", p.profile)
	r.Get("/settings/handle", p.handleForm)
	r.Post("/settings/handle", p.handle)
	r.Get("/settings/appearance", p.lookForm)
	r.Post("/settings/appearance", p.look)
	r.Get("/settings/privacy", p.privacyForm)
	r.Post("/settings/privacy", p.privacy)
	r.Get("/settings/hidden", p.hiddenForm)
	r.Post("/settings/hidden", p.hidden)
	r.Post("/settings/blocked", p.unblock)
	r.Get("/settings/notifications", p.noticesForm)
	r.Post("/settings/notifications", p.notices)
	r.Get("/settings/details", p.detailsForm)
	r.Post("/settings/details", p.details)
	r.Get("/guardian", p.ageForm)
	r.Post("/guardian", p.age)
	r.Get("/agree", p.agreeForm)
	r.Post("/agree", p.agreed)
	r.Post("/@:handle/block", p.block)
}

// IndexPage is the page "account/index": all settings.
type IndexPage struct{ Name, Handle, Picture string }

// Meta describes the page.
func (IndexPage) Meta() web.Meta { return private("nav.settings") }

func (p Pages) settingsIndex(c *web.Ctx) error {
	v := c.Viewer()
	return c.Render("account/index", IndexPage{Name: v.Name, Handle: v.Handle, Picture: v.Picture})
}

// ProfileForm is the page "account/profile".
type ProfileForm struct {
	Name, About, Place, Organisation, Links, Picture          string
	AboutFor, PictureFor, PlaceFor, OrganisationFor, LinksFor string
	UnderAge                                                  bool
	Errors                                                    map[string]string
}

// Meta describes the page.
func (ProfileForm) Meta() web.Meta { return private("account.profile.title") }

func profileForm(in Profile, handle, picture string, underAge bool) ProfileForm {
	return ProfileForm{
		Name: in.Name, About: in.About, Place: in.Place, Organisation: in.Organisation, Links: strings.Join(in.Links, "\n"),
		Picture: pictureURL(handle, picture), UnderAge: underAge,
		AboutFor: in.AboutFor, PictureFor: in.PictureFor, PlaceFor: in.PlaceFor, OrganisationFor: in.OrganisationFor, LinksFor: in.LinksFor,
	}
}

func (p Pages) profileForm(c *web.Ctx) error {
	ctx, v := c.Context(), c.Viewer()
	in, picture, err := p.ProfileOf(ctx, p.base.Read(), v.Person)
	if err != nil {
		return err
	}
	rules, err := p.PrivacyOf(ctx, p.base.Read(), v.Person)
	if err != nil {
		return err
	}
	return c.Render("account/profile", profileForm(in, v.Handle, picture, rules.UnderAge))
}

func (p Pages) profile(c *web.Ctx) error {
	var in struct {
		Picture         web.File `form:"picture"`
		NoPicture       bool     `form:"remove_picture"`
		Name            string   `form:"name"`
		About           string   `form:"about"`
		Place           string   `form:"place"`
		Organisation    string   `form:"organisation"`
		Links           string   `form:"links"`
		AboutFor        string   `form:"about_for"`
		PictureFor      string   `form:"picture_for"`
		PlaceFor        string   `form:"place_for"`
		OrganisationFor string   `form:"organisation_for"`
		LinksFor        string   `form:"links_for"`
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
	profile := Profile{
		Name: in.Name, About: in.About, Place: in.Place, Organisation: in.Organisation, Links: strings.Split(in.Links, "\n"),
		AboutFor: in.AboutFor, PictureFor: in.PictureFor, PlaceFor: in.PlaceFor, OrganisationFor: in.OrganisationFor, LinksFor: in.LinksFor,
	}
	_, err := p.ChangeProfile(c.Context(), v.Person, profile)
	if err == nil && (in.NoPicture || len(in.Picture.Data) > 0) {
		err = p.SetPicture(c.Context(), v.Person, in.Picture.Data)
	}
	if err != nil {
		return again(c, err, "account/profile", func(e map[string]string) any {
			page := profileForm(profile, v.Handle, "", false)
			page.Picture, page.Errors = v.Picture, e
			return page
		})
	}
	c.Flash(web.Done, "account.flash.saved")
	return c.Redirect("/settings/profile")
}

// picture answers a person's picture. Its address changes with it. One with a handle
// that was left leads on, as that of the profile does.
func (p Pages) picture(c *web.Ctx) error {
	viewer, handle := c.Viewer().Person, c.Param("handle")
	data, mime, err := p.Picture(c.Context(), viewer, handle)
	if fault.Is(err, fault.NotFound) {
		if who, errOpen := p.Opened(c.Context(), viewer, handle); errOpen == nil && HasMoved(who, handle) {
			return c.Moved("/@" + who.Handle + "/picture")
		}
	}
	if err != nil {
		return err
	}
	return c.Bytes(mime, data, web.ByteOptions{CacheControl: web.Revalidate, CSP: web.FilePolicy})
}
