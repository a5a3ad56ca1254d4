package verify

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"math/big"

	"filippo.io/bigmod"
)

// publicKey is a key that can check signatures, with what its publisher says of its use.
type publicKey struct {
	pub crypto.PublicKey
	alg string // JWK "alg", restricts the algorithm when given (RFC 7517 §4.4)
	kid string
	iss string // JWK "iss" of an issuer's key set (OB3 recommended practices)

	thumb   string          // of thumbprint, "" until it is known
	modulus *bigmod.Modulus // of an RSA key
}

var (
	errKeyForm    = errors.New("key form not supported")
	errKeyKind    = errors.New("key kind not supported") // of a well-known one
	errKeyPrivate = errors.New("key set holds a private key")
	errKeyWeak    = errors.New("key too short")
	errKeyUse     = errors.New("key is not for signatures")
)

// minRSABits is the least RSA modulus that is taken (RFC 7518 §3.3).
const minRSABits = 2048

// maxRSABits bounds the work of one verification.
const maxRSABits = 8192

func (k publicKey) equal(o publicKey) bool {
	e, ok := k.pub.(interface{ Equal(crypto.PublicKey) bool })
	return ok && o.pub != nil && e.Equal(o.pub)
}

// jwkKey reads a JSON Web Key (RFC 7517, RFC 8037). A private part is an error: who
// publishes one has lost the key (OB3 §8.2.2: the jwk must not have "d").
func jwkKey(m map[string]any) (publicKey, error) {
	k := publicKey{alg: asString(m["alg"]), kid: asString(m["kid"]), iss: asString(m["iss"])}
	if m["d"] != nil {
		return k, errKeyPrivate
	}
	if use := asString(m["use"]); use != "" && use != "sig" {
		return k, errKeyUse
	}
	if ops := asList(m["key_ops"]); ops != nil && !containsText(ops, "verify") {
		return k, errKeyUse
	}
	var err error
	switch asString(m["kty"]) {
	case "RSA":
		k.pub, k.modulus, err = rsaKey(m)
	case "EC":
		k.pub, err = ecKey(m)
	case "OKP":
		k.pub, err = okpKey(m)
	default:
		err = errKeyForm
	}
	return k, err
}

func containsText(list []any, want string) bool {
	for _, v := range list {
		if asString(v) == want {
			return true
		}
	}
	return false
}

func part(m map[string]any, name string) ([]byte, error) {
	b, err := base64.RawURLEncoding.DecodeString(asString(m[name]))
	if err != nil || len(b) == 0 {
		return nil, errKeyForm
	}
	return b, nil
}

func rsaKey(m map[string]any) (crypto.PublicKey, *bigmod.Modulus, error) {
	n, err := part(m, "n")
	if err != nil {
		return nil, nil, err
	}
	e, err := part(m, "e")
	if err != nil {
		return nil, nil, err
	}
	exp := new(big.Int).SetBytes(e)
	if !exp.IsInt64() || exp.Int64() > 1<<31-1 {
		return nil, nil, errKeyForm
	}
	return preparedRSA(&rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(exp.Int64())})
}

// isROCA finds the moduli of CVE-2017-15361, whose primes can be computed: modulo each of
// these small primes they are a power of 65537.
func isROCA(n *big.Int) bool {
	for _, p := range []int64{11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157} {
		rest := new(big.Int).Mod(n, big.NewInt(p)).Int64()
		power, found := int64(1), false
		for range p {
			found = found || power == rest
			power = power * 65537 % p
		}
		if !found {
			return false
		}
	}
	return true
}

func ecKey(m map[string]any) (crypto.PublicKey, error) {
	var curve elliptic.Curve
	switch asString(m["crv"]) {
	case "P-256":
		curve = elliptic.P256()
	case "P-384":
		curve = elliptic.P384()
	case "P-521":
		curve = elliptic.P521()
	case "secp256k1": // RFC 8812 §3.1
		return nil, errKeyKind
	default:
		return nil, errKeyForm
	}
	x, err := part(m, "x")
	if err != nil {
		return nil, err
	}
	y, err := part(m, "y")
	if err != nil {
		return nil, err
	}
	size := (curve.Params().BitSize + 7) / 8
	if len(x) > size || len(y) > size {
		return nil, errKeyForm
	}
	point := append([]byte{4}, leftPad(x, size)...)
	return ecdsaKey(curve, append(point, leftPad(y, size)...))
}

func leftPad(b []byte, size int) []byte {
	return append(bytes.Repeat([]byte{0}, size-len(b)), b...)
}

// ecdsaKey reads an uncompressed point and checks that it lies on the curve.
func ecdsaKey(curve elliptic.Curve, point []byte) (crypto.PublicKey, error) {
	k, err := ecdsa.ParseUncompressedPublicKey(curve, point)
	if err != nil {
		return nil, errKeyForm
	}
	return k, nil
}

func okpKey(m map[string]any) (crypto.PublicKey, error) {
	x, err := part(m, "x")
	if err != nil {
		return nil, err
	}
	if asString(m["crv"]) == "Ed448" { // RFC 8037 §2
		return nil, errKeyKind
	}
	if asString(m["crv"]) != "Ed25519" || len(x) != ed25519.PublicKeySize {
		return nil, errKeyForm
	}
	return ed25519.PublicKey(x), nil
}

// multikey reads a publicKeyMultibase value (Controlled Identifiers §2.2.2 "Multikey"):
// a multicodec prefix and the raw key.
func multikey(s string) (publicKey, error) {
	b, err := decodeMultibase(s)
	if err != nil {
		return publicKey{}, err
	}
	return rawMultikey(b)
}

func rawMultikey(b []byte) (publicKey, error) {
	if len(b) < 2 {
		return publicKey{}, errKeyForm
	}
	raw := b[2:]
	switch {
	case b[0] == 0xed && b[1] == 0x01 && len(raw) == ed25519.PublicKeySize:
		return publicKey{pub: ed25519.PublicKey(raw)}, nil
	case b[0] == 0x80 && b[1] == 0x24:
		return compressedKey(elliptic.P256(), raw)
	case b[0] == 0x81 && b[1] == 0x24:
		return compressedKey(elliptic.P384(), raw)
	case b[0] == 0xe7 && b[1] == 0x01 && len(raw) == 33, // secp256k1
		b[0] == 0x82 && b[1] == 0x24 && len(raw) == 67,          // P-521
		b[0] == 0x85 && b[1] == 0x24 && len(raw) > minRSABits/8, // RSA
		b[0] == 0xeb && b[1] == 0x01 && len(raw) == 96:          // BLS12-381 G2
		return publicKey{}, errKeyKind
	}
	return publicKey{}, errKeyForm
}

func compressedKey(curve elliptic.Curve, raw []byte) (publicKey, error) {
	if len(raw) != (curve.Params().BitSize+7)/8+1 {
		return publicKey{}, errKeyForm
	}
	x, y := elliptic.UnmarshalCompressed(curve, raw)
	if x == nil {
		return publicKey{}, errKeyForm
	}
	size := (curve.Params().BitSize + 7) / 8
	point := append([]byte{4}, x.FillBytes(make([]byte, size))...)
	pub, err := ecdsaKey(curve, append(point, y.FillBytes(make([]byte, size))...))
	return publicKey{pub: pub}, err
}

// pemKey reads the publicKeyPem of an OB2 CryptographicKey.
func pemKey(text string) (publicKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return publicKey{}, errKeyForm
	}
	var pub any
	var err error
	switch block.Type {
	case "PUBLIC KEY":
		pub, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		pub, err = x509.ParsePKCS1PublicKey(block.Bytes)
	default:
		return publicKey{}, errKeyForm
	}
	if err != nil {
		return publicKey{}, errKeyForm
	}
	switch k := pub.(type) {
	case *rsa.PublicKey:
		checked, modulus, err := preparedRSA(k)
		return publicKey{pub: checked, modulus: modulus}, err
	case *ecdsa.PublicKey, ed25519.PublicKey:
		return publicKey{pub: k}, nil
	}
	return publicKey{}, errKeyForm
}

var (
	errKeyEnded       = errors.New("key expired or revoked")
	errKeyUnavailable = errors.New("key document unavailable")
)

// rawEd25519 reads a bare Ed25519 key, as Ed25519VerificationKey2018 gives it.
func rawEd25519(b []byte, err error) (publicKey, error) {
	if err != nil || len(b) != ed25519.PublicKeySize {
		return publicKey{}, errKeyForm
	}
	return publicKey{pub: ed25519.PublicKey(b)}, nil
}

// keyFinding says why a listed key cannot check the proof.
func keyFinding(err error, id string) finding {
	switch {
	case errors.Is(err, errKeyUnavailable):
		return unknown("unavailable", id)
	case errors.Is(err, errKeyEnded):
		return fail("key-ended", id)
	case errors.Is(err, errKeyPrivate):
		return fail("key-private", id)
	case errors.Is(err, errKeyWeak):
		return fail("key-weak", id)
	case errors.Is(err, errKeyUse):
		return fail("key-use", id)
	case errors.Is(err, errMultibase):
		return fail("key-multibase", id)
	}
	return unknown("key-form", id)
}
