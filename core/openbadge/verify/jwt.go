package verify

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// tokenProof checks a VC-JWT (OB3 §8.2): our algorithms only, a key that the issuer itself
// publishes, and claims that say the same as the credential. The first finding is the
// signature, the second the owner of the key.
func (r *run) tokenProof(ctx context.Context, e *openbadge.Envelope, issuer string) (proof, key finding) {
	if f := checkHeader(e.Header, true); !f.ok() {
		return f, skipped()
	}
	if f := checkClaims(e, issuer); !f.ok() {
		return f, skipped()
	}
	keys, f := r.issuerKeys(ctx, issuer, e.Header)
	if f.Result == Unknown {
		return f, f
	}
	if !f.ok() {
		return skipped(), f
	}
	alg := e.Header.Get("alg").Text()
	for _, k := range keys {
		if !r.docs.work.verification(len(e.Token)) {
			return fail("too-complex", ""), skipped()
		}
		if verifyJWS(e.Token, k, alg) {
			r.signedBy(issuer, k.kid, k)
			return pass(), pass()
		}
	}
	if e.Header.Get("kid").Text() == "" && !e.Header.Get("jwk").Present() {
		return skipped(), fail("key-not-listed", "")
	}
	return fail("signature", ""), pass()
}

// checkClaims holds the registered claims against the credential (OB3 §8.2.3, VC 1.1
// §6.3.1). One that differs is a contradiction. OB3 §8.2.3 asks for iss, sub, jti and nbf as
// well, yet its own examples leave out jti or nbf; since the signature covers the credential
// itself, a claim that is absent takes nothing away and is not asked for.
func checkClaims(e *openbadge.Envelope, issuer string) finding {
	same := []struct{ claim, value string }{
		{"iss", issuer},
		{"jti", e.Root.Get("id").Text()},
	}
	for _, s := range same {
		v := e.Claims.Get(s.claim)
		if !v.Exists() {
			continue
		}
		if !v.IsText() || s.value != "" && v.Text() != s.value {
			return fail("jwt-claim", s.claim)
		}
	}
	if f := checkSubClaim(e); !f.ok() {
		return f
	}
	for _, d := range []struct{ claim, first, second string }{
		{"nbf", "validFrom", "issuanceDate"},
		{"exp", "validUntil", "expirationDate"},
	} {
		if f := checkTimeClaim(e, d.claim, d.first, d.second); !f.ok() {
			return f
		}
	}
	return pass()
}

// checkSubClaim: sub is one of the subjects. One without id takes its id from the claim.
func checkSubClaim(e *openbadge.Envelope) finding {
	v := e.Claims.Get("sub")
	if !v.Exists() {
		return pass()
	}
	named := false
	for s := range e.Root.Get("credentialSubject").All() {
		id := idIn(s)
		if v.IsText() && id == v.Text() {
			return pass()
		}
		named = named || id != ""
	}
	if !v.IsText() || named {
		return fail("jwt-claim", "sub")
	}
	return pass()
}

// checkTimeClaim compares a NumericDate with a date of the credential to the second. When
// both spellings of the date are there, agreeing with one is enough.
func checkTimeClaim(e *openbadge.Envelope, claim string, names ...string) finding {
	v := e.Claims.Get(claim)
	if !v.Exists() {
		return pass()
	}
	t, ok := numericDate(v)
	if !ok {
		return fail("jwt-claim", claim)
	}
	present := false
	for _, n := range names {
		d, _, ok := openbadge.TimeOf(e.Root.Get(n))
		if !ok {
			continue
		}
		if d.Truncate(time.Second).Equal(t.Truncate(time.Second)) {
			return pass()
		}
		present = true
	}
	if present {
		return fail("jwt-claim", claim)
	}
	return pass()
}

// issuerKeys returns the keys under which the issuer may have signed: those of its own key
// set or document that the header points to. A kid or jwk in the header selects among them
// and never adds one (OB3 recommended practices "JWKS").
func (r *run) issuerKeys(ctx context.Context, issuer string, header strictjson.Value) ([]publicKey, finding) {
	if didMethod(issuer) != "" {
		keys, away, f := r.documentKeys(ctx, issuer, header.Get("kid").Text())
		if !f.ok() {
			return nil, f
		}
		if keys, f = selectKeys(keys, header, issuer); f.Result == Fail && !away.ok() {
			return nil, away
		}
		return keys, f
	}
	if !strings.HasPrefix(issuer, "https://") {
		_, f := r.methodsOf(ctx, issuer)
		return nil, f
	}
	set, fs := r.keySet(ctx, issuer)
	if fs.ok() {
		if keys, f := selectKeys(set, header, issuer); f.ok() {
			return keys, f
		}
	}
	own, away, fo := r.documentKeys(ctx, issuer, header.Get("kid").Text())
	if fo.ok() {
		if keys, f := selectKeys(own, header, issuer); f.ok() {
			return keys, f
		}
	}
	if fs.Result == Unknown {
		return nil, fs
	}
	if !away.ok() {
		return nil, away
	}
	return nil, fail("key-not-listed", header.Get("kid").Text())
}

// keySet reads https://{authority of issuer.id}/.well-known/jwks.json.
func (r *run) keySet(ctx context.Context, issuer string) ([]publicKey, finding) {
	u, err := url.Parse(issuer)
	if err != nil || u.Host == "" {
		return nil, unknown("issuer-unprovable", issuer)
	}
	doc, _, f := r.object(ctx, RoleKey, "https://"+u.Host+"/.well-known/jwks.json")
	if !f.ok() {
		return nil, asUnknown(f)
	}
	var out []publicKey
	for _, v := range asList(doc["keys"]) {
		k, err := jwkKey(asObject(v))
		if err != nil || k.iss != "" && k.iss != issuer {
			continue
		}
		if out = append(out, k); len(out) == maxKeys {
			break
		}
	}
	return out, pass()
}

// documentKeys gives the keys that the issuer lists in its own document. away is unknown where
// one that kid may mean lies elsewhere and could not be had: it may be the one.
func (r *run) documentKeys(ctx context.Context, issuer, kid string) (keys []publicKey, away, f finding) {
	if isKeyDID(issuer) {
		k, err := didKey(issuer)
		if err != nil {
			return nil, pass(), pass() // a document without a key
		}
		return []publicKey{k}, pass(), pass()
	}
	methods, f := r.methodsOf(ctx, issuer)
	if !f.ok() {
		return nil, pass(), f
	}
	keys = make([]publicKey, 0, len(methods))
	for _, m := range methods {
		if m.ref != "" {
			m = r.remoteMethod(ctx, issuer, m.ref)
		}
		if errors.Is(m.err, errKeyUnavailable) && (kid == "" || sameKeyID(m.id, kid, issuer)) {
			away = worst(away, keyFinding(m.err, m.id))
		}
		if m.err == nil {
			m.key.kid = m.id
			keys = append(keys, m.key)
		}
	}
	return keys, away, pass()
}

// selectKeys picks the listed keys that the header means, in place. With neither kid nor jwk each of
// them may be the one.
func selectKeys(keys []publicKey, header strictjson.Value, issuer string) ([]publicKey, finding) {
	kid := header.Get("kid").Text()
	if m := header.Get("jwk").Map(); m != nil {
		k, err := jwkKey(m)
		if err != nil {
			return nil, fail("jws-header", "jwk")
		}
		for _, listed := range keys {
			if listed.equal(k) {
				return []publicKey{listed}, pass()
			}
		}
		return nil, fail("key-not-listed", kid)
	}
	if kid == "" {
		if len(keys) == 0 {
			return nil, fail("key-not-listed", "")
		}
		return keys, pass()
	}
	out := keys[:0]
	for _, k := range keys {
		if sameKeyID(k.kid, kid, issuer) {
			out = append(out, k)
		}
	}
	if len(out) == 0 {
		return nil, fail("key-not-listed", kid)
	}
	return out, pass()
}

// sameKeyID compares key ids that may be relative to the issuer, or name the key set.
func sameKeyID(listed, kid, issuer string) bool {
	if listed == "" {
		return false
	}
	if listed == kid {
		return true
	}
	_, a := splitFragment(listed)
	base, b := splitFragment(kid)
	switch {
	case b == "":
		return a != "" && (a == kid || kid == issuer && isKeyDID(issuer))
	case base == "" || base == issuer:
		return a == b && absoluteID(issuer, "#"+b) == listed || listed == b
	case strings.HasSuffix(base, "/.well-known/jwks.json"):
		return sameWebHost(issuer, base) && listed == b
	}
	return false
}
