package verify_test

import (
	"testing"

	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// TestAnIssuerIsNotWhoTheBadgeSays: a signed badge that brings its class, its issuer and the
// issuer's key along is signed by whoever holds that key, and by nobody else.
func TestAnIssuerIsNotWhoTheBadgeSays(t *testing.T) {
	k, c := rsaKey(), sample()
	profile := map[string]any{
		"type": "Issuer", "name": c.Issuer.Name, "url": issuerID,
		"publicKey": map[string]any{"id": "urn:k1", "type": "CryptographicKey", "owner": issuerID, "publicKeyPem": k.PublicPEM()},
	}
	class := issue.Class2(c)
	delete(class, "id")
	class["issuer"] = profile
	a := issue.Assertion2(c)
	a["id"], a["badge"] = "urn:uuid:11111111-1111-4111-8111-111111111111", class
	for _, creator := range []any{"urn:k1", nil} {
		a["verification"] = map[string]any{"type": "SignedBadge", "creator": creator}
		if creator == nil {
			a["verification"] = map[string]any{"type": "SignedBadge"}
		}
		w := hostedWorld(t) // the real issuer is there, and lists no key
		w.payload = must(k.Token(a, map[string]any{}))
		r := w.check(t)
		wantVerdict(t, r, verify.Unverifiable)
		wantStep(t, r, verify.CheckKey, verify.Unknown, "issuer-unprovable")
	}
}

// TestTenantsOfOneHost: on a host of many, a document is who it is by where it lies.
func TestTenantsOfOneHost(t *testing.T) {
	const host = "https://pages.example"
	good, evil := host+"/good/issuer.json", host+"/evil/issuer.json"
	for name, strict := range map[string]bool{"the other says where its badges live": true, "the other cannot be reached": false} {
		c := sample()
		c.ID, c.AchievementID, c.Issuer.ID = host+"/evil/badge.json", host+"/evil/class.json", evil
		h := must(issue.Hosted2(c))
		impostor := c.Issuer
		impostor.ID = good
		w := &world{payload: h.Assertion, plain: c, docs: web{c.ID: h.Assertion, c.AchievementID: h.Class, evil: must(issue.JSON(issue.Profile2(impostor)))}}
		if strict {
			p := issue.Profile2(impostor)
			p["verification"] = map[string]any{"startsWith": host + "/good/"}
			w.docs[good] = must(issue.JSON(p))
			wantStep(t, w.check(t), verify.CheckKey, verify.Fail, "scope-starts-with")
			continue
		}
		if r := w.check(t); r.Credential.Issuer.ID != evil {
			t.Errorf("%s: the issuer is %s", name, r.Credential.Issuer.ID)
		}
	}
}

// TestAnIssuerWithoutAnAddress is known by the place of its class, and only on the site that
// it names.
func TestAnIssuerWithoutAnAddress(t *testing.T) {
	for _, tt := range []struct {
		url     string
		verdict verify.Verdict
	}{
		{site + "/about", verify.Valid},
		{"https://victim.example/", verify.Unverifiable},
	} {
		w := hostedWorld(t)
		class := issue.Class2(w.plain)
		class["issuer"] = map[string]any{"type": "Profile", "name": "Somebody", "url": tt.url, "email": "a@issuer.example"}
		w.docs[w.plain.AchievementID] = must(issue.JSON(class))
		r := w.check(t)
		wantVerdict(t, r, tt.verdict)
		if tt.verdict == verify.Valid && r.Credential.Issuer.ID != w.plain.AchievementID {
			t.Errorf("the issuer is %s", r.Credential.Issuer.ID)
		}
	}
}

// TestUnprovenTextNamesNobody: while the proof is out of reach, the text that names the person
// may be anybody's.
func TestUnprovenTextNamesNobody(t *testing.T) {
	w := hostedWorld(t)
	delete(w.docs, w.plain.ID)
	r := w.check(t, func(o *verify.Options) { o.Recipients = []string{"ada@example.org"} })
	wantVerdict(t, r, verify.Unverifiable)
	wantStep(t, r, verify.CheckRecipient, verify.Unknown, "unavailable")
	r = w.check(t, func(o *verify.Options) { o.Recipients = []string{"bob@example.org"} })
	wantStep(t, r, verify.CheckRecipient, verify.Fail, "recipient")
}
