package verify

import (
	"cmp"
	"context"
	"strings"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// reasonPart is the warning on a badge class or an issuer that came alone.
const reasonPart = "badge-part"

// isPartAlone reports a part of a badge that comes without one: a badge class or an issuer, by
// the types that OB 1.1 brought or the shape that OB 1.0 asks for, or an alignment of OB 2.0.
func isPartAlone(e *openbadge.Envelope) bool {
	if e.Form != openbadge.Hosted || !e.Root.Exists() {
		return false
	}
	switch e.Version {
	case openbadge.V10:
		return !types(e.Root).Present() && !shapedAsAssertion(e.Root) && (isClass(e.Root) || e.Root.Get("name").Present() && e.Root.Get("url").Present())
	case openbadge.V11, openbadge.V20, openbadge.V21:
		return !typed(e.Root, "Assertion", "Endorsement", "obi:Assertion") && (isClass(e.Root) || typed(e.Root, "Issuer", "Profile", "IssuerOrg", "AlignmentObject"))
	}
	return false
}

func shapedAsAssertion(v strictjson.Value) bool {
	for _, name := range []string{"badge", "recipient", "verify", "revoked", "uid"} {
		if v.Get(name).Present() {
			return true
		}
	}
	return false
}

// isClass tells a badge class by its type, and one of OB 1.0 by what only classes have.
func isClass(v strictjson.Value) bool {
	return typed(v, "BadgeClass") || !types(v).Present() && v.Get("criteria").Present() && v.Get("issuer").Present()
}

// part judges a badge class or an issuer that comes alone. It is no badge: what can be said is
// whether it is well formed, whether its own address answers it, and for a class whether its
// issuer lets things of its own live there (OB2 §BadgeClass, §Profile). Precheck refuses it.
func (r *run) part(ctx context.Context) {
	e := r.env
	r.report.Kind, r.report.Credential = "", &openbadge.Credential{Version: e.Version, Form: e.Form, Raw: e.Raw}
	format := formatPart(e.Root, e.Version != openbadge.V10)
	if e.Version != openbadge.V10 {
		format = worst(checkOBContext(e.Doc()["@context"]), format)
	}
	if !format.ok() {
		r.unread(format)
		return
	}
	r.emit(CheckFormat, warn(reasonPart, partName(e.Root)).by("OB2 §BadgeClass"))
	root, proof := r.hostedPart(ctx, e.Root)
	r.emit(CheckProof, proof.by("OB2 §Implementation"))
	key := skipped()
	if proof.ok() && !typed(root, "AlignmentObject") {
		key = r.partIssuer(ctx, root).by("OB2 §HostedBadge")
	}
	r.emit(CheckKey, key)
	r.skip(CheckValidFrom, CheckExpired, CheckRevoked, CheckRecipient)
}

func partName(v strictjson.Value) string {
	switch {
	case types(v).Present():
		return strings.Join(typesIn(v), ", ")
	case isClass(v):
		return "BadgeClass"
	}
	return "Issuer"
}

// formatPart checks a part by the table of its class. OB 1.0 has neither types nor ids.
func formatPart(v strictjson.Value, withType bool) finding {
	if id := v.Get("id"); (withType || id.Present()) && !isIRI(id.Text()) {
		return fail("missing", "id")
	}
	switch {
	case isClass(v):
		return formatClass(v, withType)
	case typed(v, "AlignmentObject"): // OB2 §AlignmentObject
		for _, name := range []string{"targetName", "targetUrl"} {
			if !v.Get(name).IsText() {
				return fail("missing", name)
			}
		}
		if isDangerous(v.Get("targetUrl").Text()) {
			return fail("bad-address", "targetUrl")
		}
		return pass()
	}
	return formatProfile(v, withType)
}

// hostedPart gives what the address of a part answers: that is the part, the copy at hand is not.
func (r *run) hostedPart(ctx context.Context, v strictjson.Value) (strictjson.Value, finding) {
	role, id := RoleIssuer, r.partAddress(v)
	if isClass(v) {
		role = RoleClass
	}
	switch {
	case id == "" && r.env.Version == openbadge.V10 && r.o.OwnCopy:
		return v, warn("part-without-address", "")
	case !isWeb(id):
		return v, unknown("no-address", "")
	}
	root, at, f := r.read(ctx, role, id)
	own := root.Get("id")
	switch {
	case f.Reason == "unavailable" && r.o.OwnCopy:
		return v, warn("own-copy", id)
	case !f.ok():
		return v, f
	case at.speaker(id) != id:
		return v, unknown("redirected", at.FinalURL)
	case (own.Present() || r.env.Version != openbadge.V10) && own.Text() != id:
		return v, fail("hosted-id", own.Text())
	case isClass(root) != isClass(v):
		return v, fail("wrong-type", "type")
	}
	return root, formatPart(root, r.env.Version != openbadge.V10)
}

// partAddress is where a part says that it lives, else where it was found: those of OB 1.0 do
// not say it.
func (r *run) partAddress(v strictjson.Value) string {
	return cmp.Or(v.Get("id").Text(), r.env.URL)
}

// partIssuer reads who stands behind a part that its address proved.
func (r *run) partIssuer(ctx context.Context, v strictjson.Value) finding {
	c, id := r.report.Credential, r.partAddress(v)
	if !isClass(v) {
		c.Issuer.ID = id
		if err := c.WithIssuer(v); err != nil {
			return fromError(err)
		}
		if id == "" {
			return pass()
		}
		return safely(id)
	}
	if err := c.WithClass(v); err != nil {
		return fromError(err)
	}
	g := graph{class: v, classAddress: id}
	f := r.readIssuer(ctx, &g, v.Get("issuer"), r.env.Version != openbadge.V10, id)
	if f.ok() {
		f = worst(classScope(id, g), g.notice)
	}
	if f.Spec == specFormat {
		f.Spec = ""
	}
	return f
}

// classScope asks whether an issuer knows of a class. Only where badges live is for the issuer
// to say (OB2 §VerificationObject); of a class that lies elsewhere no text says more, so it is
// worth a word, and where the issuer names its hosts without this one it cannot be known.
func classScope(address string, g graph) finding {
	if address == "" {
		return pass()
	}
	f := scope(address, g)
	if v := g.issuer.Get("verification").First(); f.Result == Fail && (v.Get("startsWith").Present() || v.Get("allowedOrigins").Present()) {
		return asUnknown(f)
	}
	if f.Result == Fail {
		return warn("class-elsewhere", f.Detail)
	}
	return f
}
