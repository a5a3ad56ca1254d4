package verify

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"   // RS256, ES256
	_ "crypto/sha512" // RS384, ES384 and stronger
	"encoding/base64"
	"math/big"
	"slices"
	"strings"

	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// algorithm is one JWS signature algorithm (RFC 7518 §3.1, RFC 8037 §3.1).
type algorithm struct {
	hash  crypto.Hash
	pss   bool
	bytes int // of one ECDSA number
}

// algorithmOf knows the asymmetric algorithms only. "none" and HMAC are not among them, so
// a public key can never be taken for a shared secret (RFC 8725 §2.1).
func algorithmOf(name string) (algorithm, bool) {
	switch name {
	case "RS256":
		return algorithm{hash: crypto.SHA256}, true
	case "RS384":
		return algorithm{hash: crypto.SHA384}, true
	case "RS512":
		return algorithm{hash: crypto.SHA512}, true
	case "PS256":
		return algorithm{hash: crypto.SHA256, pss: true}, true
	case "PS384":
		return algorithm{hash: crypto.SHA384, pss: true}, true
	case "PS512":
		return algorithm{hash: crypto.SHA512, pss: true}, true
	case "ES256":
		return algorithm{hash: crypto.SHA256, bytes: 32}, true
	case "ES384":
		return algorithm{hash: crypto.SHA384, bytes: 48}, true
	case "ES512":
		return algorithm{hash: crypto.SHA512, bytes: 66}, true
	case "EdDSA", "Ed25519":
		return algorithm{}, true
	}
	return algorithm{}, false
}

// allowedAlg is our allow-list for badges, whatever a header says.
func allowedAlg(name string) bool {
	return slices.Contains([]string{"RS256", "ES256", "ES384", "EdDSA", "Ed25519"}, name)
}

// checkHeader holds a JOSE header against what a badge may carry. Headers that bring keys
// from elsewhere or change how the text is read are refused, not ignored (OB3 §8.2.1,
// RFC 7515 §4.1.11). vc says that it is a VC-JWT, whose media type is checked too.
func checkHeader(h strictjson.Value, vc bool) finding {
	alg := h.Get("alg").Text()
	if !allowedAlg(alg) {
		return fail("alg-not-allowed", alg)
	}
	if name := extraHeader(h, vc); name != "" {
		return fail("jws-header", name)
	}
	for _, name := range []string{"kid", "typ", "cty"} {
		if v := h.Get(name); v.Exists() && !v.IsText() {
			return fail("jws-header", name)
		}
	}
	if typ := h.Get("typ").Text(); typ != "" && vc && !allowedTyp(typ) {
		return fail("jws-header", "typ")
	}
	if jwk := h.Get("jwk"); jwk.Exists() && (!jwk.IsObject() || jwk.Get("d").Present() || jwk.Get("k").Present()) {
		return fail("jws-header", "jwk")
	}
	return pass()
}

// extraHeader finds a parameter that may not be there: any but alg, typ, kid and jwk in a
// VC-JWT (OB3 §8.2.1; cty says the media type in VC-JOSE-COSE §3.1.1), and what changes the
// reading or leads elsewhere for keys in an OB2 JWS. Of several it is the first by name.
func extraHeader(h strictjson.Value, vc bool) string {
	first, found := "", false
	for m := h.Fields(); m.Exists(); m = m.Next() {
		bad, name := vc, m.Name()
		switch name {
		case "alg", "typ", "kid", "jwk", "cty":
			bad = false
		case "crit", "b64", "zip", "enc", "jku", "x5u":
			bad = true
		}
		if bad && (!found || name < first) {
			first, found = name, true
		}
	}
	return first
}

// allowedTyp lists the media types under which VC-JWTs travel (OB3 §8.2.1; VC-JOSE-COSE §3.1.1).
// With and without "application/" they are the same, in any case (RFC 7515 §4.1.9).
func allowedTyp(typ string) bool {
	typ = strings.TrimPrefix(strings.ToLower(typ), "application/")
	return slices.Contains([]string{"jwt", "vc+jwt", "vc+ld+jwt", "vc+ld+json+jwt"}, typ)
}

// strictURL is base64url as RFC 7515 §2 has it, without padding and loose bits.
var strictURL = base64.RawURLEncoding.Strict()

// verifyJWS reports whether a compact JWS was signed by the key with the algorithm.
func verifyJWS(token []byte, k publicKey, alg string) bool {
	dot := bytes.LastIndexByte(token, '.')
	if dot < 0 || bytes.Count(token, []byte(".")) != 2 {
		return false
	}
	var room [512]byte // RSA of 4096 bits fits
	sig, err := strictURL.AppendDecode(room[:0], token[dot+1:])
	if err != nil || len(sig) == 0 {
		return false
	}
	return verifySignature(token[:dot], sig, k, alg)
}

func verifySignature(input, sig []byte, k publicKey, alg string) bool {
	a, ok := algorithmOf(alg)
	if !ok || k.alg != "" && !sameAlg(k.alg, alg) {
		return false
	}
	digest := digestOf(a.hash, input)
	switch pub := k.pub.(type) {
	case *rsa.PublicKey:
		return verifyRSA(k, pub, a, digest, sig)
	case *ecdsa.PublicKey:
		return a.bytes == (pub.Curve.Params().BitSize+7)/8 && verifyECDSA(pub, digest, sig)
	case ed25519.PublicKey:
		return a.hash == 0 && verifyEd25519(pub, input, sig)
	}
	return false
}

// digestOf is the hash of a text, nil where there is no hash.
func digestOf(h crypto.Hash, text []byte) []byte {
	switch h {
	case 0:
		return nil
	case crypto.SHA256:
		sum := sha256.Sum256(text)
		return sum[:]
	}
	d := h.New()
	d.Write(text)
	return d.Sum(nil)
}

// sameAlg takes the two names of one algorithm as equal (RFC 9864 §2.2).
func sameAlg(a, b string) bool {
	norm := func(s string) string {
		if s == "Ed25519" {
			return "EdDSA"
		}
		return s
	}
	return norm(a) == norm(b)
}

func verifyRSA(k publicKey, pub *rsa.PublicKey, a algorithm, digest, sig []byte) bool {
	if a.hash == 0 || a.bytes != 0 {
		return false
	}
	if a.pss {
		o := &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}
		return rsa.VerifyPSS(pub, a.hash, digest, sig, o) == nil
	}
	return verifyPKCS1(k, pub.E, a.hash, digest, sig)
}

// verifyECDSA checks a signature of two numbers of equal length (RFC 7518 §3.4).
func verifyECDSA(pub *ecdsa.PublicKey, digest, sig []byte) bool {
	n := (pub.Curve.Params().BitSize + 7) / 8
	if len(sig) != 2*n {
		return false
	}
	return ecdsa.Verify(pub, digest, new(big.Int).SetBytes(sig[:n]), new(big.Int).SetBytes(sig[n:]))
}
