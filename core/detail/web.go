package detail

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/file"
	"github.com/osier-passport/osier/core/web"
)

// Mount makes the routes of what holders add to badges.
func (s *Details) Mount(r web.Router) {
	p := pages{s}
	in := r.Group(web.SignedIn)
	in.Get("/badges/statistics", p.statistics)
	in.Get("/b/:id/details", p.form)
	in.Post("/b/:id/details", p.save)
	in.Post("/b/:id/evidence", p.add)
	r.Get("/b/:id/evidence/:evidence/file", p.evidenceFile)
	in.Post("/b/:id/evidence/:evidence", p.change)
}

type pages struct{ *Details }

const otherHolders = 8

// Detailed is the part of a badge's page that shows what its holder adds, and
// counts the look at it.
func (s *Details) Detailed(c *web.Ctx, b badge.Badge) (badge.Detailed, error) {
	ctx, viewer := c.Context(), c.Viewer().Person
	own := viewer == b.Person
	s.look(c, b)
	detail, err := s.Of(ctx, b.ID)
	if err != nil {
		return badge.Detailed{}, err
	}
	var out badge.Detailed
	if own || detail.PlaceShown {
		out.Place = detail.Place
	}
	if out.Evidence, err = s.evidenceViews(c, b); err != nil {
		return out, err
	}
	if out.Twins, err = s.twins(c, b); err != nil {
		return out, err
	}
	if out.Holders, err = s.holders(c, b); err != nil || !own {
		return out, err
	}
	out.EditURL, out.Note, out.Rating = "/b/"+b.PublicID+"/details", detail.Note, detail.Rating
	out.Stars = c.Catalogue().Decimal(c.Lang(), float64(detail.Rating)/2)
	views, err := s.ViewsOf(ctx, b.ID)
	out.Members, out.Visitors = views.Members, views.Visitors
	out.Weeks, out.Most = weekViews(views)
	return out, err
}

// evidenceViews is the evidence of a badge as the viewer may see it: pages that they
// may not open are left out, and the holder learns which nobody else opens.
func (s *Details) evidenceViews(c *web.Ctx, b badge.Badge) ([]badge.OwnEvidence, error) {
	ctx, viewer := c.Context(), c.Viewer().Person
	list, err := listEvidence(ctx, s.Base.Read(), b.ID, viewer == b.Person)
	if err != nil {
		return nil, err
	}
	var closed map[string]bool
	if viewer == b.Person && slices.ContainsFunc(list, func(e Evidence) bool { return e.Kind == Page }) {
		if closed, err = s.closed(ctx, viewer); err != nil {
			return nil, err
		}
	}
	var out []badge.OwnEvidence
	for _, e := range list {
		ok, err := s.opens(ctx, viewer, e)
		if err != nil {
			return nil, err
		}
		if !ok && viewer != b.Person {
			continue
		}
		v := view(e)
		if e.Kind == File {
			v.URL = fileURL(b, e, c.Query("key"))
		}
		if id, _ := pageOf(e.URL); e.Kind == Page {
			v.Closed = closed[id] || !ok
		}
		out = append(out, v)
	}
	return out, nil
}

// ClassRating gives the average of a badge class for its page.
func (s *Details) ClassRating(c *web.Ctx, class int64) (average float64, count int, err error) {
	r, err := s.RatingOf(c.Context(), class)
	return r.Average, r.Count, err
}

// look counts a look at a badge by somebody else.
func (s *Details) look(c *web.Ctx, b badge.Badge) {
	if c.Method() != http.MethodGet || c.Viewer().IsPreview() || c.Viewer().Person == b.Person {
		return
	}
	kind := visitor
	if c.Viewer().SignedIn() {
		kind = member
	}
	id := b.ID
	c.Again(func(c *web.Ctx) {
		if !isRobot(c.UserAgent()) {
			s.note(id, kind)
		}
	})
}

func view(e Evidence) badge.OwnEvidence {
	v := badge.OwnEvidence{ID: e.PublicID, Kind: string(e.Kind), Title: e.Title, URL: e.URL, Text: e.Body, Shown: e.Shown, At: e.CreatedAt}
	if e.Kind == File {
		v.URL = "/files/" + e.FileID + "/download"
		if v.Title == "" {
			v.Title = e.FileName
		}
	}
	if v.Title == "" && e.Kind == Link {
		v.Title = strings.TrimPrefix(strings.TrimPrefix(e.URL, "https://"), "http://")
	}
	return v
}

// twins are other badges of the class that the same person holds.
func (s *Details) twins(c *web.Ctx, b badge.Badge) ([]badge.Twin, error) {
	if c.Viewer().Person != b.Person && b.Naming() != badge.NameLinked {
		return nil, nil
	}
	list, err := listTwins(c.Context(), s.Base.Read(), c.Viewer().Person, b)
	out := make([]badge.Twin, 0, len(list))
	for _, t := range list {
		issued := db.Time(t.issued)
		out = append(out, badge.Twin{URL: "/b/" + t.publicID, IssuedAt: issued, ExpiresAt: db.Time(t.expires), Newer: issued.After(b.IssuedAt)})
	}
	return out, err
}

// holders are other people who show that they hold the badge.
func (s *Details) holders(c *web.Ctx, b badge.Badge) ([]badge.Person, error) {
	list, err := s.Badges.Holders(c.Context(), c.Viewer().Person, b.Class.ID, badge.Range{Limit: otherHolders + 1})
	var out []badge.Person
	seen := map[int64]bool{b.Person: true}
	for _, o := range list {
		if !seen[o.Person] && o.LinkName && len(out) < otherHolders {
			seen[o.Person] = true
			out = append(out, o.EarnerView())
		}
	}
	return out, err
}

// EditPage is the page "detail/edit".
type EditPage struct {
	Badge, URL string
	Note       string
	Ratings    []RatingChoice
	Place      string
	PlaceShown bool
	Evidence   []badge.OwnEvidence
	Files      []FileChoice
	Pages      []FileChoice
	Title      string
	Address    string
	Text       string
	File       string
	Page       string
	Errors     map[string]string
}

// RatingChoice is one number of stars to choose.
type RatingChoice struct {
	Half   int // half stars
	Stars  string
	Chosen bool
}

// FileChoice is a file or a page to choose.
type FileChoice struct{ ID, Name string }

// Meta titles the page.
func (EditPage) Meta() web.Meta { return web.Meta{Title: "detail.title", NoIndex: true} }

const filesOffered = 100

func (p pages) page(c *web.Ctx) (EditPage, error) {
	ctx, me := c.Context(), c.Viewer().Person
	b, err := p.Badges.Mine(ctx, me, c.Param("id"))
	if err != nil {
		return EditPage{}, err
	}
	d, err := p.Of(ctx, b.ID)
	if err != nil {
		return EditPage{}, err
	}
	page := EditPage{Badge: b.Class.Name, URL: "/b/" + b.PublicID, Note: d.Note, Place: d.Place, PlaceShown: d.PlaceShown, Errors: map[string]string{}}
	page.Ratings = ratings(c, d.Rating)
	list, err := listEvidence(ctx, p.Base.Read(), b.ID, true)
	if err != nil {
		return page, err
	}
	for _, e := range list {
		page.Evidence = append(page.Evidence, view(e))
	}
	files, err := p.Files.List(ctx, me, file.Query{Limit: filesOffered})
	if err != nil {
		return page, err
	}
	for _, f := range files {
		page.Files = append(page.Files, FileChoice{f.PublicID, f.Name})
	}
	if p.Pages == nil {
		return page, nil
	}
	pages, err := p.Pages.OwnPages(ctx, me)
	for _, o := range pages {
		page.Pages = append(page.Pages, FileChoice{o.PublicID, o.Title})
	}
	return page, err
}

func ratings(c *web.Ctx, half int) []RatingChoice {
	var list []RatingChoice
	for i := range maxRating + 1 {
		list = append(list, RatingChoice{Half: i, Stars: c.Catalogue().Decimal(c.Lang(), float64(i)/2), Chosen: i == half})
	}
	return list
}

func (p pages) form(c *web.Ctx) error {
	page, err := p.page(c)
	if err != nil {
		return err
	}
	return c.Render("detail/edit", page)
}

func (p pages) save(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	rating, err := strconv.Atoi(form.Get("rating"))
	if err != nil {
		rating = 0
	}
	in := Detail{Note: form.Get("note"), Rating: rating, Place: form.Get("place"), PlaceShown: form.Get("place_shown") == "1"}
	err = p.Save(c.Context(), c.Viewer().Person, c.Param("id"), in)
	if wrong, ok := errors.AsType[account.FieldErrors](err); ok {
		page, err := p.page(c)
		if err != nil {
			return err
		}
		page.Note, page.Place, page.PlaceShown, page.Errors = in.Note, in.Place, in.PlaceShown, wrong
		page.Ratings = ratings(c, in.Rating)
		return c.RenderStatus(http.StatusUnprocessableEntity, "detail/edit", page)
	}
	if err != nil {
		return err
	}
	c.Flash(web.Done, "detail.flash.saved")
	return c.Redirect("/b/" + c.Param("id"))
}

func (p pages) add(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	if err := c.Limit("detail.add", strconv.FormatInt(c.Viewer().Person, 10), 120, time.Hour); err != nil {
		return err
	}
	in := Addition{Title: form.Get("title"), URL: strings.TrimSpace(form.Get("url")), Body: form.Get("text"), File: form.Get("file"), Page: form.Get("page")}
	err = p.Add(c.Context(), c.Viewer().Person, c.Param("id"), in)
	if wrong, ok := errors.AsType[account.FieldErrors](err); ok {
		page, err := p.page(c)
		if err != nil {
			return err
		}
		page.Title, page.Address, page.Text, page.File, page.Page, page.Errors = in.Title, in.URL, in.Body, in.File, in.Page, wrong
		return c.RenderStatus(http.StatusUnprocessableEntity, "detail/edit", page)
	}
	if err != nil {
		return err
	}
	c.Flash(web.Done, "detail.flash.added")
	return c.Redirect("/b/" + c.Param("id") + "/details")
}

// change shows, hides or deletes a piece of evidence.
func (p pages) change(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	action := form.Get("action")
	switch action {
	case "show", "hide":
		err = p.Show(c.Context(), c.Viewer().Person, c.Param("evidence"), action == "show")
	case "delete":
		err = p.Delete(c.Context(), c.Viewer().Person, c.Param("evidence"))
	default:
		err = fault.New(fault.Malformed, "web.form")
	}
	if err != nil {
		return err
	}
	c.Flash(web.Done, "detail.flash."+action)
	return c.Redirect("/b/" + c.Param("id") + "/details")
}
