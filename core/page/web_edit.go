package page

import (
	"errors"
	"net/http"
	"strings"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/file"
	"github.com/osier-passport/osier/core/web"
)

// EditPage is the page "page/edit": the editor.
type EditPage struct {
	Page       Row
	Tags       string
	HeadRev    int64
	Styles     []Named
	Frame      string
	Space      string
	Frames     []string
	Spaces     []string
	Blocks     []EditBlock
	Kinds      []string
	Undo, Redo bool
	Bases      Bases
	Concealed  int
	Focus      string // block that was added
	Errors     map[string]string
}

// Bases are what blocks can be made of.
type Bases struct{ TagList, IssuerList, CollectionList, ImageList, FileList []Named }

// Named is a choice by its name.
type Named struct{ ID, Name string }

// Meta titles the page.
func (p EditPage) Meta() web.Meta { return web.Meta{Title: p.Page.Title, NoIndex: true} }

func (s screens) edit(c *web.Ctx) error {
	page, err := s.editPage(c)
	if err != nil {
		return err
	}
	return c.Render("page/edit", page)
}

func (s screens) editPage(c *web.Ctx) (EditPage, error) {
	ctx, me := c.Context(), c.Viewer().Person
	p, err := s.Mine(ctx, me, c.Param("id"))
	if err != nil {
		return EditPage{}, err
	}
	page := EditPage{Page: rowOf(p, c.Now()), Tags: strings.Join(p.Tags, ", "), HeadRev: p.HeadRev, Focus: c.Query("block"), Frame: p.Frame, Space: p.Space, Frames: Frames, Spaces: Spaces}
	for _, k := range Kinds() {
		page.Kinds = append(page.Kinds, string(k))
	}
	if page.Styles, err = s.styles(c); err != nil {
		return page, err
	}
	if page.Undo, page.Redo, err = s.Steps(ctx, p); err != nil {
		return page, err
	}
	hidden, err := s.Concealed(ctx, p, p.Visibility)
	if err != nil {
		return page, err
	}
	page.Concealed = len(hidden)
	if page.Bases, err = s.bases(c, p); err != nil {
		return page, err
	}
	views, err := s.look(c, me, p, "").views(ctx)
	for i, v := range views {
		e := editOf(p, p.Blocks[i], v, page.Bases)
		e.Number, e.First, e.Last, e.Open = i+1, i == 0, i == len(views)-1, e.ID == page.Focus || v.Empty
		page.Blocks = append(page.Blocks, e)
	}
	return page, err
}

func (s screens) styles(c *web.Ctx) ([]Named, error) {
	list, err := s.Theme.PageStyles()
	out := make([]Named, 0, len(list))
	for _, l := range list {
		out = append(out, Named{l.ID, l.Name(c.Lang())})
	}
	return out, err
}

// basesMost is how many files an editor offers, the newest.
const basesMost = 100

// bases reads what the blocks of a page are made of, as far as there are such.
func (s screens) bases(c *web.Ctx, p Page) (Bases, error) {
	ctx, me := c.Context(), c.Viewer().Person
	has := map[Kind]bool{}
	for _, b := range p.Blocks {
		has[b.Kind] = true
	}
	var out Bases
	for _, base := range []struct {
		kind Kind
		to   *[]Named
		read func() ([]Named, error)
	}{
		{Tag, &out.TagList, func() ([]Named, error) {
			return namedAll(s.Badges.Tags(ctx, me))(func(t badge.Tag) Named { return Named{t.Folded, t.Name} })
		}},
		{Issuer, &out.IssuerList, func() ([]Named, error) {
			return namedAll(s.Badges.MyIssuers(ctx, me))(func(i badge.IssuerChoice) Named { return Named{i.PublicID, i.Name} })
		}},
		{Collection, &out.CollectionList, func() ([]Named, error) {
			return namedAll(s.Badges.Collections(ctx, me))(func(o badge.Collection) Named { return Named{o.PublicID, o.Name} })
		}},
		{Image, &out.ImageList, func() ([]Named, error) {
			return namedAll(s.Files.List(ctx, me, file.Query{Images: true, Limit: basesMost}))(nameFile)
		}},
		{File, &out.FileList, func() ([]Named, error) {
			return namedAll(s.Files.List(ctx, me, file.Query{Limit: basesMost}))(nameFile)
		}},
	} {
		if !has[base.kind] {
			continue
		}
		var err error
		if *base.to, err = base.read(); err != nil {
			return out, err
		}
	}
	return out, nil
}

func nameFile(f file.File) Named { return Named{f.PublicID, f.Name} }

// namedAll makes choices of what was read.
func namedAll[T any](list []T, err error) func(func(T) Named) ([]Named, error) {
	return func(name func(T) Named) ([]Named, error) {
		out := make([]Named, 0, len(list))
		for _, one := range list {
			out = append(out, name(one))
		}
		return out, err
	}
}

func (s screens) saveHead(c *web.Ctx) error {
	var in struct {
		Title string `form:"title"`
		Style string `form:"style"`
		Frame string `form:"frame"`
		Space string `form:"space"`
		Tags  string `form:"tags"`
		Rev   int64  `form:"rev"`
		Force bool   `form:"force"`
	}
	if err := c.Bind(&in); err != nil {
		return err
	}
	id := c.Param("id")
	p, err := s.SaveHead(c.Context(), c.Viewer().Person, id, Head{in.Title, in.Style, in.Frame, in.Space, in.Tags, in.Rev}, in.Force)
	clash, ok := errors.AsType[HeadClash](err)
	switch {
	case ok && c.WantsJSON():
		return fault.New(fault.Conflict, "page.error.clash").At("/pages/" + id + "/edit")
	case ok:
		return c.RenderStatus(http.StatusConflict, "page/clash", ClashPage{
			EditURL: "/pages/" + id + "/edit", Post: "/pages/" + id + "/head", Head: true, Rev: clash.Page.HeadRev,
			Title: in.Title, Style: in.Style, Frame: in.Frame, Space: in.Space, Tags: in.Tags, TheirTitle: clash.Page.Title, TheirTags: strings.Join(clash.Page.Tags, ", "),
		})
	case err != nil && !c.WantsJSON() && fault.Is(err, fault.Invalid):
		return s.headAgain(c, in.Title, in.Tags, err)
	case err != nil:
		return err
	case c.WantsJSON():
		return c.JSON(http.StatusOK, map[string]any{"rev": p.HeadRev, "html": "", "saved": c.T("page.saved")})
	}
	c.Flash(web.Done, "page.flash.saved")
	return c.Redirect("/pages/" + id + "/edit")
}

func (s screens) headAgain(c *web.Ctx, title, tags string, wrong error) error {
	page, err := s.editPage(c)
	if err != nil {
		return err
	}
	field := "tags"
	f, _ := fault.As(wrong)
	if f.Key == "page.error.title" {
		field = "title"
	}
	page.Page.Title, page.Tags, page.Errors = title, tags, map[string]string{field: f.Key}
	return c.RenderStatus(http.StatusUnprocessableEntity, "page/edit", page)
}
