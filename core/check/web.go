package check

import (
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/verify"
	"github.com/osier-passport/osier/core/text"
	"github.com/osier-passport/osier/core/web"
)

const (
	maxAddress = 320     // characters: an e-mail address (RFC 3696 erratum 1690) or a profile
	maxEcho    = 100_000 // characters of a pasted text that are said back
)

// Mount makes the routes of the public check. A GET shows the form and fetches
// nothing, whatever its query.
func (s *Check) Mount(r web.Router) {
	r.Get("/verify", s.form)
	r.Ask("/verify", s.post)
}

// Page is the page "check/verify".
type Page struct {
	URL, Text, Address string
	MaxSize            int        // MB
	Badge              badge.Card // shown here and asked about; absent when its ID is ""
	Problem            badge.Problem
	Results            []Result
}

// Result is one badge with its checks, or one file that is none.
type Result struct {
	Filename                           string
	Inside                             bool          // a badge in the record before it
	Brief                              bool          // one of several: its checks are folded
	Problem                            badge.Problem // no verification was made; the rest is empty then
	Name, Description                  string
	Record                             bool // a CLR: a record of several badges
	Image                              template.URL
	Issuer, IssuerID                   string
	IssuedAt, ExpiresAt, VerifiedAt    time.Time
	Verdict                            string
	Recipient                          string // result of the question about the address
	Checks                             []badge.CheckView
	Documents                          []badge.Document
	Version, Form, WireID, CriteriaURL string
}

// Meta titles the page. The pictures of results are in the page itself; a script
// puts results into the bare form, whose policy then holds.
func (p Page) Meta() web.Meta {
	return web.Meta{Title: "check.title", Description: "check.lede", Canonical: "/verify", InlineImages: true}
}

func (s *Check) form(c *web.Ctx) error {
	page := Page{URL: clip(c.Query("url"), 2048)}
	return s.render(c, http.StatusOK, page, c.Query("badge"))
}

// render shows the page; id is the badge shown here that is asked about, or "".
func (s *Check) render(c *web.Ctx, status int, page Page, id string) error {
	page.MaxSize = web.BodyLimit >> 20
	if id != "" {
		b, _, err := s.badges.Credential(c.Context(), c.Viewer().Person, id)
		if err != nil {
			return err
		}
		page.Badge = badge.NewCard(b, c.Viewer().Person, c.Now())
	}
	return c.RenderStatus(status, "check/verify", page)
}

func (s *Check) post(c *web.Ctx) error {
	if err := c.Limit("check", c.Network(), limit, window); err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	q := question{upload: uploadOf(form), badge: form.Get("badge"), viewer: c.Viewer().Person}
	if q.badge == "" {
		q.badge = ownBadge(c, q.upload)
	}
	page := Page{URL: clip(q.upload.URL, 2048), Text: clip(q.upload.Text, maxEcho), Address: clip(strings.TrimSpace(form.Get("address")), maxAddress)}
	results, err := s.answer(c.Context(), q)
	if err == nil && c.WantsJSON() {
		return answerJSON(c, results)
	}
	if err != nil {
		return s.refuse(c, page, q.badge, err)
	}
	for _, r := range results {
		v := view(r, page.Address)
		v.Brief = len(results) > 1
		page.Results = append(page.Results, v)
	}
	return s.render(c, statusOf(results), page, q.badge)
}

// ownBadge is the id of the badge of this passport that an address means, or "".
// Its credential is here: nothing has to be fetched.
func ownBadge(c *web.Ctx, u badge.Upload) string {
	address := u.URL
	if address == "" {
		address = strings.TrimSpace(u.Text)
	}
	if len(u.File) > 0 {
		return ""
	}
	rest, ok := strings.CutPrefix(address, c.URL("/b/"))
	if !ok {
		return ""
	}
	id, _, _ := strings.Cut(rest, "?")
	id, _, _ = strings.Cut(id, "/")
	id, _ = url.PathUnescape(id)
	return id
}

// statusOf is 422 when no badge was found to be verified.
func statusOf(list []result) int {
	for _, r := range list {
		if r.err == nil {
			return http.StatusOK
		}
	}
	return http.StatusUnprocessableEntity
}

// refuse shows the form again with the reason.
func (s *Check) refuse(c *web.Ctx, page Page, id string, err error) error {
	e, ok := fault.As(err)
	if !ok || id != "" || c.WantsJSON() || e.Kind == fault.TooMany || e.Kind == fault.Unavailable {
		return err
	}
	page.Problem = problemOf(e)
	return s.render(c, fault.Status(err), page, "")
}

func problemOf(e *fault.Error) badge.Problem {
	return badge.Problem{Reason: e.Key, Key: e.Key, Args: e.Args}
}

// view makes what the page shows of a result. Everything in it is the word of
// strangers.
func view(r result, address string) Result {
	v := Result{Filename: r.entry.Name, Inside: r.inside, Name: r.entry.Title}
	if e, ok := fault.As(r.err); ok {
		v.Problem = problemOf(e)
		return v
	}
	v.Verdict, v.VerifiedAt, v.Version = string(r.report.Verdict), r.report.At, version(r.report.OB)
	v.Checks, v.Documents, v.Image = badge.CheckViews(asked(r.report.Checks)), badge.DocumentViews(r.report.Documents), r.art
	c := r.report.Credential
	if c == nil {
		return v
	}
	v.Record = r.report.Kind == openbadge.CLR
	v.Name, v.Description = clip(c.Name, 300), text.Plain(c.Description, 400)
	v.Issuer, v.IssuerID, v.WireID = clip(c.Issuer.Name, 200), clip(c.Issuer.ID, 300), clip(c.ID, 300)
	v.IssuedAt, v.ExpiresAt, v.Form = c.IssuedOn, c.Expires, string(c.Form)
	if u, err := url.Parse(c.CriteriaID); err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" {
		v.CriteriaURL = u.String()
	}
	if address != "" && !r.shy {
		check := issuedTo(c, address)
		v.Checks, v.Recipient = append(v.Checks, check), check.Result
	}
	return v
}

// asked leaves out whom the badge was issued to: that is a check of its own here.
func asked(list []verify.Step) []verify.Step {
	out := make([]verify.Step, 0, len(list))
	for _, c := range list {
		if c.Name != verify.CheckRecipient {
			out = append(out, c)
		}
	}
	return out
}

// version is the standard as people know it.
func version(v openbadge.Version) string {
	switch v {
	case "":
		return ""
	case openbadge.CLR20:
		return "CLR 2.0"
	}
	return "Open Badges " + string(v)
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}
