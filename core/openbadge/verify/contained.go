package verify

import (
	"context"
	"strconv"

	"github.com/osier-passport/osier/core/openbadge"
)

const (
	maxContained = 20 // endorsements, or credentials of a CLR, looked at
	maxDepth     = 3  // a CLR holds badges, a badge holds endorsements
)

// checkEndorsements verifies each embedded endorsement for itself (OB3 §9.6). A bad one is
// shown and leaves the verdict: it is somebody else's word about the badge.
func (r *run) checkEndorsements(ctx context.Context) {
	if r.depth >= maxDepth {
		return
	}
	list := endorsementsOf(r.env.Doc)
	for i, raw := range list {
		if i == maxContained {
			r.emit(CheckEndorsement, unknown("too-many-documents", strconv.Itoa(len(list))))
			return
		}
		r.emit(CheckEndorsement, r.endorsement(ctx, raw).by("OB3 §9.6"))
	}
}

// endorsementsOf collects endorsements of the credential, its achievement and its issuer;
// "endorsementJwt" holds compact JWS.
func endorsementsOf(doc map[string]any) []any {
	var out []any
	places := []map[string]any{doc, asObject(doc["issuer"])}
	for _, s := range asList(doc["credentialSubject"]) {
		for _, a := range asList(asObject(s)["achievement"]) {
			places = append(places, asObject(a))
		}
	}
	for _, p := range places {
		out = append(out, asList(p["endorsement"])...)
		out = append(out, asList(p["endorsementJwt"])...)
	}
	return out
}

func (r *run) endorsement(ctx context.Context, raw any) finding {
	e, f := openEmbedded(raw)
	if !f.ok() {
		return f
	}
	if !hasType(e.Doc, "EndorsementCredential") {
		return fail("wrong-type", "endorsement.type")
	}
	return r.sub(e, RoleEndorsement).whole(ctx)
}

// openEmbedded opens a credential inside another: an object, or a compact JWS as text.
func openEmbedded(raw any) (*openbadge.Envelope, finding) {
	switch v := raw.(type) {
	case map[string]any:
		e := &openbadge.Envelope{Doc: v, Version: openbadge.V30, Form: openbadge.Unsigned}
		if hasType(v, "ClrCredential") {
			e.Version = openbadge.CLR20
		}
		if v["proof"] != nil {
			e.Form = openbadge.Embedded
		}
		return e, pass()
	case string:
		e, err := openbadge.Open([]byte(v))
		if err != nil {
			return nil, fromError(err)
		}
		if e.Form != openbadge.VCJWT {
			return nil, fail("not-a-credential", "")
		}
		return e, pass()
	}
	return nil, fail("bad-type", "endorsement")
}

// whole verifies an embedded credential in all its own points.
func (r *run) whole(ctx context.Context) finding {
	if f := r.proved(ctx); !f.ok() {
		return f
	}
	c, err := r.env.Credential()
	if err != nil {
		return fromError(err)
	}
	switch {
	case c.IssuedOn.After(r.o.At):
		return fail("not-yet", "")
	case !c.Expires.IsZero() && r.o.At.After(c.Expires):
		return fail("expired", "")
	}
	return r.status(ctx, r.env.Doc, c)
}

// checkContained verifies the credentials inside a CLR: a record is as good as what it
// records (CLR 2.0 §"Verification"). What could not be checked leaves the verdict.
func (r *run) checkContained(ctx context.Context) {
	if r.env.Version != openbadge.CLR20 || r.depth >= maxDepth {
		return
	}
	var list []any
	for _, s := range asList(r.env.Doc["credentialSubject"]) {
		list = append(list, asList(asObject(s)["verifiableCredential"])...)
	}
	out := pass()
	for i, raw := range list {
		if i == maxContained {
			out = worst(out, unknown("too-many-documents", strconv.Itoa(len(list))))
			break
		}
		e, f := openEmbedded(raw)
		if f.ok() {
			f = r.sub(e, RoleCredentials).whole(ctx)
		}
		if f.Result == Fail {
			f = fail("contained", f.Reason)
		}
		out = worst(out, f)
	}
	r.emit(CheckCredentials, out.by("CLR2 §3.3"))
}
