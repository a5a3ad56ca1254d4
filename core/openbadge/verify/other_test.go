package verify_test

import (
	"testing"

	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// otherCredential is a signed credential that does not call itself a badge; change may say more.
func otherCredential(t *testing.T, change func(map[string]any)) *world {
	t.Helper()
	w := didWorld(t, "2.0")
	doc := map[string]any{
		"@context": []any{"https://www.w3.org/ns/credentials/v2"}, "type": []any{"VerifiableCredential"},
		"id": site + "/licences/1", "issuer": w.key.DIDKey(), "credentialSubject": map[string]any{"id": "did:example:ada"},
	}
	if change != nil {
		change(doc)
	}
	w.embed(t, doc)
	return w
}

// altered changes a credential after it was signed.
func (w *world) altered(t *testing.T, change func(map[string]any)) *world {
	t.Helper()
	doc := decode(t, w.payload)
	change(doc)
	w.payload = must(issue.JSON(doc))
	return w
}

// TestOtherCredentials: a credential without the words of Open Badges is held against the data
// model of credentials alone (VC 2.0 §4) and is never taken for a badge. With these words it has
// to be one (OB3 §B.1.1 "type").
func TestOtherCredentials(t *testing.T) {
	const ob3 = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
	over := func(m map[string]any) { m["validUntil"] = "2026-01-01T00:00:00Z" }
	wantVerdict(t, otherCredential(t, over).check(t), verify.Expired)
	r := otherCredential(t, nil).check(t)
	wantVerdict(t, r, verify.Valid)
	if f := step(r, verify.CheckFormat); r.Kind != "" || f.Warning != "other-credential" || f.Detail != "VerifiableCredential" {
		t.Errorf("kind %q: %+v", r.Kind, f)
	}
	if _, err := verify.Precheck(t.Context(), otherCredential(t, nil).payload); err == nil || err.Error() != "not-a-badge: VerifiableCredential" {
		t.Errorf("precheck: %v", err)
	}
	inside := record(t, "3", decode(t, otherCredential(t, nil).payload)).check(t)
	wantVerdict(t, inside, verify.Valid)
	for name, tt := range map[string]struct {
		change        func(map[string]any)
		check, reason string
	}{
		"changed":        {func(m map[string]any) { m["id"] = site + "/licences/2" }, verify.CheckProof, "signature"},
		"with the words": {func(m map[string]any) { m["@context"] = []any{"https://www.w3.org/ns/credentials/v2", ob3} }, verify.CheckFormat, "not-a-badge"},
		"a badge by type": {func(m map[string]any) {
			m["type"] = []any{"VerifiableCredential", "OpenBadgeCredential"}
		}, verify.CheckFormat, "missing"},
		"without subject":   {func(m map[string]any) { delete(m, "credentialSubject") }, verify.CheckFormat, "missing"},
		"unknown word":      {func(m map[string]any) { m["licence"] = "B" }, verify.CheckFormat, "undefined-term"},
		"old without start": {func(m map[string]any) { m["@context"] = []any{"https://www.w3.org/2018/credentials/v1"} }, verify.CheckFormat, "missing"},
	} {
		t.Run(name, func(t *testing.T) {
			r := otherCredential(t, nil).altered(t, tt.change).check(t)
			wantVerdict(t, r, verify.Invalid)
			wantStep(t, r, tt.check, verify.Fail, tt.reason)
		})
	}
}
