package verify

import (
	"context"

	"github.com/osier-passport/osier/core/openbadge"
)

// verifiable runs the checks of a Verifiable Credential (OB3 §9 "Verification and Validation").
func (r *run) verifiable(ctx context.Context) {
	f := r.format(ctx)
	if !f.ok() {
		r.unread(f)
		return
	}
	r.emit(CheckFormat, f)
	proof, key := r.secured(ctx, r.env)
	r.emit(CheckProof, proof)
	r.emit(CheckKey, key)
	if proof.Result == Fail || key.Result == Fail {
		r.skip(CheckValidFrom, CheckExpired, CheckRevoked)
		r.checkRecipient()
		return
	}
	r.refresh(ctx)
	r.checkSchemas(ctx)
	c := r.report.Credential
	r.checkPeriod(c.IssuedOn, c.Expires)
	r.emit(CheckRevoked, r.status(ctx, r.env.Root, c))
	r.checkEndorsements(ctx)
	r.checkContained(ctx)
	r.checkRecipient()
}

// unread ends with a credential whose words are wrong, or cannot be read for certain: then
// its proof cannot be judged either.
func (r *run) unread(f finding) {
	r.emit(CheckFormat, f)
	if f.Result == Unknown {
		r.emit(CheckProof, f)
		r.skip(afterFormat()[1:]...)
		return
	}
	r.skip(afterFormat()...)
}

// secured checks the proof and the owner of its key.
func (r *run) secured(ctx context.Context, e *openbadge.Envelope) (proof, key finding) {
	if r.covered {
		return pass(), pass() // those of the record, which were checked before
	}
	issuer := idIn(e.Root.Get("issuer"))
	if e.Form == openbadge.VCJWT {
		proof, key = r.tokenProof(ctx, e, issuer)
		return proof.by("OB3 §8.2"), key.by("OB3 §8.2")
	}
	proof, key = r.embeddedProofs(ctx, e, issuer)
	return proof.by("OB3 §8.3"), key.by("OB3 §8.3")
}

// refresh gets a newer copy from the refresh service, once; on failure the original stays
// (OB3 §9.3 "Refresh", VCCR 1.0).
func (r *run) refresh(ctx context.Context) {
	for v := range r.env.Root.Get("refreshService").All() {
		if !typed(v, "1EdTechCredentialRefresh") {
			continue
		}
		r.emit(CheckRefresh, r.refreshFrom(ctx, v.Get("id").Text()).by("VCCR 1.0"))
		return
	}
}

func (r *run) refreshFrom(ctx context.Context, address string) finding {
	if address == "" {
		return unknown("bad-address", "refreshService.id")
	}
	doc, f := r.fetch(ctx, RoleRefresh, address)
	if !f.ok() {
		return f
	}
	e, err := openbadge.Open(doc.Body)
	if err != nil || !e.Root.Exists() || e.Version != r.env.Version {
		return unknown("document-unreadable", address)
	}
	if idIn(e.Root.Get("issuer")) != idIn(r.env.Root.Get("issuer")) || e.Root.Get("id").Text() != r.env.Root.Get("id").Text() {
		return unknown("refresh-other", address)
	}
	s := r.sub(e, RoleRefresh)
	if f := s.proved(ctx); !f.ok() {
		return unknown("refresh-unproved", address)
	}
	c, err := e.Credential()
	if err != nil {
		return unknown("document-unreadable", address)
	}
	if c.IssuedOn.Before(r.report.Credential.IssuedOn) {
		return unknown("refresh-older", address)
	}
	c.Raw = r.report.Credential.Raw
	r.env = e
	r.report.Credential, r.report.Keys = c, s.report.Keys
	return pass()
}

// sub is a run over a credential that this one leads to. It shares documents, which have the
// role of the outermost sub-run, and reports nothing by itself.
func (r *run) sub(e *openbadge.Envelope, role string) *run {
	if r.role != "" {
		role = r.role
	}
	return &run{
		o:      Options{At: r.o.At, Fetcher: r.o.Fetcher, Lists: r.o.Lists},
		report: Report{At: r.o.At, OB: e.Version},
		env:    e,
		docs:   r.docs,
		depth:  r.depth + 1,
		role:   role,
	}
}

// proved checks format, proof and key.
func (r *run) proved(ctx context.Context) finding {
	if f := r.format(ctx); !f.ok() {
		return f
	}
	proof, key := r.secured(ctx, r.env)
	return worst(proof, key)
}

// worst returns the first failure, else the first unknown, else the first warning, else a pass.
func worst(list ...finding) finding {
	out := pass()
	for _, f := range list {
		if f.Result == Fail {
			return f
		}
		if f.Result == Unknown && out.ok() || f.ok() && f.Warning != "" && out == pass() {
			out = f
		}
	}
	return out
}
