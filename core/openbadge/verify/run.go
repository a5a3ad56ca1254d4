package verify

import (
	"context"
	"errors"
	"sync"

	"github.com/osier-passport/osier/core/openbadge"
)

// run is one verification under way.
type run struct {
	o      Options
	report Report
	env    *openbadge.Envelope
	docs   *documents
	depth  int    // of embedded credentials: a badge in a CLR, an endorsement in a badge
	role   string // of all documents, for a credential that another one leads to

	covered bool // by the proof of the record around it, in place of one of its own

	canon   canonCache          // made by checkLinkedData for the proofs of canonOf
	canonOf *openbadge.Envelope // nil before

	credential *openbadge.Credential // of the envelope readOf, and the error with it
	readErr    error
	readOf     *openbadge.Envelope // nil before

	formatted finding // of the envelope formatOf
	formatOf  *openbadge.Envelope

	given *openbadge.Envelope // the payload, opened
	home  *session            // of the outermost run
}

// session is the memory of one Check, kept for the next one.
type session struct {
	run       run
	documents documents
	work      work
}

var sessions = sync.Pool{New: func() any { return new(session) }}

func newRun(o Options) *run {
	s, _ := sessions.Get().(*session)
	s.work = allowedWork()
	s.documents = documents{fetcher: o.Fetcher, at: o.At, work: &s.work}
	s.run = run{o: o, docs: &s.documents, home: s, report: Report{At: o.At, Checks: make([]Step, 0, usualChecks)}}
	return &s.run
}

// end gives the report, and the memory of the run with that of the opened payload back.
func (r *run) end() Report {
	s, report, given := r.home, r.report, r.given
	*s = session{}
	sessions.Put(s)
	if given != nil {
		given.Recycle()
	}
	return report
}

// usualChecks is how many checks a report of one credential has.
const usualChecks = 7

// finding is the outcome of a part of a check. The zero finding is a pass.
type finding struct {
	Result Result
	Reason string
	Detail string
	Spec   string

	Warning string // on a pass; Detail belongs to it
}

func pass() finding { return finding{Result: Pass} }

func fail(reason, detail string) finding {
	return finding{Result: Fail, Reason: reason, Detail: detail}
}

func unknown(reason, detail string) finding {
	return finding{Result: Unknown, Reason: reason, Detail: detail}
}

// warn is a pass that deserves a second look.
func warn(reason, detail string) finding {
	return finding{Result: Pass, Warning: reason, Detail: detail}
}

func skipped() finding { return finding{Result: Skipped} }

// finding is what a recorded check found.
func (s Step) finding() finding {
	return finding{Result: s.Result, Reason: s.Reason, Detail: s.Detail, Spec: s.Spec, Warning: s.Warning}
}

func (f finding) ok() bool { return f.Result == Pass || f.Result == "" }

func (f finding) by(spec string) finding {
	if f.Spec == "" {
		f.Spec = spec
	}
	return f
}

func (f finding) under(spec string) finding {
	f.Spec = spec
	return f
}

// emit records a finished check.
func (r *run) emit(name string, f finding) { r.emitBy(name, f, word{}) }

// emitBy records a finished check of what somebody else made.
func (r *run) emitBy(name string, f finding, w word) {
	if f.Result == "" {
		f.Result = Pass
	}
	s := Step{Name: name, Result: f.Result, Reason: f.Reason, Detail: printable(f.Detail), Spec: f.Spec, Warning: f.Warning, At: r.o.At, By: printable(w.by), Said: w.said}
	if s.Spec == "" {
		s.Spec = specOf(name, r.report.OB)
	}
	if r.depth == 0 && f.Result != Skipped {
		s.Documents = r.docs.take(name, f.Result == Fail, r.report.Checks)
	}
	r.report.Checks = append(r.report.Checks, s)
	if r.o.OnCheck != nil {
		r.o.OnCheck(s)
	}
}

// specOf is where the rule of a check stands, unless the check says it closer.
func specOf(name string, v openbadge.Version) string {
	three := v == openbadge.V30 || v == openbadge.CLR20
	switch {
	case name == CheckFormat && three:
		return "OB3 §B.1"
	case three:
		return "OB3 §9.1"
	case v == openbadge.V05, v == openbadge.V10, v == openbadge.V11:
		return "OB " + string(v)
	case name == CheckFormat:
		return "OB2 §Assertion"
	}
	return "OB2 §Implementation"
}

// skip records the checks that no longer make sense.
func (r *run) skip(names ...string) {
	for _, n := range names {
		r.emit(n, skipped())
	}
}

func (r *run) finish() {
	r.report.Verdict = verdictOf(r.report.Checks)
	r.report.Documents = r.docs.used
}

func afterFormat() []string {
	return []string{CheckProof, CheckKey, CheckValidFrom, CheckExpired, CheckRevoked, CheckRecipient}
}

// payload opens the credential and goes the way of its form.
func (r *run) payload(ctx context.Context, payload []byte) {
	e, err := openbadge.Open(payload)
	if err != nil {
		r.emit(CheckFormat, fromError(err))
		r.skip(afterFormat()...)
		return
	}
	r.env, r.given = e, e
	r.judge(ctx)
}

// normal gives the credential in normal form, and nil with the error in readErr that format
// tells of; a field of the wrong type leaves the rest.
func (r *run) normal() *openbadge.Credential {
	if r.readOf != r.env {
		r.credential, r.readErr = r.env.Credential()
		r.readOf = r.env
	}
	return r.credential
}

// judge goes the way of the form of the envelope.
func (r *run) judge(ctx context.Context) {
	e := r.env
	if e.URL != "" && !e.Root.Exists() && !r.follow(ctx) {
		return
	}
	r.report.OB = r.env.Version
	c := r.normal()
	r.report.Credential = c
	if c != nil {
		r.report.Kind = c.Kind
	}
	switch r.env.Version {
	case openbadge.V30, openbadge.CLR20:
		r.verifiable(ctx)
	case "":
		r.emit(CheckFormat, fail("not-a-credential", ""))
		r.skip(afterFormat()...)
	default:
		r.assertion(ctx)
	}
}

// follow fetches a payload that is an address. It reports false when that ends the matter.
func (r *run) follow(ctx context.Context) bool {
	address := r.env.URL
	doc, f := r.fetch(ctx, RoleAssertion, address)
	if doc.Status == statusGone {
		r.report.Credential, _ = r.env.Credential()
		r.emit(CheckFormat, skipped())
		r.gone(address)
		return false
	}
	if f.ok() {
		e, err := openbadge.Open(doc.Body)
		if err == nil && e.URL != "" {
			err = &openbadge.Error{Reason: "not-a-credential", Detail: address}
		}
		if err == nil {
			e.URL = address
			r.env = e
			return true
		}
		f = fromError(err)
	}
	r.report.Credential, _ = r.env.Credential()
	if f.Result == Unknown {
		r.emit(CheckFormat, skipped())
		r.emit(CheckProof, f)
		r.skip(afterFormat()[1:]...)
		return false
	}
	r.emit(CheckFormat, f)
	r.skip(afterFormat()...)
	return false
}

// gone records a hosted badge whose address answers 410 (OB2 §Implementation "hosted").
func (r *run) gone(address string) {
	r.skip(CheckProof, CheckKey, CheckValidFrom, CheckExpired)
	r.emit(CheckRevoked, fail(reasonGone, address).by("OB2 §Implementation"))
	r.skip(CheckRecipient)
}

func fromError(err error) finding {
	if oe, ok := errors.AsType[*openbadge.Error](err); ok {
		return fail(oe.Reason, oe.Detail)
	}
	return fail("not-a-credential", "")
}
