package mydata

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/share"
	"github.com/osier-passport/osier/core/web"
)

// Proof is how a person proves once more who they are. core/account answers.
type Proof interface {
	HasPassword(ctx context.Context, person int64) (bool, error)
	CheckPassword(ctx context.Context, person int64, password string) error // fault Forbidden
}

// Places tells where a person shared badges to. core/share answers.
type Places interface {
	Places(ctx context.Context, person int64, lang string) ([]share.Place, error)
	// Retractable counts what was posted for a person and can be taken back.
	Retractable(ctx context.Context, person int64) (int, error)
}

// Pages are the pages of a person's data.
type Pages struct {
	data   *Data
	proof  Proof
	places Places
}

// Mount makes the routes of my data.
func (d *Data) Mount(r web.Router, proof Proof, places Places) {
	p := &Pages{data: d, proof: proof, places: places}
	r.Get("/removed", p.askReceipt)
	r.Get("/removed/:receipt", p.receipt)
	in := r.Group(web.SignedIn)
	in.Get("/settings/data", p.show)
	in.Get("/settings/data/document", p.document)
	in.Post("/settings/data/export", p.export)
	in.Post("/settings/data/export/:id", p.fetch)
	in.Post("/settings/data/export/:id/remove", p.forgetExport)
	in.Get("/settings/data/import", p.askImport)
	in.Post("/settings/data/import", p.upload)
	in.Post("/settings/data/import/slice", p.slice)
	in.Get("/settings/data/import/:id", p.showImport)
	in.Post("/settings/data/import/:id", p.choose)
	in.Post("/settings/data/import/:id/remove", p.forgetImport)
	in.Get("/settings/remove", p.askRemove)
	in.Post("/settings/remove", p.remove)
}

// prove leads to the page where a person proves who they are, and back to next.
func prove(c *web.Ctx, next string) error {
	return c.Redirect("/login/fresh?next=" + url.QueryEscape(next))
}

// DataPage is the page "mydata/show".
type DataPage struct {
	Groups []DataGroup
	Total  int
	Export TaskView
	Import TaskView
	Key    string // of a mailed link that led here
}

// DataGroup is what one owner holds.
type DataGroup struct {
	Key   string
	Items []DataItem
	Total int
}

// DataItem is one document of a group.
type DataItem struct {
	Key   string
	Count int
	URL   string
}

// TaskView is an export or import as pages show it; the zero TaskView is none.
type TaskView struct {
	ID      string
	State   string
	Busy    bool
	Percent int
	Done    int
	Total   int
	Size    string // in words
	Until   time.Time
	Reason  string // message key
	URL     string
}

// Meta titles the page.
func (DataPage) Meta() web.Meta { return web.Meta{Title: "mydata.title", NoIndex: true} }

func (p *Pages) show(c *web.Ctx) error {
	me := c.Viewer().Person
	docs, err := p.data.Counts(c.Context(), me)
	if err != nil {
		return err
	}
	page := DataPage{Key: c.Query("key")}
	for _, o := range slices.Backward(p.data.owners) {
		if g := groupOf(o.OwnerName(), docs); g.Total > 0 {
			page.Groups = append(page.Groups, g)
			page.Total += g.Total
		}
	}
	export, err := p.data.Newest(c.Context(), me, KindExport)
	if err != nil {
		return err
	}
	taken, err := p.data.Newest(c.Context(), me, KindImport)
	if err != nil {
		return err
	}
	page.Export, page.Import = viewOf(c, export), viewOf(c, taken)
	if export.PublicID != c.Query("export") {
		page.Key = ""
	}
	return c.Render("mydata/show", page)
}

func groupOf(owner string, docs []Document) DataGroup {
	g := DataGroup{Key: owner}
	for _, d := range docs {
		if d.Owner != owner || d.Count == 0 {
			continue
		}
		g.Total += d.Count
		g.Items = append(g.Items, DataItem{Key: d.Key(), Count: d.Count, URL: "/settings/data/document?name=" + url.QueryEscape(d.Name)})
	}
	slices.SortFunc(g.Items, func(a, b DataItem) int { return strings.Compare(a.Key, b.Key) })
	return g
}

func viewOf(c *web.Ctx, t Task) TaskView {
	v := TaskView{
		ID: t.PublicID, State: t.State, Busy: t.Busy(), Percent: t.Percent(), Done: t.Done, Total: t.Total, Until: t.ExpiresAt, Reason: t.Reason,
	}
	if v.Size = c.T("mydata.size.kb", "n", int(t.Size+999)/1000); t.Size >= 1e6 {
		v.Size = c.T("mydata.size.mb", "n", int(t.Size+999_999)/1e6)
	}
	if t.PublicID != "" {
		v.URL = "/settings/data/" + t.Kind + "/" + t.PublicID
	}
	return v
}

// export begins to make the ZIP.
func (p *Pages) export(c *web.Ctx) error {
	me := c.Viewer().Person
	if !account.IsFresh(c) {
		return prove(c, "/settings/data")
	}
	if err := c.Limit("export", strconv.FormatInt(me, 10), 20, time.Hour); err != nil {
		return err
	}
	if _, err := p.data.BeginExport(c.Context(), me); err != nil {
		return err
	}
	return c.Redirect("/settings/data")
}

// fetch sends the ZIP, to who has just proven who they are or has the mailed link.
func (p *Pages) fetch(c *web.Ctx) error {
	me := c.Viewer()
	form, err := c.Form()
	if err != nil {
		return err
	}
	key := form.Get("key")
	if account.IsFresh(c) {
		key = ""
	} else if key == "" {
		return prove(c, "/settings/data")
	}
	t, file, err := p.data.Fetch(c.Context(), me.Person, c.Param("id"), key)
	if fault.Is(err, fault.Gone) {
		return prove(c, "/settings/data")
	}
	if err != nil {
		return err
	}
	return c.StreamFrom("application/zip", "osier-"+me.Handle+".zip", t.Size, file)
}

func (p *Pages) forgetExport(c *web.Ctx) error {
	if err := p.data.Forget(c.Context(), c.Viewer().Person, c.Param("id")); err != nil {
		return err
	}
	c.Flash(web.Done, "mydata.export.forgotten")
	return c.Redirect("/settings/data")
}
