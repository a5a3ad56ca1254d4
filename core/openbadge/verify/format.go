package verify

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/ld"
	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// format makes the checks that need no document: see Precheck.
func (r *run) format(ctx context.Context) finding {
	e := r.env
	if !e.Root.Exists() {
		return pass()
	}
	if r.formatOf == e {
		return r.formatted
	}
	switch e.Version {
	case openbadge.V30, openbadge.CLR20:
		return r.formatVC(ctx, e)
	case "":
		return fail("not-a-credential", "")
	}
	if f := formatAssertion(e); !f.ok() {
		return f
	}
	if f := r.checkFields(e); !f.ok() {
		return f
	}
	if e.Form == openbadge.JWS {
		return checkHeader(e.Header, false)
	}
	return pass()
}

// formatVC checks a Verifiable Credential (OB3 §B.1, VC 2.0 §4, VC 1.1 §4). It is unknown
// when a context is not at hand: then the words of the badge cannot be read for certain.
func (r *run) formatVC(ctx context.Context, e *openbadge.Envelope) finding {
	contexts := checkContexts(e)
	if contexts.Result == Fail {
		return contexts
	}
	kind := checkTypes(e)
	for _, step := range []func(*openbadge.Envelope) finding{
		func(*openbadge.Envelope) finding { return kind }, checkIdentifiers, checkDates, checkShape, r.checkFields,
	} {
		if f := step(e); !f.ok() {
			return f
		}
	}
	if contexts.ok() {
		if f := r.checkLinkedData(ctx, e); !f.ok() {
			return f
		}
	}
	if kind.Warning == "" && !badgeContext(e.Root.Get("@context")) {
		return fail("missing-context", "")
	}
	if !r.covered {
		if f := checkSecured(e); !f.ok() {
			return f
		}
	}
	return worst(kind, contexts, checkWords(e, kind))
}

// checkWords has a word about a value that the enumeration of its property does not have.
func checkWords(e *openbadge.Envelope, kind finding) finding {
	if kind.Warning != "" {
		return pass()
	}
	if at := unusualWord(e.Root.Get("credentialSubject"), 0); at != "" {
		return warn("unknown-word", joinPath("credentialSubject", at))
	}
	return pass()
}

// checkFields reads the credential into the normal form, which names a field of the wrong
// type.
func (r *run) checkFields(e *openbadge.Envelope) finding {
	err := r.readErr
	if r.readOf != e {
		_, err = e.Credential()
	}
	if err != nil {
		return fromError(err)
	}
	return pass()
}

const (
	vc1Context = "https://www.w3.org/2018/credentials/v1"
	vc2Context = "https://www.w3.org/ns/credentials/v2"
)

// checkContexts wants the data model's context first and an Open Badges or CLR context
// behind it (VC 2.0 §4.3, OB3 §B.1). A "vc" claim belongs to VC 1.1 alone (OB3 §8.2.3).
func checkContexts(e *openbadge.Envelope) finding {
	list := e.Root.Get("@context")
	if list.Len() == 0 {
		return fail("missing", "@context")
	}
	base := list.First().Text()
	if base != vc1Context && base != vc2Context {
		return fail("context-order", base)
	}
	if e.Claims.Get("vc").Present() && base != vc1Context {
		return fail("vc-claim", base)
	}
	out := pass()
	for c := range list.All() {
		name, ok := c.Text(), c.IsText()
		if ok && name != base && (name == vc1Context || name == vc2Context) {
			return fail("context-order", name)
		}
		if ok && !ld.KnownContext(name) {
			out = worst(out, missingContext(name))
		}
	}
	return worst(out, checkContextVersion(list, base))
}

const ob3Context = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"

// checkContextVersion has a word about the age of a badge: the data model before VC 2.0, which
// is read as well (OB3 §1.4), or VC 2.0 with an earlier revision of the context than the text
// names (OB3 §B.1.1 "@context"), which the schema of the same section allows.
func checkContextVersion(list strictjson.Value, base string) finding {
	if base == vc1Context {
		return warn("older-data-model", "VC 1.1")
	}
	other := ""
	for c := range list.All() {
		switch name := c.Text(); {
		case name == ob3Context:
			return pass()
		case strings.Contains(name, "/spec/ob/v3p0/context"):
			other = name
		}
	}
	if other != "" {
		return warn("context-version", other)
	}
	return pass()
}

// missingContext judges a context that is not embedded. It is never fetched: whoever serves
// it could change what a signed badge says. An address that no issuer could mean is refused.
func missingContext(name string) finding {
	u, err := url.Parse(name)
	if err != nil || u.Scheme != "https" || u.User != nil || !isDomain(u.Hostname()) || lookAlike(u) {
		return fail("unknown-context", name)
	}
	return unknown("unknown-context", name)
}

// lookAlike reports whether an address imitates a known context, or lies where all contexts
// are known.
func lookAlike(u *url.URL) bool {
	host := strings.ToLower(u.Hostname())
	if host == "www.w3.org" || host == "w3.org" || host == "purl.imsglobal.org" {
		return true
	}
	return ld.KnownContext(strings.ToLower("https://" + host + strings.TrimRight(u.Path, "/")))
}

// badgeContext reports whether a context brings the Open Badges or CLR terms.
func badgeContext(contexts strictjson.Value) bool {
	for c := range contexts.All() {
		s := c.Text()
		for _, part := range []string{"/spec/ob/v3p0", "/spec/clr/v2p0", "/openbadges-specification/"} {
			if strings.Contains(s, part) {
				return true
			}
		}
	}
	return false
}

// checkTypes wants a badge, an endorsement or a CLR, and of any other credential that has the
// words of Open Badges (OB3 §B.1.1 "type"). One that has not does not call itself a badge: it is
// held against the data model of credentials alone, with a word about what it is not.
func checkTypes(e *openbadge.Envelope) finding {
	texts := 0
	for t := range types(e.Root).All() {
		if t.IsText() {
			texts++
		}
	}
	if texts != e.Root.Get("type").Len() {
		return fail("bad-type", "type")
	}
	if !typed(e.Root, "VerifiableCredential") {
		return otherObject(e.Root)
	}
	if isBadgeOrKin(e.Root) {
		return pass()
	}
	names := strings.Join(typesIn(e.Root), ", ")
	if badgeContext(e.Root.Get("@context")) {
		return fail("not-a-badge", names)
	}
	return warn(reasonOther, names).by("VC 2.0 §4")
}

// otherObject says what an object of the data model is that is no credential: a presentation,
// or an envelope around one that openbadge.Open could not take out (VC 2.0 §4.13).
func otherObject(v strictjson.Value) finding {
	switch {
	case typed(v, "VerifiablePresentation", "EnvelopedVerifiablePresentation"):
		return fail("presentation", "").by("VC 2.0 §4.13")
	case !typed(v, "EnvelopedVerifiableCredential"):
		return fail("wrong-type", "type")
	}
	media, _, _ := strings.Cut(strings.TrimPrefix(idIn(v), "data:"), ",")
	switch strings.ToLower(media) {
	case "application/vc+sd-jwt", "application/vc+cose", "application/dc+sd-jwt":
		return unknown("proof-suite", media).by("VC 2.0 §4.13.1")
	}
	return fail("envelope", media).by("VC 2.0 §4.13.1")
}

// isBadgeOrKin reports whether a credential calls itself a badge, an endorsement or a CLR.
func isBadgeOrKin(doc strictjson.Value) bool {
	return typed(doc, "OpenBadgeCredential", "AchievementCredential", "EndorsementCredential", "ClrCredential")
}

// checkLinkedData canonicalises the document, which finds terms that the contexts do not
// define: they would not be signed. A VC-JWT secures its text, so there the contexts alone
// are held against the rules.
func (r *run) checkLinkedData(ctx context.Context, e *openbadge.Envelope) finding {
	if e.Form == openbadge.VCJWT {
		if f := r.checkPlainContexts(ctx, e.Root.Get("@context")); !f.ok() {
			return f
		}
		if term := ld.UndefinedTerm(e.Root); term != "" {
			return fail("undefined-term", term)
		}
		return pass()
	}
	set := &proofSet{cache: canonCache{}, work: r.docs.work}
	_, f := set.hash(ctx, suite{}, ld.Document{Value: e.Root, Without: "proof"}, sha256Hash, true)
	r.canon, r.canonOf = set.cache, e
	return f
}

// canonicalFinding says why a document could not be canonicalised.
func canonicalFinding(ctx context.Context, err error) finding {
	if le, ok := errors.AsType[*ld.Error](err); ok {
		return fail(le.Reason, le.Detail)
	}
	if ctx.Err() != nil {
		return unknown("timeout", "")
	}
	return fail("json-ld", "")
}

// checkSecured wants a proof of a known form, or the headers of a VC-JWT.
func checkSecured(e *openbadge.Envelope) finding {
	if e.Form == openbadge.VCJWT {
		if f := checkHeader(e.Header, true); !f.ok() {
			return f
		}
		return checkSecuredKeys(e, e.Header.Get("kid").Text())
	}
	proofs, f := proofsOf(e.Root)
	if !f.ok() {
		return f
	}
	first := finding{}
	for _, p := range proofs {
		f := methodFitsIssuer(idIn(e.Root.Get("issuer")), idIn(p.Get("verificationMethod")))
		if f.Result != Fail {
			return pass()
		}
		if first.Result == "" {
			first = f
		}
	}
	if first.Reason == "key-not-issuers" {
		return pass() // the key check says it
	}
	return first
}

func checkSecuredKeys(_ *openbadge.Envelope, kid string) finding {
	if base, _ := splitFragment(kid); didMethod(base) != "" {
		return checkDID(base)
	}
	return pass()
}
