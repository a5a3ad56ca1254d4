package badge

import (
	"net/url"
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/text"
	"github.com/osier-passport/osier/core/web"
)

// IssuerPage is the page "badge/issuer".
type IssuerPage struct {
	ID, Name, Description, WireID, WebsiteURL, Domain, Image string

	Since   time.Time
	Facts   []Fact
	Classes []ClassView
	Recent  []Card
	Older   string

	CanEdit  bool // for administrators: the number at LinkedIn
	LinkedIn string
}

// Meta gives what search engines and link previews read.
func (p IssuerPage) Meta() web.Meta {
	return web.Meta{Title: p.Name, Description: text.Plain(p.Description, 155), Canonical: "/i/" + p.ID}
}

func (p *Pages) issuer(c *web.Ctx) error {
	viewer := c.Viewer().Person
	i, classes, err := p.badges.IssuerByID(c.Context(), viewer, c.Param("id"))
	if err != nil {
		return err
	}
	page := IssuerPage{
		ID: i.PublicID, Name: i.Name, Description: i.Description, WireID: i.WireID, WebsiteURL: safeURL(i.URL),
		Domain: domainOf(i.WireID), Since: i.FirstSeen, CanEdit: c.Viewer().Admin(),
	}
	if page.CanEdit {
		page.LinkedIn = i.LinkedIn
	}
	if page.Facts, err = p.badges.IssuerFacts(c.Context(), i); err != nil {
		return err
	}
	for _, class := range classes {
		page.Classes = append(page.Classes, class.View())
	}
	recent, err := listOfIssuer(c.Context(), p.badges.Base.Read(), viewer, i.ID, 12)
	if err != nil {
		return err
	}
	for _, b := range recent {
		page.Recent = append(page.Recent, NewCard(b, viewer, c.Now()).WithEarner(b))
	}
	return c.Render("badge/issuer", page)
}

// setLinkedIn keeps the organisation number that "Add to profile" uses for an
// issuer in place of its name.
func (p *Pages) setLinkedIn(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	if err := p.badges.SetLinkedIn(c.Context(), c.Param("id"), form.Get("linkedin")); err != nil {
		return err
	}
	c.Flash(web.Done, "badge.flash.linkedin")
	return c.Redirect("/i/" + c.Param("id"))
}

// Cursor reads the cursor of a keyset page; what is none is the first page.
func Cursor(s string) int64 {
	n, err := strconv.ParseInt(s, 36, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// PathWith makes a local path with a query of the pairs whose value is not empty.
func PathWith(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}
