package account

import (
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
