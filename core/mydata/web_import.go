package mydata

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

// shownRefused is how many things that cannot be taken in the page names.
const shownRefused = 100

// ImportPage is the page "mydata/import": the upload, what is in an archive, how
// far it is, what came of it.
type ImportPage struct {
	Task    TaskView
	Groups  []ImportGroup
	Refused []RefusedItem
	More    int // that are refused too
	CanTake bool
	MaxSize int    // MB without a script
	Name    string // entry that is at fault
	Errors  map[string]string
	Anew    []AnewGroup // what no archive brings back
}

// AnewGroup is what begins anew for one reason; both end message keys.
type AnewGroup struct {
	Reason    archive.Anew
	Documents []string
}

// ImportGroup is one kind of things in an archive.
type ImportGroup struct {
	Key                       string
	Add, Known, Refused, Done int
}

// RefusedItem is a thing in an archive that is not taken in, and why.
type RefusedItem struct{ Kind, Title, Reason, Detail string }

// Meta titles the page.
func (ImportPage) Meta() web.Meta { return web.Meta{Title: "mydata.import.title", NoIndex: true} }

func (p *Pages) askImport(c *web.Ctx) error {
	return c.Render("mydata/import", ImportPage{MaxSize: web.BodyLimit >> 20, Anew: p.data.anew()})
}

// anew gives what no archive brings back, by the reason.
func (d *Data) anew() []AnewGroup {
	var out []AnewGroup
	for _, reason := range []archive.Anew{archive.Secret, archive.Others, archive.Made, archive.Passing} {
		g := AnewGroup{Reason: reason}
		for _, o := range d.owners {
			for _, r := range o.Returns() {
				if r.Anew == reason {
					g.Documents = append(g.Documents, r.Document)
				}
			}
		}
		if len(g.Documents) > 0 {
			out = append(out, g)
		}
	}
	return out
}

// upload takes an archive in one piece.
func (p *Pages) upload(c *web.Ctx) error {
	me := c.Viewer().Person
	if err := c.Limit("import.archive", strconv.FormatInt(me, 10), 20, time.Hour); err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	file, _ := form.File("file")
	if len(file.Data) == 0 {
		return p.refuse(c, fault.New(fault.Invalid, "mydata.import.error.no_file"))
	}
	t, err := p.data.BeginUpload(c.Context(), me, int64(len(file.Data)))
	if err == nil {
		t, err = p.data.AddSlice(c.Context(), me, t.PublicID, 0, file.Data)
	}
	if err != nil {
		return p.refuse(c, err)
	}
	return c.Redirect("/settings/data/import/" + t.PublicID)
}

// refuse shows the form again with the reason.
func (p *Pages) refuse(c *web.Ctx, err error) error {
	f, ok := fault.As(err)
	if !ok || c.WantsJSON() || f.Kind != fault.Invalid && f.Kind != fault.TooLarge && f.Kind != fault.Conflict {
		return err
	}
	page := ImportPage{MaxSize: web.BodyLimit >> 20, Anew: p.data.anew(), Name: cmp.Or(f.Args["name"], f.Args["version"]), Errors: map[string]string{"file": f.Key}}
	return c.RenderStatus(fault.Status(err), "mydata/import", page)
}

// slice takes a piece of a large archive, which a script cuts up: the first names
// the size of all, the others the upload and where they begin.
func (p *Pages) slice(c *web.Ctx) error {
	me := c.Viewer().Person
	form, err := c.Form()
	if err != nil {
		return err
	}
	file, _ := form.File("slice")
	id := form.Get("id")
	at, errAt := strconv.ParseInt(form.Get("at"), 10, 64)
	if errAt != nil {
		return fault.New(fault.Malformed, "web.form")
	}
	if id == "" {
		if err := c.Limit("import.archive", strconv.FormatInt(me, 10), 20, time.Hour); err != nil {
			return err
		}
		size, err := strconv.ParseInt(form.Get("size"), 10, 64)
		if err != nil {
			return fault.New(fault.Malformed, "web.form")
		}
		t, err := p.data.BeginUpload(c.Context(), me, size)
		if err != nil {
			return err
		}
		id = t.PublicID
	}
	t, err := p.data.AddSlice(c.Context(), me, id, at, file.Data)
	if err != nil {
		return err
	}
	location := ""
	if t.State != StateUpload {
		location = "/settings/data/import/" + t.PublicID
	}
	return c.JSON(http.StatusOK, map[string]any{"id": t.PublicID, "location": location})
}

func (p *Pages) showImport(c *web.Ctx) error {
	t, err := p.data.taskOf(c.Context(), p.data.base.Read(), c.Viewer().Person, c.Param("id"))
	if err != nil {
		return err
	}
	return p.renderImport(c, http.StatusOK, t, nil)
}

func (p *Pages) renderImport(c *web.Ctx, status int, t Task, wrong map[string]string) error {
	page := ImportPage{Task: viewOf(c, t), MaxSize: web.BodyLimit >> 20, Name: t.Detail, Errors: wrong}
	if t.Kind != KindImport || t.State == StateUpload {
		return c.Redirect("/settings/data/import")
	}
	list, err := tallyItems(c.Context(), p.data.base.Read(), t.ID)
	if err != nil {
		return err
	}
	page.Groups = groupsOf(list)
	page.CanTake = slices.ContainsFunc(page.Groups, func(g ImportGroup) bool { return g.Add > 0 })
	refused, err := listItems(c.Context(), p.data.base.Read(), t.ID, archive.Refused, shownRefused)
	if err != nil {
		return err
	}
	for _, i := range refused {
		page.Refused = append(page.Refused, RefusedItem{i.Kind, i.Title, i.Reason, i.Detail})
	}
	for _, g := range page.Groups {
		page.More += g.Refused
	}
	page.More -= len(refused)
	return c.RenderStatus(status, "mydata/import", page)
}

func groupsOf(list []tally) []ImportGroup {
	var out []ImportGroup
	for _, c := range choices {
		g := ImportGroup{Key: c.Key}
		for _, t := range list {
			if !slices.Contains(c.Kinds, t.kind) {
				continue
			}
			switch t.state {
			case archive.Add:
				g.Add += t.n
			case archive.Known:
				g.Known += t.n
			case archive.Refused:
				g.Refused += t.n
			case archive.Done:
				g.Done += t.n
			}
		}
		if g.Add+g.Known+g.Refused+g.Done > 0 {
			out = append(out, g)
		}
	}
	return out
}

// choose begins to take in what was ticked.
func (p *Pages) choose(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	me := c.Viewer().Person
	picked := form.All("take")
	if form.Get("show") == same {
		picked = append(slices.Clone(picked), same)
	}
	t, err := p.data.Choose(c.Context(), me, c.Param("id"), picked)
	if fault.Is(err, fault.Invalid) {
		f, _ := fault.As(err)
		return p.renderImport(c, fault.Status(err), t, map[string]string{"form": f.Key})
	}
	if err != nil {
		return err
	}
	return c.Redirect("/settings/data/import/" + t.PublicID)
}

func (p *Pages) forgetImport(c *web.Ctx) error {
	if err := p.data.Forget(c.Context(), c.Viewer().Person, c.Param("id")); err != nil {
		return err
	}
	c.Flash(web.Done, "mydata.import.forgotten")
	return c.Redirect("/settings/data")
}
