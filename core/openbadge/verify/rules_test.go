package verify_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// guild signs endorsements.
func guild(t *testing.T, about string, change func(map[string]any)) map[string]any {
	t.Helper()
	k := issue.Ed25519FromSeed("guild")
	c := sample()
	c.ID = "https://guild.example/e/1"
	c.Issuer = openbadge.Issuer{ID: k.DIDKey(), Name: "Guild"}
	doc := issue.Endorsement3(c, about, "Sound work.")
	if change != nil {
		change(doc)
	}
	return decode(t, must(k.Embed(t.Context(), doc, issue.Proof{Method: k.DIDKey() + "#" + k.Multibase()})))
}

// TestEndorsementsAreAboutTheirPlace: an endorsement of something else says nothing, however
// well it is signed; each has its own check that names who endorsed.
func TestEndorsementsAreAboutTheirPlace(t *testing.T) {
	class, badge := site+"/classes/basket", site+"/badges/7"
	issuerOf := didWorld(t, "2.0").plain.Issuer.ID
	for _, tt := range []struct {
		place, about string
		result       verify.Result
		reason       string
	}{
		{"credential", badge, verify.Pass, ""},
		{"credential", class, verify.Pass, ""},
		{"credential", issuerOf, verify.Pass, ""},
		{"credential", site + "/badges/8", verify.Fail, "endorsed-other"},
		{"achievement", class, verify.Pass, ""},
		{"achievement", badge, verify.Fail, "endorsed-other"},
		{"issuer", issuerOf, verify.Pass, ""},
		{"issuer", class, verify.Fail, "endorsed-other"},
	} {
		w := didWorld(t, "2.0")
		doc := issue.Credential3(w.plain)
		place := map[string]map[string]any{
			"credential":  doc,
			"issuer":      doc["issuer"].(map[string]any),
			"achievement": doc["credentialSubject"].(map[string]any)["achievement"].(map[string]any),
		}[tt.place]
		place["endorsement"] = []any{guild(t, tt.about, nil)}
		w.embed(t, doc)
		r := w.check(t)
		wantVerdict(t, r, verify.Valid)
		wantStep(t, r, verify.CheckEndorsement, tt.result, tt.reason)
		if s := step(r, verify.CheckEndorsement); !strings.HasPrefix(s.By, "Guild (did:key:") || tt.result == verify.Pass && s.Detail != s.By {
			t.Errorf("%s about %s: by %q, detail %q", tt.place, tt.about, s.By, s.Detail)
		}
	}
}

// TestEndorsementsHaveTheirOwnVerdict: two endorsements, two checks, in their order.
func TestEndorsementsHaveTheirOwnVerdict(t *testing.T) {
	w := didWorld(t, "2.0")
	doc := issue.Credential3(w.plain)
	ended := guild(t, w.plain.ID, func(m map[string]any) { m["validUntil"] = "2026-06-01T00:00:00Z" })
	doc["endorsement"] = []any{guild(t, w.plain.ID, nil), ended}
	w.embed(t, doc)
	var got []string
	for _, s := range w.check(t).Checks {
		if s.Name == verify.CheckEndorsement {
			got = append(got, string(s.Result)+" "+s.Reason)
		}
	}
	if strings.Join(got, ", ") != "pass , fail expired" {
		t.Errorf("got %q", got)
	}
}

// TestLinkedEndorsements: the claim of an OB 2.0 endorsement must be about what it hangs on.
func TestLinkedEndorsements(t *testing.T) {
	const address = "https://guild.example/e/1"
	for about, reason := range map[string]string{site + "/classes/basket": "", site + "/badges/7": "endorsed-other"} {
		w := hostedWorld(t)
		class := decode(t, w.docs[w.plain.AchievementID])
		class["endorsement"] = address
		w.docs[w.plain.AchievementID] = must(issue.JSON(class))
		w.docs["https://guild.example/about"] = must(issue.JSON(issue.Profile2(openbadge.Issuer{ID: "https://guild.example/about", Name: "Guild", URL: "https://guild.example"})))
		w.docs[address] = must(issue.JSON(map[string]any{
			"@context": "https://w3id.org/openbadges/v2", "type": "Endorsement", "id": address, "issuer": "https://guild.example/about",
			"claim": map[string]any{"id": about}, "issuedOn": "2026-02-01T00:00:00Z", "verification": map[string]any{"type": "HostedBadge"},
		}))
		r := w.check(t)
		wantVerdict(t, r, verify.Valid)
		s := step(r, verify.CheckEndorsement)
		if s.Reason != reason || s.By != "Guild (https://guild.example/about)" {
			t.Errorf("about %s: %+v", about, s)
		}
	}
}

// TestEndorsementsInsideRecords: a CLR shows the endorsements of the badges in it.
func TestEndorsementsInsideRecords(t *testing.T) {
	inner := didWorld(t, "2.0")
	badge := issue.Credential3(inner.plain)
	badge["endorsement"] = []any{guild(t, site+"/badges/8", nil)}
	inner.embed(t, badge)
	r := record(t, "1", decode(t, inner.payload)).check(t)
	wantVerdict(t, r, verify.Valid)
	wantStep(t, r, verify.CheckCredentials, verify.Pass, "")
	wantStep(t, r, verify.CheckEndorsement, verify.Fail, "endorsed-other")
}

// record makes a CLR around credentials.
func record(t *testing.T, name string, inner ...any) *world {
	t.Helper()
	w := didWorld(t, "2.0")
	doc := issue.Credential3(w.plain)
	doc["id"] = site + "/records/" + name
	doc["@context"] = []any{"https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"}
	doc["type"] = []any{"VerifiableCredential", "ClrCredential"}
	doc["credentialSubject"] = map[string]any{"id": "did:example:ada", "type": []any{"ClrSubject"}, "verifiableCredential": inner}
	delete(doc, "evidence")
	w.embed(t, doc)
	return w
}

// TestNestedRecordsEnd: records in records are looked at to a depth, and what is inside
// decides at every level.
func TestNestedRecordsEnd(t *testing.T) {
	bad := decode(t, []byte(strings.Replace(string(didWorld(t, "2.0").payload), "Basket weaving", "Rocket science", 1)))
	r := record(t, "2", decode(t, record(t, "1", bad).payload)).check(t)
	wantVerdict(t, r, verify.Invalid)
	wantStep(t, r, verify.CheckCredentials, verify.Fail, "contained")
	other := map[string]any{
		"@context": []any{"https://www.w3.org/ns/credentials/v2"}, "type": []any{"VerifiableCredential"}, "issuer": "did:example:other",
		"validFrom": "2026-01-01T00:00:00Z", "credentialSubject": map[string]any{"id": "did:example:ada"},
	}
	r = record(t, "1", decode(t, didWorld(t, "2.0").payload), other).check(t)
	wantVerdict(t, r, verify.Valid)
	wantStep(t, r, verify.CheckCredentials, verify.Unknown, "contained-other")
	many := make([]any, 30)
	for i := range many {
		many[i] = decode(t, didWorld(t, "2.0").payload)
	}
	wantStep(t, record(t, "1", many...).check(t), verify.CheckCredentials, verify.Unknown, "too-many-documents")
}

func TestRefreshIsNeverOlder(t *testing.T) {
	address := site + "/refresh/7"
	w := didWorld(t, "2.0")
	doc := extended(w.plain)
	doc["refreshService"] = map[string]any{"id": address, "type": "1EdTechCredentialRefresh"}
	older := didWorld(t, "2.0")
	older.plain.IssuedOn = w.plain.IssuedOn.Add(-time.Hour)
	older.plain.Expires = time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	older.embed(t, extended(older.plain))
	w.embed(t, doc)
	w.docs[address] = older.payload
	r := w.check(t)
	wantVerdict(t, r, verify.Valid)
	wantStep(t, r, verify.CheckRefresh, verify.Unknown, "refresh-older")
}

func TestProofsOfTheFuture(t *testing.T) {
	for after, reason := range map[time.Duration]string{-time.Hour: "", time.Minute: "", time.Hour: "proof-future"} {
		w := didWorld(t, "2.0")
		w.payload = must(w.key.Embed(t.Context(), issue.Credential3(w.plain), issue.Proof{Method: w.method, Created: clock().Add(after)}))
		if s := step(w.check(t), verify.CheckProof); s.Reason != reason {
			t.Errorf("%s: %+v", after, s)
		}
	}
}

// TestHeadersOfTokens: nothing but alg, typ, kid, jwk and cty (OB3 §8.2.1).
func TestHeadersOfTokens(t *testing.T) {
	for name, value := range map[string]any{"x5c": []any{"AA"}, "iss": issuerID, "x5t": "AA", "nonce": "1", "jku": site, "crit": []any{"exp"}} {
		w := tokenWorld(t, rsaKey(), "2.0", map[string]any{"kid": "k1", name: value})
		r := w.check(t)
		wantVerdict(t, r, verify.Invalid)
		wantStep(t, r, verify.CheckFormat, verify.Fail, "jws-header")
	}
}

// TestClaimsOfTokens: what a claim says and the credential contradicts is refused, what is
// absent is not asked for.
func TestClaimsOfTokens(t *testing.T) {
	k := issue.Ed25519FromSeed("claims")
	for _, tt := range []struct {
		claim  string
		value  any
		reason string
	}{
		{"iss", "https://other.example/", "jwt-claim"},
		{"sub", "did:example:bob", "jwt-claim"},
		{"sub", 7, "jwt-claim"},
		{"jti", "urn:other", "jwt-claim"},
		{"nbf", 1, "jwt-claim"},
		{"nbf", "2026", "jwt-claim"},
		{"exp", 1, "jwt-claim"},
		{"iss", nil, ""},
		{"sub", nil, ""},
		{"jti", nil, ""},
		{"nbf", nil, ""},
		{"exp", nil, ""},
	} {
		w := tokenWorld(t, k, "2.0", nil)
		claims := decode(t, must(base64.RawURLEncoding.DecodeString(strings.Split(string(w.payload), ".")[1])))
		if claims[tt.claim] = tt.value; tt.value == nil {
			delete(claims, tt.claim)
		}
		w.payload = signToken(t, k, claims)
		if s := step(w.check(t), verify.CheckProof); s.Reason != tt.reason {
			t.Errorf("%s %v: %+v", tt.claim, tt.value, s)
		}
	}
}

// signToken makes a token of any claims.
func signToken(t *testing.T, k issue.Key, claims map[string]any) []byte {
	t.Helper()
	block, _ := pem.Decode(must(k.PEM()))
	private, ok := must(x509.ParsePKCS8PrivateKey(block.Bytes)).(ed25519.PrivateKey)
	if !ok {
		t.Fatal("no Ed25519 key")
	}
	input := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"EdDSA","kid":"k1"}`)) + "." +
		base64.RawURLEncoding.EncodeToString(must(json.Marshal(claims)))
	return []byte(input + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(private, []byte(input))))
}

// TestScopeOfHostedBadges holds addresses against what the issuer allows.
func TestScopeOfHostedBadges(t *testing.T) {
	for _, tt := range []struct {
		id     string
		scope  map[string]any
		reason string
	}{
		{site + "/badges/7", map[string]any{"startsWith": site}, ""},
		{site + "/badges/7", map[string]any{"startsWith": []any{"https://x.example/", site + "/badges/"}}, ""},
		{site + ".evil.example/badges/7", map[string]any{"startsWith": site}, "scope-starts-with"},
		{site + ":8443/badges/7", map[string]any{"startsWith": site}, "scope-starts-with"},
		{"https://issuer.example@evil.example/7", map[string]any{"startsWith": site}, "bad-address"},
		{site + "/badges/../others/7", map[string]any{"startsWith": site + "/badges/"}, "scope-starts-with"},
		{site + "/badges/%2E%2e/others/7", map[string]any{"startsWith": site + "/badges/"}, "scope-starts-with"},
		{site + "/classes/7", map[string]any{"startsWith": site + "/badges/"}, "scope-starts-with"},
		{"https://cdn.example/7", map[string]any{"allowedOrigins": []any{"cdn.example"}}, ""},
		{"https://cdn.example.evil.example/7", map[string]any{"allowedOrigins": []any{"cdn.example"}}, "scope-origin"},
		{"https://cdn.example/7", nil, "scope-origin"},
		{site + "/badges/7", map[string]any{"startsWith": site, "allowedOrigins": "issuer.example"}, ""},
		{site + "/badges/7", map[string]any{"startsWith": site, "allowedOrigins": "cdn.example"}, "scope-origin"},
		{site + "/badges/7", map[string]any{"startsWith": site + "/x/", "allowedOrigins": "issuer.example"}, "scope-starts-with"},
	} {
		w := hostedWorld(t)
		delete(w.docs, w.plain.ID)
		w.plain.ID = tt.id
		w.payload = must(issue.Hosted2(w.plain)).Assertion
		w.docs[tt.id] = w.payload
		p := issue.Profile2(w.plain.Issuer)
		if tt.scope != nil {
			p["verification"] = tt.scope
		}
		w.docs[issuerID] = must(issue.JSON(p))
		r := w.check(t)
		name := verify.CheckKey
		if tt.reason == "bad-address" {
			name = verify.CheckProof
		}
		if s := step(r, name); s.Reason != tt.reason || (r.Verdict == verify.Valid) != (tt.reason == "") {
			t.Errorf("%s with %v: %s %+v", tt.id, tt.scope, r.Verdict, s)
		}
	}
}

// forwarding answers some addresses after a redirect.
type forwarding struct {
	web
	to map[string]string
}

func (m forwarding) Fetch(ctx context.Context, address string) (verify.Document, error) {
	final, ok := m.to[address]
	if !ok {
		return m.web.Fetch(ctx, address)
	}
	d, err := m.web.Fetch(ctx, final)
	d.URL, d.FinalURL = address, final
	return d, err
}

// TestWarnings: what is right by the rules and yet deserves a second look.
func TestWarnings(t *testing.T) {
	w := hostedWorld(t)
	old := site + "/old/7"
	r := verify.Check(t.Context(), []byte(old), verify.Options{At: clock(), Fetcher: forwarding{w.docs, map[string]string{old: w.plain.ID}}})
	wantVerdict(t, r, verify.Valid)
	if s := step(r, verify.CheckProof); s.Result != verify.Pass || s.Warning != "" {
		t.Errorf("the address of a badge itself: %+v", s)
	}
	r = verify.Check(t.Context(), w.payload, verify.Options{At: clock(), Fetcher: forwarding{
		web{site + "/new/7": w.payload, w.plain.AchievementID: w.docs[w.plain.AchievementID], issuerID: w.docs[issuerID]},
		map[string]string{w.plain.ID: site + "/new/7"},
	}})
	wantVerdict(t, r, verify.Valid)
	if s := step(r, verify.CheckProof); s.Warning != "redirected-id" || s.Detail != site+"/new/7" {
		t.Errorf("redirected: %+v", s)
	}

	w = hostedWorld(t)
	w.plain.Issuer.ID = "http://issuer.example/about"
	h := must(issue.Hosted2(w.plain))
	w.docs = web{w.plain.ID: h.Assertion, w.plain.AchievementID: h.Class, w.plain.Issuer.ID: h.Issuer}
	r = w.check(t)
	wantVerdict(t, r, verify.Valid)
	if s := step(r, verify.CheckKey); s.Result != verify.Pass || s.Warning != "not-https" {
		t.Errorf("http: %+v", s)
	}
}

// TestContextsOfAssertions: Open Badges contexts are known by their whole address.
func TestContextsOfAssertions(t *testing.T) {
	const two = "https://w3id.org/openbadges/v2"
	for _, tt := range []struct {
		context any
		verdict verify.Verdict
		reason  string
	}{
		{two, verify.Valid, ""},
		{[]any{two, "https://w3id.org/openbadges/extensions/geoCoordinatesExtension/context.json"}, verify.Valid, ""},
		{[]any{two, map[string]any{"schoolYear": "https://issuer.example/terms#schoolYear"}}, verify.Valid, ""},
		{"https://evil.example/?openbadges/v2", verify.Unverifiable, "unknown-context"},
		{[]any{two, "https://issuer.example/context.json"}, verify.Unverifiable, "unknown-context"},
		{[]any{two, map[string]any{"@vocab": "https://evil.example/"}}, verify.Invalid, "context-forbidden"},
		{[]any{two, map[string]any{"@base": "https://evil.example/"}}, verify.Invalid, "context-forbidden"},
		{[]any{map[string]any{"a": "https://issuer.example/a"}}, verify.Invalid, "missing-context"},
		{[]any{two, 7}, verify.Invalid, "bad-type"},
	} {
		w := hostedWorld(t)
		doc := decode(t, w.payload)
		doc["@context"] = tt.context
		w.payload = must(issue.JSON(doc))
		w.docs[w.plain.ID] = w.payload
		r := w.check(t)
		if s := step(r, verify.CheckFormat); r.Verdict != tt.verdict || s.Reason != tt.reason {
			t.Errorf("%v: %s %+v", tt.context, r.Verdict, s)
		}
	}
}

// TestLengthsOfStatusLists: 131,072 entries, 100,000 with a warning, none below (Bitstring
// Status List §2.2).
func TestLengthsOfStatusLists(t *testing.T) {
	for bits, want := range map[int][2]string{131_072: {"", ""}, 131_064: {"", "status-list-length"}, 100_000: {"", "status-list-length"}, 99_992: {"status-list-length", ""}} {
		w := withStatus(t, "revocation")
		w.list(t, "revocation", nil, func(m map[string]any) {
			subject := m["credentialSubject"].(map[string]any)
			subject["encodedList"] = "u" + base64.RawURLEncoding.EncodeToString(zipped(t, bits/8))
		})
		if s := step(w.check(t), verify.CheckRevoked); s.Reason != want[0] || s.Warning != want[1] {
			t.Errorf("%d: %+v", bits, s)
		}
	}
}

func zipped(t *testing.T, size int) []byte {
	t.Helper()
	var b bytes.Buffer
	zw := gzip.NewWriter(&b)
	piece := make([]byte, 1<<16)
	for left := size; left > 0; left -= len(piece) {
		if _, err := zw.Write(piece[:min(left, len(piece))]); err != nil {
			t.Fatal(err)
		}
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
