package verify

import (
	"context"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// signed checks an OB 1.x or 2.0 badge in a JWS (OB2 §SignedBadge): the key is one that the
// issuer lists, it points back to the issuer, and it made the signature.
func (r *run) signed(ctx context.Context) {
	g, f := r.graph(ctx, "")
	if f.Result == Fail && f.Spec == specFormat {
		r.emit(CheckFormat, f.under("OB2 §BadgeClass"))
		r.skip(afterFormat()...)
		return
	}
	r.emit(CheckFormat, r.notice(g))
	proof, key := f, f
	if f.ok() {
		proof, key = r.signature(ctx, g)
	} else if f.Result == Fail {
		proof = skipped()
	}
	r.emit(CheckProof, proof.by("OB2 §SignedBadge"))
	if key.ok() {
		key = worst(key, g.notice)
	}
	r.emit(CheckKey, key.by("OB2 §CryptographicKey"))
	if proof.Result == Fail || key.Result == Fail {
		r.skip(CheckValidFrom, CheckExpired, CheckRevoked)
		r.checkRecipient()
		return
	}
	c := r.report.Credential
	r.checkPeriod(c.IssuedOn, c.Expires)
	r.emit(CheckRevoked, r.listedRevoked(ctx, g).by("OB2 §RevocationList"))
	r.checkLinkedEndorsements(ctx, g)
	r.checkImage(ctx, g)
	r.checkRecipient()
}

func (r *run) signature(ctx context.Context, g graph) (proof, key finding) {
	if f := checkHeader(r.env.Header, false); !f.ok() {
		return f, skipped()
	}
	keys, away, f := r.publishedKeys(ctx, g)
	if f.Result == Unknown {
		return f, f
	}
	if !f.ok() {
		return skipped(), f
	}
	alg := r.env.Header.Get("alg").Text()
	for _, k := range keys {
		if !r.docs.work.verification(len(r.env.Token)) {
			return fail("too-complex", ""), skipped()
		}
		if verifyJWS(r.env.Token, k, alg) {
			r.signedBy(g.issuerAddress, k.kid, k)
			return pass(), pass()
		}
	}
	if away.Result == Unknown {
		return away, away
	}
	return fail("signature", ""), pass()
}

// publishedKeys returns the keys that may have signed: verification.creator when it is
// named, else all of the issuer's. The issuer must list the key. away is unknown where another
// one that may have signed could not be had.
func (r *run) publishedKeys(ctx context.Context, g graph) (keys []publicKey, away, f finding) {
	v := verificationOf(r.env.Doc())
	creator := idOf(v["creator"])
	if creator == "" && !g.issuer.Get("publicKey").Present() {
		creator = asString(v["url"]) // OB 1.0: verify.url is the key itself
		keys, f = r.plainKey(ctx, creator, g)
		return keys, pass(), f
	}
	last := fail("key-not-listed", creator)
	for p := range g.issuer.Get("publicKey").All() {
		if creator != "" && idIn(p) != creator {
			continue
		}
		k, f := r.cryptographicKey(ctx, p, g)
		if !f.ok() {
			last = f
			if f.Result == Unknown {
				away = f
			}
			continue
		}
		if keys = append(keys, k); len(keys) == maxKeys {
			break
		}
	}
	switch {
	case len(keys) > 0:
		return keys, away, pass()
	case away.Result == Unknown:
		return nil, pass(), away
	}
	return nil, pass(), last
}

// cryptographicKey reads a CryptographicKey, which must point back to the issuer.
func (r *run) cryptographicKey(ctx context.Context, v strictjson.Value, g graph) (publicKey, finding) {
	address := idIn(v)
	if !v.Get("publicKeyPem").Present() {
		doc, _, f := r.read(ctx, RoleKey, address)
		if !f.ok() {
			return publicKey{}, asUnknown(f)
		}
		v = doc
	}
	if owner := idIn(v.Get("owner")); owner != g.issuerAddress && owner != g.issuer.Get("id").Text() || owner == "" {
		return publicKey{}, fail("key-owner", owner)
	}
	k, err := pemKey(v.Get("publicKeyPem").Text())
	if err != nil {
		return publicKey{}, keyFinding(err, address)
	}
	k.kid = address
	return k, pass()
}

// plainKey reads the PEM file of an OB 1.0 badge, whose verify.url lies with the issuer.
func (r *run) plainKey(ctx context.Context, address string, g graph) ([]publicKey, finding) {
	if !isWeb(address) || !sameOrigin(address, g.issuerAddress) || r.env.Version != openbadge.V10 && r.env.Version != openbadge.V11 {
		return nil, fail("key-not-listed", address)
	}
	doc, f := r.fetch(ctx, RoleKey, address)
	if !f.ok() {
		return nil, f
	}
	k, err := pemKey(string(doc.Body))
	if err != nil {
		return nil, keyFinding(err, address)
	}
	k.kid = address
	return []publicKey{k}, pass()
}

// listedRevoked looks the badge up in the issuer's revocation list: a RevocationList (OB
// 2.0), or an object from uid to reason (OB 1.0).
func (r *run) listedRevoked(ctx context.Context, g graph) finding {
	if revoked, _ := saysRevoked(r.env.Doc()); revoked {
		return fail(reasonRevoked, asString(r.env.Doc()["revocationReason"]))
	}
	address := idIn(g.issuer.Get("revocationList"))
	if address == "" {
		return pass()
	}
	list, _, f := r.object(ctx, RoleStatus, address)
	if !f.ok() {
		return asUnknown(f)
	}
	names := r.ownNames()
	if list["revokedAssertions"] == nil {
		for _, n := range names {
			if reason, has := list[n]; has {
				return fail(reasonRevoked, asString(reason))
			}
		}
		return pass()
	}
	for _, v := range asList(list["revokedAssertions"]) {
		if m := asObject(v); containsName(names, idOf(v)) || containsName(names, asString(m["uid"])) {
			return fail(reasonRevoked, asString(m["revocationReason"]))
		}
	}
	if issuer := idOf(list["issuer"]); issuer != "" && issuer != g.issuerAddress && issuer != g.issuer.Get("id").Text() {
		return unknown("status-issuer", issuer)
	}
	return pass()
}

// ownNames are the names under which a list may revoke the badge.
func (r *run) ownNames() []string {
	var out []string
	for _, k := range []string{"id", "@id", "uid"} {
		if s := asString(r.env.Doc()[k]); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func containsName(names []string, s string) bool {
	for _, n := range names {
		if s != "" && n == s {
			return true
		}
	}
	return false
}
