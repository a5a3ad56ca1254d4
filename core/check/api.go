package check

import (
	"strings"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/openbadge/verify"
	"github.com/osier-passport/osier/core/web"
)

// Answer is what a program gets: one entry for each badge, or file that is none,
// in their order.
type Answer struct {
	Results []Entry `json:"results"`
}

// Entry is the report of one badge, the same object that `osier verify --json`
// prints, or why a file holds none.
type Entry struct {
	*verify.Line

	File   string   `json:"file"`
	Inside bool     `json:"inside,omitempty"` // a badge in the record before it
	Error  *Refusal `json:"error,omitempty"`  // no verification was made
}

// Refusal names a reason.
type Refusal struct {
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

// answerJSON answers a program. Whom a badge shown here was issued to is said to
// nobody.
func answerJSON(c *web.Ctx, list []result) error {
	a := Answer{Results: []Entry{}}
	for _, r := range list {
		e := Entry{File: r.entry.Name, Inside: r.inside}
		if f, ok := fault.As(r.err); ok {
			e.Error = &Refusal{f.Key, c.T(f.Key, arguments(f)...)}
			a.Results = append(a.Results, e)
			continue
		}
		line := r.report.Line(r.entry.Name)
		if r.shy {
			line.Credential.Recipient = ""
		}
		e.Line = &line
		a.Results = append(a.Results, e)
	}
	return c.JSON(statusOf(list), a)
}

func arguments(f *fault.Error) []any {
	var out []any
	for name, value := range f.Args {
		out = append(out, name, value)
	}
	return out
}

// uploadOf reads the files, the text or the address of a form.
func uploadOf(form web.Form) badge.Upload {
	u := badge.Upload{Text: form.Get("text"), URL: strings.TrimSpace(form.Get("url"))}
	for i, f := range form.Files("file") {
		if i == 0 {
			u.File, u.Filename = f.Data, f.Name
			continue
		}
		u.More = append(u.More, badge.File{Name: f.Name, Data: f.Data})
	}
	return u
}
