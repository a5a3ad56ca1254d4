package badge

import (
	"net/http"
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

// patience is how long the answer to an upload waits for its verification.
const patience = 2 * time.Second

// AddPage is the page "badge/add".
type AddPage struct {
	URL, Text string
	Problem   Problem
	Entries   []BatchEntry // files of an archive none of which is a badge
	Addresses []string
	MaxSize   int // MB
}

// Problem is why a badge was not taken in. It is absent when Reason is empty.
type Problem struct {
	Reason  string
	Key     string
	Args    map[string]string
	Link    string
	Title   string
	Issuer  string
	Checks  []CheckView
	Verdict string
}

// Meta titles the page.
func (AddPage) Meta() web.Meta { return web.Meta{Title: "badge.add.title", NoIndex: true} }

func (p *Pages) add(c *web.Ctx) error {
	return p.renderAdd(c, http.StatusOK, AddPage{URL: c.Query("url")})
}

func (p *Pages) renderAdd(c *web.Ctx, status int, page AddPage) error {
	addresses, err := p.badges.Addresses.Confirmed(c.Context(), p.badges.Base.Read(), c.Viewer().Person)
	if err != nil {
		return err
	}
	page.Addresses, page.MaxSize = addresses, web.BodyLimit>>20
	return c.RenderStatus(status, "badge/add", page)
}

// begin takes an upload. A badge that is settled soon is answered with its own
// page; else with the page that shows the checks as they finish.
func (p *Pages) begin(c *web.Ctx) error {
	me := c.Viewer().Person
	if err := c.Limit("import", strconv.FormatInt(me, 10), 120, 10*time.Minute); err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	u := uploadOf(form)
	r, err := p.badges.Read(c.Context(), u)
	if err != nil {
		return p.refuseUpload(c, u, err)
	}
	im, err := p.badges.BeginRead(c.Context(), me, r)
	if err != nil {
		return p.refuseReading(c, u, r, err)
	}
	if im.Batch != "" {
		return p.answerBatch(c, im.Batch)
	}
	wait := patience
	if c.WantsJSON() {
		wait = 0 // a script shows the progress page at once
	}
	im, err = p.badges.Await(c.Context(), im, wait)
	if err != nil {
		return err
	}
	if c.WantsJSON() {
		return c.JSON(http.StatusAccepted, map[string]string{"location": "/add/" + im.PublicID})
	}
	return p.answer(c, im)
}

func uploadOf(form web.Form) Upload {
	u := Upload{Text: form.Get("text"), URL: form.Get("url")}
	for i, f := range form.Files("file") {
		if i == 0 {
			u.File, u.Filename = f.Data, f.Name
			continue
		}
		u.More = append(u.More, File{f.Name, f.Data})
	}
	return u
}

// answerBatch leads to the page of several badges.
func (p *Pages) answerBatch(c *web.Ctx, batch string) error {
	if c.WantsJSON() {
		return c.JSON(http.StatusAccepted, map[string]string{"location": "/add/" + batch})
	}
	return c.Redirect("/add/" + batch)
}

// refuseUpload shows the form again with the reason.
func (p *Pages) refuseUpload(c *web.Ctx, u Upload, err error) error {
	return p.refuseReading(c, u, Reading{}, err)
}

// refuseReading shows the form again with the reason, and that of each file of an
// archive.
func (p *Pages) refuseReading(c *web.Ctx, u Upload, r Reading, err error) error {
	e, ok := fault.As(err)
	if !ok || c.WantsJSON() || e.Kind == fault.TooMany || e.Kind == fault.Unavailable || e.Kind == fault.Insufficient {
		return err
	}
	page := AddPage{URL: u.URL, Text: clip(u.Text, 20_000), Problem: Problem{Reason: e.Key, Key: e.Key, Args: e.Args, Link: e.Link}}
	for _, entry := range r.Entries {
		page.Entries = append(page.Entries, batchEntry(importOf(0, r, entry, "")))
	}
	return p.renderAdd(c, fault.Status(err), page)
}

// answer leads to where an import stands.
func (p *Pages) answer(c *web.Ctx, im Import) error {
	switch im.State {
	case StateDone:
		return c.Redirect("/b/" + im.Badge + "?new=1")
	case StateDuplicate:
		page := AddPage{Problem: Problem{Reason: "duplicate", Key: "badge.error.duplicate", Link: "/b/" + im.Badge, Title: im.Title}}
		return p.renderAdd(c, http.StatusConflict, page)
	case StateRefused:
		return p.renderAdd(c, http.StatusUnprocessableEntity, AddPage{Problem: problemOf(im)})
	case StateMismatch:
		return p.waits(c, im)
	case StateCancelled:
		return c.Redirect("/add/" + im.Batch)
	case StateUnpacked:
		if c.Path() == "/add/"+im.PublicID {
			return p.batch(c, im.PublicID)
		}
	}
	return c.Redirect("/add/" + im.PublicID)
}

func problemOf(im Import) Problem {
	problem := Problem{
		Reason: im.Reason, Key: "verify.reason." + im.Reason, Args: map[string]string{"detail": im.Detail},
		Title: im.Title, Checks: checkViews(im.Checks), Verdict: "invalid",
	}
	if last := failedStep(im.Checks); last.Name == "recipient" {
		problem.Link, problem.Verdict = "/settings/emails", ""
	}
	return problem
}

// ProgressPage is the page "badge/progress": an import under way.
type ProgressPage struct {
	ID, URL, Title, Filename, Image string

	Checks  []CheckView
	Running bool
	Problem Problem
}

// Meta titles the page.
func (ProgressPage) Meta() web.Meta { return web.Meta{Title: "badge.progress.title", NoIndex: true} }

func (p *Pages) progress(c *web.Ctx) error {
	several, err := p.badges.BatchByID(c.Context(), c.Viewer().Person, c.Param("id"))
	if err != nil {
		return err
	}
	if len(several) > 0 {
		return p.batch(c, c.Param("id"))
	}
	im, err := p.badges.ImportByID(c.Context(), c.Viewer().Person, c.Param("id"))
	if err != nil {
		return err
	}
	if c.WantsJSON() {
		return c.JSON(http.StatusOK, p.progressJSON(c, im))
	}
	page := ProgressPage{
		ID: im.PublicID, URL: "/add/" + im.PublicID, Title: im.Title, Filename: im.Filename,
		Checks: progress(im.Checks), Running: im.State == StateRunning,
	}
	if c.Query("partial") != "" && page.Running {
		return c.RenderPartial("checks", page.Checks)
	}
	if !page.Running {
		return p.answer(c, im)
	}
	return c.Render("badge/progress", page)
}

// progressJSON is what the script of the progress page asks for.
func (p *Pages) progressJSON(c *web.Ctx, im Import) any {
	type step struct {
		Name   string `json:"name"`
		Label  string `json:"label"`
		Result string `json:"result"`
		Text   string `json:"text"`
	}
	var steps []step
	for _, v := range progress(im.Checks) {
		s := step{Name: v.Name, Label: c.T("verify.check." + v.Name), Result: v.Result}
		if v.Reason != "" {
			s.Text = c.T("verify.reason."+v.Reason, "detail", v.Detail)
		}
		steps = append(steps, s)
	}
	location := ""
	switch im.State {
	case StateDone:
		location = "/b/" + im.Badge + "?new=1"
	case StateDuplicate, StateRefused, StateUnpacked, StateMismatch, StateCancelled:
		location = "/add/" + im.PublicID
	}
	return map[string]any{"state": im.State, "checks": steps, "location": location}
}
