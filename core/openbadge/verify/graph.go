package verify

import (
	"cmp"
	"context"
	"strings"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// graph is the badge class and the issuer of an OB 1.x or 2.0 badge.
type graph struct {
	class, issuer strictjson.Value
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
		// OB 0.5 names the issuer by its origin alone: a path in it could be that of another
		if scheme, host := origin(c.Issuer.ID); host != "" {
			c.Issuer.ID = scheme + "://" + host
		}
		return graph{issuerAddress: c.Issuer.ID}, pass()
	}
	if revoked, _ := saysRevoked(r.env.Doc()); revoked && !r.env.Root.Get("badge").Present() {
		return graph{issuerAddress: base}, pass()
	}
	typed := r.env.Version != openbadge.V10
	g := graph{}
	issuer, home := r.env.Root.Get("issuer"), base
	if c.Kind == openbadge.Badge {
		if f := r.readClass(ctx, &g, base, typed); !f.ok() {
			return g, f
		}
		issuer = g.class.Get("issuer")
		if isWeb(g.classAddress) {
			home = g.classAddress
		}
	}
	if f := r.readIssuer(ctx, &g, issuer, typed, home); !f.ok() {
		return g, f
	}
	if own := idIn(r.env.Root.Get("issuer")); c.Kind == openbadge.Badge && own != "" && own != idIn(issuer) {
		return g, fail("issuer-differs", own)
	}
	return g, pass()
}

// readClass reads the BadgeClass. One inside the badge is good enough where its address
// has the origin of the badge, or where it has none; elsewhere the address decides.
func (r *run) readClass(ctx context.Context, g *graph, base string, typed bool) finding {
	v := r.env.Root.Get("badge").First()
	g.class, g.classAddress = v, idIn(v)
	if !g.class.IsObject() || isWeb(g.classAddress) && !sameOrigin(g.classAddress, base) {
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
// where the issuer has an address of its own. home is the address at which v was read, or ""
// when only the holder brought it.
func (r *run) readIssuer(ctx context.Context, g *graph, v strictjson.Value, typed bool, home string) finding {
	one := v.First()
	g.issuer, g.issuerAddress = one, idIn(one)
	switch {
	case isWeb(g.issuerAddress):
		doc, at, f := r.linked(ctx, RoleIssuer, g.issuerAddress)
		if !f.ok() {
			return f
		}
		g.issuer, g.issuerAddress = doc, at
	case g.issuer.IsObject() && home != "" && sameHostPort(home, idIn(g.issuer.Get("url"))):
		// An issuer without an address of its own is whoever publishes at home, on the site
		// that it names. It is known by home: the site's address may be that of another
		// issuer, whom nobody can become by writing it down.
		// What may be believed only at the address of an issuer is left out.
		g.issuer = g.issuer.Without("verification", "publicKey", "revocationList")
		g.issuerAddress = home
	default:
		return unknown("issuer-unprovable", cmp.Or(g.issuerAddress, idIn(g.issuer.Get("url"))))
	}
	if f := formatProfile(g.issuer, typed); !f.ok() {
		return formatFinding(f)
	}
	if id := idIn(g.issuer); id != "" && !isWeb(id) {
		g.notice = warn("issuer-id", id)
	} else if typed && r.env.Version != openbadge.V11 {
		g.notice = noticeOfIssuer(g.issuer)
	}
	c := r.report.Credential
	c.Issuer.ID = g.issuerAddress
	if err := c.WithIssuer(g.issuer); err != nil {
		return formatFinding(fromError(err))
	}
	return pass()
}

// linked gets a class or an issuer and the address that speaks for it. A document that names
// another address than its own is read again from there, so that nobody can speak for
// others: not even for those on the same host, which may have many tenants.
func (r *run) linked(ctx context.Context, role, address string) (doc strictjson.Value, speaks string, f finding) {
	doc, at, f := r.read(ctx, role, address)
	if !f.ok() {
		return doc, "", asUnknown(f)
	}
	speaker := at.speaker(address)
	id := doc.Get("id").Text()
	if id == "" {
		id = doc.Get("@id").Text()
	}
	switch {
	case !isWeb(id):
		return doc, speaker, pass()
	case id == speaker, id == at.FinalURL && sameOrigin(id, address), id == "http"+strings.TrimPrefix(speaker, "https"):
		return doc, id, pass() // what https answered also speaks for the http address that it was given first
	case role == RoleClass && (sameOrigin(id, speaker) || sameOrigin(speaker, id)):
		return doc, speaker, pass() // a class speaks for nobody: its issuer does
	}
	own, at, f := r.read(ctx, role, id)
	switch {
	case f.ok() && own.Get("id").Text() == id && at.speaker(id) == id:
		return own, id, pass()
	case f.ok():
		return doc, "", fail("linked-id", id)
	case sameOrigin(id, speaker) || sameOrigin(speaker, id):
		return doc, speaker, pass() // nobody answers to that name, so it is known by where it lies
	}
	return doc, "", asUnknown(f)
}
