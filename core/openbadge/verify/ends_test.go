package verify_test

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// TestDatesOfBothModels: VC 1.1 has words of its own for the dates (§4.6, §4.7) and keeps those
// of VC 2.0 for later. Where a badge has both, each of them holds.
func TestDatesOfBothModels(t *testing.T) {
	const past, future = "2026-02-01T00:00:00Z", "2029-01-01T00:00:00Z"
	for _, tt := range []struct {
		issued, from, expires, until string
		want                         verify.Verdict
	}{
		{past, past, future, future, verify.Valid},
		{past, past, future, past, verify.Expired},
		{past, past, past, future, verify.Expired},
		{past, future, "", "", verify.NotYetValid},
		{future, past, "", "", verify.NotYetValid},
	} {
		w := didWorld(t, "1.1")
		doc := issue.Credential3(w.plain)
		for name, v := range map[string]string{"issuanceDate": tt.issued, "validFrom": tt.from, "expirationDate": tt.expires, "validUntil": tt.until} {
			if doc[name] = v; v == "" {
				delete(doc, name)
			}
		}
		w.embed(t, doc)
		if r := w.check(t); r.Verdict != tt.want {
			t.Errorf("%+v: %s %+v", tt, r.Verdict, r.Checks)
		}
	}
}

// TestTypesOfTokens: a media type is the same with and without "application/" (RFC 7515 §4.1.9).
func TestTypesOfTokens(t *testing.T) {
	for typ, want := range map[string]verify.Verdict{
		"JWT": verify.Valid, "application/jwt": verify.Valid, "application/vc+jwt": verify.Valid, "VC+LD+JWT": verify.Valid, "application/vc+ld+json+jwt": verify.Valid,
		"vp+jwt": verify.Invalid, "application/vc+sd-jwt": verify.Invalid, "text/jwt": verify.Invalid, "application/application/jwt": verify.Invalid,
	} {
		if r := tokenWorld(t, issue.Ed25519FromSeed("x"), "2.0", map[string]any{"kid": "k1", "typ": typ}).check(t); r.Verdict != want {
			t.Errorf("%s: %s", typ, r.Verdict)
		}
	}
}

// TestKeysThatAreTheirIssuers: a did:key and a did:jwk are one key each, so that the bare DID names it.
func TestKeysThatAreTheirIssuers(t *testing.T) {
	k, other := ecKey(), issue.Ed25519FromSeed("other")
	for _, kind := range []string{"did:key", "did:jwk"} {
		w := &world{key: k, docs: web{}}
		c := sample()
		w.controlledBy(kind, &c)
		for kid, want := range map[string]verify.Verdict{c.Issuer.ID: verify.Valid, w.method: verify.Valid, c.Issuer.ID + "#x": verify.Invalid, other.DIDKey(): verify.Invalid} {
			w.payload = must(k.Token(issue.Credential3(c), map[string]any{"kid": kid}))
			wantVerdict(t, w.check(t), want)
			w.payload = must(k.Embed(t.Context(), issue.Credential3(c), issue.Proof{Method: kid}))
			wantVerdict(t, w.check(t), want)
		}
		w.payload = must(other.Token(issue.Credential3(c), map[string]any{"kid": c.Issuer.ID}))
		wantVerdict(t, w.check(t), verify.Invalid)
	}
}

// TestListsWithAnotherIssuer: the badge, or its issuer, named the list, so that what it lists is
// revoked whoever it says made it; that it does not list a badge then says nothing.
func TestListsWithAnotherIssuer(t *testing.T) {
	for listed, result := range map[string]verify.Result{"": verify.Unknown, "0": verify.Unknown, sample().ID: verify.Fail} {
		w := didWorld(t, "2.0")
		doc := extended(w.plain)
		doc["credentialStatus"] = map[string]any{"id": listAddress, "type": "1EdTechRevocationList"}
		w.embed(t, doc)
		w.docs[listAddress] = must(issue.RevocationList3(listAddress, "https://other.example/", map[string]string{listed: ""}))
		if s := step(w.check(t), verify.CheckRevoked); s.Result != result {
			t.Errorf("OB 3.0, %q: %+v", listed, s)
		}
		s := signedWorld(t)
		p := issue.Profile2(s.plain.Issuer, site+"/key")
		p["revocationList"] = listAddress
		s.docs[issuerID] = must(issue.JSON(p))
		s.docs[listAddress] = must(issue.RevocationList2(listAddress, "https://other.example/", map[string]string{listed: ""}))
		if s := step(s.check(t), verify.CheckRevoked); s.Result != result {
			t.Errorf("OB 2.0, %q: %+v", listed, s)
		}
	}
}

// TestListsAreOneSubject: of two subjects nobody could say which list it is; and the period of a
// list may stand in the claims of its token alone.
func TestListsAreOneSubject(t *testing.T) {
	w := withStatus(t, "revocation")
	wantVerdict(t, w.check(t), verify.Valid)
	w.list(t, "revocation", nil, func(m map[string]any) {
		s, ok := m["credentialSubject"].(map[string]any)
		if !ok {
			t.Fatal("no subject")
		}
		other := maps.Clone(s)
		other["id"] = listAddress + "#other"
		m["credentialSubject"] = []any{s, other}
	})
	wantStep(t, w.check(t), verify.CheckRevoked, verify.Fail, "status-list-type")

	list := decode(t, withStatus(t, "revocation").docs[listAddress])
	delete(list, "proof")
	for claims, reason := range map[string]string{`{}`: "", `{"exp":4102444800}`: "", `{"exp":1767323046}`: "status-list-period", `{"nbf":1893456000}`: "status-list-period"} {
		c := maps.Clone(list)
		if err := json.Unmarshal([]byte(claims), &c); err != nil {
			t.Fatal(err)
		}
		if c["nbf"] != nil {
			delete(c, "validFrom")
		}
		w.docs[listAddress] = must(w.key.Token(c, map[string]any{}))
		if s := step(w.check(t), verify.CheckRevoked); s.Reason != reason {
			t.Errorf("%s: %+v", claims, s)
		}
	}
}

// TestStatusOfOtherKinds: a status that is not read is not taken for none.
func TestStatusOfOtherKinds(t *testing.T) {
	other := issue.Credential3(sample())
	other["credentialStatus"] = map[string]any{"id": listAddress + "#7", "type": "RevocationList2020Status"}
	o := tokenWorld(t, rsaKey(), "2.0", nil)
	o.payload = must(o.key.Token(other, nil))
	wantVerdict(t, o.check(t), verify.Valid)
	wantStep(t, o.check(t), verify.CheckRevoked, verify.Unknown, "status-type")

	w := tokenWorld(t, issue.Ed25519FromSeed("claims"), "1.1", nil)
	claims := decode(t, must(base64.RawURLEncoding.DecodeString(strings.Split(string(w.payload), ".")[1])))
	w.payload = signToken(t, w.key, claims)
	wantStep(t, w.check(t), verify.CheckRevoked, verify.Pass, "")
	claims["status"] = map[string]any{"status_list": map[string]any{"idx": 7, "uri": listAddress}}
	w.payload = signToken(t, w.key, claims)
	wantStep(t, w.check(t), verify.CheckRevoked, verify.Unknown, "status-type")
}

// TestDatesOfProofs: the dates of a proof are moments (VC-DI §2.1).
func TestDatesOfProofs(t *testing.T) {
	for created, want := range map[any]verify.Verdict{
		"2026-10-01T00:00:00Z": verify.Valid, "2026-10-01T00:00:00": verify.Valid, "2026-10-01": verify.Invalid, 1767323045: verify.Invalid, "2027-10-01T00:00:00Z": verify.Invalid,
	} {
		w := didWorld(t, "2.0")
		w.payload = must(w.key.Embed(t.Context(), issue.Credential3(w.plain), issue.Proof{Method: w.method, Options: map[string]any{"created": created}}))
		if r := w.check(t); r.Verdict != want {
			t.Errorf("%v: %s %+v", created, r.Verdict, r.Checks)
		}
	}
}

// TestSchemasThatGoRound: a schema that refers to itself without end says nothing of the badge.
func TestSchemasThatGoRound(t *testing.T) {
	const address = "https://schemas.example/badge.json"
	w := didWorld(t, "2.0")
	doc := extended(w.plain)
	doc["credentialSchema"] = []any{map[string]any{"id": address, "type": "1EdTechJsonSchemaValidator2019"}}
	w.embed(t, doc)
	for schema, result := range map[string]verify.Result{`{"$ref":"#"}`: verify.Unknown, `{"allOf":[{"$ref":"#"},{"required":["nothing"]}]}`: verify.Fail, `{"properties":{"issuer":{"$ref":"#"}}}`: verify.Pass} {
		w.docs[address] = []byte(schema)
		if s := step(w.check(t), verify.CheckSchema); s.Result != result {
			t.Errorf("%s: %+v", schema, s)
		}
	}
}

// TestKeysThatCouldNotBeHad: a listed key whose own document could not be had may be the one that
// signed, so that the badge cannot be checked; and a key of a well-known kind that is not supported
// makes no badge wrong.
func TestKeysThatCouldNotBeHad(t *testing.T) {
	k, other := issue.Ed25519FromSeed("x"), issue.Ed25519FromSeed("other")
	const away = site + "/keys/1"
	document := func(listed ...any) []byte {
		return must(issue.JSON(map[string]any{"id": issuerID, "assertionMethod": listed}))
	}
	key := func(id string, k issue.Key) []byte {
		return must(issue.JSON(map[string]any{"id": id, "controller": issuerID, "type": "Multikey", "publicKeyMultibase": k.Multibase()}))
	}
	for _, tt := range []struct {
		docs web
		want verify.Verdict
	}{
		{web{issuerID: document(away), away: key(away, k)}, verify.Valid},
		{web{issuerID: document(away)}, verify.Unverifiable},
		{web{issuerID: document(away, site+"/keys/2"), site + "/keys/2": key(site+"/keys/2", other)}, verify.Unverifiable},
		{web{issuerID: document(away), away: key(away, other)}, verify.Invalid},
		{web{issuerID: document(site + "/keys/2"), away: key(away, k)}, verify.Invalid},
	} {
		tt.docs[site+"/.well-known/jwks.json"] = []byte(`{"keys":[]}`)
		token := must(k.Token(issue.Credential3(sample()), map[string]any{"kid": away}))
		wantVerdict(t, verify.Check(t.Context(), token, verify.Options{At: clock(), Fetcher: tt.docs}), tt.want)
		embedded := must(k.Embed(t.Context(), issue.Credential3(sample()), issue.Proof{Method: away}))
		if _, two := tt.docs[site+"/keys/2"]; !two {
			wantVerdict(t, verify.Check(t.Context(), embedded, verify.Options{At: clock(), Fetcher: tt.docs}), tt.want)
		}
	}

	s := signedWorld(t)
	s.docs[site+"/other"] = must(other.CryptographicKey(site+"/other", issuerID))
	s.docs[issuerID] = must(issue.JSON(issue.Profile2(s.plain.Issuer, site+"/other", site+"/key")))
	s.payload = must(s.key.Signed1(func() map[string]any {
		a := issue.Assertion2(s.plain)
		a["verification"] = map[string]any{"type": "SignedBadge"}
		return a
	}()))
	wantVerdict(t, s.check(t), verify.Valid)
	delete(s.docs, site+"/key")
	wantVerdict(t, s.check(t), verify.Unverifiable)
	s.docs[site+"/key"] = must(other.CryptographicKey(site+"/key", issuerID))
	wantVerdict(t, s.check(t), verify.Invalid)

	for did, want := range map[string]verify.Verdict{
		"did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme": verify.Unverifiable, // secp256k1
		"did:jwk:eyJrdHkiOiJFQyIsImNydiI6InNlY3AyNTZrMSJ9":          verify.Unverifiable,
		"did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBm":  verify.Invalid, // cut
		"did:jwk:eyJrdHkiOiJFQyIsImNydiI6IlAtMjU3In0":               verify.Invalid,
	} {
		c := sample()
		c.Issuer.ID = did
		p := must(k.Embed(t.Context(), issue.Credential3(c), issue.Proof{Method: did}))
		if r := verify.Check(t.Context(), p, verify.Options{At: clock()}); r.Verdict != want {
			t.Errorf("%s: %s %+v", did, r.Verdict, r.Checks)
		}
	}
}
