package page

import (
	"bytes"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

// EditBlock is a block in the editor.
type EditBlock struct {
	View         BlockView
	ID, Kind     string
	Post         string // where its forms go
	Rev          int64
	Number       int
	First, Last  bool
	Open         bool
	Text, More   string
	Address      string // of a link or a video
	Mail, Of     string
	Form, Order  string
	Forms        []string // page.form.<form>, beside the usual one
	Orders       []string // page.order.<order>, beside the usual one
	FileID       string
	Options      []Named // of Of or FileID
	Fields       []FieldChoice
	Chosen       int
	Problem      string // message key
	Markdown     string // which field is Markdown: text, more or ""
	PlainLabel   string // page.field.<PlainLabel> of Text, "" without
	HasFile      bool
	Made         string // of what it shows the badges: tag, issuer, collection or ""
	HasBadges    bool
	ImageAccepts bool
}

// FieldChoice is a part of a profile that a block shows or not.
type FieldChoice struct {
	Key string // page.profile.<Key>
	On  bool
}

// editOf makes a block of the editor: its forms and what they hold.
func editOf(p Page, b Block, v BlockView, bases Bases) EditBlock {
	e := EditBlock{
		View: v, ID: b.ID, Kind: string(b.Kind), Post: "/pages/" + p.PublicID + "/blocks/" + b.ID, Rev: b.Rev, Text: b.Text, More: b.More,
		Address: b.URL, Mail: b.Mail, Of: b.Of, Form: b.Form, Order: b.Order, Forms: forms[b.Kind], FileID: b.File.PublicID, Chosen: len(b.Badges),
	}
	switch b.Kind {
	case Text:
		e.Markdown = "text"
	case Heading, Showcase:
		e.PlainLabel = "title"
	case Link, Video, Contact:
		e.PlainLabel, e.Markdown = "title", "more"
	case Image:
		e.PlainLabel, e.Markdown, e.ImageAccepts = "alt", "more", true
	case File:
		e.PlainLabel, e.Markdown = "title", "more"
	case Badge:
		e.Markdown = "more"
	case Tag, Issuer, Collection:
		e.PlainLabel = "title"
	case Profile:
		for _, f := range ProfileFields() {
			e.Fields = append(e.Fields, FieldChoice{f, slices.Contains(b.Fields, f)})
		}
	}
	e.HasFile, e.HasBadges = b.Kind == Image || b.Kind == File, b.Kind == Badge || b.Kind == Showcase
	if b.Kind.several() {
		e.Orders = orders
	}
	if b.Kind == Tag || b.Kind == Issuer || b.Kind == Collection {
		e.Made = e.Kind
	}
	e.Options = map[Kind][]Named{
		Tag: bases.TagList, Issuer: bases.IssuerList, Collection: bases.CollectionList, Image: bases.ImageList, File: bases.FileList,
	}[b.Kind]
	return e
}

func (s screens) addBlock(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	p, id, err := s.AddBlock(c.Context(), c.Viewer().Person, c.Param("id"), Kind(form.Get("kind")), form.Get("after"))
	if err != nil {
		return err
	}
	if k := Kind(form.Get("kind")); k == Showcase || k == Badge {
		return c.Redirect("/pages/" + p.PublicID + "/blocks/" + id + "/badges")
	}
	return c.Redirect(editorAt(p.PublicID, id))
}

// editorAt is the address of a block in the editor.
func editorAt(page, block string) string {
	return "/pages/" + page + "/edit?block=" + block + "#block-" + block
}

// blockForm is the form of a block.
type blockForm struct {
	Kind   string   `form:"kind"`
	Rev    int64    `form:"rev"`
	Force  bool     `form:"force"`
	Text   string   `form:"text"`
	More   string   `form:"more"`
	URL    string   `form:"url"`
	Mail   string   `form:"mail"`
	Of     string   `form:"of"`
	Form   string   `form:"form"`
	Order  string   `form:"order"`
	Fields []string `form:"field"`
	FileID string   `form:"file"`
	Upload web.File `form:"upload"`
}

func (s screens) saveBlock(c *web.Ctx) error {
	var in blockForm
	if err := c.Bind(&in); err != nil {
		return err
	}
	b, err := s.blockOf(c, in)
	if err != nil {
		return s.saveAgain(c, in, err)
	}
	p, saved, err := s.SaveBlock(c.Context(), c.Viewer().Person, c.Param("id"), b, in.Force)
	if clash, ok := errors.AsType[Clash](err); ok {
		return s.clash(c, clash, in)
	}
	if err != nil {
		return s.saveAgain(c, in, err)
	}
	if c.WantsJSON() {
		return s.savedJSON(c, p, saved)
	}
	c.Flash(web.Done, "page.flash.saved")
	return c.Redirect(editorAt(p.PublicID, b.ID))
}

// blockOf reads the form of a block. A file that comes with it is kept among the
// person's files first.
func (s screens) blockOf(c *web.Ctx, in blockForm) (Block, error) {
	ctx, me := c.Context(), c.Viewer().Person
	b := Block{
		ID: c.Param("block"), Kind: Kind(in.Kind), Rev: in.Rev,
		Words: Words{Text: in.Text, More: in.More, URL: in.URL, Mail: in.Mail, Of: in.Of, Fields: in.Fields, Form: in.Form, Order: in.Order},
	}
	if !b.Kind.Valid() || len(b.ID) > 20 {
		return b, fault.New(fault.Malformed, "web.form")
	}
	if b.Kind != Image && b.Kind != File {
		return b, nil
	}
	if len(in.Upload.Data) > 0 {
		if err := c.Limit("file", strconv.FormatInt(me, 10), 240, time.Hour); err != nil {
			return b, err
		}
		f, _, err := s.Files.Add(ctx, me, in.Upload.Name, in.Upload.Data)
		if err == nil && b.Kind == Image && !f.IsImage() {
			err = fault.New(fault.Invalid, "page.error.no_image")
		}
		b.File = Ref{f.ID, f.PublicID}
		return b, err
	}
	if in.FileID == "" {
		return b, nil
	}
	f, err := s.Files.Mine(ctx, s.Base.Read(), me, in.FileID)
	if err == nil && b.Kind == Image && !f.IsImage() {
		err = fault.New(fault.Invalid, "page.error.no_image")
	}
	b.File = Ref{f.ID, f.PublicID}
	return b, err
}

// saveAgain shows the form of a block again with what was typed and what is wrong.
func (s screens) saveAgain(c *web.Ctx, in blockForm, wrong error) error {
	f, ok := fault.As(wrong)
	if !ok || f.Kind != fault.Invalid && f.Kind != fault.TooLarge || c.WantsJSON() {
		return wrong
	}
	page, err := s.editPage(c)
	if err != nil {
		return err
	}
	for i := range page.Blocks {
		if e := &page.Blocks[i]; e.ID == c.Param("block") {
			e.Text, e.More, e.Address, e.Mail, e.Of, e.Form, e.Order = in.Text, in.More, in.URL, in.Mail, in.Of, in.Form, in.Order
			e.Problem, e.Open = c.Sentence(wrong), true
		}
	}
	return c.RenderStatus(http.StatusUnprocessableEntity, "page/edit", page)
}

// savedJSON answers a script that saved a block by itself: the rev to go on from,
// and the block as it looks now.
func (s screens) savedJSON(c *web.Ctx, p Page, b Block) error {
	r := s.look(c, p.Person, p, "")
	only := p
	only.Blocks = []Block{b}
	r.page = only
	views, err := r.views(c.Context())
	if err != nil {
		return err
	}
	var out bytes.Buffer
	for _, v := range views {
		if err := s.Theme.Partial(&out, c.Lang(), "page-block", v); err != nil {
			return err
		}
	}
	return c.JSON(http.StatusOK, map[string]any{"rev": b.Rev, "html": out.String(), "saved": c.T("page.saved")})
}

// ClashPage is the page "page/clash": both of two changes, and which one stays.
type ClashPage struct {
	EditURL, Post, Title     string
	Kind                     string
	Rev                      int64 // of theirs
	Mine, Theirs             EditBlock
	Gone                     bool // it was deleted elsewhere
	Text, More, Address      string
	Mail, Of, FileID, Fields string
	Form, Order              string
	FieldList                []string
	Head                     bool // of title, look and tags
	Style, Tags              string
	Frame, Space             string
	TheirTitle               string
	TheirTags                string
}

// Meta titles the page.
func (ClashPage) Meta() web.Meta { return web.Meta{Title: "page.clash.title", NoIndex: true} }

// clash names two changes that do not know of each other. Nothing is lost: mine is
// in the form, theirs on the page, and whichever goes stays in the history.
func (s screens) clash(c *web.Ctx, x Clash, in blockForm) error {
	if c.WantsJSON() {
		return fault.New(fault.Conflict, "page.error.clash").At("/pages/" + c.Param("id") + "/edit")
	}
	page := ClashPage{
		EditURL: editorAt(c.Param("id"), x.Mine.ID), Post: "/pages/" + c.Param("id") + "/blocks/" + x.Mine.ID, Title: x.Page.Title,
		Kind: in.Kind, Rev: x.Theirs.Rev, Gone: x.Theirs.Kind == "", Text: in.Text, More: in.More, Address: in.URL, Mail: in.Mail, Of: in.Of,
		FileID: x.Mine.File.PublicID, FieldList: in.Fields, Form: in.Form, Order: in.Order,
	}
	page.Mine, page.Theirs = EditBlock{Text: in.Text, More: in.More, Address: in.URL}, EditBlock{Text: x.Theirs.Text, More: x.Theirs.More, Address: x.Theirs.URL}
	return c.RenderStatus(http.StatusConflict, "page/clash", page)
}

func (s screens) moveBlock(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	var to func(int) int
	switch form.Get("by") {
	case "up":
		to = func(now int) int { return now - 1 }
	case "down":
		to = func(now int) int { return now + 1 }
	default:
		place, err := strconv.Atoi(form.Get("to"))
		if err != nil {
			return fault.New(fault.Malformed, "web.form").Wrap(err)
		}
		to = func(int) int { return place }
	}
	id, block := c.Param("id"), c.Param("block")
	if err := s.MoveBlock(c.Context(), c.Viewer().Person, id, block, to); err != nil {
		return err
	}
	if c.WantsJSON() {
		return c.JSON(http.StatusOK, map[string]string{"saved": c.T("page.saved")})
	}
	return c.Redirect("/pages/" + id + "/edit#block-" + block)
}

func (s screens) removeBlock(c *web.Ctx) error {
	if err := s.RemoveBlock(c.Context(), c.Viewer().Person, c.Param("id"), c.Param("block")); err != nil {
		return err
	}
	c.Flash(web.Done, "page.flash.block_deleted")
	return c.Redirect("/pages/" + c.Param("id") + "/edit")
}
