package verify_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

func decode(t *testing.T, b []byte) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestProofSets(t *testing.T) {
	w := didWorld(t, "2.0")
	good := decode(t, w.payload)
	proof, ok := good["proof"].(map[string]any)
	if !ok {
		t.Fatal("no proof")
	}
	bad := maps.Clone(proof)
	bad["proofValue"] = "z" + strings.Repeat("2", 87)
	unknown := map[string]any{"type": "DataIntegrityProof", "cryptosuite": "bbs-2023", "proofPurpose": "assertionMethod", "verificationMethod": w.method, "proofValue": "u2V0"}
	for _, tt := range []struct {
		name   string
		proofs []any
		want   verify.Verdict
	}{
		{"one good", []any{proof}, verify.Valid},
		{"bad and good", []any{bad, proof}, verify.Valid},
		{"unsupported and good", []any{unknown, proof}, verify.Valid},
		{"bad alone", []any{bad}, verify.Invalid},
		{"unsupported alone", []any{unknown}, verify.Unverifiable},
		{"none", []any{}, verify.Invalid},
		{"not an object", []any{"x", proof}, verify.Invalid},
		{"nine", []any{proof, proof, proof, proof, proof, proof, proof, proof, proof}, verify.Invalid},
	} {
		good["proof"] = tt.proofs
		w.payload = must(issue.JSON(good))
		if r := w.check(t); r.Verdict != tt.want {
			t.Errorf("%s: %s, want %s: %+v", tt.name, r.Verdict, tt.want, r.Checks)
		}
	}
}

func TestProofChains(t *testing.T) {
	first := issue.Proof{ID: "urn:proof:1"}
	for _, suite := range []string{"", "eddsa-jcs-2022"} {
		w := didWorld(t, "2.0")
		first.Method, first.Suite = w.method, suite
		doc := decode(t, must(w.key.Embed(t.Context(), issue.Credential3(w.plain), first)))
		second := issue.Proof{ID: "urn:proof:2", Method: w.method, Suite: suite, Options: map[string]any{"previousProof": "urn:proof:1"}}
		doc = decode(t, must(w.key.Embed(t.Context(), doc, second)))
		proofs, ok := doc["proof"].([]any)
		if !ok || len(proofs) != 2 {
			t.Fatalf("proofs %v", doc["proof"])
		}
		swap := func(list ...any) verify.Report {
			doc["proof"] = list
			w.payload = must(issue.JSON(doc))
			return w.check(t)
		}
		wantVerdict(t, swap(proofs...), verify.Valid)
		wantVerdict(t, swap(proofs[1], proofs[0]), verify.Valid)
		lone := swap(proofs[1])
		wantVerdict(t, lone, verify.Invalid)
		wantStep(t, lone, verify.CheckProof, verify.Fail, "proof-chain")
		forged := decode(t, must(json.Marshal(proofs[0])))
		forged["proofValue"] = "z" + strings.Repeat("2", 87)
		wantVerdict(t, swap(proofs[1], forged), verify.Invalid)
		cycle := map[string]any{"id": "urn:a", "previousProof": "urn:b", "type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "proofPurpose": "assertionMethod", "verificationMethod": w.method, "proofValue": forged["proofValue"]}
		back := map[string]any{"id": "urn:b", "previousProof": "urn:a", "type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "proofPurpose": "assertionMethod", "verificationMethod": w.method, "proofValue": forged["proofValue"]}
		wantVerdict(t, swap(cycle, back), verify.Invalid)
	}
}

func TestProofPurposes(t *testing.T) {
	for purpose, want := range map[string]verify.Verdict{"assertionMethod": verify.Valid, "authentication": verify.Invalid} {
		w := didWorld(t, "2.0")
		p := issue.Proof{Method: w.method, Options: map[string]any{"proofPurpose": purpose}}
		w.payload = must(w.key.Embed(t.Context(), issue.Credential3(w.plain), p))
		wantVerdict(t, w.check(t), want)
	}
}

func TestEndorsements(t *testing.T) {
	endorser := issue.Ed25519FromSeed("guild")
	method := endorser.DIDKey() + "#" + endorser.Multibase()
	e := sample()
	e.ID = "https://guild.example/e/1"
	e.Issuer = openbadge.Issuer{ID: endorser.DIDKey(), Name: "Guild"}
	doc := issue.Endorsement3(e, site+"/classes/basket", "Sound work.")
	signed := decode(t, must(endorser.Embed(t.Context(), doc, issue.Proof{Method: method})))
	for _, tt := range []struct {
		name   string
		change func(map[string]any)
		result verify.Result
	}{
		{"good", func(map[string]any) {}, verify.Pass},
		{"changed", func(m map[string]any) { m["validUntil"] = "2027-01-01T00:00:00Z" }, verify.Fail},
		{"unsigned", func(m map[string]any) { delete(m, "proof") }, verify.Fail},
	} {
		m := maps.Clone(signed)
		tt.change(m)
		w := didWorld(t, "2.0")
		c := issue.Credential3(w.plain)
		c["endorsement"] = []any{m}
		w.embed(t, c)
		r := w.check(t)
		wantVerdict(t, r, verify.Valid)
		if s := step(r, verify.CheckEndorsement); s.Result != tt.result {
			t.Errorf("%s: %+v", tt.name, s)
		}
	}
	alone := verify.Check(t.Context(), must(issue.JSON(signed)), verify.Options{At: clock()})
	wantVerdict(t, alone, verify.Valid)
	if alone.Kind != openbadge.Endorsement || alone.Credential.Description != "Sound work." {
		t.Errorf("kind %s, %+v", alone.Kind, alone.Credential)
	}
}

func TestRefresh(t *testing.T) {
	address := site + "/refresh/7"
	w := didWorld(t, "2.0")
	doc := extended(w.plain)
	doc["refreshService"] = map[string]any{"id": address, "type": "1EdTechCredentialRefresh"}
	newer := didWorld(t, "2.0")
	newer.plain.Expires = time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	newer.embed(t, extended(newer.plain))
	w.embed(t, doc)

	wantVerdict(t, w.check(t), verify.Valid)
	wantStep(t, w.check(t), verify.CheckRefresh, verify.Unknown, "unavailable")
	w.docs[address] = newer.payload
	wantVerdict(t, w.check(t), verify.Expired)
	w.docs[address] = []byte(strings.Replace(string(newer.payload), "2026-05-01", "2031-05-01", 1))
	r := w.check(t)
	wantVerdict(t, r, verify.Valid)
	wantStep(t, r, verify.CheckRefresh, verify.Unknown, "refresh-unproved")
}

func TestSchemas(t *testing.T) {
	address := "https://schemas.example/badge.json"
	w := didWorld(t, "2.0")
	doc := extended(w.plain)
	doc["credentialSchema"] = []any{map[string]any{"id": address, "type": "1EdTechJsonSchemaValidator2019"}}
	w.embed(t, doc)
	wantVerdict(t, w.check(t), verify.Valid)
	wantStep(t, w.check(t), verify.CheckSchema, verify.Unknown, "unavailable")
	w.docs[address] = []byte(`{"$schema":"https://json-schema.org/draft/2019-09/schema","type":"object","required":["issuer","name"]}`)
	wantStep(t, w.check(t), verify.CheckSchema, verify.Pass, "")
	w.docs[address] = []byte(`{"$schema":"https://json-schema.org/draft/2019-09/schema","properties":{"name":{"maxLength":3}}}`)
	r := w.check(t)
	wantVerdict(t, r, verify.Invalid)
	wantStep(t, r, verify.CheckSchema, verify.Fail, "schema")
	w.docs[address] = []byte(`{"type":"nonsense"}`)
	wantVerdict(t, w.check(t), verify.Valid)
}

func TestCLR(t *testing.T) {
	inner := didWorld(t, "2.0")
	for _, tt := range []struct {
		name    string
		payload string
		want    verify.Verdict
	}{
		{"good", string(inner.payload), verify.Valid},
		{"changed inside", strings.Replace(string(inner.payload), "Basket weaving", "Rocket science", 1), verify.Invalid},
	} {
		w := didWorld(t, "2.0")
		doc := issue.Credential3(w.plain)
		doc["id"] = site + "/records/1"
		doc["@context"] = []any{"https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"}
		doc["type"] = []any{"VerifiableCredential", "ClrCredential"}
		doc["credentialSubject"] = map[string]any{
			"id": "did:example:ada", "type": []any{"ClrSubject"},
			"verifiableCredential": []any{decode(t, []byte(tt.payload))},
		}
		delete(doc, "evidence")
		w.embed(t, doc)
		r := w.check(t)
		if r.Verdict != tt.want || r.Kind != openbadge.CLR || r.OB != openbadge.CLR20 {
			t.Errorf("%s: %s %s %s %+v", tt.name, r.Verdict, r.Kind, r.OB, r.Checks)
		}
	}
}

// slow answers only when the context ends.
type slow struct{}

func (slow) Fetch(ctx context.Context, _ string) (verify.Document, error) {
	<-ctx.Done()
	return verify.Document{}, errors.Join(ctx.Err(), verify.ErrUnavailable)
}

func TestCheckEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	w := httpsWorld(t, issue.Ed25519FromSeed("x"), "")
	r := verify.Check(ctx, w.payload, verify.Options{At: clock(), Fetcher: slow{}})
	wantVerdict(t, r, verify.Unverifiable)
}

func TestLine(t *testing.T) {
	l := didWorld(t, "2.0").check(t).Line("badge.json")
	b := must(json.Marshal(l))
	for _, want := range []string{`"file":"badge.json"`, `"verdict":"valid"`, `"kind":"badge"`, `"ob":"3.0"`, `{"name":"format","result":"pass","reason":""`, `"issuedOn":"2026-01-02T03:04:05Z"`, `"expires":"2030-01-01T00:00:00Z"`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("%s lacks %s", b, want)
		}
	}
	empty := string(must(json.Marshal(verify.Check(t.Context(), []byte("{}"), verify.Options{}).Line(""))))
	if !strings.Contains(empty, `"recipient":""`) || strings.Contains(empty, "null") {
		t.Errorf("line %s", empty)
	}
}
