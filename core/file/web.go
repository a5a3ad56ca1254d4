package file

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

const (
	pageSize = 24
	maxAtOne = 20 // files of one form
)

// Pages are the pages of files.
type Pages struct{ *Files }

// Mount makes the routes of files.
func (s *Files) Mount(r web.Router) {
	p := Pages{s}
	r.Get("/files/:id/download", p.download)
	r.Get("/files/:id/thumbnail", p.thumbnail)
	in := r.Group(web.SignedIn)
	in.Get("/files", p.list)
	in.Post("/files", p.upload)
	in.Get("/files/:id", p.show)
	in.Post("/files/:id", p.change)
	in.Get("/files/:id/delete", p.askDelete)
	in.Post("/files/:id/delete", p.delete)
}

// ListPage is the page "file/list".
type ListPage struct {
	Files        []View
	Query, Tag   string
	Tags         []Tag
	Usage        UsageView
	Older, Newer string
	MaxMB        int
	Problems     []Problem // of an upload
}

// Problem is why one file was not taken in.
type Problem struct{ Name, Text string }

// UsageView is how full a person's place is. Sizes are texts.
type UsageView struct {
	Files       int
	Used, Quota string
	Percent     int
}

// View is a file as pages show it.
type View struct {
	ID, URL, Name string
	Kind          string // file.kind.<Kind>
	Size          string
	Image         string // local address of a small picture, or ""
	DownloadURL   string
	Tags          []string
	At            time.Time
}

// Meta titles the page.
func (ListPage) Meta() web.Meta { return web.Meta{Title: "file.title", NoIndex: true} }

// ViewOf makes the view of a file, sizes in the language of the request.
func ViewOf(c *web.Ctx, f File) View {
	v := View{
		ID: f.PublicID, URL: "/files/" + f.PublicID, Name: f.Name, Kind: kindOf(f.Type).Key, Size: SizeText(c, f.Size), Tags: f.Tags, At: f.CreatedAt,
	}
	v.DownloadURL = v.URL + "/download"
	if f.IsImage() {
		v.Image = v.URL + "/thumbnail"
	}
	return v
}

// SizeText says a size in bytes in the language of the request.
func SizeText(c *web.Ctx, n int64) string {
	switch {
	case n < 1000:
		return c.T("file.size.b", "n", int(n))
	case n < 1_000_000:
		return c.T("file.size.kb", "n", int((n+500)/1000))
	}
	if n >= 10_000_000 {
		return c.T("file.size.mb_whole", "n", int(n/1_000_000))
	}
	return c.T("file.size.mb", "n", c.Catalogue().Num(c.Lang(), int(n/1_000_000)), "tenth", strconv.Itoa(int(n/100_000%10)))
}

func (p Pages) list(c *web.Ctx) error {
	page, err := p.listPage(c, nil)
	if err != nil {
		return err
	}
	return c.Render("file/list", page)
}

func (p Pages) listPage(c *web.Ctx, problems []Problem) (ListPage, error) {
	ctx, me := c.Context(), c.Viewer().Person
	page := ListPage{Query: first(c.Query("q"), 100), Tag: c.Query("tag"), MaxMB: p.Rules.MaxMB, Problems: problems}
	before := cursor(c.Query("before"))
	list, err := p.List(ctx, me, Query{Text: page.Query, Tag: db.Fold(page.Tag), Before: before, Limit: pageSize + 1})
	if err != nil {
		return page, err
	}
	if len(list) > pageSize {
		list = list[:pageSize]
		page.Older = pathWith("/files", "q", page.Query, "tag", page.Tag, "before", strconv.FormatInt(list[pageSize-1].ID, 36))
	}
	if before != 0 {
		page.Newer = pathWith("/files", "q", page.Query, "tag", page.Tag)
	}
	for _, f := range list {
		page.Files = append(page.Files, ViewOf(c, f))
	}
	if page.Tags, err = listTags(ctx, p.Base.Read(), me); err != nil {
		return page, err
	}
	u, err := p.Usage(ctx, me)
	page.Usage = UsageView{Files: u.Files, Used: SizeText(c, u.Used), Quota: SizeText(c, u.Quota), Percent: int(min(100, 100*u.Used/max(1, u.Quota)))}
	return page, err
}

// pathWith makes a local path with a query of the pairs whose value is not empty.
func pathWith(path string, pairs ...string) string {
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

// cursor reads the end of the page before; anything else is the first page.
func cursor(s string) int64 {
	n, err := strconv.ParseInt(s, 36, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

func first(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// upload takes files in, each for itself: what is wrong with one is said of it.
func (p Pages) upload(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	files := form.Files("file")
	switch {
	case len(files) == 0:
		return p.problems(c, []Problem{{"", c.T("file.error.none")}})
	case len(files) > maxAtOne:
		return p.problems(c, []Problem{{"", c.T("file.error.many", "n", maxAtOne)}})
	}
	var wrong []Problem
	added, last := 0, ""
	for _, f := range files {
		if err := c.Limit("file", strconv.FormatInt(c.Viewer().Person, 10), 240, time.Hour); err != nil {
			return err
		}
		_, known, err := p.Add(c.Context(), c.Viewer().Person, f.Name, f.Data)
		switch {
		case refused(err):
			wrong = append(wrong, Problem{f.Name, c.Sentence(err)})
		case err != nil:
			return err
		case known:
			c.Flash(web.Notice, "file.flash.known", "name", f.Name)
		default:
			added++
			last = f.Name
		}
	}
	if added > 1 {
		c.Flash(web.Done, "file.flash.added_many", "n", strconv.Itoa(added))
	}
	if added == 1 {
		c.Flash(web.Done, "file.flash.added", "name", last)
	}
	if len(wrong) > 0 {
		return p.problems(c, wrong)
	}
	return c.Redirect("/files")
}

func refused(err error) bool { return fault.Is(err, fault.Invalid) || fault.Is(err, fault.TooLarge) }

func (p Pages) problems(c *web.Ctx, list []Problem) error {
	page, err := p.listPage(c, list)
	if err != nil {
		return err
	}
	return c.RenderStatus(http.StatusUnprocessableEntity, "file/list", page)
}

// ShowPage is the page "file/show": one file of the person's own.
type ShowPage struct {
	File   View
	Tags   string
	Width  int
	Height int
	Uses   []Use
	Errors map[string]string
}

// Meta titles the page.
func (p ShowPage) Meta() web.Meta { return web.Meta{Title: p.File.Name, NoIndex: true} }

func (p Pages) show(c *web.Ctx) error {
	page, err := p.showPage(c)
	if err != nil {
		return err
	}
	return c.Render("file/show", page)
}

func (p Pages) showPage(c *web.Ctx) (ShowPage, error) {
	f, err := p.Mine(c.Context(), p.Base.Read(), c.Viewer().Person, c.Param("id"))
	if err != nil {
		return ShowPage{}, err
	}
	uses, err := p.Uses(c.Context(), p.Base.Read(), f)
	return ShowPage{File: ViewOf(c, f), Tags: strings.Join(f.Tags, ", "), Width: f.Width, Height: f.Height, Uses: uses}, err
}

func (p Pages) change(c *web.Ctx) error {
	var in struct {
		Name string `form:"name"`
		Tags string `form:"tags"`
	}
	if err := c.Bind(&in); err != nil {
		return err
	}
	err := p.Change(c.Context(), c.Viewer().Person, c.Param("id"), in.Name, strings.FieldsFunc(in.Tags, func(r rune) bool { return r == ',' || r == '\n' }))
	if f, ok := fault.As(err); ok && f.Kind == fault.Invalid {
		page, again := p.showPage(c)
		if again != nil {
			return again
		}
		field := "tags"
		if f.Key == "file.error.name" {
			field = "name"
		}
		page.File.Name, page.Tags, page.Errors = in.Name, in.Tags, map[string]string{field: f.Key}
		return c.RenderStatus(http.StatusUnprocessableEntity, "file/show", page)
	}
	if err != nil {
		return err
	}
	c.Flash(web.Done, "file.flash.saved")
	return c.Redirect("/files/" + c.Param("id"))
}

// DeletePage is the page "file/delete": one question.
type DeletePage struct {
	File View
	Uses []Use
}

// Meta titles the page.
func (DeletePage) Meta() web.Meta { return web.Meta{Title: "file.delete.title", NoIndex: true} }

func (p Pages) askDelete(c *web.Ctx) error {
	page, err := p.showPage(c)
	if err != nil {
		return err
	}
	return c.Render("file/delete", DeletePage{File: page.File, Uses: page.Uses})
}

func (p Pages) delete(c *web.Ctx) error {
	if err := p.Remove(c.Context(), c.Viewer().Person, c.Param("id")); err != nil {
		return err
	}
	c.Flash(web.Done, "file.flash.deleted")
	return c.Redirect("/files")
}

// download gives the file to who may see it. A browser saves it: it opens nothing
// of it on this site.
func (p Pages) download(c *web.Ctx) error {
	f, err := p.ForViewer(c.Context(), c.Viewer().Person, c.Param("id"))
	if err != nil {
		return err
	}
	return p.Send(c, f)
}

// Send answers with a file that the caller may hand out.
func (s *Files) Send(c *web.Ctx, f File) error {
	data, err := s.Bytes(c.Context(), f)
	if err != nil {
		return err
	}
	return c.Bytes(contentType(f), data, web.ByteOptions{Download: f.Name, CSP: web.FilePolicy})
}

// SendThumbnail answers with the small picture of a file that the caller may hand out.
func (s *Files) SendThumbnail(c *web.Ctx, f File) error {
	if f.Thumbnail == "" {
		return errNotFound()
	}
	data, mime, err := s.Blobs.Get(c.Context(), s.Base.Read(), f.Thumbnail)
	if err != nil {
		return err
	}
	return c.Bytes(mime, data, web.ByteOptions{CSP: web.FilePolicy})
}

func contentType(f File) string {
	if f.Type == "text/plain" {
		return "text/plain; charset=utf-8"
	}
	return f.Type
}

func (p Pages) thumbnail(c *web.Ctx) error {
	f, err := p.ForViewer(c.Context(), c.Viewer().Person, c.Param("id"))
	if err != nil {
		return err
	}
	return p.SendThumbnail(c, f)
}
