package page

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/osier-passport/osier/core/art"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/text"
	"github.com/osier-passport/osier/core/web"
)

// ShowPage is the page "page/show".
type ShowPage struct {
	Title, Style, URL, EditURL, SharingURL, ShareURL string
	Frame, Space                                     string // "" for the usual

	Own        bool
	Owner      badge.Person
	Blocks     []BlockView
	Concealed  int // badges on it that its readers do not see, for its owner
	Visibility string
	ChangedAt  time.Time
	Until      time.Time
	Ended      bool
	ShortURL   string // absolute
	QR         string
	meta       web.Meta
}

// Meta gives what search engines and link previews read.
func (p ShowPage) Meta() web.Meta { return p.meta }

// locked is the error of a page that has yet to be opened with its password.
type locked struct{ page Page }

// Error implements the error interface.
func (locked) Error() string { return "the page asks for its password" }

// open gives the page of the request, if the viewer may see it and has its password.
func (s screens) open(c *web.Ctx) (Page, error) {
	viewer := c.Viewer().Person
	p, err := s.Get(c.Context(), viewer, c.Param("id"), c.Query("key"))
	if err != nil {
		return p, err
	}
	if p.HasPassword && p.Person != viewer && !s.passes(p, c.Cookie(passCookie(p))) {
		return Page{}, locked{p}
	}
	p.Blocks, err = listBlocks(c.Context(), s.Base.Read(), p.ID)
	return p, err
}

func passCookie(p Page) string { return "page-" + p.PublicID }

// passFor is how long a browser keeps a page open.
const passFor = 12 * time.Hour

func (s screens) show(c *web.Ctx) error {
	p, err := s.open(c)
	if shut, ok := errors.AsType[locked](err); ok {
		return s.askPassword(c, shut.page, "")
	}
	if err != nil {
		return err
	}
	page, err := s.showPage(c, p)
	if err != nil {
		return err
	}
	s.noteHit(c, p)
	return c.Render("page/show", page)
}

func (s screens) showPage(c *web.Ctx, p Page) (ShowPage, error) {
	ctx, viewer := c.Context(), c.Viewer().Person
	own := p.Person == viewer
	page := ShowPage{
		Title: p.Title, Style: p.Style, Frame: p.Frame, Space: p.Space, URL: "/p/" + p.PublicID, Own: own, Owner: badge.PersonView(p.Owner.Handle, p.Owner.Name, p.Owner.Picture),
		Visibility: string(p.Visibility), ChangedAt: p.ChangedAt, Until: p.Until, ShortURL: c.URL(p.URL()),
	}
	page.Ended = !p.Until.IsZero() && !c.Now().Before(p.Until)
	page.QR = page.URL + "/qr.svg"
	if p.Secret != "" {
		page.QR += "?key=" + url.QueryEscape(p.Secret)
	}
	var err error
	if own {
		page.EditURL, page.SharingURL, page.ShareURL = "/pages/"+p.PublicID+"/edit", "/pages/"+p.PublicID+"/sharing", page.URL+"/share"
		hidden, err := s.Concealed(ctx, p, p.Visibility)
		if err != nil {
			return page, err
		}
		page.Concealed = len(hidden)
	}
	page.Blocks, err = s.look(c, viewer, p, c.Query("key")).views(ctx)
	page.meta = metaOf(c, p, page)
	if page.meta.Image != "" {
		page.meta.Image = s.CardPath(p)
	}
	return page, err
}

// metaOf is the head of a page. Only pages for everybody are described to search
// engines.
func metaOf(c *web.Ctx, p Page, page ShowPage) web.Meta {
	open := p.Open(c.Now())
	m := web.Meta{Title: p.Title + " · " + p.Owner.Name, NoIndex: !open, Type: "article"}
	if !open {
		return m
	}
	m.Canonical, m.Image, m.ImageAlt = page.URL, page.URL+"/card.png", p.Title
	m.OEmbed = c.URL("/oembed?" + url.Values{"url": {c.URL(page.URL)}}.Encode())
	for _, b := range page.Blocks {
		if b.Kind == string(Text) && m.Description == "" {
			m.Description = text.Plain(b.Text, 155)
		}
	}
	if m.Description == "" { // link previews want one
		m.Description = c.T("page.described", "name", p.Owner.Name)
	}
	m.JSONLD = map[string]any{
		"@context": "https://schema.org", "@type": "CollectionPage", "name": p.Title, "url": c.URL(page.URL),
		"dateModified": p.ChangedAt.Format(time.RFC3339), "author": map[string]any{"@type": "Person", "name": p.Owner.Name, "url": c.URL("/@" + p.Owner.Handle)},
	}
	return m
}

// PasswordPage is the page "page/password".
type PasswordPage struct {
	Post   string
	Errors map[string]string
}

// Meta titles the page. It says nothing of what is behind the password.
func (PasswordPage) Meta() web.Meta { return web.Meta{Title: "page.password.title", NoIndex: true} }

func (s screens) askPassword(c *web.Ctx, p Page, wrong string) error {
	page := PasswordPage{Post: "/p/" + p.PublicID + "/password" + keyQuery(c), Errors: map[string]string{}}
	status := http.StatusUnauthorized
	if wrong != "" {
		page.Errors["password"], status = wrong, http.StatusUnprocessableEntity
	}
	return c.RenderStatus(status, "page/password", page)
}

// keyQuery hands the secret of a link on.
func keyQuery(c *web.Ctx) string {
	if key := c.Query("key"); key != "" {
		return "?key=" + url.QueryEscape(key)
	}
	return ""
}

// enter opens a page with its password. Tries are few: for each network, and for
// the page whoever tries.
func (s screens) enter(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	p, err := s.Get(c.Context(), c.Viewer().Person, c.Param("id"), c.Query("key"))
	if err != nil {
		return err
	}
	if err := c.Limit("page-pass", p.PublicID+" "+c.Network(), 10, 15*time.Minute); err != nil {
		return err
	}
	if err := c.Limit("page-pass-all", p.PublicID, 200, time.Hour); err != nil {
		return err
	}
	if !p.HasPassword {
		return c.Redirect("/p/" + p.PublicID + keyQuery(c))
	}
	ok, err := s.Opens(c.Context(), p, form.Get("password"))
	if err != nil {
		return err
	}
	if !ok {
		return s.askPassword(c, p, "page.error.wrong_password")
	}
	c.SetCookie(passCookie(p), s.pass(p), passFor)
	return c.Redirect("/p/" + p.PublicID + keyQuery(c))
}

// file gives the picture or file of a block to who may see the page.
func (s screens) file(c *web.Ctx) error {
	p, err := s.open(c)
	if _, shut := errors.AsType[locked](err); shut {
		return errNotFound()
	}
	if err != nil {
		return err
	}
	b, err := p.block(c.Param("block"))
	if err != nil || b.File.ID == 0 {
		return errNotFound()
	}
	f, err := s.Files.ByID(c.Context(), s.Base.Read(), b.File.ID)
	if err != nil {
		return err
	}
	if f.Person != p.Person {
		return errNotFound()
	}
	return s.Files.Send(c, f)
}

// qr draws the address of a page, for its print.
func (s screens) qr(c *web.Ctx) error {
	p, err := s.open(c)
	if _, shut := errors.AsType[locked](err); shut {
		return errNotFound()
	}
	if err != nil {
		return err
	}
	drawing, err := art.QR(c.URL(p.URL()))
	if err != nil {
		return err
	}
	return c.Bytes("image/svg+xml", drawing, web.ByteOptions{CSP: web.FilePolicy})
}
