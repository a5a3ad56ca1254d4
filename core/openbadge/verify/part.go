package verify

import (
	"context"
	"strings"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// reasonPart is the warning on a badge class or an issuer that came alone.
const reasonPart = "badge-part"

// isClassAlone and isProfileAlone report a part of a badge that comes without one, by the types
// that OB 1.1 brought.
func isClassAlone(e *openbadge.Envelope) bool { return isPart(e) && typed(e.Root, "BadgeClass") }

func isProfileAlone(e *openbadge.Envelope) bool {
	return isPart(e) && !typed(e.Root, "BadgeClass") && typed(e.Root, "Issuer", "Profile", "IssuerOrg")
}

func isPart(e *openbadge.Envelope) bool {
	switch e.Version {
	case openbadge.V11, openbadge.V20, openbadge.V21:
		return e.Form == openbadge.Hosted && e.Root.Exists() && !typed(e.Root, "Assertion", "Endorsement", "obi:Assertion")
	}
	return false
}

// part judges a badge class or an issuer that comes alone. It is no badge: what can be said is
// whether it is well formed, whether its own address answers it, and for a class whether its
// issuer lets things of its own live there (OB2 §BadgeClass, §Profile). Precheck refuses it.
func (r *run) part(ctx context.Context) {
	e := r.env
	r.report.Kind, r.report.Credential = "", &openbadge.Credential{Version: e.Version, Form: e.Form, Raw: e.Raw}
	format := worst(checkOBContext(e.Doc()["@context"]), formatPart(e.Root))
	if !format.ok() {
		r.unread(format)
		return
	}
	r.emit(CheckFormat, warn(reasonPart, strings.Join(typesIn(e.Root), ", ")).by("OB2 §BadgeClass"))
	root, proof := r.hostedPart(ctx, e.Root)
	r.emit(CheckProof, proof.by("OB2 §Implementation"))
	key := skipped()
	if proof.ok() {
		key = r.partIssuer(ctx, root).by("OB2 §HostedBadge")
	}
	r.emit(CheckKey, key)
	r.skip(CheckValidFrom, CheckExpired, CheckRevoked, CheckRecipient)
}

func formatPart(v strictjson.Value) finding {
	if id := v.Get("id"); !isIRI(id.Text()) {
		return fail("missing", "id")
	}
	if typed(v, "BadgeClass") {
		return formatClass(v, true)
	}
	return formatProfile(v, true)
}

// hostedPart gives what the address of a part answers: that is the part, the copy at hand is not.
func (r *run) hostedPart(ctx context.Context, v strictjson.Value) (strictjson.Value, finding) {
	role, id := RoleIssuer, v.Get("id").Text()
	if typed(v, "BadgeClass") {
		role = RoleClass
	}
	if !isWeb(id) {
		return v, unknown("no-address", "")
	}
	root, at, f := r.read(ctx, role, id)
	switch {
	case f.Reason == "unavailable" && r.o.OwnCopy:
		return v, warn("own-copy", id)
	case !f.ok():
		return v, f
	case at.speaker(id) != id:
		return v, unknown("redirected", at.FinalURL)
	case root.Get("id").Text() != id:
		return v, fail("hosted-id", root.Get("id").Text())
	case typed(root, "BadgeClass") != typed(v, "BadgeClass"):
		return v, fail("wrong-type", "type")
	}
	return root, formatPart(root)
}

// partIssuer reads who stands behind a part that its address proved.
func (r *run) partIssuer(ctx context.Context, v strictjson.Value) finding {
	c, id := r.report.Credential, v.Get("id").Text()
	if !typed(v, "BadgeClass") {
		c.Issuer.ID = id
		if err := c.WithIssuer(v); err != nil {
			return fromError(err)
		}
		return safely(id)
	}
	if err := c.WithClass(v); err != nil {
		return fromError(err)
	}
	g := graph{class: v, classAddress: id}
	f := r.readIssuer(ctx, &g, v.Get("issuer"), true, id)
	if f.ok() {
		f = worst(asUnknown(scope(id, g)), g.notice) // no text forbids it, yet nothing says that the issuer knows of it
	}
	if f.Spec == specFormat {
		f.Spec = ""
	}
	return f
}
