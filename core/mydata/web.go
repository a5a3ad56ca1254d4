package mydata

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

// Proof is how a person proves once more who they are. core/account answers.
type Proof interface {
	HasPassword(ctx context.Context, person int64) (bool, error)
	CheckPassword(ctx context.Context, person int64, password string) error // fault Forbidden
}

// freshFor is how long a sign-in counts as a fresh proof of identity.
const freshFor = 10 * time.Minute

// Pages are the pages of a person's data.
type Pages struct {
	data  *Data
	proof Proof
	tmp   string
}

// Mount makes the routes of my data. Exports are built in the folder tmp.
func (d *Data) Mount(r web.Router, proof Proof, tmp string) {
	p := &Pages{data: d, proof: proof, tmp: tmp}
	r.Get("/removed", func(c *web.Ctx) error { return c.Render("mydata/removed", RemovedPage{}) })
	in := r.Group(web.SignedIn)
	in.Get("/settings/data", p.show)
	in.Get("/settings/data/document", p.document)
	in.Post("/settings/data/export", p.export)
	in.Get("/settings/remove", p.askRemove)
	in.Post("/settings/remove", p.remove)
}

// DataPage is the page "mydata/show".
type DataPage struct {
	Groups               []DataGroup
	ExportURL, RemoveURL string
}

// DataGroup is what one owner holds.
type DataGroup struct {
	Key   string
	Items []DataItem
	Total int
}

// DataItem is one document of a group.
type DataItem struct {
	Key     string
	Count   int
	Example string
	URL     string
}

// Meta titles the page.
func (DataPage) Meta() web.Meta { return web.Meta{Title: "mydata.title", NoIndex: true} }

func (p *Pages) show(c *web.Ctx) error {
	docs, err := p.data.Documents(c.Context(), c.Viewer().Person)
	if err != nil {
		return err
	}
	page := DataPage{ExportURL: "/settings/data/export", RemoveURL: "/settings/remove"}
	for _, o := range slices.Backward(p.data.owners) {
		g := DataGroup{Key: o.OwnerName()}
		for _, d := range docs {
			if d.Owner == g.Key {
				g.Items = append(g.Items, DataItem{Key: d.Key(), Count: d.Count, URL: "/settings/data/document?name=" + d.Name})
				g.Total += d.Count
			}
		}
		if len(g.Items) > 0 {
			page.Groups = append(page.Groups, g)
		}
	}
	return c.Render("mydata/show", page)
}

// document shows one document as it is held.
func (p *Pages) document(c *web.Ctx) error {
	d, err := p.data.Document(c.Context(), c.Viewer().Person, c.Query("name"))
	if err != nil {
		return err
	}
	return c.Bytes("application/json; charset=utf-8", d.Content, web.ByteOptions{CSP: web.FilePolicy})
}

// export sends the ZIP. It is built in a file without a name, so that neither
// memory nor the data folder keeps it.
func (p *Pages) export(c *web.Ctx) error {
	me := c.Viewer()
	if err := c.Limit("export", strconv.FormatInt(me.Person, 10), 20, time.Hour); err != nil {
		return err
	}
	site, err := c.Site()
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(p.tmp, "export-*")
	if err != nil {
		return fmt.Errorf("make the export file: %w", err)
	}
	if err := os.Remove(f.Name()); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := p.data.Archive(c.Context(), f, me.Person, me.Handle, site.Name); err != nil {
		return errors.Join(err, f.Close())
	}
	return c.Stream("application/zip", "osier-"+me.Handle+".zip", f)
}

// RemovePage is the page "mydata/remove".
type RemovePage struct {
	Handle, Typed               string
	HasPassword, Fresh          bool
	Badges, Comments, Followers int
	ExportURL                   string
	Errors                      map[string]string
}

// Meta titles the page.
func (RemovePage) Meta() web.Meta { return web.Meta{Title: "mydata.remove.title", NoIndex: true} }

// RemovedPage is the page "mydata/removed".
type RemovedPage struct{}

// Meta titles the page.
func (RemovedPage) Meta() web.Meta { return web.Meta{Title: "mydata.removed.title", NoIndex: true} }

func (p *Pages) removePage(c *web.Ctx) (RemovePage, error) {
	me := c.Viewer()
	page := RemovePage{Handle: me.Handle, ExportURL: "/settings/data/export", Fresh: c.Now().Sub(me.Fresh) < freshFor}
	var err error
	if page.HasPassword, err = p.proof.HasPassword(c.Context(), me.Person); err != nil {
		return page, err
	}
	docs, err := p.data.Documents(c.Context(), me.Person)
	for _, d := range docs {
		switch d.Name {
		case "badges/badges.json":
			page.Badges = d.Count
		case "social/comments.json":
			page.Comments = d.Count
		case "social/followers.json":
			page.Followers = d.Count
		}
	}
	return page, err
}

func (p *Pages) askRemove(c *web.Ctx) error {
	page, err := p.removePage(c)
	if err != nil {
		return err
	}
	if !page.HasPassword && !page.Fresh {
		return c.Redirect("/login/fresh?next=/settings/remove")
	}
	return c.Render("mydata/remove", page)
}

func (p *Pages) remove(c *web.Ctx) error {
	me := c.Viewer()
	if err := c.Limit("remove", strconv.FormatInt(me.Person, 10), 10, 10*time.Minute); err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	page, err := p.removePage(c)
	if err != nil {
		return err
	}
	page.Typed = form.Get("handle")
	if page.Errors, err = p.prove(c, page, form); err != nil {
		return err
	}
	if len(page.Errors) > 0 {
		return c.RenderStatus(fault.Status(fault.New(fault.Invalid, "")), "mydata/remove", page)
	}
	if err := p.data.Remove(context.WithoutCancel(c.Context()), me.Person); err != nil {
		return err
	}
	c.ClearSession()
	return c.Redirect("/removed")
}

// prove holds the typed handle and a fresh proof of identity against the account.
func (p *Pages) prove(c *web.Ctx, page RemovePage, form web.Form) (map[string]string, error) {
	bad := map[string]string{}
	if form.Get("handle") != page.Handle && form.Get("handle") != "@"+page.Handle {
		bad["handle"] = "mydata.error.handle"
	}
	switch {
	case page.Fresh: // the sign-in itself is the proof
	case page.HasPassword:
		err := p.proof.CheckPassword(c.Context(), c.Viewer().Person, form.Get("password"))
		if fault.Is(err, fault.Forbidden) || fault.Is(err, fault.Invalid) {
			bad["password"] = "mydata.error.password"
		} else if err != nil {
			return nil, err
		}
	default:
		bad["form"] = "mydata.error.not_fresh"
	}
	return bad, nil
}
