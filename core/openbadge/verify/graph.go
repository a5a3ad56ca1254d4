package verify

import (
	"context"

	"github.com/osier-passport/osier/core/openbadge"
)

// graph is the badge class and the issuer of an OB 1.x or 2.0 badge.
type graph struct {
	class, issuer map[string]any
	classAddress  string
	issuerAddress string  // the address that speaks for the issuer
	notice        finding // a warning about the issuer, or the zero finding
}

// specFormat marks a finding as one of the format of a linked document.
const specFormat = "format"

func formatFinding(f finding) finding {
	f.Spec = specFormat
	return f
}

// graph reads the class and the issuer and fills them into the credential. base is the
// address of the badge, or "" for a signed one.
func (r *run) graph(ctx context.Context, base string) (graph, finding) {
	c := r.report.Credential
	if r.env.Version == openbadge.V05 {
		return graph{issuerAddress: c.Issuer.ID, issuer: map[string]any{}}, pass()
	}
	if r.env.Doc["revoked"] == true && r.env.Doc["badge"] == nil {
		return graph{issuerAddress: base, issuer: map[string]any{}}, pass()
	}
	typed := r.env.Version != openbadge.V10
	g := graph{}
	issuer := r.env.Doc["issuer"]
	if c.Kind == openbadge.Badge {
		if f := r.readClass(ctx, &g, base, typed); !f.ok() {
			return g, f
		}
		issuer = g.class["issuer"]
	}
	if f := r.readIssuer(ctx, &g, issuer, typed); !f.ok() {
		return g, f
	}
	if own := idOf(r.env.Doc["issuer"]); c.Kind == openbadge.Badge && own != "" && own != idOf(issuer) {
		return g, fail("issuer-differs", own)
	}
	return g, pass()
}

// readClass reads the BadgeClass. One inside the badge is good enough where its address
// has the origin of the badge, or where it has none; elsewhere the address decides.
func (r *run) readClass(ctx context.Context, g *graph, base string, typed bool) finding {
	v := firstOfList(r.env.Doc["badge"])
	g.class, g.classAddress = asObject(v), idOf(v)
	if g.class == nil || isWeb(g.classAddress) && !sameOrigin(g.classAddress, base) {
		doc, at, f := r.linked(ctx, RoleClass, g.classAddress)
		if !f.ok() {
			return f
		}
		g.class, g.classAddress = doc, at
	}
	if f := formatClass(g.class, typed); !f.ok() {
		return formatFinding(f)
	}
	if err := r.report.Credential.WithClass(g.class); err != nil {
		return formatFinding(fromError(err))
	}
	return pass()
}

// readIssuer reads the issuer Profile. What a badge says of its issuer counts for nothing
// where the issuer has an address of its own.
func (r *run) readIssuer(ctx context.Context, g *graph, v any, typed bool) finding {
	one := firstOfList(v)
	g.issuer, g.issuerAddress = asObject(one), idOf(one)
	switch {
	case isWeb(g.issuerAddress):
		doc, at, f := r.linked(ctx, RoleIssuer, g.issuerAddress)
		if !f.ok() {
			return f
		}
		g.issuer, g.issuerAddress = doc, at
	case g.issuer != nil && isWeb(idOf(g.issuer["url"])):
		// without an address of its own the issuer is the site that it names
		g.issuer = withoutKey(g.issuer, "verification")
		g.issuerAddress = idOf(g.issuer["url"])
	default:
		return unknown("issuer-unprovable", g.issuerAddress)
	}
	if f := formatProfile(g.issuer, typed); !f.ok() {
		return formatFinding(f)
	}
	if id := idOf(g.issuer); id != "" && !isWeb(id) {
		g.notice = warn("issuer-id", id)
	}
	c := r.report.Credential
	c.Issuer.ID = g.issuerAddress
	if err := c.WithIssuer(g.issuer); err != nil {
		return formatFinding(fromError(err))
	}
	return pass()
}

func withoutKey(m map[string]any, key string) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		if k != key {
			out[k] = v
		}
	}
	return out
}

// linked gets a class or an issuer and the address that speaks for it. A document that names
// another address of the same origin is that address; one that names another origin is read
// again from there, so that nobody can speak for others.
func (r *run) linked(ctx context.Context, role, address string) (map[string]any, string, finding) {
	doc, at, f := r.object(ctx, role, address)
	if !f.ok() {
		return nil, "", asUnknown(f)
	}
	speaker := at.speaker(address)
	id := asString(doc["id"])
	if id == "" {
		id = asString(doc["@id"])
	}
	switch {
	case !isWeb(id):
		return doc, speaker, pass()
	case id == speaker, id == at.FinalURL, sameOrigin(id, speaker), sameOrigin(speaker, id):
		return doc, id, pass()
	}
	doc, at, f = r.object(ctx, role, id)
	if !f.ok() {
		return nil, "", asUnknown(f)
	}
	if asString(doc["id"]) != id || at.speaker(id) != id {
		return nil, "", fail("linked-id", id)
	}
	return doc, id, pass()
}
