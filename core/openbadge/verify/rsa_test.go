package verify

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"math/big"
	"slices"
	"testing"
)

// TestRSASignaturesAsTheStandardLibrary holds each answer against that of crypto/rsa: for
// signatures that are good, and for each way in which one can be bent.
func TestRSASignaturesAsTheStandardLibrary(t *testing.T) {
	for _, bits := range []int{2048, 2056, 3072} {
		key, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			t.Fatal(err)
		}
		_, modulus, err := preparedRSA(&key.PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		k := publicKey{pub: &key.PublicKey, modulus: modulus}
		for _, h := range []crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512} {
			digest := digestOf(h, []byte("a badge"))
			sig, err := rsa.SignPKCS1v15(rand.Reader, key, h, digest)
			if err != nil {
				t.Fatal(err)
			}
			for name, bent := range bentSignatures(t, key, h, digest, sig) {
				want := rsa.VerifyPKCS1v15(&key.PublicKey, h, digest, bent) == nil
				if got := verifyPKCS1(k, key.E, h, digest, bent); got != want || got != (name == "good") {
					t.Errorf("%d bits, %v, %s: %v, want %v", bits, h, name, got, want)
				}
			}
			if verifyPKCS1(k, key.E, h, digestOf(h, []byte("another badge")), sig) || verifyPKCS1(k, key.E, h, digest[1:], sig) {
				t.Errorf("%d bits, %v: good for another digest", bits, h)
			}
		}
	}
}

// bentSignatures are a signature, and what is not quite one.
func bentSignatures(t *testing.T, key *rsa.PrivateKey, h crypto.Hash, digest, sig []byte) map[string][]byte {
	t.Helper()
	size := key.Size()
	number := new(big.Int).SetBytes(sig)
	bit := append([]byte{}, sig...)
	bit[size/2] ^= 1
	other := crypto.SHA256
	if h == other {
		other = crypto.SHA512
	}
	foreign, err := rsa.SignPKCS1v15(rand.Reader, key, other, digestOf(other, []byte("a badge")))
	if err != nil {
		t.Fatal(err)
	}
	raw := func(message []byte) []byte { // signs the encoded message as it is
		return new(big.Int).Exp(new(big.Int).SetBytes(message), key.D, key.N).FillBytes(make([]byte, size))
	}
	short := append([]byte{0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0}, append(digestInfo(h), digest...)...)
	trailing := slices.Concat(short, make([]byte, size-len(short)))
	return map[string][]byte{
		"good": sig, "one bit": bit, "empty": {}, "a byte short": sig[1:], "a zero before": append([]byte{0}, sig...),
		"a zero behind": append(append([]byte{}, sig...), 0), "nothing but zeros": make([]byte, size), "of another hash": foreign,
		"the modulus added": new(big.Int).Add(number, key.N).FillBytes(make([]byte, size+1)), "its negative": new(big.Int).Sub(key.N, number).FillBytes(make([]byte, size)),
		"rubbish behind a short padding": raw(trailing), "no padding": raw(append([]byte{0, 1, 0}, append(digestInfo(h), digest...)...)),
		"the digest alone": raw(digest),
	}
}

// TestRSANumbersThatAreNoKey refuses them when the key is read.
func TestRSANumbersThatAreNoKey(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	even := new(big.Int).Lsh(big.NewInt(1), 2047)
	for name, tt := range map[string]struct {
		key  rsa.PublicKey
		want error
	}{
		"good":              {key.PublicKey, nil},
		"an even modulus":   {rsa.PublicKey{N: even, E: 65537}, errKeyForm},
		"1 as exponent":     {rsa.PublicKey{N: key.N, E: 1}, errKeyForm},
		"an even exponent":  {rsa.PublicKey{N: key.N, E: 65536}, errKeyForm},
		"a modulus too low": {rsa.PublicKey{N: big.NewInt(15), E: 3}, errKeyWeak},
	} {
		if _, _, err := preparedRSA(&tt.key); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}
