package verify

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"math/big"
)

// thumbprint names a key by its RFC 7638 thumbprint (SHA-256, base64url without padding):
// the hash of the required members of its JWK in the order of their names. It is "" for a key
// that has no JWK form here.
func thumbprint(k publicKey) string {
	if k.thumb != "" {
		return k.thumb
	}
	text := canonicalJWK(k)
	if text == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// canonicalJWK writes the members that RFC 7638 §3.2 and RFC 8037 §2 require. None of their
// values needs escaping.
func canonicalJWK(k publicKey) string {
	encode := base64.RawURLEncoding.EncodeToString
	switch pub := k.pub.(type) {
	case ed25519.PublicKey:
		return `{"crv":"Ed25519","kty":"OKP","x":"` + encode(pub) + `"}`
	case *rsa.PublicKey:
		e := big.NewInt(int64(pub.E)).Bytes()
		return `{"e":"` + encode(e) + `","kty":"RSA","n":"` + encode(pub.N.Bytes()) + `"}`
	case *ecdsa.PublicKey:
		point, err := pub.Bytes()
		if err != nil {
			return ""
		}
		half := len(point) / 2
		return `{"crv":"` + pub.Curve.Params().Name + `","kty":"EC","x":"` + encode(point[1:1+half]) + `","y":"` + encode(point[1+half:]) + `"}`
	}
	return ""
}

// signedBy records a key whose signature counted for the credential.
func (r *run) signedBy(issuer, id string, k publicKey) {
	r.report.Keys = append(r.report.Keys, UsedKey{Issuer: issuer, ID: id, Thumbprint: thumbprint(k)})
}
