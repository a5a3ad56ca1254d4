package sdk

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"time"
)

// jwk is a private key on P-256 (RFC 7518 §6.2).
type jwk struct {
	KeyType string `json:"kty"`
	Curve   string `json:"crv"`
	X       string `json:"x"`
	Y       string `json:"y"`
	D       string `json:"d,omitempty"`
}

func parseKey(text string) (jwk, error) {
	var k jwk
	if err := json.Unmarshal([]byte(text), &k); err != nil || k.KeyType != "EC" || k.Curve != "P-256" || k.D == "" {
		return jwk{}, errors.New("the grant's key is not one on P-256")
	}
	return k, nil
}

func (k jwk) private() (*ecdsa.PrivateKey, error) {
	d, err := base64.RawURLEncoding.DecodeString(k.D)
	if err != nil {
		return nil, errors.New("the grant's key cannot be read")
	}
	return ecdsa.ParseRawPrivateKey(elliptic.P256(), d)
}

// prove makes the proof that a request comes from who holds the key of the token
// (RFC 9449 §4.2): for this method and address, once, now.
func prove(key, method string, u *url.URL, token, nonce string) (string, error) {
	k, err := parseKey(key)
	if err != nil {
		return "", err
	}
	private, err := k.private()
	if err != nil {
		return "", err
	}
	public := jwk{KeyType: k.KeyType, Curve: k.Curve, X: k.X, Y: k.Y}
	header := map[string]any{"typ": "dpop+jwt", "alg": "ES256", "jwk": public}
	bare := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}
	hash := sha256.Sum256([]byte(token))
	claims := map[string]any{
		"jti": rand.Text(), "htm": method, "htu": bare.String(), "iat": time.Now().Unix(),
		"ath": base64.RawURLEncoding.EncodeToString(hash[:]),
	}
	if nonce != "" {
		claims["nonce"] = nonce
	}
	return sign(private, header, claims)
}

// sign makes a compact JWS by ES256 (RFC 7515 §7.1, RFC 7518 §3.4).
func sign(key *ecdsa.PrivateKey, header, claims map[string]any) (string, error) {
	h, err := json.Marshal(header)
	if err != nil {
		return "", err
	}
	c, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	text := base64.RawURLEncoding.EncodeToString(h) + "." + base64.RawURLEncoding.EncodeToString(c)
	digest := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	if err != nil {
		return "", err
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

// learn keeps the nonce that an answer gives for the next proof to its host. It
// tells whether there was one.
func (c *Client) learn(address string, a Answer) bool {
	u, err := url.Parse(address)
	nonce := a.Header.Get("DPoP-Nonce")
	if err != nil || nonce == "" {
		return false
	}
	c.nonces[u.Host] = nonce
	return true
}
