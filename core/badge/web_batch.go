package badge

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/text"
	"github.com/osier-passport/osier/core/web"
)

// BatchPage is the page "badge/batch": the badges of one archive or record.
type BatchPage struct {
	URL     string
	Running bool
	Record  bool // they came in a CLR
	Entries []BatchEntry

	Added, Known, Refused, Waiting, Stopped int

	All, Ended int
	Again      bool // some can be tried again
}

// BatchEntry is one of them.
type BatchEntry struct {
	State    string // running, done, duplicate, refused or unpacked
	Title    string // may be empty
	Filename string // in the archive
	URL      string // of the badge
	Image    string
	Issuer   string
	Verdict  string
	Reason   Problem
}

// Meta titles the page.
func (BatchPage) Meta() web.Meta { return web.Meta{Title: "badge.batch.title", NoIndex: true} }

// batch shows how far the badges of a batch are. It answers 422 when all of them
// have ended and none is held.
func (p *Pages) batch(c *web.Ctx, id string) error {
	me := c.Viewer().Person
	list, err := p.badges.BatchByID(c.Context(), me, id)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return fault.New(fault.NotFound, "badge.error.import_not_found")
	}
	page := BatchPage{URL: "/add/" + id}
	for _, im := range list {
		addImport(&page, im)
		if im.State != StateDone && im.State != StateDuplicate {
			continue
		}
		if b, err := p.badges.Mine(c.Context(), me, im.Badge); err == nil {
			e := &page.Entries[len(page.Entries)-1]
			card := NewCard(b, me, c.Now())
			e.Title, e.Image, e.Issuer, e.Verdict = card.Name, card.Image, card.Issuer, card.Verdict
		}
	}
	page.All, page.Ended = len(list), len(list)-page.Waiting
	if c.WantsJSON() {
		return c.JSON(http.StatusOK, batchJSON(page))
	}
	if !page.Running { // what somebody has to look at comes first
		slices.SortStableFunc(page.Entries, func(a, b BatchEntry) int { return cmp.Compare(a.rank(), b.rank()) })
	}
	status := http.StatusOK
	if !page.Running && page.Added+page.Known+page.Stopped == 0 {
		status = http.StatusUnprocessableEntity
	}
	return c.RenderStatus(status, "badge/batch", page)
}

func addImport(page *BatchPage, im Import) {
	page.Record = page.Record || im.Record != 0
	page.Entries = append(page.Entries, batchEntry(im))
	switch im.State {
	case StateDone:
		page.Added++
	case StateDuplicate:
		page.Known++
	case StateRefused, StateMismatch:
		page.Refused++
		page.Again = page.Again || im.Received != ""
	case StateCancelled:
		page.Stopped++
	case StateRunning:
		page.Waiting++
		page.Running = true
	}
}

// rank orders what has ended: what was not taken in, then what was.
func (e BatchEntry) rank() int {
	if e.URL == "" {
		return 0
	}
	return 1
}

func batchEntry(im Import) BatchEntry {
	e := BatchEntry{State: im.State, Title: im.Title, Filename: im.Filename}
	switch im.State {
	case StateDone, StateDuplicate:
		e.URL = "/b/" + im.Badge
	case StateRefused, StateMismatch:
		e.Reason = problemOf(im)
		if im.State == StateMismatch {
			e.Reason.Link = "/add/" + im.PublicID
		}
		e.Reason.Checks = nil
	}
	return e
}

// batchJSON is what a script asks for.
func batchJSON(page BatchPage) any {
	type entry struct {
		State    string `json:"state"`
		Title    string `json:"title"`
		Filename string `json:"filename"`
		Reason   string `json:"reason,omitempty"`
		Location string `json:"location,omitempty"`
	}
	list := make([]entry, 0, len(page.Entries))
	for _, e := range page.Entries {
		list = append(list, entry{e.State, e.Title, e.Filename, e.Reason.Reason, e.URL})
	}
	state := "done"
	if page.Running {
		state = StateRunning
	}
	return map[string]any{"state": state, "badges": list}
}

// changeBatch stops a batch, or tries again what of it was refused.
func (p *Pages) changeBatch(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	me, id := c.Viewer().Person, c.Param("id")
	switch form.Get("action") {
	case "cancel":
		err = p.badges.CancelBatch(c.Context(), me, id)
	case "retry":
		if err = c.Limit("import", strconv.FormatInt(me, 10), 120, 10*time.Minute); err == nil {
			_, err = p.badges.RetryBatch(c.Context(), me, id)
		}
	default:
		err = fault.New(fault.Malformed, "web.form")
	}
	if err != nil {
		return err
	}
	return c.Redirect("/add/" + id)
}

// batchErrors is a table of what was not taken in and why, for who prepared the
// files (RFC 4180).
func (p *Pages) batchErrors(c *web.Ctx) error {
	list, err := p.badges.BatchByID(c.Context(), c.Viewer().Person, c.Param("id"))
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "badge.error.import_not_found")
	}
	if err != nil {
		return err
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	rows := [][]string{{c.T("badge.batch.csv.file"), c.T("badge.batch.csv.title"), c.T("badge.batch.csv.state"), c.T("badge.batch.csv.reason")}}
	for _, im := range list {
		switch im.State {
		case StateRefused, StateMismatch, StateCancelled:
			why := ""
			if im.Reason != "" {
				why = c.T("verify.reason."+im.Reason, "detail", im.Detail)
			}
			rows = append(rows, []string{text.Cell(im.Filename), text.Cell(im.Title), c.T("badge.batch.state." + im.State), text.Cell(why)})
		}
	}
	if err := w.WriteAll(rows); err != nil {
		return err
	}
	return c.Bytes("text/csv; charset=utf-8", out.Bytes(), web.ByteOptions{Download: "badges-errors.csv", CSP: web.FilePolicy})
}
