package oauth

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/url"
	"time"

	"github.com/osier-passport/osier/core/secret"
)

// jwk is a key of the curve P-256 (RFC 7518 §6.2).
type jwk struct {
	Kty string `json:"kty"`
	Crv string `json:"crv"`
	X   string `json:"x"`
	Y   string `json:"y"`
	D   string `json:"d,omitempty"`
}

const coordinate = 32 // bytes of a number of the curve

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// NewKey makes a private key that tokens are bound to, as a JWK.
func NewKey() (string, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", fmt.Errorf("make a key: %w", err)
	}
	point, err := key.PublicKey.Bytes() // 4, x, y (SEC 1 §2.3.3)
	if err != nil {
		return "", fmt.Errorf("make a key: %w", err)
	}
	d, err := key.Bytes()
	if err != nil {
		return "", fmt.Errorf("make a key: %w", err)
	}
	text, err := json.Marshal(jwk{"EC", "P-256", encode(point[1 : 1+coordinate]), encode(point[1+coordinate:]), encode(d)})
	return string(text), err
}

func readKey(text string) (jwk, *ecdsa.PrivateKey, error) {
	var k jwk
	if err := json.Unmarshal([]byte(text), &k); err != nil {
		return k, nil, errors.New("read a key: no JWK")
	}
	d, err := base64.RawURLEncoding.DecodeString(k.D)
	if err != nil || k.Crv != "P-256" {
		return k, nil, errors.New("read a key: no private key of P-256")
	}
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), d)
	if err != nil {
		return k, nil, errors.New("read a key: no private key of P-256")
	}
	k.D = ""
	return k, key, nil
}

// Proof shows that the request's sender has the key (RFC 9449 §4.2). nonce is the
// server's, "" at first.
func Proof(key, method, address, nonce string, now time.Time) (string, error) {
	public, private, err := readKey(key)
	if err != nil {
		return "", err
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("prove a key: %w", err)
	}
	u.RawQuery, u.Fragment = "", "" // htu has neither (RFC 9449 §4.2)
	head, err := json.Marshal(map[string]any{"typ": "dpop+jwt", "alg": "ES256", "jwk": public})
	if err != nil {
		return "", fmt.Errorf("prove a key: %w", err)
	}
	claims := map[string]any{"jti": secret.ID(), "htm": method, "htu": u.String(), "iat": now.Unix()}
	if nonce != "" {
		claims["nonce"] = nonce
	}
	body, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("prove a key: %w", err)
	}
	signed := encode(head) + "." + encode(body)
	sum := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, private, sum[:])
	if err != nil {
		return "", fmt.Errorf("prove a key: %w", err)
	}
	return signed + "." + encode(join(r, s)), nil
}

// join writes a signature as JWS has it (RFC 7518 §3.4).
func join(r, s *big.Int) []byte {
	out := make([]byte, 2*coordinate)
	r.FillBytes(out[:coordinate])
	s.FillBytes(out[coordinate:])
	return out
}
