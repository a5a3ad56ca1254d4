package badge

import "github.com/osier-passport/osier/core/web"

// LeftPage is the page "badge/left": what cannot be in a learner record, before it is
// downloaded and after: the page stays while the file is saved.
type LeftPage struct {
	In     int // badges that the record holds
	Left   []LeftRow
	Hidden []Hidden
	Back   string
}

// LeftRow is one badge that is left out. Why is a key of shelf.export.left.
type LeftRow struct {
	Card Card
	Why  string
}

// Meta titles the page.
func (LeftPage) Meta() web.Meta { return web.Meta{Title: "shelf.export.clr.name", NoIndex: true} }

// sendRecord sends a learner record. Where badges are left out it names them first,
// and sends it when the person has seen that.
func (p *Pages) sendRecord(c *web.Ctx, form web.Form, packing Pack, choice Choice, hidden []Hidden) error {
	d, err := p.badges.Draft(c.Context(), packing, choice)
	if err != nil {
		return err
	}
	if d.In > 0 && (len(d.Left) == 0 || form.Get("left") == "seen") {
		packed := d.packed()
		return c.StreamFrom(packed.Mime, packed.Name, packed.Size, packed.Reader)
	}
	page := LeftPage{In: d.In, Hidden: append(hidden, Hidden{"form", asRecord}, Hidden{"left", "seen"}), Back: "/badges/export"}
	for _, l := range d.Left {
		page.Left = append(page.Left, LeftRow{NewCard(l.Badge, packing.Person, c.Now()), l.Why})
	}
	return c.Render("badge/left", page)
}
