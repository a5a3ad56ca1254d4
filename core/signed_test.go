package core

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/bake"
	"github.com/osier-passport/osier/core/openbadge/issue"
)

// signer issues badges that verify without any network.
type signer struct {
	key  issue.Key
	name string
}

func newSigner(t testing.TB, name string) signer {
	t.Helper()
	k, err := issue.NewEd25519()
	if err != nil {
		t.Fatal(err)
	}
	return signer{k, name}
}

// badge is a credential for an address, whose hash it names.
func (s signer) badge(name, address string) openbadge.Credential {
	salt := marker("")
	sum := sha256.Sum256([]byte(address + salt))
	return openbadge.Credential{
		Version: openbadge.V30, VCVersion: "2.0", ID: "urn:uuid:" + uuid(), Name: name, Description: "About " + name,
		AchievementID: "urn:uuid:" + uuid(), CriteriaText: "Do it.",
		Issuer:    openbadge.Issuer{ID: s.key.DIDKey(), Name: s.name},
		Recipient: openbadge.Recipient{Identities: []openbadge.Identity{{Type: "email", Value: "sha256$" + hex.EncodeToString(sum[:]), Salt: salt, Hashed: true}}},
		IssuedOn:  time.Date(2025, 5, 4, 3, 2, 1, 0, time.UTC),
	}
}

// sign gives the credential with an embedded proof.
func (s signer) sign(t testing.TB, c openbadge.Credential) []byte {
	t.Helper()
	b, err := s.try(c)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (s signer) try(c openbadge.Credential) ([]byte, error) {
	return s.key.Embed(context.Background(), issue.Credential3(c), issue.Proof{Method: s.key.DIDKey() + "#" + s.key.Multibase(), Created: c.IssuedOn})
}

// record is a CLR with badges in it, signed as a whole too.
func (s signer) record(t testing.TB, badges ...openbadge.Credential) []byte {
	t.Helper()
	return s.recordFor(t, "ada@people.test", badges...)
}

func (s signer) recordFor(t testing.TB, address string, badges ...openbadge.Credential) []byte {
	t.Helper()
	doc := issue.Credential3(s.badge("Transcript", "ada@people.test"))
	doc["@context"] = []any{"https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"}
	doc["type"] = []any{"VerifiableCredential", "ClrCredential"}
	var inner []any
	for _, b := range badges {
		var one map[string]any
		if err := json.Unmarshal(s.sign(t, b), &one); err != nil {
			t.Fatal(err)
		}
		inner = append(inner, one)
	}
	doc["credentialSubject"] = map[string]any{
		"type":                 []any{"ClrSubject"},
		"identifier":           []any{map[string]any{"type": "IdentityObject", "hashed": false, "identityHash": address, "identityType": "emailAddress"}},
		"verifiableCredential": inner,
	}
	out, err := s.key.Embed(context.Background(), doc, issue.Proof{Method: s.key.DIDKey() + "#" + s.key.Multibase(), Created: time.Date(2025, 5, 5, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// baked puts a credential into a picture.
func baked(t testing.TB, credential []byte) []byte {
	t.Helper()
	b, err := bake.PNG(picture(t), string(openbadge.V30), credential)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// picture is a small PNG.
func picture(t testing.TB) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 64, 64))
	for i := range 64 {
		m.Set(i, i, color.RGBA{R: 200, G: uint8(i), A: 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// marker is a word that nothing else holds.
func marker(name string) string { return "zq" + name + hex.EncodeToString(random(8)) + "zq" }

func uuid() string {
	s := hex.EncodeToString(random(16))
	return s[:8] + "-" + s[8:12] + "-4" + s[13:16] + "-8" + s[17:20] + "-" + s[20:]
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	return b
}

func evidence(m string) openbadge.Evidence {
	return openbadge.Evidence{ID: "https://evidence.test/" + m, Name: m + " evidence", Narrative: m + " narrative", Genre: m + " genre", Description: m + " evidence"}
}

func alignment(m string) openbadge.Alignment {
	return openbadge.Alignment{Name: m + " alignment", URL: "https://framework.test/" + m, Framework: m + " framework", Code: m, Description: m + " alignment"}
}
