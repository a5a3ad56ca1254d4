package badge

import (
	"net/http"
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/openbadge/verify"
	"github.com/osier-passport/osier/core/web"
)

// pageSize is how many cards a page of badges shows.
const pageSize = 24

// Pages are the pages of badges.
type Pages struct {
	badges *Badges
	class  ClassFollow
	talk   Talk
	beside Beside
}

// Beside are the parts of a badge's page that other features make.
type Beside struct {
	Follow   ClassFollow
	Talk     Talk
	Endorsed Endorsed
	Details  Details
	Cheer    Cheer
}

// Endorsed gives what others vouch for about a badge, as the viewer may see it.
// core/endorse answers.
type Endorsed func(c *web.Ctx, b Badge) (Endorsements, error)

// Endorsements are what others vouch for about a badge.
type Endorsements struct {
	List     []EndorsementView
	AskURL   string // where the holder asks for one, "" for others
	WriteURL string // where the viewer writes one, "" for who may not
	Mine     string // state of what the viewer wrote, "" for nothing
	Waiting  int    // that the holder has not decided about
	Issued   []IssuedEndorsement
}

// EndorsementView is one endorsement as pages show it.
type EndorsementView struct {
	ID, Text      string
	Author        Person // its URL is "" for who has no account here
	Skills        []string
	At, CheckedAt time.Time
	Verdict       string
	CredentialURL string
}

// ClassFollow tells how a viewer stands to a badge class. core/social answers.
type ClassFollow func(c *web.Ctx, class Class) (Follow, error)

// Follow is the state of a follow button.
type Follow struct {
	URL       string
	Following bool
	Asked     bool // the person has not answered yet
	Asks      bool // the person decides who may follow
	Count     int
	CanFollow bool
}

// Talk gives what is said about a badge, as the viewer may see it. core/social answers.
type Talk func(c *web.Ctx, b Badge) (Remarks, error)

// Remarks are what is said about a badge.
type Remarks struct {
	List       []Remark
	Older      string // local address of more, "" for none
	CanComment bool
	Post       string // where a comment goes
}

// Remark is one comment as pages show it.
type Remark struct {
	ID        string
	Author    Person
	Text      string
	At        time.Time
	Own       bool
	DeleteURL string // empty when the viewer may not delete it
}

// Mount makes the routes of badges.
func (s *Badges) Mount(r web.Router, beside Beside) {
	p := &Pages{badges: s, class: beside.Follow, talk: beside.Talk, beside: beside}
	r.Get("/b/:id", web.Kept(p.show))
	r.Get("/b/:id/image", p.image)
	r.Get("/b/:id/card.png", p.card)
	r.Get("/b/:id/qr.svg", p.qr)
	r.Get("/b/:id/download/received", p.downloadReceived)
	r.Get("/b/:id/download/png", p.downloadPNG)
	r.Get("/b/:id/download/svg", p.downloadSVG)
	r.Get("/b/:id/download/credential", p.downloadCredential)
	r.Get("/b/:id/download/pdf", p.downloadPDF)
	r.Get("/b/:id/verify", p.verification)
	r.Get("/b/:id/kept/:hash", p.downloadKept)
	r.Get("/c/:id/image", p.classImage)
	r.Get("/calendar/:token", p.calendarFile)
	r.Get("/i/:id", web.Kept(p.issuer))

	r.Group(web.Admin).Post("/i/:id/linkedin", p.setLinkedIn)

	in := r.Group(web.SignedIn)
	in.Get("/badges", p.list)
	in.Post("/badges/bulk", p.bulk)
	in.Post("/badges/undo", p.undo)
	in.Get("/badges/calendar", p.calendar)
	in.Post("/badges/calendar", p.changeCalendar)
	in.Get("/badges/export", p.export)
	in.Post("/badges/export", p.pack)
	in.Get("/add", p.add)
	in.Post("/add", p.begin)
	in.Get("/add/:id", p.progress)
	in.Post("/add/:id", p.changeBatch)
	in.Get("/add/:id/errors.csv", p.batchErrors)
	in.Post("/add/:id/address", p.confirmWaiting)
	in.Post("/add/:id/keep", p.keepUnclaimed)
	in.Get("/b/:id/record", p.record)
	in.Get("/b/:id/claim", p.showUnclaimed)
	in.Post("/b/:id/address", p.confirmUnclaimed)
	in.Post("/b/:id/visibility", p.setVisibility)
	in.Post("/b/:id/tags", p.changeTags)
	in.Post("/b/:id/renew", p.renew)
	in.Post("/b/:id/collections", p.changePlaces)
	in.Get("/badges/collections", p.collections)
	in.Post("/badges/collections", p.makeCollection)
	in.Get("/badges/collections/:id", p.collection)
	in.Post("/badges/collections/:id", p.changeCollection)
	in.Post("/b/:id/verify", p.reverify)
	in.Get("/b/:id/download/record", p.downloadRecord)
	in.Get("/settings/links", p.links)
	in.Post("/settings/links", p.revokeLinks)
	in.Post("/settings/links/:id", p.changeLink)
	in.Get("/b/:id/remove", p.askRemove)
	in.Post("/b/:id/remove", p.remove)
}

func titleOf(im Import) string {
	switch {
	case im.Title != "":
		return im.Title
	case im.Filename != "":
		return im.Filename
	}
	return im.Source
}

func (p *Pages) setVisibility(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	ctx, me, id := c.Context(), c.Viewer().Person, c.Param("id")
	if v := form.Get("visibility"); v != "" {
		if err := p.badges.SetVisibility(ctx, me, id, Visibility(v)); err != nil {
			return err
		}
		c.Flash(web.Done, "badge.flash.visibility_"+v)
	}
	if form.Has("show_name") {
		if err := p.badges.SetNaming(ctx, me, id, NameShown(form.Get("show_name"))); err != nil {
			return err
		}
		c.Flash(web.Done, "badge.flash.show_name_"+form.Get("show_name"))
	}
	if c.WantsJSON() {
		return c.JSON(http.StatusOK, map[string]string{"visibility": form.Get("visibility")})
	}
	if next := web.Local(form.Get("next")); next != "/" {
		return c.Redirect(next)
	}
	return c.Redirect("/b/" + id)
}

func (p *Pages) reverify(c *web.Ctx) error {
	b, err := p.badges.Mine(c.Context(), c.Viewer().Person, c.Param("id"))
	if err != nil {
		return err
	}
	if err := c.Limit("verify", strconv.FormatInt(c.Viewer().Person, 10), 30, time.Hour); err != nil {
		return err
	}
	r, err := p.badges.Reverify(c.Context(), b)
	if err != nil {
		return err
	}
	kind := web.Done
	if r.Verdict != verify.Valid {
		kind = web.Notice
	}
	c.Flash(kind, "badge.flash.verified", "verdict", c.T("verify.verdict."+string(r.Verdict)))
	return c.Redirect("/b/" + b.PublicID + "/verify")
}

// RemoveBadgePage is the page "badge/remove": one question.
type RemoveBadgePage struct {
	Badge Card
	URL   string
}

// Meta titles the page.
func (RemoveBadgePage) Meta() web.Meta { return web.Meta{Title: "badge.remove.title", NoIndex: true} }

func (p *Pages) askRemove(c *web.Ctx) error {
	b, err := p.badges.Mine(c.Context(), c.Viewer().Person, c.Param("id"))
	if err != nil {
		return err
	}
	return c.Render("badge/remove", RemoveBadgePage{Badge: NewCard(b, b.Person, c.Now()), URL: "/b/" + b.PublicID + "/remove"})
}

func (p *Pages) remove(c *web.Ctx) error {
	if err := p.badges.Remove(c.Context(), c.Viewer().Person, c.Param("id")); err != nil {
		return err
	}
	c.Flash(web.Done, "badge.flash.removed")
	return c.Redirect("/badges")
}
