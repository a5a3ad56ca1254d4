package verify_test

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"testing"

	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// TestReportNamesItsDocuments: what the report rests on, with role, hash and body, and which
// check read it.
func TestReportNamesItsDocuments(t *testing.T) {
	for _, tt := range []struct {
		name  string
		world *world
		roles map[string]string   // address to role
		reads map[string][]string // check to addresses
	}{
		{"hosted", hostedWorld(t),
			map[string]string{sample().ID: verify.RoleAssertion, sample().AchievementID: verify.RoleClass, issuerID: verify.RoleIssuer},
			map[string][]string{verify.CheckFormat: {sample().AchievementID}, verify.CheckProof: {sample().ID}, verify.CheckKey: {issuerID}}},
		{"signed", signedWorld(t),
			map[string]string{sample().AchievementID: verify.RoleClass, issuerID: verify.RoleIssuer, site + "/key": verify.RoleKey},
			map[string][]string{verify.CheckFormat: {sample().AchievementID}, verify.CheckKey: {issuerID, site + "/key"}}},
		{"controller", httpsWorld(t, issue.Ed25519FromSeed("x"), ""),
			map[string]string{issuerID: verify.RoleIssuer},
			map[string][]string{verify.CheckKey: {issuerID}}},
		{"token", tokenWorld(t, rsaKey(), "2.0", map[string]any{"kid": "k1"}),
			map[string]string{site + "/.well-known/jwks.json": verify.RoleKey},
			map[string][]string{verify.CheckKey: {site + "/.well-known/jwks.json"}}},
	} {
		r := tt.world.check(t)
		wantVerdict(t, r, verify.Valid)
		if len(r.Documents) != len(tt.roles) {
			t.Errorf("%s: documents %+v", tt.name, r.Documents)
		}
		for _, d := range r.Documents {
			sum := sha256.Sum256(tt.world.docs[d.URL])
			if d.Role != tt.roles[d.URL] || d.SHA256 != hex.EncodeToString(sum[:]) || string(d.Body) != string(tt.world.docs[d.URL]) || !d.At.Equal(clock()) {
				t.Errorf("%s: %s has role %q, hash %s, at %s", tt.name, d.URL, d.Role, d.SHA256, d.At)
			}
		}
		for _, c := range r.Checks {
			if !slices.Equal(c.Documents, tt.reads[c.Name]) || !c.At.Equal(clock()) {
				t.Errorf("%s: %s read %v, at %s, want %v", tt.name, c.Name, c.Documents, c.At, tt.reads[c.Name])
			}
		}
	}
}

// TestReportNamesItsKey: the key whose signature counted, and none where no signature did.
func TestReportNamesItsKey(t *testing.T) {
	did := didWorld(t, "2.0")
	bad := didWorld(t, "2.0")
	bad.payload = slices.Concat(bad.payload[:len(bad.payload)-20], []byte("22"), bad.payload[len(bad.payload)-18:])
	ec := ecKey()
	for _, tt := range []struct {
		name   string
		world  *world
		issuer string
		id     string
		key    issue.Key
	}{
		{"did", did, did.key.DIDKey(), did.method, did.key},
		{"controller", httpsWorld(t, ec, "ecdsa-rdfc-2019"), issuerID, issuerID + "#k1", ec},
		{"token", tokenWorld(t, rsaKey(), "2.0", map[string]any{"kid": "k1"}), issuerID, "k1", rsaKey()},
		{"signed", signedWorld(t), issuerID, site + "/key", rsaKey()},
		{"hosted", hostedWorld(t), "", "", issue.Key{}},
		{"changed", bad, "", "", issue.Key{}},
	} {
		r := tt.world.check(t)
		if tt.issuer == "" {
			if len(r.Keys) != 0 {
				t.Errorf("%s: keys %+v", tt.name, r.Keys)
			}
			continue
		}
		if len(r.Keys) != 1 {
			t.Errorf("%s: keys %+v, %+v", tt.name, r.Keys, r.Checks)
			continue
		}
		want := verify.UsedKey{Issuer: tt.issuer, ID: tt.id, Thumbprint: r.Keys[0].Thumbprint}
		if r.Keys[0] != want || len(want.Thumbprint) != 43 {
			t.Errorf("%s: %+v", tt.name, r.Keys[0])
		}
	}
}
