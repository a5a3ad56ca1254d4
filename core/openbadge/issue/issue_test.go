package issue_test

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

func badge() openbadge.Credential {
	return openbadge.Credential{
		ID: "https://i.example/7", Name: "Basket", Description: "Wove it.", Language: "en",
		AchievementID: "https://i.example/c", CriteriaText: "Weave.", Image: "https://i.example/c.png",
		Issuer:    openbadge.Issuer{ID: "https://i.example/about", Name: "School"},
		Recipient: openbadge.Recipient{Identities: []openbadge.Identity{{Type: "email", Value: "ada@example.org"}}},
		IssuedOn:  time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Expires: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC),
	}
}

func TestKeysSurviveStorage(t *testing.T) {
	for _, newKey := range []func() (issue.Key, error){
		issue.NewEd25519, issue.NewRSA,
		func() (issue.Key, error) { return issue.NewEC(256) },
		func() (issue.Key, error) { return issue.NewEC(384) },
	} {
		k, err := newKey()
		if err != nil {
			t.Fatal(err)
		}
		text, err := k.PEM()
		if err != nil {
			t.Fatal(err)
		}
		again, err := issue.ParsePEM(text)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(k.JWK(), again.JWK()); d != "" || k.Alg() != again.Alg() || k.Multibase() != again.Multibase() {
			t.Errorf("%s: %s", k.Alg(), d)
		}
		block, _ := pem.Decode([]byte(k.PublicPEM()))
		if _, err := x509.ParsePKIXPublicKey(block.Bytes); err != nil {
			t.Error(err)
		}
		if k.JWK()["d"] != nil || strings.Contains(k.PublicPEM(), "PRIVATE") {
			t.Error("a private part is published")
		}
	}
	if _, err := issue.ParsePEM([]byte("x")); err == nil {
		t.Error("no error for nonsense")
	}
}

func TestSeededKeysAreStable(t *testing.T) {
	a, b := issue.Ed25519FromSeed("x"), issue.Ed25519FromSeed("x")
	if a.DIDKey() != b.DIDKey() || a.DIDKey() == issue.Ed25519FromSeed("y").DIDKey() {
		t.Error(a.DIDKey(), b.DIDKey())
	}
	if !strings.HasPrefix(a.DIDKey(), "did:key:z6Mk") {
		t.Error(a.DIDKey())
	}
}

// TestTokensAreReadByParse holds what is issued against the reader.
func TestTokensAreReadByParse(t *testing.T) {
	k := issue.Ed25519FromSeed("x")
	for _, vc := range []string{"1.1", "2.0"} {
		c := badge()
		c.VCVersion = vc
		token, err := k.Token(issue.Credential3(c), map[string]any{"kid": "k1"})
		if err != nil {
			t.Fatal(err)
		}
		got, err := openbadge.Parse(token)
		if err != nil {
			t.Fatal(err)
		}
		c.Version, c.Kind, c.Form, c.Raw = openbadge.V30, openbadge.Badge, openbadge.VCJWT, token
		c.Recipient.Identities[0].Type = "emailAddress"
		if d := cmp.Diff(&c, got); d != "" {
			t.Error(vc, d)
		}
	}
}

func TestHostedDocuments(t *testing.T) {
	h, err := issue.Hosted2(badge())
	if err != nil {
		t.Fatal(err)
	}
	got, err := openbadge.Parse(h.Assertion)
	if err != nil {
		t.Fatal(err)
	}
	for _, add := range []struct {
		text []byte
		to   func(strictjson.Value) error
	}{{h.Class, got.WithClass}, {h.Issuer, got.WithIssuer}} {
		v, err := strictjson.Read(add.text, strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if err := add.to(v); err != nil {
			t.Fatal(err)
		}
	}
	want := badge()
	want.Version, want.Kind, want.Form, want.Raw = openbadge.V20, openbadge.Badge, openbadge.Hosted, h.Assertion
	if d := cmp.Diff(&want, got); d != "" {
		t.Error(d)
	}
}

func TestStatusList(t *testing.T) {
	if _, err := issue.StatusList(badge(), "revocation", []int{131072}); err == nil {
		t.Error("no error beyond the list")
	}
	if _, err := issue.StatusList(badge(), "revocation", []int{0, 131071}); err != nil {
		t.Error(err)
	}
}

// TestKeySet: the set names the issuer, so that no other tenant of the host can use it.
func TestKeySet(t *testing.T) {
	b, err := issue.KeySet("https://i.example/about", map[string]issue.Key{"k1": issue.Ed25519FromSeed("x")})
	if err != nil {
		t.Fatal(err)
	}
	var set struct {
		Keys []struct{ Kid, Iss, Alg, Use, X string }
	}
	if err := json.Unmarshal(b, &set); err != nil {
		t.Fatal(err)
	}
	k := set.Keys[0]
	if k.Kid != "k1" || k.Iss != "https://i.example/about" || k.Alg != "EdDSA" || k.Use != "sig" {
		t.Errorf("%+v", k)
	}
	if x, err := base64.RawURLEncoding.DecodeString(k.X); err != nil || len(x) != sha256.Size {
		t.Error(err)
	}
}
