package verify

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"github.com/osier-passport/osier/core/openbadge"
)

// assertion runs the checks of OB 0.5 to 2.1, hosted or signed.
func (r *run) assertion(ctx context.Context) {
	if isPartAlone(r.env) {
		r.part(ctx)
		return
	}
	if f := r.format(ctx); !f.ok() {
		r.unread(f)
		return
	}
	if r.env.Form == openbadge.JWS {
		r.signed(ctx)
		return
	}
	r.hosted(ctx)
}

// hosted checks a badge that its own address proves (OB2 §Implementation "Verification").
// The JSON at hand is believed in nothing but its address: what that address answers is the
// badge.
func (r *run) hosted(ctx context.Context) {
	address := r.hostAddress()
	if address == "" {
		if home := r.legacyHome(); r.o.OwnCopy && home != "" {
			r.ownCopy(ctx, home)
			return
		}
		r.emit(CheckFormat, pass())
		r.emit(CheckProof, r.noAddress())
		r.skip(CheckKey, CheckValidFrom, CheckExpired, CheckRevoked)
		r.checkRecipient()
		return
	}
	doc, f := r.fetch(ctx, RoleAssertion, address)
	if doc.Status == statusGone {
		r.emit(CheckFormat, pass())
		r.gone(address)
		return
	}
	if f.Result == Unknown && f.Reason == "unavailable" && r.o.OwnCopy {
		r.ownCopy(ctx, address)
		return
	}
	if !f.ok() {
		r.hostedUnread(ctx, address, f)
		return
	}
	redirection := pass()
	if doc.FinalURL != "" && doc.FinalURL != address {
		redirection = warn("redirected-id", doc.FinalURL)
	}
	r.hostedCopy(ctx, address, doc, redirection)
}

// ownCopy goes on with the copy at hand as what its address answers: see Options.OwnCopy.
func (r *run) ownCopy(ctx context.Context, address string) {
	doc := Document{URL: address, FinalURL: address, Body: r.env.Raw}
	r.hostedCopy(ctx, address, doc, warn("own-copy", address))
}

// legacyHome is the origin that an OB 0.5 badge names, which has no address of its own.
func (r *run) legacyHome() string {
	if r.env.Version != openbadge.V05 {
		return ""
	}
	scheme, host := origin(r.env.Root.Get("badge").Get("issuer").Get("origin").Text())
	if !isWeb(scheme + "://" + host) {
		return ""
	}
	return scheme + "://" + host + "/"
}

// hostedUnread goes on with the copy at hand when its address gave no answer: the badge is
// not proved, but class and issuer can be shown, and they may already speak against it.
func (r *run) hostedUnread(ctx context.Context, address string, why finding) {
	g, f := r.graph(ctx, address)
	if f.Result == Fail && f.Spec == specFormat {
		r.emit(CheckFormat, f.under("OB2 §BadgeClass"))
		r.skip(afterFormat()...)
		return
	}
	r.emit(CheckFormat, pass())
	r.emit(CheckProof, why)
	if f.ok() {
		f = scope(address, g)
	}
	r.emit(CheckKey, f.by("OB2 §HostedBadge"))
	if f.Result == Fail {
		r.skip(CheckValidFrom, CheckExpired, CheckRevoked)
	} else {
		c := r.report.Credential
		r.checkPeriod(c.IssuedOn, c.Expires)
		r.emit(CheckRevoked, why)
	}
	r.checkRecipient()
}

// hostAddress is where the badge says that it lives, else where it was found.
func (r *run) hostAddress() string {
	v := verificationOf(r.env.Doc())
	for _, s := range []string{asString(v["url"]), asString(r.env.Doc()["id"]), asString(r.env.Doc()["@id"])} {
		if isWeb(s) {
			return s
		}
	}
	return r.env.URL
}

// noAddress: a signed badge must come as a JWS, and a hosted one must say where it lives.
func (r *run) noAddress() finding {
	if v := verificationOf(r.env.Doc()); v != nil && isSigned(v) {
		return fail("unsigned", "")
	}
	return unknown("no-address", "")
}

// hostedCopy goes on with what the address answered; how says by which way.
func (r *run) hostedCopy(ctx context.Context, address string, doc Document, how finding) {
	e, err := r.opened(doc.Body)
	if err != nil || !e.Root.Exists() || e.Form != openbadge.Hosted {
		r.hostedFail(fail("hosted-unreadable", address))
		return
	}
	e.Raw = r.env.Raw
	e.URL = address
	if f := formatAssertion(e); f.Result == Unknown {
		r.unread(f)
		return
	} else if !f.ok() {
		r.hostedFail(f)
		return
	}
	if id := asString(e.Doc()["id"]); isWeb(id) && id != address && id != doc.FinalURL {
		r.hostedFail(fail("hosted-id", id))
		return
	}
	r.env = e
	c, err := e.Credential()
	if err != nil {
		r.hostedFail(fromError(err))
		return
	}
	if c.ID == "" {
		c.ID = address
	}
	r.report.Credential, r.report.OB, r.report.Kind = c, e.Version, c.Kind
	if v := verificationOf(e.Doc()); v != nil && isSigned(v) {
		r.hostedFail(fail("unsigned", ""))
		return
	}
	r.hostedBy(ctx, doc.speaker(address), how)
}

// opened takes a text apart, unless it is the one at hand, as most hosted badges are.
func (r *run) opened(body []byte) (*openbadge.Envelope, error) {
	if !bytes.Equal(body, r.env.Raw) {
		return openbadge.Open(body) //nolint:wrapcheck // judged by the caller
	}
	e := *r.env
	e.URL = ""
	return &e, nil
}

func (r *run) hostedFail(f finding) {
	r.emit(CheckFormat, pass())
	r.emit(CheckProof, f)
	r.skip(afterFormat()[1:]...)
}

// hostedBy reads class and issuer and asks whether the issuer lets badges live at the address.
func (r *run) hostedBy(ctx context.Context, address string, redirection finding) {
	g, f := r.graph(ctx, address)
	if f.Result == Fail && f.Spec == specFormat {
		r.emit(CheckFormat, f.under("OB2 §BadgeClass"))
		r.skip(afterFormat()...)
		return
	}
	r.emit(CheckFormat, r.notice(g))
	r.emit(CheckProof, redirection.by("OB2 §Implementation"))
	if f.ok() {
		f = worst(scope(address, g), g.notice)
	}
	r.emit(CheckKey, f.by("OB2 §HostedBadge"))
	if f.Result == Fail {
		r.skip(CheckValidFrom, CheckExpired, CheckRevoked)
		r.checkRecipient()
		return
	}
	c := r.report.Credential
	r.checkPeriod(c.IssuedOn, c.Expires)
	r.emit(CheckRevoked, r.hostedRevoked())
	r.checkLinkedEndorsements(ctx, g)
	r.checkImage(ctx, g)
	r.checkRecipient()
}

// notice is a pass with a word about what is unusual in a badge or its class.
func (r *run) notice(g graph) finding {
	if r.env.Version == openbadge.V05 {
		return pass()
	}
	return noticeOfAssertion(r.env.Root, g.class)
}

// hostedRevoked: a hosted badge is revoked by its own document (OB2 §Assertion "revoked").
func (r *run) hostedRevoked() finding {
	if revoked, _ := saysRevoked(r.env.Doc()); revoked {
		return fail(reasonRevoked, asString(r.env.Doc()["revocationReason"])).by("OB2 §Assertion")
	}
	return pass().by("OB2 §Assertion")
}

// scope asks whether the issuer lets badges live at the address: by startsWith, by
// allowedOrigins (where there are both, by both), else by the host of its own Profile (OB2
// §VerificationObject, which speaks of the registered name and not of the scheme).
func scope(address string, g graph) finding {
	v := g.issuer.Get("verification").First().Map()
	prefixes, origins := asList(v["startsWith"]), asList(v["allowedOrigins"])
	_, host := origin(address)
	switch {
	case len(prefixes) > 0 && !slices.ContainsFunc(prefixes, func(p any) bool { return startsWith(address, asString(p)) }):
		return fail("scope-starts-with", address)
	case len(origins) > 0 && !slices.ContainsFunc(origins, func(o any) bool { return isOrigin(address, strings.ToLower(asString(o))) }):
		return fail("scope-origin", host)
	case len(prefixes)+len(origins) > 0:
		return safely(address)
	case !sameHostPort(address, g.issuerAddress):
		return fail("scope-origin", host)
	}
	return worst(safely(address), safely(g.issuerAddress))
}

// isOrigin compares an address with a host, or with an origin as some issuers write it.
func isOrigin(address, allowed string) bool {
	_, host := origin(address)
	return allowed == host || strings.Contains(allowed, "://") && sameOrigin(address, allowed)
}

// startsWith compares an address with a prefix that the issuer allows. The prefix must hold
// the whole origin, or "https://a.example" would allow "https://a.example.evil"; and a path
// that goes up again is not below it.
func startsWith(address, prefix string) bool {
	_, a := origin(address)
	_, b := origin(prefix)
	path := strings.ToLower(address)
	climbs := strings.Contains(path, "/..") || strings.Contains(path, "/.%2e") || strings.Contains(path, "/%2e")
	return a != "" && a == b && strings.HasPrefix(address, prefix) && !climbs
}

// safely warns of an address without https: it is the issuer's by the rules, but whoever sits
// on the line can answer in its place.
func safely(address string) finding {
	if !strings.HasPrefix(strings.ToLower(address), "https://") {
		return warn("not-https", address)
	}
	return pass()
}
