package account

import (
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

// PrivacyPage is the page "account/privacy".
type PrivacyPage struct {
	Handle                                  string
	Profile, FollowRule, Comment, DefaultTo string
	Findable, UnderAge                      bool
	Hidden                                  time.Time // since when everything is hidden; zero: it is not
	Errors                                  map[string]string
}

// Meta describes the page.
func (PrivacyPage) Meta() web.Meta { return private("privacy.title") }

func privacyPage(v web.Viewer, in Privacy) PrivacyPage {
	if in.UnderAge { // what holds, whatever was chosen
		in.Findable = false
		in.Profile, in.Visibility = atMostMembers(in.Profile), atMostMembers(in.Visibility)
	}
	return PrivacyPage{
		Handle: v.Handle, Profile: in.Profile, FollowRule: in.Follow, Comment: in.Comment, DefaultTo: in.Visibility,
		Findable: in.Findable, UnderAge: in.UnderAge, Hidden: in.HiddenAt,
	}
}

// atMostMembers is an audience without those who are not signed in.
func atMostMembers(audience string) string {
	if audience == "public" {
		return "members"
	}
	return audience
}

func (p Pages) privacyForm(c *web.Ctx) error {
	in, err := p.PrivacyOf(c.Context(), p.base.Read(), c.Viewer().Person)
	if err != nil {
		return err
	}
	return c.Render("account/privacy", privacyPage(c.Viewer(), in))
}

func (p Pages) privacy(c *web.Ctx) error {
	var in struct {
		Profile    string `form:"profile"`
		Findable   string `form:"findable"`
		Follow     string `form:"follow"`
		Comment    string `form:"comment"`
		Visibility string `form:"default_visibility"`
	}
	if err := c.Bind(&in); err != nil {
		return err
	}
	wanted := Privacy{Profile: in.Profile, Findable: in.Findable == "1", Follow: in.Follow, Comment: in.Comment, Visibility: in.Visibility}
	if err := p.SetPrivacy(c.Context(), c.Viewer().Person, wanted); err != nil {
		return again(c, err, "account/privacy", func(e map[string]string) any {
			page := privacyPage(c.Viewer(), wanted)
			page.Errors = e
			return page
		})
	}
	c.Flash(web.Done, "account.flash.saved")
	return c.Redirect("/settings/privacy")
}

// HiddenPage is the page "account/hidden": what hiding everything does, or what is
// shown again when it ends.
type HiddenPage struct{ Since time.Time } // zero: nothing is hidden yet

// Meta describes the page.
func (HiddenPage) Meta() web.Meta { return private("privacy.hidden.title") }

func (p Pages) hiddenForm(c *web.Ctx) error {
	in, err := p.PrivacyOf(c.Context(), p.base.Read(), c.Viewer().Person)
	if err != nil {
		return err
	}
	return c.Render("account/hidden", HiddenPage{Since: in.HiddenAt})
}

// hidden hides everything at once; showing it again asks first, on the page.
func (p Pages) hidden(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	ctx, person := c.Context(), c.Viewer().Person
	done := ""
	switch form.Get("action") {
	case "hide":
		done, err = "privacy.flash.hidden", p.Hide(ctx, person)
	case "show":
		done, err = "privacy.flash.shown", p.Unhide(ctx, person)
	default:
		err = fault.New(fault.Malformed, "web.form")
	}
	if err != nil {
		return err
	}
	c.Flash(web.Done, done)
	return c.Redirect("/settings/privacy")
}

// block keeps somebody out. Who is not there for the viewer cannot be blocked.
func (p Pages) block(c *web.Ctx) error {
	v := c.Viewer()
	if err := c.Limit("block", strconv.FormatInt(v.Person, 10), 100, time.Hour); err != nil {
		return err
	}
	who, err := p.PersonByHandle(c.Context(), p.base.Read(), c.Param("handle"))
	if err != nil {
		return err
	}
	if err := p.Block(c.Context(), v.Person, who.ID); err != nil {
		return err
	}
	c.Flash(web.Done, "privacy.flash.blocked", "name", who.Name)
	return c.Redirect("/settings/followers")
}

func (p Pages) unblock(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	who, err := p.PersonByHandle(c.Context(), p.base.Read(), form.Get("handle"))
	if err != nil {
		return notFound(db.ErrNotFound)
	}
	if err := p.Unblock(c.Context(), c.Viewer().Person, who.ID); err != nil {
		return err
	}
	c.Flash(web.Done, "privacy.flash.unblocked", "name", who.Name)
	return c.Redirect("/settings/followers")
}
