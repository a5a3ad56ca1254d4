package oidc

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"math/big"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// signingKey reads one key of a key set (RFC 7517 §4); ok is false for what does
// not check signatures for us.
func signingKey(raw json.RawMessage) (k jose.JSONWebKey, ok bool) {
	if err := json.Unmarshal(raw, &k); err != nil {
		return k, false // of a type that we do not know
	}
	var more struct {
		Operations []string `json:"key_ops"`
	}
	if err := json.Unmarshal(raw, &more); err != nil {
		return k, false
	}
	if k.Algorithm == "ES521" { // ES512, as the example of RFC 7520's drafts misspells it
		k.Algorithm = string(jose.ES512)
	}
	verifies := more.Operations == nil || slices.Contains(more.Operations, "verify")
	return k, verifies && (k.Use == "" || k.Use == "sig") && isStrong(k.Key)
}

// isStrong lets public signing keys through: no secrets, no private keys, no
// short ones and none that can be factored.
func isStrong(key any) bool {
	switch k := key.(type) {
	case *rsa.PublicKey:
		return k.N.BitLen() >= minRSABits && !isROCA(k.N)
	case *ecdsa.PublicKey, ed25519.PublicKey:
		return true
	}
	return false
}

// isROCA tells moduli of the chips whose primes are powers of 65537 modulo many
// small primes, so that they can be factored (CVE-2017-15361). Of honest moduli not
// one in 2^100 looks like that.
func isROCA(n *big.Int) bool {
	for p := int64(3); p <= 167; p += 2 {
		prime := big.NewInt(p)
		if !prime.ProbablyPrime(0) {
			continue
		}
		rest := new(big.Int).Mod(n, prime).Int64()
		if !isPower(rest, 65537%p, p) {
			return false
		}
	}
	return true
}

// isPower tells whether rest is a power of base modulo prime.
func isPower(rest, base, prime int64) bool {
	for power, i := int64(1), int64(0); i < prime; i++ {
		if power == rest {
			return true
		}
		power = power * base % prime
	}
	return false
}

// saltFits holds a PSS signature to a salt as long as its hash (RFC 7518 §3.5),
// where go-jose takes any. Other signatures have no salt.
func saltFits(token string, jws *jose.JSONWebSignature, key any) bool {
	hash, isPSS := map[string]crypto.Hash{"PS256": crypto.SHA256, "PS384": crypto.SHA384, "PS512": crypto.SHA512}[jws.Signatures[0].Header.Algorithm]
	if !isPSS {
		return true
	}
	public, ok := key.(*rsa.PublicKey)
	if !ok {
		return false
	}
	h := hash.New()
	_, _ = h.Write([]byte(token[:strings.LastIndexByte(token, '.')]))
	return rsa.VerifyPSS(public, hash, h.Sum(nil), jws.Signatures[0].Signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}) == nil
}
