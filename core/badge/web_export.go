package badge

import (
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/certificate"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

// ExportPage is the page "badge/export": chosen badges leave in a form.
type ExportPage struct {
	N           int
	Chosen      bool // in a list, in place of what is chosen here
	Hidden      []Hidden
	Tags        []Option
	Collections []Option
	Forms       []string
	Back        string
}

// Meta titles the page.
func (ExportPage) Meta() web.Meta { return web.Meta{Title: "shelf.export.title", NoIndex: true} }

// exportForms are the forms in the order in which they are offered. Each is
// shelf.export.<form> in the catalogue.
var exportForms = []string{asAll, asReceived, asImages, asCredentials, asCertificates, asRecord, asResume, asEuropass}

func (p *Pages) export(c *web.Ctx) error {
	n, err := p.badges.Count(c.Context(), c.Viewer().Person)
	if err != nil {
		return err
	}
	return p.renderExport(c, ExportPage{N: n, Back: "/badges"})
}

func (p *Pages) renderExport(c *web.Ctx, page ExportPage) (err error) {
	page.Forms = exportForms
	if page.Tags, page.Collections, err = p.sets(c); err != nil {
		return err
	}
	return c.Render("badge/export", page)
}

// sets gives the tags and collections of the viewer to choose from.
func (p *Pages) sets(c *web.Ctx) (tags, collections []Option, err error) {
	ctx, me := c.Context(), c.Viewer().Person
	words, err := p.badges.Tags(ctx, me)
	if err != nil {
		return nil, nil, err
	}
	list, err := p.badges.Collections(ctx, me)
	for _, t := range words {
		tags = append(tags, Option{t.Folded, t.Name, t.Count})
	}
	for _, k := range list {
		collections = append(collections, Option{k.PublicID, k.Name, k.Count})
	}
	return tags, collections, err
}

// pack sends the chosen badges in a form.
func (p *Pages) pack(c *web.Ctx) error {
	me := c.Viewer().Person
	if err := c.Limit("export", strconv.FormatInt(me, 10), 60, 10*time.Minute); err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	choice, hidden, _ := choiceOf(form)
	packing, err := packingOf(c, form.Get("form"), form.Get("paper"))
	if err != nil {
		return err
	}
	if packing.Form == asRecord {
		return p.sendRecord(c, form, packing, choice, hidden)
	}
	packed, err := p.badges.Pack(c.Context(), packing, choice)
	if err != nil {
		return err
	}
	return c.StreamFrom(packed.Mime, packed.Name, packed.Size, packed.Reader)
}

func packingOf(c *web.Ctx, form, paper string) (Pack, error) {
	site, err := c.Site()
	if err != nil {
		return Pack{}, err
	}
	return Pack{
		Person: c.Viewer().Person, Form: form, Paper: certificate.Paper(paper), Lang: c.Lang(), Site: site.Name, Say: c.T,
		Date: func(at time.Time) string { return c.Catalogue().Date(c.Lang(), c.Local(at)) },
	}, nil
}

// downloadPDF gives the certificate of one badge, to whom its credential may go.
func (p *Pages) downloadPDF(c *web.Ctx) error {
	b, err := p.getWhole(c)
	if err != nil {
		return err
	}
	if err := c.Limit("certificate", c.Network(), 600, 10*time.Minute); err != nil {
		return err
	}
	packing, err := packingOf(c, asCertificates, c.Query("paper"))
	if err != nil {
		return err
	}
	data, err := (&packer{Badges: p.badges, Pack: packing}).draw(c.Context(), b, b.Person == c.Viewer().Person)
	if err != nil {
		return err
	}
	return c.Bytes("application/pdf", data, web.ByteOptions{Download: slug(b.Class.Name) + ".pdf", CSP: web.FilePolicy})
}

// exportChosen asks in which form badges that were chosen in a list leave.
func (p *Pages) exportChosen(c *web.Ctx, choice Choice, hidden []Hidden, back string) error {
	ids, err := p.badges.Chosen(c.Context(), c.Viewer().Person, choice)
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		return fault.New(fault.Invalid, "shelf.error.none_chosen").At("/badges")
	}
	return p.renderExport(c, ExportPage{N: len(ids), Chosen: true, Hidden: hidden, Back: back})
}
