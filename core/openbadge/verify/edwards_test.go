package verify

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"math/big"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"filippo.io/edwards25519"
)

// TestEd25519SignaturesAsTheStandardLibrary holds what the multiples of a key prove against
// crypto/ed25519: for signatures that are good, for each way in which one can be bent, and for
// keys and nonces of small order, where implementations differ.
func TestEd25519SignaturesAsTheStandardLibrary(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	good := 0
	ready := map[string]*multiples{}
	hold := func(name string, pub ed25519.PublicKey, message, sig []byte) {
		t.Helper()
		if ready[string(pub)] == nil {
			a, err := new(edwards25519.Point).SetBytes(pub)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			ready[string(pub)] = multiplesOf(a.Negate(a))
		}
		want := ed25519.Verify(pub, message, sig)
		if got := ready[string(pub)].prove(pub, message, sig); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
		if want {
			good++
		}
	}
	for i := range 24 {
		seed, message := make([]byte, ed25519.SeedSize), make([]byte, i*7)
		for j := range seed {
			seed[j] = byte(r.Uint32())
		}
		key := ed25519.NewKeyFromSeed(seed)
		pub, sig := key[ed25519.SeedSize:], ed25519.Sign(key, message)
		hold("good", ed25519.PublicKey(pub), message, sig)
		for range 8 {
			bent := slices.Clone(sig)
			bent[r.IntN(len(bent))] ^= 1 << r.IntN(8)
			hold("a bit", ed25519.PublicKey(pub), message, bent)
		}
		hold("another message", ed25519.PublicKey(pub), slices.Concat(message, []byte{1}), sig)
		hold("S + L", ed25519.PublicKey(pub), message, slices.Concat(sig[:32], plusOrder(sig[32:])))
	}
	if good != 24 {
		t.Errorf("%d good ones", good)
	}
	for _, a := range smallOrder(t) {
		for _, nonce := range smallOrder(t) {
			for n := range 16 { // S = 0: good where k is a multiple of the order, or R takes it up
				hold("small order", a, binary.BigEndian.AppendUint32(nil, uint32(n)), slices.Concat(nonce, make([]byte, 32)))
			}
		}
	}
	if good < 100 {
		t.Errorf("%d good ones with keys of small order: these prove nothing", good)
	}
}

// plusOrder is a number that means the same scalar and is not the one way to write it.
func plusOrder(s []byte) []byte {
	order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	n := slices.Clone(s)
	slices.Reverse(n)
	sum := new(big.Int).Add(new(big.Int).SetBytes(n), order).FillBytes(make([]byte, 32))
	slices.Reverse(sum)
	return sum
}

// smallOrder are the points whose order divides the cofactor, in each way of writing them that
// decodes.
func smallOrder(t *testing.T) (list []ed25519.PublicKey) {
	t.Helper()
	for _, text := range []string{
		"0100000000000000000000000000000000000000000000000000000000000000",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0000000000000000000000000000000000000000000000000000000000000080",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
		"0100000000000000000000000000000000000000000000000000000000000080", // x = 0 with a sign
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // not reduced
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	} {
		b, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, b)
	}
	return list
}

// TestDigitsOfScalars adds up what the digits mean.
func TestDigitsOfScalars(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	texts := [][]byte{make([]byte, 64), {0: 1, 63: 0}, bytes.Repeat([]byte{0xff}, 64), append(plusOrder(append([]byte{0}, make([]byte, 31)...)), make([]byte, 32)...)}
	for range 500 {
		sum := sha512.Sum512(binary.BigEndian.AppendUint64(nil, r.Uint64()))
		texts = append(texts, sum[:])
	}
	for _, text := range texts {
		s, err := new(edwards25519.Scalar).SetUniformBytes(text)
		if err != nil {
			t.Fatal(err)
		}
		got := new(big.Int)
		for _, d := range slices.Backward(fiveBits(s)) {
			got.Add(got.Lsh(got, digitBits), big.NewInt(int64(d)))
		}
		want := s.Bytes()
		slices.Reverse(want)
		if got.Cmp(new(big.Int).SetBytes(want)) != 0 {
			t.Fatalf("%x: %v", want, got)
		}
	}
}

func fiveBits(s *edwards25519.Scalar) []int8 {
	d := digitsOf(s)
	return d[:]
}

// TestEd25519KeysAreBounded: a stranger may bring as many keys as they like.
func TestEd25519KeysAreBounded(t *testing.T) {
	var keys readyKeys
	for i := range 3 * mostPrepared {
		key := ed25519.NewKeyFromSeed(binary.BigEndian.AppendUint64(make([]byte, 24), uint64(i)))
		for n := range usesBefore + 2 {
			m := keys.multiplesFor(ed25519.PublicKey(key[ed25519.SeedSize:]))
			if (m != nil) != (n+1 >= usesBefore) {
				t.Fatalf("key %d, use %d: %v", i, n+1, m != nil)
			}
		}
		made := 0
		for _, k := range keys.keys {
			if k.minus.Load() != nil {
				made++
			}
		}
		if made > mostPrepared {
			t.Fatalf("multiples of %d keys", made)
		}
	}
	for i := range 3 * mostCounted {
		var pub [ed25519.PublicKeySize]byte
		binary.BigEndian.PutUint64(pub[:], uint64(i)+1)
		keys.use(pub)
	}
	if len(keys.keys) > mostCounted {
		t.Errorf("%d keys", len(keys.keys))
	}
}

// TestEd25519KeysBesideEachOther is for the race detector.
func TestEd25519KeysBesideEachOther(t *testing.T) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	sig := ed25519.Sign(key, []byte("a badge"))
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 2 * usesBefore {
				if !verifyEd25519(ed25519.PublicKey(key[ed25519.SeedSize:]), []byte("a badge"), sig) || verifyEd25519(ed25519.PublicKey(key[ed25519.SeedSize:]), []byte("another"), sig) {
					t.Error("wrong answer")
				}
			}
		})
	}
	all.Wait()
	if verifyEd25519(ed25519.PublicKey(key[:5]), nil, sig) || verifyEd25519(ed25519.PublicKey(key[ed25519.SeedSize:]), []byte("a badge"), sig[1:]) {
		t.Error("a key or signature of the wrong length is good")
	}
}
