package oidc

import (
	"bufio"
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// jwtCase is a token of the shared collection.
type jwtCase struct {
	Surface, Name, Demand, Generate string
	Value                           json.RawMessage
}

// jwtCases are the tokens of the collection whose names begin alike.
func jwtCases(t *testing.T, dir, prefix string) []jwtCase {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "cases.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	var list []jwtCase
	for lines.Scan() {
		var c jwtCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		if c.Surface == "jwt" && strings.HasPrefix(c.Name, prefix) {
			list = append(list, c)
		}
	}
	if err := lines.Err(); err != nil || len(list) < 100 {
		t.Fatalf("%d cases, %v", len(list), err)
	}
	return list
}

// keyServer answers for the address of the keys and for nothing else.
type keyServer struct {
	t    *testing.T
	keys []byte
}

const keysURL = "https://idp.test/keys"

func (k keyServer) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.String() != keysURL {
		k.t.Errorf("%s was fetched", req.URL)
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(k.keys)), Request: req}, nil
}

// TestOfASharedCollection runs the tokens of the collection of hostile cases, each
// with keys that are fetched for it. What is taken although a reader of another kind
// would refuse it is harmless here: package account signs in with those claims.
func TestOfASharedCollection(t *testing.T) {
	dir := shared(t)
	list := jwtCases(t, dir, "own/")
	accepted, refused, inert := 0, 0, 0
	for _, c := range list {
		v, nonce := sharedVerifier(t, dir)
		start := time.Now()
		got, err := v.verify(t.Context(), c.token(t, dir), nonce, "access")
		if d := time.Since(start); d > time.Second {
			t.Errorf("%s took %s", c.Name, d)
		}
		switch {
		case strings.HasPrefix(c.Demand, "accept") && err == nil:
			accepted++
		case strings.HasPrefix(c.Demand, "reject") && err != nil:
			refused++
		case strings.HasPrefix(c.Demand, "reject") && harmless(c.Name, got):
			inert++
		default:
			t.Errorf("%s: %q, got %+v, %v", c.Name, c.Demand, got, err)
		}
	}
	t.Logf("%d own tokens: %d accepted, %d refused, %d taken without what they claim; %d met",
		len(list), accepted, refused, inert, accepted+refused+inert)
}

// token is the text of a case, made here when the collection describes it only.
func (c jwtCase) token(t *testing.T, dir string) string {
	t.Helper()
	switch {
	case c.Generate == "":
		var text string
		if err := json.Unmarshal(c.Value, &text); err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		return text
	case c.Name == "own/million_dots":
		return strings.Repeat(".", 1_000_000)
	case c.Name == "own/payload_deep":
		return signShared(t, dir, strings.Repeat("[", 200_000)+strings.Repeat("]", 200_000))
	}
	t.Fatalf("%s: nothing makes %q", c.Name, c.Generate)
	return ""
}

// signShared signs with the collection's throw-away key.
func signShared(t *testing.T, dir, payload string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "jwt-keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	var k struct {
		PEM string `json:"throwaway_key_pem"`
	}
	if err := json.Unmarshal(text, &k); err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode([]byte(k.PEM))
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: "k1"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	jws, err := signer.Sign([]byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	out, err := jws.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// harmless are tokens of the provider itself whose odd claims are not used, or
// give no address that counts.
func harmless(name string, c Claims) bool {
	unused := []string{"claim_name_", "claim_picture_", "claim_groups_", "claim_acr_"}
	if slices.ContainsFunc(unused, func(p string) bool { return strings.HasPrefix(name, "own/"+p) }) {
		return c.Subject == "u-1"
	}
	if strings.HasPrefix(name, "own/claim_email_verified_") || name == "own/claim_email_array" {
		return !c.Verified
	}
	// the address itself is held against the rules for addresses by package account
	return strings.HasPrefix(name, "own/claim_email_")
}

func sharedVerifier(t *testing.T, dir string) (verifier, string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "jwt-keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	var k struct {
		Issuer   string          `json:"issuer"`
		ClientID string          `json:"client_id"`
		Nonce    string          `json:"nonce"`
		Keys     json.RawMessage `json:"jwks"`
	}
	if err := json.Unmarshal(text, &k); err != nil {
		t.Fatal(err)
	}
	return verifier{
		metadata: &metadata{issuer: k.Issuer, algorithms: allowed([]string{"RS256", "ES256", "EdDSA"}), keys: servedKeys(t, k.Keys)},
		clientID: k.ClientID, now: func() time.Time { return time.Unix(1767225600+60, 0) },
	}, k.Nonce
}

func servedKeys(t *testing.T, keys []byte) *keySet {
	return newKeySet(keysURL, narrow(&http.Client{Transport: keyServer{t, keys}}))
}

// TestSignaturesOfASharedCollection runs the Wycheproof vectors for signed and
// encrypted tokens with the keys that come with each. A provider's key set holds
// public signing keys: HMAC and encrypted tokens are refused, valid ones too
// (RFC 8725 §3.1, §3.2).
func TestSignaturesOfASharedCollection(t *testing.T) {
	dir := shared(t)
	list := jwtCases(t, dir, "wycheproof/")
	verified, refused, others := 0, 0, 0
	for _, c := range list {
		var v struct {
			JWS, JWE string
			Group    struct{ Public, Private json.RawMessage }
		}
		if err := json.Unmarshal(c.Value, &v); err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		key := v.Group.Public
		if key == nil {
			key = v.Group.Private
		}
		token := v.JWS + v.JWE
		_, err := servedKeys(t, keySetOf(t, key)).VerifySignature(t.Context(), token)
		wanted := c.Demand == "verify true"
		switch {
		case wanted && !publicSignature(token) && err != nil:
			others++
		case wanted && publicSignature(token) && err == nil:
			verified++
		case !wanted && err != nil:
			refused++
		default:
			t.Errorf("%s: %q, got %v", c.Name, c.Demand, err)
		}
	}
	t.Logf("%d Wycheproof tokens: %d verified, %d refused, %d valid ones refused by rule (HMAC, encrypted); %d met",
		len(list), verified, refused, others, verified+refused+others)
}

// keySetOf is a key set as a provider serves it.
func keySetOf(t *testing.T, key json.RawMessage) []byte {
	t.Helper()
	if bytes.Contains(key, []byte(`"keys"`)) {
		return key
	}
	out, err := json.Marshal(jsonObject{"keys": []json.RawMessage{key}})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// publicSignature tells tokens that a public key checks by their form and header.
func publicSignature(token string) bool {
	parts := strings.Split(token, ".")
	header, err := base64.RawURLEncoding.DecodeString(parts[0])
	var h struct{ Alg string }
	return err == nil && len(parts) == 3 && json.Unmarshal(header, &h) == nil && !strings.HasPrefix(h.Alg, "HS")
}
