package account

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/web"
)

const (
	inviteCookie = "invited" // brings the link of a new invitation to the page that shows it once
	inviteShown  = time.Minute
	daysAhead    = 14 // that a new invitation works, unless its maker says otherwise
)

func (p Pages) mountJoining(r web.Router) {
	in := r.Group(web.SignedIn)
	in.Get("/settings/invitations", p.invitations)
	in.Post("/settings/invitations", p.invite)
	in.Post("/settings/invitations/end", p.endInvitation)
	in.Post("/settings/invitations/renew", p.renewInvitation)
	admin := r.Group(web.Admin)
	admin.Get("/admin/joining", p.joining)
	admin.Post("/admin/joining", p.saveJoining)
	admin.Post("/admin/joining/invitations", p.inviteAsAdmin)
	admin.Post("/admin/joining/invitations/end", p.endAnyInvitation)
}

// InvitationRow is one invitation on a page.
type InvitationRow struct {
	ID, Note, Maker string
	Uses, Max       int
	State           string // live, used, ended
	Ends, Made      time.Time
	Joined          []string // handles
}

// InvitationForm is what a new invitation is made of, with its limits.
type InvitationForm struct {
	Action, Note     string
	Uses, Days       int
	UsesMax, DaysMax int
}

// InvitationsPage is the page "account/invitations": a member's own.
type InvitationsPage struct {
	Invitations []InvitationRow
	Form        InvitationForm
	Link        string // of the invitation made just now, shown once
	Errors      map[string]string
}

// Meta describes the page.
func (InvitationsPage) Meta() web.Meta { return private("account.invitations.title") }

// JoiningPage is the page "account/joining" of administrators: who may join, and
// everybody's invitations.
type JoiningPage struct {
	InvitationsPage

	Joining       string // open, listed, invited, closed
	Allow         string // the allow-list, an entry a line
	MembersInvite bool
	Configured    []string // entries that the configuration adds
	Only          string   // the provider that alone signs people in, or ""
}

// Meta describes the page.
func (JoiningPage) Meta() web.Meta { return private("account.joining.title") }

func (p Pages) invitations(c *web.Ctx) error {
	person, err := p.PersonByID(c.Context(), p.base.Read(), c.Viewer().Person)
	if err != nil {
		return err
	}
	if person.Admin() {
		return c.Redirect("/admin/joining")
	}
	if err := p.mayInvite(c.Context(), p.base.Read(), person); err != nil {
		return err
	}
	page, err := p.invitationsPage(c, person.ID)
	if err != nil {
		return err
	}
	return c.Render("account/invitations", page)
}

// invitationsPage lists the invitations of a maker, with 0 of all.
func (p Pages) invitationsPage(c *web.Ctx, maker int64) (InvitationsPage, error) {
	page := InvitationsPage{Form: InvitationForm{
		Action: "/settings/invitations", Uses: 1, Days: daysAhead, UsesMax: memberUsesMax, DaysMax: memberDaysMax,
	}}
	if maker == 0 {
		page.Form.Action, page.Form.UsesMax, page.Form.DaysMax = "/admin/joining/invitations", inviteUsesMax, inviteDaysMax
	}
	if token := c.Cookie(inviteCookie); token != "" {
		c.ClearCookie(inviteCookie)
		if _, err := p.Inviter(c.Context(), token); err == nil {
			page.Link = c.URL("/invite/" + token)
		}
	}
	list, err := p.Invitations(c.Context(), maker)
	for _, i := range list {
		page.Invitations = append(page.Invitations, InvitationRow{
			ID: i.PublicID, Note: i.Note, Maker: i.Maker, Uses: i.Uses, Max: i.Max, State: i.State(c.Now()), Ends: i.EndsAt, Made: i.CreatedAt, Joined: i.Joined,
		})
	}
	return page, err
}

func (p Pages) invite(c *web.Ctx) error {
	form, made, err := p.newInvitation(c)
	if fields, ok := fieldsOf(err); ok {
		page, err := p.invitationsPage(c, c.Viewer().Person)
		if err != nil {
			return err
		}
		page.Form.Note, page.Form.Uses, page.Form.Days, page.Errors = form.Note, form.Uses, form.Days, fields
		return c.RenderStatus(http.StatusUnprocessableEntity, "account/invitations", page)
	}
	if err != nil {
		return err
	}
	c.SetCookie(inviteCookie, made, inviteShown)
	return c.Redirect("/settings/invitations")
}

func (p Pages) inviteAsAdmin(c *web.Ctx) error {
	form, made, err := p.newInvitation(c)
	if fields, ok := fieldsOf(err); ok {
		page, err := p.joiningPage(c)
		if err != nil {
			return err
		}
		page.Form.Note, page.Form.Uses, page.Form.Days, page.Errors = form.Note, form.Uses, form.Days, fields
		return c.RenderStatus(http.StatusUnprocessableEntity, "account/joining", page)
	}
	if err != nil {
		return err
	}
	c.SetCookie(inviteCookie, made, inviteShown)
	return c.Redirect("/admin/joining#invitations")
}

// newInvitation reads the form of an invitation and makes it.
func (p Pages) newInvitation(c *web.Ctx) (NewInvitation, string, error) {
	var in struct {
		Note string `form:"note"`
		Uses string `form:"uses"`
		Days string `form:"days"`
	}
	if err := c.Bind(&in); err != nil {
		return NewInvitation{}, "", err
	}
	if err := c.Limit("invite", strconv.FormatInt(c.Viewer().Person, 10), 60, time.Hour); err != nil {
		return NewInvitation{}, "", err
	}
	number := func(s string) int {
		n, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil {
			return 0
		}
		return n
	}
	form := NewInvitation{Note: in.Note, Uses: number(in.Uses), Days: number(in.Days)}
	token, err := p.Invite(c.Context(), c.Viewer().Person, form)
	return form, token, err
}

func (p Pages) endInvitation(c *web.Ctx) error {
	return p.end(c, c.Viewer().Person, "/settings/invitations")
}

// renewInvitation shows a new link of an invitation, once.
func (p Pages) renewInvitation(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	if err := c.Limit("invite", strconv.FormatInt(c.Viewer().Person, 10), 60, time.Hour); err != nil {
		return err
	}
	made, err := p.RenewInvitation(c.Context(), c.Viewer().Person, form.Get("id"))
	if err != nil {
		return err
	}
	c.SetCookie(inviteCookie, made, inviteShown)
	return c.Redirect("/settings/invitations")
}

func (p Pages) endAnyInvitation(c *web.Ctx) error { return p.end(c, 0, "/admin/joining#invitations") }

func (p Pages) end(c *web.Ctx, maker int64, back string) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	if err := p.EndInvitation(c.Context(), maker, form.Get("id")); err != nil {
		return err
	}
	c.Flash(web.Done, "account.flash.invitation_ended")
	return c.Redirect(back)
}

func (p Pages) joining(c *web.Ctx) error {
	page, err := p.joiningPage(c)
	if err != nil {
		return err
	}
	return c.Render("account/joining", page)
}

func (p Pages) joiningPage(c *web.Ctx) (JoiningPage, error) {
	site, err := p.settingsIn(c.Context(), p.base.Read())
	if err != nil {
		return JoiningPage{}, err
	}
	page := JoiningPage{
		Joining: site.Joining, Allow: strings.Join(site.AllowList, "\n"), MembersInvite: site.MembersInvite, Configured: p.config.SignUp.Allow,
	}
	if only, ok := p.OnlyProvider(); ok {
		page.Only = only.Name
	}
	page.InvitationsPage, err = p.invitationsPage(c, 0)
	return page, err
}

func (p Pages) saveJoining(c *web.Ctx) error {
	var in struct {
		Joining string `form:"joining"`
		Allow   string `form:"allow"`
		Members bool   `form:"members"`
	}
	if err := c.Bind(&in); err != nil {
		return err
	}
	site, err := p.settingsIn(c.Context(), p.base.Read())
	if err != nil {
		return err
	}
	site.Joining, site.MembersInvite = in.Joining, in.Members
	list, err := parseAllowList(in.Allow)
	if err == nil {
		site.AllowList = list
		err = p.Change(c.Context(), site)
	}
	if wrong, ok := errors.AsType[FieldErrors](err); ok {
		page, err := p.joiningPage(c)
		if err != nil {
			return err
		}
		page.Joining, page.Allow, page.MembersInvite, page.Errors = in.Joining, in.Allow, in.Members, wrong
		return c.RenderStatus(http.StatusUnprocessableEntity, "account/joining", page)
	}
	if err != nil {
		return err
	}
	c.Flash(web.Done, "admin.flash.saved")
	return c.Redirect("/admin/joining")
}
