// Package issue makes real Open Badges: 2.0 hosted documents, 2.0 signed badges, 3.0 as
// VC-JWT and with embedded proof, and the forms in which an issuer publishes its keys.
//
// Plain structs in, bytes out; it owns no tables, no events and does no I/O. Callers: the
// demo issuer and the tests of everything that reads badges.
package issue

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"slices"
)

// Key is a signing key of an issuer.
type Key struct{ signer crypto.Signer }

var errKeyKind = errors.New("key kind not supported")

// NewEd25519 makes a key for embedded proofs (eddsa-rdfc-2022) and EdDSA tokens.
func NewEd25519() (Key, error) {
	_, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return Key{}, fmt.Errorf("make Ed25519 key: %w", err)
	}
	return Key{priv}, nil
}

// Ed25519FromSeed gives the same key for the same text: for demonstrations and tests only.
func Ed25519FromSeed(seed string) Key {
	sum := sha256.Sum256([]byte(seed))
	return Key{ed25519.NewKeyFromSeed(sum[:])}
}

// NewRSA makes a 2048 bit key for RS256 tokens.
func NewRSA() (Key, error) {
	priv, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return Key{}, fmt.Errorf("make RSA key: %w", err)
	}
	return Key{priv}, nil
}

// NewEC makes a P-256 or P-384 key for ES256, ES384 and the ECDSA suites.
func NewEC(bits int) (Key, error) {
	curve := elliptic.P256()
	if bits == 384 {
		curve = elliptic.P384()
	}
	priv, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		return Key{}, fmt.Errorf("make EC key: %w", err)
	}
	return Key{priv}, nil
}

// PEM gives the private key as PKCS #8, to be kept.
func (k Key) PEM() ([]byte, error) {
	b, err := x509.MarshalPKCS8PrivateKey(k.signer)
	if err != nil {
		return nil, fmt.Errorf("encode key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: b}), nil
}

// ParsePEM reads a key that PEM wrote.
func ParsePEM(text []byte) (Key, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return Key{}, errKeyKind
	}
	priv, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return Key{}, fmt.Errorf("decode key: %w", err)
	}
	s, ok := priv.(crypto.Signer)
	if !ok {
		return Key{}, errKeyKind
	}
	return Key{s}, nil
}

// Alg is the JWS algorithm that goes with the key (RFC 7518 §3.1, RFC 8037).
func (k Key) Alg() string {
	switch s := k.signer.(type) {
	case *rsa.PrivateKey:
		return "RS256"
	case *ecdsa.PrivateKey:
		if s.Curve == elliptic.P384() {
			return "ES384"
		}
		return "ES256"
	}
	return "EdDSA"
}

// JWK gives the public key as a JSON Web Key (RFC 7517).
func (k Key) JWK() map[string]any {
	b64 := base64.RawURLEncoding.EncodeToString
	switch pub := k.signer.Public().(type) {
	case *rsa.PublicKey:
		return map[string]any{"kty": "RSA", "n": b64(pub.N.Bytes()), "e": b64(big.NewInt(int64(pub.E)).Bytes())}
	case *ecdsa.PublicKey:
		point, err := pub.Bytes()
		if err != nil {
			return nil
		}
		half := (len(point) - 1) / 2
		return map[string]any{
			"kty": "EC", "crv": pub.Curve.Params().Name,
			"x": b64(point[1 : 1+half]), "y": b64(point[1+half:]),
		}
	case ed25519.PublicKey:
		return map[string]any{"kty": "OKP", "crv": "Ed25519", "x": b64(pub)}
	}
	return nil
}

// Multibase gives the public key as a Multikey value (Controlled Identifiers §2.2.2). RSA
// keys have none here.
func (k Key) Multibase() string {
	switch pub := k.signer.Public().(type) {
	case ed25519.PublicKey:
		return "z" + base58(append([]byte{0xed, 0x01}, pub...))
	case *ecdsa.PublicKey:
		point, err := pub.Bytes()
		if err != nil {
			return ""
		}
		half := (len(point) - 1) / 2
		prefix := []byte{0x80, 0x24, 2 + point[len(point)-1]&1}
		if pub.Curve == elliptic.P384() {
			prefix[0] = 0x81
		}
		return "z" + base58(append(prefix, point[1:1+half]...))
	}
	return ""
}

// DIDKey gives the did:key of the public key.
func (k Key) DIDKey() string { return "did:key:" + k.Multibase() }

// PublicPEM gives the public key as OB2 CryptographicKey publishes it.
func (k Key) PublicPEM() string {
	b, err := x509.MarshalPKIXPublicKey(k.signer.Public())
	if err != nil {
		return ""
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: b}))
}

const base58Alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

func base58(b []byte) string {
	n := new(big.Int).SetBytes(b)
	var out []byte
	mod, radix := new(big.Int), big.NewInt(58)
	for n.Sign() > 0 {
		n.DivMod(n, radix, mod)
		out = append(out, base58Alphabet[mod.Int64()])
	}
	for _, c := range b {
		if c != 0 {
			break
		}
		out = append(out, '1')
	}
	slices.Reverse(out)
	return string(out)
}

// sign makes a JWS signature (RFC 7518 §3.3, §3.4, RFC 8037 §3.1).
func (k Key) sign(input []byte) ([]byte, error) {
	switch s := k.signer.(type) {
	case ed25519.PrivateKey:
		return ed25519.Sign(s, input), nil
	case *rsa.PrivateKey:
		sum := sha256.Sum256(input)
		return rsa.SignPKCS1v15(rand.Reader, s, crypto.SHA256, sum[:])
	case *ecdsa.PrivateKey:
		return signEC(s, input)
	}
	return nil, errKeyKind
}

func (k Key) hash() crypto.Hash {
	if s, ok := k.signer.(*ecdsa.PrivateKey); ok && s.Curve == elliptic.P384() {
		return crypto.SHA384
	}
	return crypto.SHA256
}

func signEC(s *ecdsa.PrivateKey, input []byte) ([]byte, error) {
	h := Key{s}.hash().New()
	h.Write(input)
	r, v, err := ecdsa.Sign(rand.Reader, s, h.Sum(nil))
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	size := (s.Curve.Params().BitSize + 7) / 8
	return append(r.FillBytes(make([]byte, size)), v.FillBytes(make([]byte, size))...), nil
}
