package verify_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// recordOf makes a record of w's issuer that holds credentials.
func recordOf(w *world, change func(doc map[string]any), inner ...any) map[string]any {
	doc := issue.Credential3(w.plain)
	doc["id"] = site + "/records/1"
	doc["@context"] = []any{"https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"}
	doc["type"] = []any{"VerifiableCredential", "ClrCredential"}
	doc["credentialSubject"] = map[string]any{"id": "did:example:ada", "type": []any{"ClrSubject"}, "verifiableCredential": inner}
	delete(doc, "evidence")
	if change != nil {
		change(doc)
	}
	return doc
}

// TestRecordsCoverTheirIssuersBadges: what has no proof of its own is proved by the record
// when its issuer is the record's, and the report says so; a word about somebody else's badge
// proves nothing, and a proof that is there has to be good.
func TestRecordsCoverTheirIssuersBadges(t *testing.T) {
	bare := func(w *world) map[string]any {
		doc := decode(t, w.payload)
		delete(doc, "proof")
		return doc
	}
	for _, tt := range []struct {
		name    string
		inner   func(w *world) map[string]any
		want    verify.Verdict
		reason  string
		warning string
	}{
		{"of the issuer, without proof", bare, verify.Valid, "", "covered-by-record"},
		{"of the issuer, with proof", func(w *world) map[string]any { return decode(t, w.payload) }, verify.Valid, "", ""},
		{"of somebody else, without proof", func(w *world) map[string]any {
			doc := bare(w)
			doc["issuer"].(map[string]any)["id"] = issuerID
			return doc
		}, verify.Invalid, "contained", ""},
		{"of nobody", func(w *world) map[string]any {
			doc := bare(w)
			delete(doc, "issuer")
			return doc
		}, verify.Invalid, "contained", ""},
		{"with a broken proof", func(w *world) map[string]any {
			doc := decode(t, w.payload)
			doc["name"] = "Rocket science"
			return doc
		}, verify.Invalid, "contained", ""},
		{"with an empty list of proofs", func(w *world) map[string]any {
			doc := bare(w)
			doc["proof"] = []any{}
			return doc
		}, verify.Invalid, "contained", ""},
		{"expired, without proof", func(w *world) map[string]any {
			doc := bare(w)
			doc["validUntil"] = "2026-02-01T00:00:00Z"
			return doc
		}, verify.Invalid, "contained", ""},
		{"without criteria and proof", func(w *world) map[string]any {
			doc := bare(w)
			delete(doc["credentialSubject"].(map[string]any)["achievement"].(map[string]any), "criteria")
			return doc
		}, verify.Invalid, "contained", ""},
	} {
		for _, token := range []bool{false, true} {
			w := didWorld(t, "2.0")
			doc := recordOf(w, nil, tt.inner(w))
			if token {
				w.payload = must(w.key.Token(doc, map[string]any{"kid": w.method}))
			} else {
				w.embed(t, doc)
			}
			r := w.check(t)
			s := step(r, verify.CheckCredentials)
			if r.Verdict != tt.want || s.Reason != tt.reason || s.Warning != tt.warning || r.Kind != openbadge.CLR {
				t.Errorf("%s, token %v: %s %+v", tt.name, token, r.Verdict, r.Checks)
			}
			if tt.warning == "" {
				continue
			}
			if s.Detail != w.plain.Name {
				t.Errorf("%s: which badge is covered: %q", tt.name, s.Detail)
			}
			w.payload = []byte(strings.Replace(string(w.payload), "Basket weaving", "Rocket science", 1))
			if got := w.check(t); !token && got.Verdict != verify.Invalid {
				t.Errorf("%s, changed inside: %s", tt.name, got.Verdict)
			}
			alone := must(json.Marshal(tt.inner(didWorld(t, "2.0"))))
			if got := verify.Check(t.Context(), alone, verify.Options{At: clock()}); got.Verdict != verify.Invalid {
				t.Errorf("%s, outside of the record: %s", tt.name, got.Verdict)
			}
		}
	}
}

// TestRecordsHaveDatesAndStatus: a record ends and is taken back as a badge is, whatever is in
// it.
func TestRecordsHaveDatesAndStatus(t *testing.T) {
	const list = site + "/status/1"
	for _, tt := range []struct {
		name   string
		change func(doc map[string]any)
		want   verify.Verdict
	}{
		{"neither", nil, verify.Valid},
		{"expired", func(doc map[string]any) { doc["validUntil"] = "2026-02-01T00:00:00Z" }, verify.Expired},
		{"early", func(doc map[string]any) { doc["validFrom"] = "2029-01-01T00:00:00Z" }, verify.NotYetValid},
		{"revoked", func(doc map[string]any) {
			doc["@context"] = append(doc["@context"].([]any), "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json")
			doc["credentialStatus"] = map[string]any{"id": list, "type": "1EdTechRevocationList"}
		}, verify.Revoked},
	} {
		w := didWorld(t, "2.0")
		inner := decode(t, w.payload)
		w.docs[list] = must(issue.JSON(map[string]any{"id": list, "issuer": w.plain.Issuer.ID, "revokedCredential": []any{map[string]any{"id": site + "/records/1", "revoked": true}}}))
		w.embed(t, recordOf(w, tt.change, inner))
		r := w.check(t)
		if s := step(r, verify.CheckCredentials); r.Verdict != tt.want || s.Result != verify.Pass {
			t.Errorf("%s: %s %+v", tt.name, r.Verdict, r.Checks)
		}
	}
}
