package verify

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/openbadge"
)

// Prepared is a payload whose first look is done: what is left of its Check needs documents.
type Prepared struct{ run *run }

// Precheck makes the part of Check that needs no document: the payload can be read, keys
// are unique, its JSON-LD can be canonicalised with known contexts, identifiers and dates
// are well formed, and a hosting address or a proof of a known form is there. The error is
// an *openbadge.Error whose Reason is the reason of the failed check. The credential is what
// openbadge.Parse reads, nil where that errs; it may be there although a check failed. A
// credential of another kind is refused here, for nobody can keep it, while Check judges it.
func Precheck(ctx context.Context, payload []byte) (*openbadge.Credential, error) {
	p, c, err := Prepare(ctx, payload)
	if p != nil {
		p.run.end()
	}
	return c, err
}

// Prepare is Precheck of a payload that Check is to follow: Prepared spares it the same work.
// There is none with an error. The credential is the one that the report will have.
func Prepare(ctx context.Context, payload []byte) (*Prepared, *openbadge.Credential, error) {
	e, err := openbadge.Open(payload)
	if err != nil {
		return nil, nil, err
	}
	r := newRun(Options{At: time.Unix(0, 0)})
	r.env, r.given = e, e
	c := r.normal()
	if r.readErr != nil {
		c = nil
	}
	f := r.format(ctx)
	if f.Warning == reasonOther {
		f = fail("not-a-badge", f.Detail)
	}
	if f.Result == Fail {
		r.end()
		return nil, c, &openbadge.Error{Reason: f.Reason, Detail: f.Detail}
	}
	if ctx.Err() == nil { // else it was not looked at to its end
		r.formatted, r.formatOf = f, e
	}
	return &Prepared{r}, c, nil
}

// Check gives the same Report as Check of the payload. It may be called once.
func (p *Prepared) Check(ctx context.Context, o Options) Report {
	r := p.run
	p.run = nil
	r.o = o.filled()
	r.docs.fetcher, r.docs.at, r.report.At = r.o.Fetcher, r.o.At, r.o.At
	r.judge(ctx)
	r.finish()
	return r.end()
}
