package verify_test

import (
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// guildToken is an endorsement as VC-JWT.
func guildToken(t *testing.T, about, vc string, change func(map[string]any)) string {
	t.Helper()
	k := issue.Ed25519FromSeed("guild")
	c := sample()
	c.ID, c.VCVersion = "https://guild.example/e/1", vc
	c.Issuer = openbadge.Issuer{ID: k.DIDKey(), Name: "Guild"}
	doc := issue.Endorsement3(c, about, "Sound work.")
	if change != nil {
		change(doc)
	}
	return string(must(k.Token(doc, map[string]any{"kid": k.DIDKey() + "#" + k.Multibase()})))
}

// TestEndorsementTokens: endorsements as VC-JWT have their own checks, wherever they hang.
func TestEndorsementTokens(t *testing.T) {
	class, badge := site+"/classes/basket", site+"/badges/7"
	tampered := guildToken(t, badge, "2.0", nil)
	tampered = tampered[:len(tampered)-8] + "AAAAAAAA"
	for _, tt := range []struct {
		name, place, token string
		result             verify.Result
		reason             string
	}{
		{"VC 2.0", "credential", guildToken(t, badge, "2.0", nil), verify.Pass, ""},
		{"VC 1.1", "credential", guildToken(t, badge, "1.1", nil), verify.Pass, ""},
		{"of the class", "achievement", guildToken(t, class, "2.0", nil), verify.Pass, ""},
		{"of another", "achievement", guildToken(t, badge, "2.0", nil), verify.Fail, "endorsed-other"},
		{"expired", "credential", guildToken(t, badge, "2.0", func(m map[string]any) { m["validUntil"] = "2026-06-01T00:00:00Z" }), verify.Fail, "expired"},
		{"tampered with", "credential", tampered, verify.Fail, "signature"},
		{"no token", "credential", "e30.e30.e30", verify.Fail, ""},
	} {
		for form, w := range map[string]*world{"embedded": didWorld(t, "2.0"), "token": tokenWorld(t, issue.Ed25519FromSeed("x"), "2.0", map[string]any{"kid": "k1"})} {
			doc := issue.Credential3(w.plain)
			place := doc
			if tt.place == "achievement" {
				place = doc["credentialSubject"].(map[string]any)["achievement"].(map[string]any)
			}
			place["endorsementJwt"] = []any{tt.token}
			if form == "token" {
				w.payload = must(w.key.Token(doc, map[string]any{"kid": "k1"}))
			} else {
				w.embed(t, doc)
			}
			r := w.check(t)
			wantVerdict(t, r, verify.Valid)
			s := step(r, verify.CheckEndorsement)
			if s.Result != tt.result || tt.reason != "" && s.Reason != tt.reason || tt.result == verify.Pass && !strings.HasPrefix(s.By, "Guild (did:key:") {
				t.Errorf("%s, in a badge with its proof %s: %+v", tt.name, form, s)
			}
		}
	}
}
