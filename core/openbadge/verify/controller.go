package verify

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// method is a verification method that a controller's own document lists for assertions.
type method struct {
	id  string
	key publicKey
	err error  // why the key cannot be used
	ref string // set when the document only names the method, which lies elsewhere
}

// methodsOf returns the methods that the controller lists below assertionMethod in its own
// document (Controlled Identifiers §2.3.2, §3.3). The finding is unknown when the document
// could not be had.
func (r *run) methodsOf(ctx context.Context, controller string) ([]method, finding) {
	switch didMethod(controller) {
	case "key", "jwk":
		k, err := didKey(controller)
		return []method{{id: k.kid, key: k, err: err}}, pass()
	case "web":
		address, f := didWebAddress(controller)
		if !f.ok() {
			return nil, f
		}
		return r.documentMethods(ctx, controller, address)
	case "":
	default:
		return nil, unknown("did-method", didMethod(controller))
	}
	switch {
	case strings.HasPrefix(controller, "https://"):
		return r.documentMethods(ctx, controller, controller)
	case strings.HasPrefix(controller, "http://"):
		return nil, unknown("issuer-not-https", controller)
	}
	return nil, unknown("issuer-unprovable", controller)
}

// documentMethods reads a DID document or controlled identifier document.
func (r *run) documentMethods(ctx context.Context, controller, address string) ([]method, finding) {
	doc, at, f := r.object(ctx, RoleIssuer, address)
	if !f.ok() {
		return nil, asUnknown(f)
	}
	if at.speaker(address) != address {
		return nil, unknown("redirected", at.FinalURL)
	}
	if id := asString(doc["id"]); id != controller {
		return nil, fail("controller-id", id)
	}
	byID := map[string]map[string]any{}
	for _, v := range asList(doc["verificationMethod"]) {
		if m := asObject(v); m != nil {
			byID[absoluteID(controller, asString(m["id"]))] = m
		}
	}
	var out []method
	for _, v := range asList(doc["assertionMethod"]) {
		if len(out) == maxKeys {
			break
		}
		m := asObject(v)
		id := absoluteID(controller, idOf(v))
		if m == nil {
			m = byID[id]
		}
		if m == nil {
			out = append(out, method{id: id, ref: id})
			continue
		}
		if c := asString(m["controller"]); c == controller {
			out = append(out, r.methodFrom(id, m))
		}
	}
	return out, pass()
}

// asUnknown turns "the document cannot be read" into "could not check": an issuer's page
// that is no key document says nothing against the badge.
func asUnknown(f finding) finding {
	if f.Result == Fail {
		f.Result = Unknown
	}
	return f
}

func absoluteID(base, id string) string {
	if strings.HasPrefix(id, "#") {
		return base + id
	}
	return id
}

// methodFrom reads one verification method. A key past its "expires" or "revoked" date is
// not to be used (Controlled Identifiers §2.2).
func (r *run) methodFrom(id string, m map[string]any) method {
	out := method{id: id}
	for _, name := range []string{"expires", "revoked"} {
		if m[name] == nil {
			continue
		}
		t, _, ok := openbadge.ParseTime(m[name])
		if !ok || !r.o.At.Before(t) {
			out.err = errKeyEnded
			return out
		}
	}
	switch {
	case m["publicKeyMultibase"] != nil:
		out.key, out.err = multikey(asString(m["publicKeyMultibase"]))
	case m["publicKeyJwk"] != nil:
		out.key, out.err = jwkKey(asObject(m["publicKeyJwk"]))
	case m["publicKeyBase58"] != nil:
		b, err := decodeBase58(asString(m["publicKeyBase58"]))
		out.key, out.err = rawEd25519(b, err)
	case m["publicKeyPem"] != nil:
		out.key, out.err = pemKey(asString(m["publicKeyPem"]))
	default:
		out.err = errKeyForm
	}
	return out
}

// methodByID returns the method that the issuer lists under the id. The issuer's document
// decides; the text of the id never yields a key, except for did:key and did:jwk, where the
// identifier of the issuer is the key.
func (r *run) methodByID(ctx context.Context, issuer, id string) (publicKey, finding) {
	if f := methodFitsIssuer(issuer, id); !f.ok() {
		return publicKey{}, f
	}
	methods, f := r.methodsOf(ctx, issuer)
	if !f.ok() {
		return publicKey{}, f
	}
	for _, m := range methods {
		if m.id != id && (id != issuer || !isKeyDID(issuer)) {
			continue
		}
		if m.ref != "" {
			m = r.remoteMethod(ctx, issuer, m.ref)
		}
		if m.err != nil {
			return publicKey{}, keyFinding(m.err, id)
		}
		return m.key, pass()
	}
	return publicKey{}, fail("key-not-listed", id)
}

// remoteMethod fetches a method that the issuer lists by address only.
func (r *run) remoteMethod(ctx context.Context, issuer, address string) method {
	doc, _, f := r.object(ctx, RoleKey, address)
	if !f.ok() {
		return method{id: address, err: errKeyUnavailable}
	}
	if asString(doc["id"]) != address || asString(doc["controller"]) != issuer {
		return method{id: address, err: errKeyForm}
	}
	return r.methodFrom(address, doc)
}

// methodFitsIssuer refuses a verification method that cannot be the issuer's, before
// anything is fetched (OB3 recommended practices: verificationMethod.controller is issuer.id).
func methodFitsIssuer(issuer, id string) finding {
	base, _ := splitFragment(id)
	if base == "" {
		return fail("proof-method", id)
	}
	switch {
	case didMethod(base) != "":
		if f := checkDID(base); !f.ok() {
			return f
		}
	case base == issuer && !isWeb(issuer):
		return unknown("issuer-unprovable", issuer)
	case !isWeb(base):
		return fail("proof-method-scheme", id)
	}
	if base == issuer || sameWebHost(issuer, base) && base == id {
		return pass()
	}
	if didMethod(issuer) == "" && !isWeb(issuer) {
		return unknown("issuer-unprovable", issuer)
	}
	return fail("key-not-issuers", id)
}

func sameWebHost(a, b string) bool {
	ua, err := url.Parse(a)
	if err != nil || ua.Scheme != "https" {
		return false
	}
	ub, err := url.Parse(b)
	return err == nil && ub.Scheme == "https" && strings.EqualFold(ua.Host, ub.Host)
}

// maxSkew is how far the clock of a signer may be ahead of ours.
const maxSkew = 5 * time.Minute

// checkCreated refuses a proof that has run out or was made in the future, or whose dates
// are no moments (VC-DI §2.1: a dateTimeStamp; one without a zone is UTC).
func (r *run) checkCreated(proof strictjson.Value) finding {
	if v := proof.Get("created"); v.Present() {
		t, ok := moment(v)
		if !ok {
			return fail("bad-date", "proof.created")
		}
		if t.After(r.o.At.Add(maxSkew)) {
			return fail("proof-future", v.Text())
		}
	}
	if v := proof.Get("expires"); v.Present() {
		if t, ok := moment(v); !ok {
			return fail("bad-date", "proof.expires")
		} else if !r.o.At.Before(t) {
			return fail("proof-expired", v.Text())
		}
	}
	return pass()
}

// moment reads a date that has a time.
func moment(v strictjson.Value) (time.Time, bool) {
	t, _, ok := openbadge.TimeOf(v)
	return t, ok && strings.Contains(v.Text(), "T")
}
