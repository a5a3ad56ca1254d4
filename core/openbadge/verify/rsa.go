package verify

import (
	"bytes"
	"crypto"
	"crypto/rsa"

	"filippo.io/bigmod"
)

// preparedRSA gives a key with its modulus made ready, so that this third of the work of a
// signature is done once for a key and not once for a signature, as crypto/rsa has to.
// It returns errKeyWeak, and errKeyForm for numbers that are no RSA key.
func preparedRSA(pub *rsa.PublicKey) (crypto.PublicKey, *bigmod.Modulus, error) {
	if bits := pub.N.BitLen(); bits < minRSABits || bits > maxRSABits || isROCA(pub.N) {
		return nil, nil, errKeyWeak
	}
	m, err := bigmod.NewModulus(pub.N.Bytes())
	if err != nil || pub.N.Bit(0) == 0 || pub.E < 3 || pub.E%2 == 0 { // RFC 8017 §3.1
		return nil, nil, errKeyForm
	}
	return pub, m, nil
}

// digestInfo is what stands before the hash in an encoded message: the DER of
// DigestInfo (RFC 8017 §9.2, note 1).
func digestInfo(h crypto.Hash) []byte {
	sha2 := func(last, length byte) []byte {
		return []byte{0x30, 17 + length, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, last, 0x05, 0x00, 0x04, length}
	}
	switch h {
	case crypto.SHA256:
		return sha2(1, 32)
	case crypto.SHA384:
		return sha2(2, 48)
	case crypto.SHA512:
		return sha2(3, 64)
	}
	return nil
}

// verifyPKCS1 checks an RSASSA-PKCS1-v1_5 signature: the message that it holds has to be,
// byte for byte, the one that the digest makes (RFC 8017 §8.2.2).
func verifyPKCS1(k publicKey, exponent int, h crypto.Hash, digest, sig []byte) bool {
	info := digestInfo(h)
	if k.modulus == nil || info == nil || len(digest) != h.Size() || len(sig) != k.modulus.Size() {
		return false
	}
	s, err := bigmod.NewNat().SetBytes(sig, k.modulus)
	if err != nil { // not below the modulus
		return false
	}
	var room [maxRSABits / 8]byte
	want := append(room[:0], 0, 1)
	for range len(sig) - len(info) - len(digest) - 3 {
		want = append(want, 0xff)
	}
	want = append(append(append(want, 0), info...), digest...)
	return bytes.Equal(bigmod.NewNat().ExpShortVarTime(s, uint(exponent), k.modulus).Bytes(k.modulus), want)
}
