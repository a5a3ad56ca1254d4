package verify_test

import (
	"testing"

	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// TestBooleansOfAssertions: "revoked" and "hashed" are Booleans (OB2 §Assertion,
// §IdentityObject). A text that says the same is read as it was meant, anything else is refused.
func TestBooleansOfAssertions(t *testing.T) {
	recipient := func(hashed any) func(map[string]any) {
		return func(m map[string]any) {
			r := map[string]any{"type": "email", "identity": "ada@example.org"}
			if hashed != nil {
				r["hashed"] = hashed
			}
			m["recipient"] = r
		}
	}
	revoked := func(v any) func(map[string]any) { return func(m map[string]any) { m["revoked"] = v } }
	for name, tt := range map[string]struct {
		change  func(map[string]any)
		verdict verify.Verdict
	}{
		"revoked":               {revoked(true), verify.Revoked},
		"revoked as text":       {revoked("True"), verify.Revoked},
		"not revoked":           {revoked(false), verify.Valid},
		"not revoked as text":   {revoked("false"), verify.Valid},
		"revoked by a number":   {revoked(1), verify.Invalid},
		"revoked by a word":     {revoked("yes"), verify.Invalid},
		"revoked by a list":     {revoked([]any{true}), verify.Invalid},
		"hashed as text":        {recipient("false"), verify.Valid},
		"hashed left out":       {recipient(nil), verify.Invalid},
		"hashed by a number":    {recipient(0), verify.Invalid},
		"hashed, and a word is": {recipient("no"), verify.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			w := hostedWorld(t)
			w.altered(t, tt.change)
			w.docs[w.plain.ID] = w.payload
			wantVerdict(t, w.check(t), tt.verdict)
		})
	}
}

// TestStatusPurposeIsNamed: entry and list both name the purpose (Bitstring Status List §2.1,
// §2.2); nothing is assumed for one that does not.
func TestStatusPurposeIsNamed(t *testing.T) {
	w := withStatus(t, "revocation")
	w.list(t, "revocation", nil, func(m map[string]any) {
		s, _ := m["credentialSubject"].(map[string]any)
		delete(s, "statusPurpose")
	})
	wantStep(t, w.check(t), verify.CheckRevoked, verify.Fail, "status-purpose")

	w = withStatus(t, "revocation")
	doc := issue.Credential3(w.plain)
	e := issue.StatusEntry(listAddress, "revocation", 5)
	delete(e, "statusPurpose")
	doc["credentialStatus"] = e
	w.embed(t, doc)
	r := w.check(t)
	wantVerdict(t, r, verify.Invalid)
	wantStep(t, r, verify.CheckRevoked, verify.Fail, "status-purpose")
}
