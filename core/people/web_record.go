package people

import (
	"time"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/web"
)

// RecordPage is the page "people/record": what administrators did.
type RecordPage struct {
	Acts         []ActRow
	Older, Newer string
}

// ActRow is one act.
type ActRow struct {
	Kind       string
	Way        string       // page, command or time
	Actor      badge.Person // the name is "" for who is gone, and for what no person did
	Subject    badge.Person // the same
	SubjectURL string       // of the person's page for administrators, "" for who is gone
	About      bool         // it is about somebody, gone or not
	Words      string
	Receipt    string // local path, or ""
	At         time.Time
}

// Meta titles the page.
func (RecordPage) Meta() web.Meta { return web.Meta{Title: "people.record.title", NoIndex: true} }

func (p *People) record(c *web.Ctx) error {
	list, older, err := p.Acts(c.Context(), c.Query("after"))
	if err != nil {
		return err
	}
	page := RecordPage{Acts: actRows(list)}
	if older != "" {
		page.Older = badge.PathWith("/admin/record", "after", older)
	}
	if c.Query("after") != "" {
		page.Newer = "/admin/record"
	}
	return c.Render("people/record", page)
}

func actRows(list []Act) []ActRow {
	rows := make([]ActRow, 0, len(list))
	for _, a := range list {
		row := ActRow{Kind: a.Kind, Way: a.Way, About: a.Kind != kindList, Words: a.Words, At: a.At}
		if a.ActorName != "" {
			row.Actor = badge.PersonView(a.ActorHandle, a.ActorName, "")
		}
		if a.SubjectName != "" {
			row.Subject = badge.PersonView(a.SubjectHandle, a.SubjectName, "")
			row.SubjectURL = "/admin/people/" + a.SubjectID
		}
		if a.Receipt != "" {
			row.Receipt = "/removed/" + a.Receipt
		}
		rows = append(rows, row)
	}
	return rows
}
